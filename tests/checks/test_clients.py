"""The list of clients, and how office keys and ordinary keys are recognised."""

import asyncio
from typing import Literal

from tests.support.rows import every_row
from tests.support.sandbox import (
    UNAUTHORIZED,
    Behaviour,
    DemoKey,
    Fault,
    Refusal,
    company_owned,
    world_with_clients,
)
from tests.support.stage import Serve, Stage
from wizard.checks.outcomes import CheckOutcome, FigureScope, KeyFacts, Wanted
from wizard.checks.setup import check_setup
from wizard.domain.setup import KeyKind, Setup, normalise_org_number
from wizard.findings import Code, Finding, StepId, codes
from wizard.rotation.proving import worse_errors
from wizard.sandbox.world import NO_FIGURES
from wizard.text import Texts
from wizard.tripletex.models import Client

FullSize = Literal["short", "long", "exact"]


async def clients_of(stage: Stage, *, certain: bool = False) -> tuple[Client, ...]:
    async with stage.probing(stage.sandbox.world.office) as examination:
        clients = await examination.clients(certain=certain)
    assert not isinstance(clients, Finding)
    return clients


def as_listed(stage: Stage) -> list[tuple[int, str, str | None]]:
    return [
        (company.id, company.name, normalise_org_number(company.organization_number or ""))
        for company in stage.sandbox.world.clients
    ]


@every_row("full_size", ["short", "long", "exact"])
@every_row(("count", "pages"), [(999, 1), (1000, 2), (2500, 3)])
async def test_all_clients_are_found_in_few_requests(
    serve: Serve, full_size: FullSize, count: int, pages: int
) -> None:
    stage = serve(
        world=world_with_clients(count), behaviour=Behaviour(full_result_size=full_size, rate_limit=None)
    )
    async with stage.probing(stage.sandbox.world.office) as examination:
        await examination.facts()
        lists = await asyncio.gather(*(examination.clients() for _ in range(20)))
    assert {len(found) for found in lists if not isinstance(found, Finding)} == {count}
    assert len(stage.calls) == 4 + pages


@every_row("missing", ["absent", "null", "empty"])
async def test_clients_are_read_as_they_are(
    serve: Serve, missing: Literal["absent", "null", "empty"]
) -> None:
    stage = serve(behaviour=Behaviour(missing_number=missing))
    clients = await clients_of(stage)
    assert [(client.id, client.name, client.org_number) for client in clients] == as_listed(stage)
    assert [client.org_number for client in clients].count(None) == 1


