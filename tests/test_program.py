"""A session for programs: it reaches what the config says, and ends with the block."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.sandbox import DemoKey, Sandbox
from wizard import ConfigError, LogOnFailed, load_config


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


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


def test_a_single_company(tmp_path: Path, base_url: str, sandbox: Sandbox) -> None:
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


async def test_it_works_inside_an_event_loop(tmp_path: Path, base_url: str, sandbox: Sandbox) -> None:
    path = config(tmp_path, base_url, sandbox.world.single_company, "single-company")
    with load_config(path).log_on() as session:
        await asyncio.sleep(0)
        assert session.username == "0"
    assert not sandbox.open_sessions


@pytest.mark.parametrize(
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
def test_what_the_key_does_not_reach_is_refused(  # noqa: PLR0917 - a row of the table
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
