"""Telling an office key from an ordinary one, in every way that the facts leave open."""

import pytest

from tests.keys import make_key
from tests.support.sandbox import UNAUTHORIZED, Behaviour, DemoKey, Fault, Refusal, company_owned
from tests.tripletex.conftest import Serve
from tests.tripletex.stage import Stage
from wizard.checks.outcomes import KeyFacts
from wizard.checks.probe import KeyProbe
from wizard.domain.setup import KeyKind
from wizard.findings import Code, Finding, codes

FORBIDDEN_AS_USUAL = Refusal(403, 9000, "You do not have permission to access this feature.")


async def facts_of(stage: Stage, key: DemoKey) -> KeyFacts:
    async with stage.examining(key) as examination:
        facts = await examination.facts()
    assert isinstance(facts, KeyFacts)
    assert not stage.sandbox.open_sessions
    return facts


async def test_an_ordinary_key(stage: Stage) -> None:
    key = stage.sandbox.world.single_company
    facts = await facts_of(stage, key)
    assert (facts.kind, facts.key_id, facts.findings) == (KeyKind.ORDINARY, key.token_id, ())
    assert facts.company is not None
    assert (facts.company.id, facts.company.name) == (key.company.id, key.company.name)
    assert facts.company.org_number == key.company.organization_number
    assert facts.request_id in {request.request_id for request in stage.sandbox.requests}
    assert len(stage.calls) == 4


@pytest.mark.parametrize("place", ["message", "developerMessage", "validationMessages"])
@pytest.mark.parametrize(
    ("status", "code"), [(403, 9000), (401, 3000), (400, 4000), (422, 18000), (500, 1000)]
)
@pytest.mark.parametrize("named", [True, False])
async def test_an_office_key_by_the_sentence(
    serve: Serve, place: str, status: int, code: int, *, named: bool
) -> None:
    refusal = company_owned(place, status=status, code=code)  # type: ignore[arg-type]  # from the list above
    stage = serve(behaviour=Behaviour(company_owned=refusal, office_key_names_company=named))
    facts = await facts_of(stage, stage.sandbox.world.office)
    assert facts.is_office
    assert facts.findings == ()
    assert (facts.company is not None) == named
    assert len(stage.calls) == 4


async def test_an_office_key_that_may_not_even_ask_who_it_is(stage: Stage) -> None:
    body = '{"status": 403, "code": 9000, "message": "Company owned users can only …"}'
    stage.sandbox.faults.append(Fault(path="*whoAmI", status=403, body=body))
    assert (await facts_of(stage, stage.sandbox.world.office)).is_office


@pytest.mark.parametrize(
    "refusal", [UNAUTHORIZED, FORBIDDEN_AS_USUAL, Refusal(404, 6000, "Object not found")]
)
async def test_an_office_key_by_its_clients(serve: Serve, refusal: Refusal) -> None:
    stage = serve(behaviour=Behaviour(company_owned=refusal))
    facts = await facts_of(stage, stage.sandbox.world.office)
    assert facts.is_office
    assert facts.findings == ()


@pytest.mark.parametrize("listed", ["empty", "own-company", "forbidden"])
async def test_an_ordinary_key_without_rights(serve: Serve, listed: str) -> None:
    stage = serve(behaviour=Behaviour(ordinary_client_list=listed))  # type: ignore[arg-type]  # from the list above
    facts = await facts_of(stage, stage.sandbox.world.single_company_without_rights)
    assert facts.kind is KeyKind.ORDINARY
    (finding,) = facts.findings
    assert finding.code is codes.NO_RIGHTS
    assert finding.request_id == facts.request_id


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (UNAUTHORIZED, codes.SESSION_ENDED),
        (Refusal(404, 6000, "Object not found"), codes.UNEXPECTED_ANSWER),
    ],
)
async def test_a_kind_that_cannot_be_seen(serve: Serve, refusal: Refusal, code: Code) -> None:
    stage = serve(behaviour=Behaviour(lacking_right=refusal))
    facts = await facts_of(stage, stage.sandbox.world.single_company_without_rights)
    assert facts.kind is None
    assert [finding.code for finding in facts.findings] == [code, codes.KIND_UNKNOWN]


@pytest.mark.parametrize("path", ["/company/*", "/company/>*"])
async def test_trouble_leaves_the_kind_open(serve: Serve, path: str) -> None:
    stage = serve(behaviour=Behaviour(company_owned=UNAUTHORIZED))
    stage.sandbox.faults.append(Fault(path=path, times=None, status=500))
    facts = await facts_of(stage, stage.sandbox.world.office)
    assert facts.kind is None
    assert [finding.code for finding in facts.findings] == [codes.SERVER_TROUBLE, codes.KIND_UNKNOWN]


async def test_without_a_consumer_token_nothing_is_asked(stage: Stage) -> None:
    async with stage.tripletex() as tripletex:
        finding = await KeyProbe(tripletex, None, make_key(1), application="VismaFinale").facts()
    assert isinstance(finding, Finding)
    assert finding.code is codes.CONSUMER_TOKEN_MISSING
    assert not stage.calls
