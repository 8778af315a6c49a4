"""Whether Finale will get its figures: rights, empty companies, odd fiscal years, and odd answers."""

import json
import logging
from datetime import UTC, datetime

import pytest

from tests.keys import make_key
from tests.support.sandbox import (
    FORBIDDEN,
    UNAUTHORIZED,
    UNSPECIFIED,
    Behaviour,
    DemoKey,
    Fault,
    Gateway,
    Refusal,
    remove_client_access,
)
from tests.support.servers import http, raw_server, saying
from tests.support.stage import Pauses, Serve, Stage
from wizard.checks.outcomes import FIGURES, CheckId, CheckOutcome, CheckStatus, FigureScope, Wanted
from wizard.checks.probe import KeyProbe
from wizard.checks.setup import check_setup
from wizard.domain.setup import Setup
from wizard.findings import Severity, codes
from wizard.sandbox.world import ACCOUNTING_REPORTS, ACCOUNTING_SETTINGS, ALL_VOUCHERS, WAGES
from wizard.text import Texts
from wizard.tripletex.client import Tripletex
from wizard.tripletex.models import Client

SINGLE, SHARED = Wanted(Setup.SINGLE_COMPANY), Wanted(Setup.BUREAU_SHARED)
DEEP = FigureScope.EVERY_CLIENT
GOOD, WARNED, BAD, OPEN = CheckStatus.VALID, CheckStatus.WARNING, CheckStatus.INVALID, CheckStatus.UNKNOWN


async def check(
    stage: Stage, key: DemoKey, wanted: Wanted = SINGLE, scope: FigureScope = FigureScope.CONFIG
) -> list[CheckOutcome]:
    async with stage.probing(key) as probe:
        found = [each async for each in check_setup(probe, wanted, figures=scope)]
    assert not stage.sandbox.open_sessions
    return found


def statuses(found: list[CheckOutcome]) -> tuple[CheckStatus, ...]:
    return tuple(each.status for each in found if each.check in FIGURES)


def figure_codes(found: list[CheckOutcome]) -> list[str]:
    return [finding.code.id for each in found if each.check in FIGURES for finding in each.findings]


def for_client(stage: Stage, name: str) -> Wanted:
    number = getattr(stage.sandbox.world, name).organization_number or ""
    return Wanted(Setup.BUREAU_CLIENT, number.replace(" ", ""))


async def test_the_figures_of_a_single_company_depend_on_its_key(stage: Stage) -> None:
    expected = {
        "single_company": ((GOOD, GOOD, GOOD), []),
        "without_balances": ((GOOD, BAD, GOOD), ["TW418", "TW422"]),
        "owner_without_balances": ((GOOD, BAD, GOOD), ["TW418", "TW421"]),
        "without_all_vouchers": ((GOOD, GOOD, WARNED), ["TW419", "TW422"]),
        "without_wages": ((GOOD, GOOD, WARNED), ["TW419", "TW422"]),
        "without_accounts": ((WARNED, GOOD, GOOD), ["TW417", "TW422"]),
        "single_company_without_rights": ((WARNED, BAD, WARNED), ["TW417", "TW418", "TW421", "TW419"]),
        "empty": ((GOOD, WARNED, GOOD), ["TW420"]),
        "deviating": ((GOOD, GOOD, GOOD), []),
        "without_wage_module": ((GOOD, GOOD, GOOD), ["TW424"]),
    }
    wrong = []
    for name, (said, ids) in expected.items():
        found = await check(stage, getattr(stage.sandbox.world, name))
        if (statuses(found), figure_codes(found)) != (said, ids):
            wrong.append((name, statuses(found), figure_codes(found)))
    assert wrong == []


async def test_every_combination_of_rights_is_reported(stage: Stage) -> None:
    world, wrong = stage.sandbox.world, []
    four = (ALL_VOUCHERS, ACCOUNTING_REPORTS, ACCOUNTING_SETTINGS, WAGES)
    for number in range(16):
        rights = frozenset(right for place, right in enumerate(four) if number >> place & 1)
        key = world.add_key(f"subset {number}", world.without_wages.company, rights=rights)
        said = (
            GOOD if ACCOUNTING_SETTINGS in rights else WARNED,
            GOOD if ACCOUNTING_REPORTS in rights else BAD,
            GOOD if {ALL_VOUCHERS, WAGES} <= rights else WARNED,
        )
        found = await check(stage, key)
        if statuses(found) != said or any(each.status is BAD for each in found if each.check not in FIGURES):
            wrong.append((rights, [(each.check, each.status) for each in found]))
    assert wrong == []


