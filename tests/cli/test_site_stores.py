"""Keys where a site keeps them: its folder, its vault, its account."""

import os
import shlex
import tomllib
from pathlib import Path

import pytest

from tests.secrets.test_commands import VAULT
from tests.support.house import Home
from tests.support.sandbox import DemoKey, Sandbox


@pytest.fixture
def vault(home: Home) -> Path:
    """A vault whose two commands the site's defaults name; what it holds is in this folder."""
    folder = home.folder / "vault"
    folder.mkdir()
    client = home.folder / "vault-client"
    client.write_text(VAULT)
    client.chmod(0o755)
    home.variables["VAULT"] = str(folder)
    site(
        home,
        f'store_command = ["{client}", "put", "tripletex-{{entry}}"]\n'
        f'read_command = ["{client}", "get", "tripletex-{{entry}}"]\n',
    )
    return folder


def site(home: Home, settings: str) -> None:
    path = home.folder / "etc" / "tripletex-wizard" / "defaults.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(settings)


def set_up(home: Home, base_url: str, key: DemoKey, *more: str) -> tuple[int, str]:
    done = home.run(
        *shlex.split("setup finale.toml --no-input --environment sandbox --setup single-company"),
        *("--base-url", base_url, "--employee-token-file", "-", *more),
        text=key.employee_token,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_vault_gets_the_key_and_the_config_refers_to_it(
    home: Home, base_url: str, sandbox: Sandbox, vault: Path
) -> None:
    key = sandbox.world.single_company
    code, told = set_up(home, base_url, key)
    assert code == 0, told
    entry = f"tripletex-sandbox-{key.token_id}"
    assert (vault / entry).read_text() == f"{key.employee_token}\n"
    config = tomllib.loads((home.folder / "finale.toml").read_text())
    assert config["credentials"]["employee_token"]["command"][1:] == ["get", entry]
    assert home.run("validate", "finale.toml").returncode == 0
    assert not list((home.folder / ".local").rglob("keys/**/*"))


def test_a_vault_that_refuses_loses_nothing(home: Home, base_url: str, sandbox: Sandbox, vault: Path) -> None:
    (vault / "broken").touch()
    code, told = set_up(home, base_url, sandbox.world.single_company, "-v")
    assert code == 4, told
    assert "vault-client: permission denied" in told
    assert sandbox.world.single_company.employee_token not in told
    assert not (home.folder / "finale.toml").exists()


def test_one_of_two_commands_is_not_a_store(home: Home, base_url: str, sandbox: Sandbox) -> None:
    for settings, problem in (
        ('store_command = ["pass", "insert", "{entry}"]\n', "go together"),
        ('store = "command"\n', "name “store_command” and “read_command”"),
        ('store_command = ["put", "x"]\nread_command = ["get", "{entry}"]\n', "{entry}"),
        ('key_folder = "keys"\n', "whole path"),
    ):
        site(home, settings)
        code, told = set_up(home, base_url, sandbox.world.single_company)
        assert code in {2, 4}, told
        assert problem in told


def test_the_site_says_which_folder_holds_the_key_files(home: Home, base_url: str, sandbox: Sandbox) -> None:
    folder = home.folder / "srv" / "keys"
    site(home, f'store = "file"\nkey_folder = "{folder}"\n')
    key = sandbox.world.single_company
    code, told = set_up(home, base_url, key)
    assert code == 0, told
    assert (folder / "sandbox" / str(key.token_id)).read_text() == f"{key.employee_token}\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act in another user's folder")
def test_root_leaves_no_key_that_the_owner_of_the_folder_cannot_read(
    home: Home, base_url: str, sandbox: Sandbox
) -> None:
    folder = home.folder / "keys"
    folder.mkdir(mode=0o700)
    os.chown(folder, 1, 1)
    site(home, f'store = "file"\nkey_folder = "{folder}"\n')
    code, told = set_up(home, base_url, sandbox.world.single_company)
    assert code in {2, 4}, told
    assert "sudo -u daemon" in told
    assert not list(folder.iterdir())