@every_row("cap", [1, 2, 5])
@every_row("full_size", ["short", "long", "exact"])
async def test_a_server_that_sends_short_pages_hides_no_client(
    serve: Serve, cap: int, full_size: FullSize
) -> None:
    stage = serve(behaviour=Behaviour(max_page_size=cap, full_result_size=full_size))
    assert len(await clients_of(stage, certain=True)) == 5
    assert len(stage.calls) == 3 + -(-5 // cap) + 1


FORBIDDEN_AS_USUAL = Refusal(403, 9000, "You do not have permission to access this feature.")


async def facts_of(stage: Stage, key: DemoKey) -> KeyFacts:
    async with stage.probing(key) as examination:
        facts = await examination.facts()
    assert isinstance(facts, KeyFacts)
    assert not stage.sandbox.open_sessions
    return facts


async def test_an_ordinary_key_is_recognised(stage: Stage) -> None:
    key = stage.sandbox.world.single_company
    facts = await facts_of(stage, key)
    assert (facts.kind, facts.key_id, facts.findings) == (KeyKind.ORDINARY, key.token_id, ())
    assert facts.company is not None
    assert (facts.company.id, facts.company.name) == (key.company.id, key.company.name)
    assert facts.company.org_number == key.company.organization_number
    assert facts.request_id in {request.request_id for request in stage.sandbox.requests}
    assert len(stage.calls) == 4


@every_row("place", ["message", "developerMessage", "validationMessages"])
@every_row(("status", "code"), [(403, 9000), (401, 3000), (400, 4000), (422, 18000), (500, 1000)])
@every_row("named", [True, False])
async def test_an_office_key_is_recognised_by_the_sentence(
    serve: Serve, place: str, status: int, code: int, *, named: bool
) -> None:
    refusal = company_owned(place, status=status, code=code)  # type: ignore[arg-type]  # from the list above
    stage = serve(behaviour=Behaviour(company_owned=refusal, office_key_names_company=named))
    facts = await facts_of(stage, stage.sandbox.world.office)
    assert facts.is_office
    assert facts.findings == ()
    assert (facts.company is not None) == named
    assert len(stage.calls) == 4


async def test_an_office_key_is_recognised_if_who_am_i_is_refused(stage: Stage) -> None:
    body = '{"status": 403, "code": 9000, "message": "Company owned users can only …"}'
    stage.sandbox.faults.append(Fault(path="*whoAmI", status=403, body=body))
    assert (await facts_of(stage, stage.sandbox.world.office)).is_office


@every_row("refusal", [UNAUTHORIZED, FORBIDDEN_AS_USUAL, Refusal(404, 6000, "Object not found")])
async def test_an_office_key_is_recognised_by_its_clients(serve: Serve, refusal: Refusal) -> None:
    stage = serve(behaviour=Behaviour(company_owned=refusal))
    facts = await facts_of(stage, stage.sandbox.world.office)
    assert facts.is_office
    assert facts.findings == ()


@every_row("listed", ["empty", "own-company", "forbidden"])
async def test_an_ordinary_key_without_rights_is_recognised(serve: Serve, listed: str) -> None:
    stage = serve(behaviour=Behaviour(ordinary_client_list=listed))  # type: ignore[arg-type]  # from the list above
    facts = await facts_of(stage, stage.sandbox.world.single_company_without_rights)
    assert facts.kind is KeyKind.ORDINARY
    (finding,) = facts.findings
    assert finding.code is codes.NO_RIGHTS
    assert finding.request_id == facts.request_id


@every_row(
    ("refusal", "code"),
    [
        (UNAUTHORIZED, codes.SESSION_ENDED),
        (Refusal(404, 6000, "Object not found"), codes.UNEXPECTED_ANSWER),
    ],
)
async def test_the_kind_of_a_key_can_be_unknown(serve: Serve, refusal: Refusal, code: Code) -> None:
    stage = serve(behaviour=Behaviour(lacking_right=refusal))
    facts = await facts_of(stage, stage.sandbox.world.single_company_without_rights)
    assert facts.kind is None
    assert [finding.code for finding in facts.findings] == [code, codes.KIND_UNKNOWN]


@every_row("path", ["/company/*", "/company/>*"])
async def test_trouble_leaves_the_kind_of_a_key_unknown(serve: Serve, path: str) -> None:
    stage = serve(behaviour=Behaviour(company_owned=UNAUTHORIZED))
    stage.sandbox.faults.append(Fault(path=path, times=None, status=500))
    facts = await facts_of(stage, stage.sandbox.world.office)
    assert facts.kind is None
    assert [finding.code for finding in facts.findings] == [codes.SERVER_TROUBLE, codes.KIND_UNKNOWN]


async def test_a_config_is_compared_by_its_checks(stage: Stage) -> None:
    """Warnings count too, and for a common set-up what is lost at one more client."""
    world = stage.sandbox.world
    single, common = Wanted(Setup.SINGLE_COMPANY), Wanted(Setup.BUREAU_SHARED)
    good = await outcomes(stage, world.single_company, single)
    less = await outcomes(stage, world.without_all_vouchers, single)
    (lost,) = worse_errors(good, less)
    assert (lost.code, lost.step) == (codes.FEWER_FIGURES, StepId.CREATE_KEY)
    assert "transaksjoner" in lost.message(Texts("nb"))
    assert "saldobalansen" not in lost.message(Texts("nb"))
    assert worse_errors(less, good) == ()
    before = await outcomes(stage, world.office_figures, common)
    assert worse_errors(before, before) == ()
    world.grant_client_access(world.office_figures, world.client, NO_FIGURES)
    after = await outcomes(stage, world.office_figures, common)
    (found,) = worse_errors(before, after)
    assert found.step is StepId.CLIENT_ACCESS


async def outcomes(stage: Stage, key: DemoKey, wanted: Wanted) -> list[CheckOutcome]:
    async with stage.probing(key) as probe:
        return [each async for each in check_setup(probe, wanted, figures=FigureScope.EVERY_CLIENT)]