async def test_the_figures_of_every_client_are_reported(stage: Stage) -> None:
    expected = {
        "client": ((GOOD, GOOD, GOOD), []),
        "client_with_spaces": ((WARNED, BAD, WARNED), ["TW417", "TW418", "TW426", "TW419"]),
        "ungenerous_client": ((GOOD, BAD, WARNED), ["TW418", "TW423", "TW419"]),
        "empty_client": ((GOOD, WARNED, GOOD), ["TW420"]),
    }
    wrong: list[object] = []
    for name, (said, ids) in expected.items():
        found = await check(stage, stage.sandbox.world.office_figures, for_client(stage, name))
        if (statuses(found), figure_codes(found)) != (said, ids):
            wrong.append((name, statuses(found), figure_codes(found)))
        steps = {finding.step for each in found for finding in each.findings if finding.is_error}
        wrong += [(name, step) for step in steps if step != "client_access"]
        hints = [finding.hint(Texts("en")) for each in found for finding in each.findings]
        wrong += [(name, hint) for hint in hints if hint.startswith("Company:")]
    assert wrong == []


async def test_a_shared_config_sums_up_its_clients(stage: Stage) -> None:
    found = await check(stage, stage.sandbox.world.office_figures, SHARED, DEEP)
    assert statuses(found) == (WARNED, BAD, WARNED)
    assert [each.check for each in found][-3:] == list(FIGURES)
    errors = [finding for each in found for finding in each.findings if finding.is_error]
    assert [finding.code for finding in errors] == [codes.BALANCES_REFUSED] * 2
    assert len({finding.message(Texts("en")) for finding in errors}) == 2


async def test_the_sample_of_a_shared_config_only_warns(stage: Stage) -> None:
    world = stage.sandbox.world
    for client in (world.client, world.ungenerous_client, world.empty_client):
        remove_client_access(world, world.office_figures, client)
    found = await check(stage, world.office_figures, SHARED)
    assert codes.SAMPLE_REFUSED.id in figure_codes(found)
    name = world.client_with_spaces.name
    said = [finding for each in found if each.check in FIGURES for finding in each.findings]
    assert all(name in finding.message(Texts("en")) for finding in said)
    assert [each.company.name for each in found if each.check in FIGURES and each.company] == [name] * 3
    assert not [finding for each in found for finding in each.findings if finding.is_error]
    named = Wanted(
        Setup.BUREAU_SHARED, clients=((world.client_with_spaces.organization_number or "").replace(" ", ""),)
    )
    assert BAD in statuses(await check(stage, world.office_figures, named))


async def test_an_unclear_answer_is_unknown(serve: Serve) -> None:
    page = Gateway(200, "<html>Du har ikke tilgang til denne funksjonen</html>", "text/html")
    calls = {"accounts": "/ledger/account", "balances": "/balanceSheet", "postings": "/ledger/postingByDate"}
    wrong = []
    for check_id, path in calls.items():
        for refusal in (
            UNAUTHORIZED,
            UNSPECIFIED,
            Refusal(404, 6000, "Object not found"),
            Refusal(500, 1000, ""),
        ):
            stage = serve(behaviour=Behaviour(refused={f"GET {path}": refusal}))
            wrong += await unlike_unknown(stage, check_id, refusal)
        for body in ("{}", '{"values": null}', '{"values": 7}', "[]", "null", '{"values": ["x"]}', "<html>"):
            stage = serve()
            stage.sandbox.faults.append(Fault(path=path, times=None, status=200, body=body))
            wrong += await unlike_unknown(stage, check_id, body)
        wrong += await unlike_unknown(
            serve(behaviour=Behaviour(gateway={f"GET {path}": page})), check_id, "a page"
        )
    assert wrong == []


