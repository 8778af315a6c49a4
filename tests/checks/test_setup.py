"""Checking what a config says against Tripletex."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import date, timedelta

from tests.support.rows import every_row
from tests.support.sandbox import (
    FORBIDDEN,
    UNAUTHORIZED,
    Behaviour,
    Company,
    DemoKey,
    Fault,
    Refusal,
    add_client,
    remove_client_access,
)
from tests.support.stage import Serve, Stage
from wizard.checks.outcomes import FIGURES, CheckId, CheckOutcome, CheckStatus, FigureScope, Wanted
from wizard.checks.probe import KeyProbe
from wizard.checks.setup import check_setup
from wizard.domain.key import Secret
from wizard.domain.setup import KeyKind, Setup
from wizard.findings import Code, Finding, Verdict, codes
from wizard.text import Texts
from wizard.tripletex.client import Tripletex
from wizard.tripletex.models import Client
from wizard.walk.checking import rows_of

SINGLE = Wanted(Setup.SINGLE_COMPANY)
SHARED = Wanted(Setup.BUREAU_SHARED)
DEEP = FigureScope.EVERY_CLIENT


def number_of(company: Company) -> str:
    return (company.organization_number or "").replace(" ", "")


def for_client(company: Company) -> Wanted:
    return Wanted(Setup.BUREAU_CLIENT, number_of(company))


async def check_all(
    stage: Stage, key: DemoKey, wanted: Wanted, *, figures: FigureScope = FigureScope.NONE
) -> list[CheckOutcome]:
    async with (
        stage.probing(key) as examination,
        aclosing(check_setup(examination, wanted, figures=figures)) as results,
    ):
        found = [result async for result in results]
    assert not stage.sandbox.open_sessions
    for result in found:
        for finding in result.findings:
            assert finding.step or finding.code.is_unknown or not finding.is_error
            assert finding.request_id in {request.request_id for request in stage.sandbox.requests}
    return found


def outcome(results: list[CheckOutcome]) -> list[tuple[CheckId, Verdict]]:
    return [(result.check, result.verdict) for result in results]


def codes_of(results: list[CheckOutcome]) -> list[Code]:
    return [finding.code for result in results for finding in result.findings]


async def test_a_single_company_is_proven(stage: Stage) -> None:
    world = stage.sandbox.world
    results = await check_all(stage, world.single_company, SINGLE)
    assert outcome(results) == [
        (CheckId.LOG_ON, Verdict.VALID),
        (CheckId.KIND, Verdict.VALID),
        (CheckId.COMPANY, Verdict.VALID),
    ]
    assert results[1].kind is KeyKind.ORDINARY
    assert results[2].company is not None
    assert results[2].company.name == world.company.name
    assert all(result.request_id for result in results)


async def test_each_key_gets_the_findings_that_fit_the_setup(stage: Stage) -> None:
    world = stage.sandbox.world
    unnumbered = world.add_key("no number", world.add_company("Uten Nummer"))
    alone = world.add_key("no clients", world.office_company, company_owned=True)
    key = world.single_company
    hidden = for_client(world.client_without_access)
    rows: list[tuple[DemoKey, Wanted, str, list[Code]]] = [
        (world.office, SINGLE, "kind invalid", [codes.OFFICE_KEY_FOR_COMPANY]),
        (key, for_client(world.company), "kind invalid", [codes.ORDINARY_KEY_FOR_BUREAU]),
        (key, SHARED, "kind invalid", [codes.ORDINARY_KEY_FOR_BUREAU]),
        (world.single_company_without_rights, SINGLE, "company warning", [codes.NO_RIGHTS]),
        (key, SINGLE, "company valid", []),
        (unnumbered, SINGLE, "company valid", []),
        (world.office, hidden, "client invalid", [codes.CLIENT_ACCESS_MISSING, codes.CLIENT_UNREADABLE]),
        (alone, SHARED, "clients invalid", [codes.NO_CLIENTS]),
        (world.deleted, SINGLE, "log_on invalid", [codes.KEY_REJECTED]),
        (world.expired, SINGLE, "log_on invalid", [codes.KEY_REJECTED]),
        (world.other_application, SINGLE, "log_on invalid", [codes.KEY_REJECTED]),
    ]
    found = [await check_all(stage, key, wanted) for key, wanted, *_ in rows]
    assert [(f"{each[-1].check} {each[-1].status}", codes_of(each)) for each in found] == [
        (last, expected) for *_, last, expected in rows
    ]


async def test_a_refusal_that_may_have_other_causes_is_not_blamed_on_the_key(serve: Serve) -> None:
    for refusal in (FORBIDDEN, UNAUTHORIZED):
        stage = serve(behaviour=Behaviour(blocked_account=refusal, wrong_application=refusal))
        for key in (stage.sandbox.world.blocked, stage.sandbox.world.other_application):
            results = await check_all(stage, key, SINGLE)
            assert outcome(results) == [(CheckId.LOG_ON, Verdict.UNKNOWN)]
            assert codes_of(results) == [codes.SESSION_REFUSED]


async def test_a_client_with_access_is_proven(stage: Stage) -> None:
    world = stage.sandbox.world
    results = await check_all(stage, world.office, for_client(world.client_with_spaces), figures=DEEP)
    assert outcome(results) == [
        (CheckId.LOG_ON, Verdict.VALID),
        (CheckId.KIND, Verdict.VALID),
        (CheckId.CLIENT, Verdict.VALID),
        *((check, Verdict.VALID) for check in FIGURES),
    ]
    assert isinstance(results[2].company, Client)
    assert results[2].company.id == world.client_with_spaces.id
    assert stage.sandbox.requests[-2].username == str(world.client_with_spaces.id)


@every_row("cap", [1, 2])
async def test_a_client_is_not_called_missing_after_a_short_page(serve: Serve, cap: int) -> None:
    stage = serve(behaviour=Behaviour(max_page_size=cap))
    world = stage.sandbox.world
    results = await check_all(stage, world.office, for_client(world.twins[1]))
    assert outcome(results)[-1] == (CheckId.CLIENT, Verdict.VALID)
    results = await check_all(stage, world.office, SHARED, figures=DEEP)
    assert {each.check: each.count for each in results if each.check in FIGURES} == dict.fromkeys(FIGURES, 5)


async def test_clients_with_the_same_number_are_listed(stage: Stage) -> None:
    world = stage.sandbox.world
    results = await check_all(stage, world.office, for_client(world.twins[0]), figures=DEEP)
    assert codes_of(results) == [codes.SEVERAL_CLIENTS]
    values = results[2].findings[0].values
    assert all(twin.name in str(values["names"]) for twin in world.twins)
    assert [result.check for result in results[2:]] == [CheckId.CLIENT, *FIGURES]
    assert [result.count for result in results[3:]] == [2, 2, 2]
    assert all(result.verdict is Verdict.VALID for result in results)


@every_row("refusal", [UNAUTHORIZED, FORBIDDEN, Refusal(404, 6000, "Object not found")])
async def test_a_listed_client_without_access_is_reported(serve: Serve, refusal: Refusal) -> None:
    stage = serve(behaviour=Behaviour(no_client_access=refusal))
    world = stage.sandbox.world
    wanted = for_client(world.client)
    async with stage.probing(world.office) as examination:
        assert (await examination.clients()) is not None
        remove_client_access(world, world.office, world.client)
        results = [result async for result in check_setup(examination, wanted, figures=DEEP)]
    assert outcome(results)[-1] == (CheckId.CLIENT, Verdict.INVALID)
    (finding,) = results[-1].findings
    assert finding.code is codes.CLIENT_LOG_ON_REFUSED
    assert world.client.name in str(finding.values["number"])


async def test_a_shared_config_is_proven(stage: Stage) -> None:
    world = stage.sandbox.world
    wanted = replace(SHARED, clients=(number_of(world.client), number_of(world.client_without_access)))
    results = await check_all(stage, world.office, wanted, figures=DEEP)
    assert outcome(results) == [
        (CheckId.LOG_ON, Verdict.VALID),
        (CheckId.KIND, Verdict.VALID),
        (CheckId.CLIENTS, Verdict.VALID),
        (CheckId.CLIENT, Verdict.VALID),
        (CheckId.CLIENT, Verdict.INVALID),
        *((check, Verdict.VALID) for check in FIGURES),
    ]
    assert results[2].count == 5
    assert codes_of(results) == [
        codes.SEVERAL_CLIENTS,
        codes.CLIENT_UNREADABLE,
        codes.CLIENT_ACCESS_MISSING,
    ]
    assert [result.count for result in results[5:]] == [5, 5, 5]


async def test_the_rows_of_figures_count_clients_and_name_the_year(stage: Stage) -> None:
    world = stage.sandbox.world
    both = tuple(number_of(client) for client in (world.client, world.client_with_spaces))
    year = str(date.today().year - 1)  # noqa: DTZ011 - as the books of the sandbox
    nb = Texts("nb")
    scope = FigureScope.CONFIG
    told = {}
    for wanted, key in (
        (SINGLE, world.single_company),
        (SHARED, world.office),
        (replace(SHARED, clients=both), world.office),
    ):
        results = await check_all(stage, key, wanted, figures=scope)
        told[len(wanted.clients), wanted.setup] = [
            row.text for row in rows_of(results, wanted, None, nb, is_running=False).rows
        ]
    assert f"Saldobalansen kan leses: {year}" in told[0, Setup.SINGLE_COMPANY]
    assert f"Saldobalansen kan leses (samme klient): {year}" in told[0, Setup.BUREAU_SHARED]
    assert f"Saldobalansen kan leses hos 2 av 2 klienter: {year}" in told[2, Setup.BUREAU_SHARED]
    wanted = replace(SHARED, clients=both)
    stage.sandbox.faults.append(Fault(path="/balanceSheet", status=403))
    results = await check_all(stage, world.office, wanted, figures=scope)
    rows = [row.text for row in rows_of(results, wanted, None, nb, is_running=False).rows]
    assert f"Saldobalansen kan leses hos 1 av 2 klienter: {year}" in rows


async def test_many_clients_are_logged_on_to_a_few_at_a_time(serve: Serve) -> None:
    stage = serve(behaviour=Behaviour(rate_limit=None), latency=0.01)
    for serial in range(40):
        add_client(stage.sandbox.world, f"Klient {serial}")
    results = await check_all(stage, stage.sandbox.world.office, SHARED, figures=DEEP)
    assert results[-1].count == 45
    assert 1 < stage.sandbox.peak_concurrency <= 24


async def test_lasting_trouble_stops_further_log_ons(serve: Serve) -> None:
    stage = serve(behaviour=Behaviour(rate_limit=None))
    for serial in range(40):
        add_client(stage.sandbox.world, f"Klient {serial}")
    stage.sandbox.faults.append(Fault(path="/balanceSheet", times=None, trouble="drop-before"))
    results = await check_all_despite_trouble(stage, stage.sandbox.world.office, SHARED)
    assert codes_of(results).count(codes.NOT_CONNECTED) == 3
    assert stage.calls.count("GET /balanceSheet") < 60


async def test_a_session_that_is_refused_at_once_is_reported(stage: Stage) -> None:
    stage.sandbox.faults.append(
        Fault(path="*whoAmI", status=401, body='{"status": 401, "code": 3000, "requestId": "3f2a"}')
    )
    async with stage.probing(stage.sandbox.world.single_company) as examination:
        results = [result async for result in check_setup(examination, SINGLE, figures=FigureScope.NONE)]
    assert outcome(results) == [(CheckId.LOG_ON, Verdict.INVALID)]
    assert codes_of(results) == [codes.LOG_ON_REFUSED]
    assert not stage.sandbox.open_sessions


async def test_a_clock_that_is_behind_is_not_blamed_on_the_key(stage: Stage) -> None:
    key = Secret(stage.sandbox.world.single_company.employee_token)

    bad_date = '{"code": 18000, "requestId": "3f2a", "validationMessages": [{"field": "expirationDate"}]}'

    async def results(late: timedelta) -> list[CheckOutcome]:
        slow = Tripletex(stage.base_url, clock=lambda: stage.sandbox.clock() - late)
        async with slow, KeyProbe(slow, stage.consumer, key, application="VismaFinale") as examination:
            return [result async for result in check_setup(examination, SINGLE, figures=FigureScope.NONE)]

    stage.sandbox.faults.append(Fault(path="*:create", status=422, body=bad_date, after=1))
    found = await results(timedelta(hours=72))
    assert outcome(found) == [(CheckId.LOG_ON, Verdict.UNKNOWN)]
    assert codes_of(found) == [codes.CLOCK_WRONG]
    assert found[0].findings[0].values["hours"] == 72
    assert codes_of(await results(timedelta(hours=72))) == [codes.CLOCK_WRONG]
    assert outcome(await results(timedelta(minutes=-5)))[-1] == (CheckId.COMPANY, Verdict.VALID)


@every_row(
    ("path", "setup", "reached"),
    [
        ("*:create", SINGLE, CheckId.LOG_ON),
        ("*whoAmI", SINGLE, CheckId.LOG_ON),
        ("/company/[0-9]*", SINGLE, CheckId.COMPANY),
        ("*withLoginAccess", SHARED, CheckId.CLIENTS),
        ("*withLoginAccess", Wanted(Setup.BUREAU_CLIENT, "974760673"), CheckId.CLIENT),
    ],
)
async def test_trouble_is_unknown_and_never_invalid(
    serve: Serve, path: str, setup: Wanted, reached: CheckId
) -> None:
    stage = serve()
    stage.sandbox.faults.append(Fault(path=path, times=None, status=503))
    key = stage.sandbox.world.office if setup.setup.is_bureau else stage.sandbox.world.single_company
    results = await check_all_despite_trouble(stage, key, setup)
    assert reached in {result.check for result in results}
    verdicts = [result.verdict for result in results]
    assert Verdict.UNKNOWN in verdicts
    assert Verdict.INVALID not in verdicts
    assert not stage.sandbox.open_sessions


async def check_all_despite_trouble(
    stage: Stage, key: DemoKey, wanted: Wanted, figures: FigureScope = DEEP
) -> list[CheckOutcome]:
    async with stage.probing(key) as examination:
        return [result async for result in check_setup(examination, wanted, figures=figures)]


async def test_configs_share_the_facts_of_their_key(stage: Stage) -> None:
    world = stage.sandbox.world
    configs = [for_client(client) for client in (world.client, world.client_with_spaces, *world.twins)] * 25

    async with stage.probing(world.office) as examination:

        async def one(wanted: Wanted) -> list[CheckOutcome]:
            outcomes = check_setup(examination, wanted, figures=FigureScope.COMPANY)
            return [result async for result in outcomes]

        everything = await asyncio.gather(*(one(wanted) for wanted in configs))
    assert len(everything) == 100
    assert all(result.verdict is Verdict.VALID for results in everything for result in results)
    assert len(stage.calls) == 5


async def test_a_cancelled_config_does_not_disturb_the_others(serve: Serve) -> None:
    stage = serve(latency=0.05)
    async with stage.probing(stage.sandbox.world.single_company) as examination:
        impatient = asyncio.create_task(examination.facts())
        patient = asyncio.create_task(examination.facts())
        await asyncio.sleep(0.02)
        impatient.cancel()
        facts = await patient
        assert impatient.cancelled()
    assert facts is not None
    assert stage.calls.count("POST /token/session/:create") == 1


async def test_a_key_that_cannot_log_on_gives_every_config_the_same_finding(stage: Stage) -> None:
    async with stage.probing(stage.sandbox.world.deleted) as examination:
        answers = [
            await examination.log_on(),
            await examination.facts(),
            await examination.clients(),
            await examination.clients(certain=True),
            await examination.log_on_to(Client(1, "", None)),
        ]
    assert all(isinstance(answer, Finding) and answer.code is codes.KEY_REJECTED for answer in answers)
    assert stage.calls == ["POST /token/session/:create"]


async def test_a_list_without_a_proven_end_is_unknown(stage: Stage) -> None:
    world = stage.sandbox.world
    stage.sandbox.faults.append(Fault(path="*LoginAccess", after=1, times=None, status=500))
    results = await check_all_despite_trouble(stage, world.office, for_client(world.client_without_access))
    assert outcome(results)[-1] == (CheckId.CLIENT, Verdict.UNKNOWN)
    assert codes_of(results) == [codes.SERVER_TROUBLE]


async def test_checks_can_be_left_halfway(stage: Stage) -> None:
    async with (
        stage.probing(stage.sandbox.world.office) as examination,
        aclosing(check_setup(examination, SHARED, figures=DEEP)) as results,
    ):
        async for result in results:
            if result.check is CheckId.ACCOUNTS:
                break
    assert not stage.sandbox.open_sessions


async def test_the_legacy_log_on_is_reported(stage: Stage) -> None:
    results = await check_all_despite_trouble(stage, stage.sandbox.world.put_only, SINGLE)
    assert outcome(results)[0] == (CheckId.LOG_ON, Verdict.VALID)
    assert codes_of(results) == [codes.PUT_USED]
    assert codes_of(await check_all(stage, stage.sandbox.world.single_company, SINGLE)) == []


async def test_a_gateway_is_not_mistaken_for_tripletex(stage: Stage) -> None:
    office_sentence = '{"message": "Company owned users(employeeToken) can only access >whoAmI"}'
    for status, body in (
        (401, '{"message": "Forbidden"}'),
        (403, '{"message": "Forbidden"}'),
        (403, office_sentence),
    ):
        stage.sandbox.faults.append(Fault(path="*:create", status=status, body=body))
        results = await check_all_despite_trouble(stage, stage.sandbox.world.single_company, SINGLE)
        assert outcome(results) == [(CheckId.LOG_ON, Verdict.UNKNOWN)], body
        assert codes_of(results) == [codes.NOT_TRIPLETEX], body


async def test_a_company_that_cannot_be_read_is_unknown(stage: Stage) -> None:
    """WhoAmI names no company and reading one is refused: both are reported, and the key is not blamed."""
    stage.sandbox.faults.append(Fault(path="*whoAmI", status=200, body='{"value": {"employeeId": 1}}'))
    key = stage.sandbox.world.single_company_without_rights
    results = await check_all_despite_trouble(stage, key, SINGLE, figures=FigureScope.NONE)
    assert (results[-1].check, results[-1].status) == (CheckId.COMPANY, CheckStatus.UNKNOWN)
    assert codes_of(results) == [codes.NO_RIGHTS, codes.COMPANY_NOT_SEEN]
