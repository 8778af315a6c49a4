"""Sessions for programs: what they reach, and that they end with the block."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import httpx
import pytest

from tests.support.rows import every_row
from tests.support.sandbox import Company, DemoKey, Fault, Sandbox
from tests.support.stage import Stage
from wizard import ConfigError, LogOnFailed, load_config
from wizard.domain.key import Secret
from wizard.findings import codes
from wizard.program import ProgramSession


@pytest.fixture
def base_url(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    monkeypatch.setenv("TRIPLETEX_CONSUMER_TOKEN", sandbox.world.consumer_token)
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with sandbox.serve() as url:
        yield url


def config(folder: Path, base_url: str, key: DemoKey, setup: str, number: str = "") -> Path:
    (folder / "a.key").write_text(key.employee_token)
    (folder / "a.key").chmod(0o600)
    path = folder / "a.toml"
    path.write_text(
        f'schema_version = 1\ntripletex = {{ environment = "sandbox", base_url = "{base_url}" }}\n'
        f'finale = {{ setup = "{setup}", org_number = "{number}" }}\n'
        'credentials = { employee_token = { file = "a.key" } }\n'
    )
    return path


def test_a_config_of_a_single_company_opens_a_session(
    tmp_path: Path, base_url: str, sandbox: Sandbox
) -> None:
    path = config(tmp_path, base_url, sandbox.world.single_company, "single-company")
    with load_config(path).log_on() as session:
        answer = httpx.get(f"{session.base_url}/token/session/%3EwhoAmI", auth=session.auth)
        assert answer.json()["value"]["companyId"] == sandbox.world.company.id
        assert session.auth[1] not in repr(session.token)
    assert not sandbox.open_sessions


def test_the_placeholder_is_replaced_by_the_number_given(
    tmp_path: Path, base_url: str, sandbox: Sandbox
) -> None:
    world = sandbox.world
    path = config(tmp_path, base_url, world.office, "bureau-shared", "%ORGNR%")
    with load_config(path).log_on(org_number=f"NO {world.client.organization_number} MVA") as session:
        assert session.username == str(world.client.id)
        answer = httpx.get(f"{session.base_url}/token/session/%3EwhoAmI", auth=session.auth)
        assert answer.json()["value"]["companyId"] == world.client.id
    assert not sandbox.open_sessions


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
def test_a_config_that_the_key_does_not_reach_is_refused(  # noqa: PLR0917 - a row of the table
    tmp_path: Path, base_url: str, sandbox: Sandbox, setup: str, number: str, given: str | None, code: str
) -> None:
    world = sandbox.world
    key = world.single_company if setup == "single-company" else world.office
    path = config(tmp_path, base_url, key, setup, number)
    with pytest.raises(LogOnFailed) as refused, load_config(path).log_on(given):
        pass
    assert refused.value.finding.code.id == code
    assert not sandbox.open_sessions


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