async def unlike_unknown(stage: Stage, check_id: str, what: object) -> list[object]:
    found = await check(stage, stage.sandbox.world.single_company)
    by_check = {each.check.value: each.status for each in found}
    others = {by_check[each.value] for each in FIGURES if each.value != check_id}
    return [] if (by_check[check_id], others) == (OPEN, {GOOD}) else [(check_id, what, by_check)]


async def test_figures_that_are_filtered_away_are_not_called_empty(serve: Serve) -> None:
    for denied in ("empty", "page"):
        stage = serve(behaviour=Behaviour(figures_denied=denied))
        found = await check(stage, stage.sandbox.world.without_balances)
        assert statuses(found)[1] is OPEN


async def test_nothing_is_claimed_if_rights_cannot_be_read(serve: Serve) -> None:
    faults = {codes.OWNER_LACKS_RIGHT, codes.KEY_HAS_FEWER_RIGHTS, codes.CLIENT_GRANTS_TOO_LITTLE}
    refused = {"GET /employee/entitlement": FORBIDDEN, "GET /employee/entitlement/client": FORBIDDEN}
    stage = serve(behaviour=Behaviour(refused=refused))
    for key, wanted in (
        (stage.sandbox.world.owner_without_balances, SINGLE),
        (stage.sandbox.world.office_figures, for_client(stage, "ungenerous_client")),
    ):
        found = await check(stage, key, wanted)
        assert codes.BALANCES_REFUSED.id in figure_codes(found)
        assert not [f for each in found for f in each.findings if f.code in faults]


async def test_the_last_day_of_a_year_is_read_in_either_form(serve: Serve) -> None:
    for form in ("after", "last"):
        stage = serve(behaviour=Behaviour(last_day_of_year=form))
        world = stage.sandbox.world
        # Closed down in September: nothing moved in the calendar year before, only in the year 2024/2025.
        company = world.deviating.company
        today = stage.sandbox.clock().date()
        company.active_until = today.replace(year=today.year - 2, month=9, day=30)
        found = await check(stage, world.deviating)
        assert (form, statuses(found)) == (form, (GOOD, WARNED, GOOD))


async def test_a_company_whose_first_year_has_not_ended(stage: Stage) -> None:
    company = stage.sandbox.world.empty.company
    company.first_year = stage.sandbox.clock().year
    found = await check(stage, stage.sandbox.world.empty)
    assert (statuses(found), figure_codes(found)) == ((GOOD, WARNED, GOOD), ["TW427"])


async def test_the_figures_need_exactly_these_requests(stage: Stage) -> None:
    world = stage.sandbox.world
    await check(stage, world.single_company, SINGLE, FigureScope.COMPANY)
    assert len(stage.calls) == 4 + 3
    year = stage.sandbox.clock().year
    sent = {request.call.partition(" ")[2]: dict(request.query) for request in stage.sandbox.requests}
    assert sent["/balanceSheet"] == {
        "dateFrom": f"{year - 1}-01-01",
        "dateTo": f"{year}-01-01",
        "count": "1",
        "fields": "account(number),balanceOut",
    }
    assert sent["/ledger/postingByDate"] == {"dateFrom": "1900-01-01", "dateTo": "1900-01-02", "count": "1"}
    assert sent["/ledger/account"] == {"count": "1", "fields": "id,number"}


async def test_deep_needs_at_most_nine_requests_for_a_client(stage: Stage) -> None:
    world = stage.sandbox.world
    await check(stage, world.office_figures, SHARED, DEEP)
    by_client: dict[str, int] = {}
    for request in stage.sandbox.requests:
        if request.username not in {None, "", "0"}:
            by_client[str(request.username)] = by_client.get(str(request.username), 0) + 1
    assert by_client.pop(str(world.client.id)) == 3
    assert by_client.pop(str(world.empty_client.id)) <= 4
    assert len(by_client) == 2
    assert max(by_client.values()) <= 9


