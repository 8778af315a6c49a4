"""Sessions for programs that are not asynchronous."""

import asyncio
import threading
from concurrent.futures import Future

import httpx
import pytest

from tests.support.sandbox import Company, DemoKey, Fault
from tests.tripletex.stage import Stage
from wizard.domain.secret import Secret
from wizard.findings import codes
from wizard.program import LogOnFailed, ProgramSession


def session_of(
    stage: Stage, key: DemoKey, client: Company | None = None, *, check_figures: bool = False
) -> ProgramSession:
    number = None if client is None else (client.organization_number or "").replace(" ", "")
    return ProgramSession(
        stage.tripletex,
        stage.consumer,
        Secret(key.employee_token),
        application="VismaFinale",
        org_number=number,
        check_figures=check_figures,
    )


def ask_who(session: ProgramSession) -> int:
    answer = httpx.get(
        f"{session.base_url}/token/session/%3EwhoAmI", auth=session.auth, trust_env=False, timeout=5
    )
    return int(answer.json()["value"]["companyId"])


def test_a_single_company(stage: Stage) -> None:
    world = stage.sandbox.world
    with session_of(stage, world.single_company) as session:
        assert session.base_url == stage.base_url
        assert session.username == "0"
        assert ask_who(session) == world.company.id
        token = session.token
    assert not stage.sandbox.open_sessions
    assert session.auth == ("", "")
    assert token.reveal() not in repr(vars(session))
    assert not [each for each in threading.enumerate() if each.name.startswith("tripletex-session")]


def test_a_client_of_an_office(stage: Stage) -> None:
    world = stage.sandbox.world
    with session_of(stage, world.office, world.client_with_spaces) as session:
        assert session.username == str(world.client_with_spaces.id)
        assert ask_who(session) == world.client_with_spaces.id
    assert not stage.sandbox.open_sessions


async def test_it_may_be_used_where_a_loop_is_running(stage: Stage) -> None:
    def use() -> int:
        return ask_who(session)

    with session_of(stage, stage.sandbox.world.single_company) as session:
        assert await asyncio.to_thread(use) == stage.sandbox.world.company.id
    assert not stage.sandbox.open_sessions


def test_it_refuses_what_it_was_not_asked_for(stage: Stage) -> None:
    world = stage.sandbox.world
    cases = [
        (world.office, None, codes.OFFICE_KEY_FOR_COMPANY),
        (world.single_company, world.client, codes.ORDINARY_KEY_FOR_BUREAU),
        (world.office, world.client_without_access, codes.CLIENT_ACCESS_MISSING),
        (world.office, world.twins[0], codes.SEVERAL_CLIENTS),
        (world.deleted, None, codes.KEY_REJECTED),
        (world.blocked, None, codes.SESSION_REFUSED),
    ]
    for key, client, code in cases:
        with pytest.raises(LogOnFailed) as raised, session_of(stage, key, client):
            raise AssertionError
        assert raised.value.finding.code is code
        assert str(raised.value).startswith(f"{code.id}: ")
        assert key.employee_token not in str(raised.value)
    assert not stage.sandbox.open_sessions


def test_trouble_is_told_as_such(stage: Stage) -> None:
    stage.sandbox.faults.append(Fault(path="*whoAmI", times=None, status=500))
    with pytest.raises(LogOnFailed) as raised, session_of(stage, stage.sandbox.world.single_company):
        raise AssertionError
    assert raised.value.finding.code is codes.SERVER_TROUBLE
    assert not stage.sandbox.open_sessions


def test_the_session_is_deleted_when_the_program_fails(stage: Stage) -> None:
    with pytest.raises(ZeroDivisionError), session_of(stage, stage.sandbox.world.single_company):
        raise ZeroDivisionError
    assert not stage.sandbox.open_sessions


def test_an_interrupt_ends_the_waiting(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.sandbox.faults.append(Fault(path="*whoAmI", trouble="hang"))
    original = Future.result
    interrupted: list[bool] = []

    def result(self: "Future[object]", timeout: float | None = None) -> object:
        if interrupted:
            return original(self, timeout)
        interrupted.append(True)
        while len(stage.calls) < 2:
            pass
        raise KeyboardInterrupt

    monkeypatch.setattr(Future, "result", result)
    with pytest.raises(KeyboardInterrupt), session_of(stage, stage.sandbox.world.single_company):
        raise AssertionError
    assert not stage.sandbox.open_sessions


def test_it_tells_which_figures_are_refused(stage: Stage) -> None:
    world = stage.sandbox.world
    with session_of(stage, world.without_balances) as session:
        assert session.findings == ()
        assert ask_who(session) == world.company.id
    with session_of(stage, world.without_balances, check_figures=True) as session:
        assert [finding.code for finding in session.findings][:1] == [codes.BALANCES_REFUSED]
    with session_of(stage, world.office_figures, world.client, check_figures=True) as session:
        assert session.findings == ()
    assert not stage.sandbox.open_sessions
