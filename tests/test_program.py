"""Sessions for programs: what they reach, and that they end with the block."""

import asyncio
import threading
from concurrent.futures import Future
from pathlib import Path

import httpx
import pytest

from tests.support.home import VARIABLE, Home
from tests.support.rows import every_row
from tests.support.sandbox import Company, DemoKey, Fault
from tests.support.stage import Stage
from wizard import ConfigError, LogOnFailed, load_config
from wizard.domain.key import Secret
from wizard.findings import codes
from wizard.program import ProgramSession


@pytest.fixture
def home(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return a home in whose environment this process is."""
    for name in (VARIABLE, "XDG_CONFIG_DIRS", "HOME"):
        monkeypatch.setenv(name, home.environment[name])
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return home


def test_a_config_of_a_single_company_opens_a_session(home: Home) -> None:
    path = home.config()
    loaded = load_config(path)
    for name in ("config", "anything"):
        with pytest.raises(AttributeError):
            setattr(loaded, name, None)
    with loaded.log_on() as session:
        answer = httpx.get(f"{session.base_url}/token/session/%3EwhoAmI", auth=session.auth)
        assert answer.json()["value"]["companyId"] == home.world.company.id
        assert session.auth[1] not in repr(session.token)
    assert not home.sandbox.open_sessions


def test_the_placeholder_is_replaced_by_the_number_given(home: Home) -> None:
    world = home.world
    path = home.config(key=world.office)
    with load_config(path).log_on(org_number=f"NO {world.client.organization_number} MVA") as session:
        assert session.username == str(world.client.id)
        answer = httpx.get(f"{session.base_url}/token/session/%3EwhoAmI", auth=session.auth)
        assert answer.json()["value"]["companyId"] == world.client.id
    assert not home.sandbox.open_sessions


@every_row(
    ("setup", "number", "given", "code"),
    [
        ("single-company", "", "974760673", "TW204"),
        ("bureau-shared", "%ORGNR%", None, "TW203"),
        ("bureau-shared", "%ORGNR%", "974760674", "TW202"),
        ("bureau-shared", "%ORGNR%", "974760673", "TW407"),
        ("bureau-client", "974760673", "971032146", "TW208"),
        ("bureau-client", "974760673", None, "TW407"),
    ],
)
def test_a_config_that_the_key_does_not_reach_is_refused(
    home: Home, setup: str, number: str, given: str | None, code: str
) -> None:
    world = home.world
    key = world.single_company if setup == "single-company" else world.office
    path = home.config(key=key, setup=setup, number=number)
    with pytest.raises(LogOnFailed) as refused, load_config(path).log_on(given):
        pass
    assert refused.value.finding.code.id == code
    assert not home.sandbox.open_sessions


def test_defaults_that_cannot_be_used_are_a_reason_too(home: Home) -> None:
    loaded = load_config(home.config())
    home.site("folder = 3\n")
    with pytest.raises(LogOnFailed, match=r"defaults\.toml") as refused:
        loaded.log_on()
    assert refused.value.finding.code is codes.DEFAULTS_UNUSABLE


def test_a_config_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("schema_version = 2\n")
    with pytest.raises(ConfigError) as refused:
        load_config(path)
    assert "TW108" in str(refused.value)


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


def test_the_session_of_a_single_company(stage: Stage) -> None:
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


async def test_a_session_can_be_opened_while_a_loop_is_running(stage: Stage) -> None:
    def use() -> int:
        return ask_who(session)

    with session_of(stage, stage.sandbox.world.single_company) as session:
        assert await asyncio.to_thread(use) == stage.sandbox.world.company.id
    assert not stage.sandbox.open_sessions


def test_a_key_that_does_not_fit_is_refused(stage: Stage) -> None:
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


def test_a_server_error_is_reported_with_its_code(stage: Stage) -> None:
    stage.sandbox.faults.append(Fault(path="*whoAmI", times=None, status=500))
    with pytest.raises(LogOnFailed) as raised, session_of(stage, stage.sandbox.world.single_company):
        raise AssertionError
    assert raised.value.finding.code is codes.SERVER_TROUBLE
    assert not stage.sandbox.open_sessions


def test_the_session_is_deleted_when_the_program_fails(stage: Stage) -> None:
    with pytest.raises(ZeroDivisionError), session_of(stage, stage.sandbox.world.single_company):
        raise ZeroDivisionError
    assert not stage.sandbox.open_sessions


def test_an_interrupt_ends_the_log_on(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_the_figures_that_are_refused_are_named(stage: Stage) -> None:
    world = stage.sandbox.world
    with session_of(stage, world.without_balances) as session:
        assert session.findings == ()
        assert ask_who(session) == world.company.id
    with session_of(stage, world.without_balances, check_figures=True) as session:
        assert [finding.code for finding in session.findings][:1] == [codes.BALANCES_REFUSED]
    with session_of(stage, world.office_figures, world.client, check_figures=True) as session:
        assert session.findings == ()
    assert not stage.sandbox.open_sessions