async def test_figures_are_neither_shown_nor_logged_nor_kept(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = json.dumps({"values": [{"account": {"number": 1920, "name": "HEMMELIG"}, "balanceOut": 4711.42}]})
    for path in ("/balanceSheet", "/ledger/account", "/ledger/postingByDate"):
        stage.sandbox.faults.append(Fault(path=path, times=None, status=200, body=body))
    found = await check(stage, stage.sandbox.world.single_company)
    assert statuses(found) == (GOOD, GOOD, GOOD)
    told = caplog.text + repr(found)
    assert "HEMMELIG" not in told
    assert "4711" not in told


async def test_a_client_that_cannot_be_logged_on_to_is_named(serve: Serve) -> None:
    for refusal in (UNAUTHORIZED, FORBIDDEN):
        stage = serve(behaviour=Behaviour(no_client_access=refusal))
        world = stage.sandbox.world
        async with stage.probing(world.office) as probe:
            clients = await probe.clients()
            assert isinstance(clients, tuple)
            client = next(each for each in clients if each.id == world.client.id)
            remove_client_access(world, world.office, world.client)
            (found,) = await probe.figures(client)
        assert found.check is CheckId.CLIENT
        assert [finding.code for finding in found.findings] == [codes.CLIENT_LOG_ON_REFUSED]


async def test_a_client_is_proven_by_its_figures_and_not_by_whose_number_who_am_i_gives(serve: Serve) -> None:
    """Which company it names for an office key at a client is not documented."""
    stage = serve(behaviour=Behaviour(rate_limit=None))
    world = stage.sandbox.world
    office = {"id": world.office_company.id, "name": "Demo Regnskapskontor AS"}
    answers = [
        {
            "employeeId": 1,
            "actualEmployeeId": 2,
            "companyId": company["id"] if company else 0,
            "company": company,
        }
        for company in (office, None, {"id": 1, "name": "Someone else"})
    ]
    client = Client(world.client.id, world.client.name, world.client.organization_number)
    shared = Wanted(Setup.BUREAU_SHARED, clients=(for_client(stage, "client").org_number,))
    for wanted, scope in ((for_client(stage, "client"), FigureScope.CONFIG), (shared, DEEP)):
        expected = await check(stage, world.office, wanted, scope)
        for answer in answers:
            fault = Fault(path="*whoAmI", times=None, status=200, body=json.dumps({"value": answer}))
            stage.sandbox.faults.append(fault)
            found = await check(stage, world.office, wanted, scope)
            async with stage.probing(world.office) as probe:
                assert await probe.log_on_to(client) is None
            hits = stage.sandbox.faults.hits(fault)
            stage.sandbox.faults.clear()
            assert hits
            assert [(each.check, each.status) for each in found] == [
                (each.check, each.status) for each in expected
            ], answer
            assert figure_codes(found) == figure_codes(expected)


async def test_figures_are_read_from_a_server_that_shares_no_code_with_the_sandbox() -> None:
    """A server of bare bytes: cookies, chunks, nulls, a wrong size, an extra row."""
    created = {"value": {"token": "s" * 40, "expirationDate": None, "employeeToken": None, "odd": None}}
    me = {
        "value": {"employeeId": 1, "actualEmployeeId": 2, "companyId": 3, "company": {"id": 3, "name": "A"}}
    }
    rows = {
        "fullResultSize": 0,
        "from": None,
        "count": 2,
        "versionDigest": None,
        "values": [{"id": None}, {}],
    }
    extra = ("Set-Cookie: JSESSIONID=1", "vary: accept-encoding")
    answers = [http(201, json.dumps(created), *extra), http(200, json.dumps(me), *extra)]
    respond = saying(*answers, http(200, json.dumps(rows), *extra))
    clock = lambda: datetime(2026, 11, 26, 12, tzinfo=UTC)  # noqa: E731
    async with (
        raw_server(respond) as base_url,
        Tripletex(base_url, clock=clock, pause=Pauses()) as tripletex,
        KeyProbe(tripletex, make_key(8101), make_key(84201), application="VismaFinale") as probe,
    ):
        await probe.log_on()
        found = await probe.figures(Client(7, "B", None), save_requests=True)
    assert statuses(list(found)) == (GOOD, GOOD, GOOD)
    assert not [f for each in found for f in each.findings if f.severity is not Severity.INFO]
