"""Where ``rotate`` keeps the new key: where the old one is, and nowhere else unasked."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_site_stores import site, vault
from tests.support.house import Home
from tests.support.sandbox import DemoKey, Sandbox

__all__ = ["vault"]


class Config:
    """A config that refers to a key in some place."""

    def __init__(self, home: Home, base_url: str, reference: str, key: DemoKey) -> None:
        self.home = home
        self.path = home.folder / "finale" / "kunde.toml"
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(
            f'schema_version = 1\n[tripletex]\nenvironment = "sandbox"\nbase_url = "{base_url}"\n'
            f'[finale]\nsetup = "single-company"\n[credentials]\nemployee_token = {{ {reference} }}\n'
            f"[key]\nid = {key.token_id}\ninstalled = 2026-01-02\n"
        )

    def rotate(self, key: DemoKey, *more: str) -> tuple[int, str, str]:
        words = ("rotate", self.path, "--no-input", "--employee-token-file", "-")
        done = self.home.run(*words, *more, text=key.employee_token)
        return done.returncode, done.stdout, done.stderr

    @property
    def written(self) -> dict[str, Any]:
        return tomllib.loads(self.path.read_text())


def put_key(path: Path, key: DemoKey) -> None:
    path.parent.mkdir(exist_ok=True)
    path.touch(0o600)
    path.write_text(f"{key.employee_token}\n")


def test_a_key_file_next_to_the_config_stays_there_and_relative(
    home: Home, base_url: str, sandbox: Sandbox
) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    site(home, 'store = "keyring"\n')  # what the site says for new keys moves no old one
    config = Config(home, base_url, 'file = "kunde.key"', old)
    put_key(config.path.with_name("kunde.key"), old)
    code, told, said = config.rotate(new, "--format", "json")
    report = json.loads(told)
    assert (code, report["changed"]) == (0, True), said
    assert [(each["path"], each["changed"], each["status"]) for each in report["configs"]] == [
        (str(config.path), True, "valid")
    ]
    assert config.written["credentials"]["employee_token"] == {"file": f"{new.token_id}.key"}
    assert config.written["key"]["previous"] == {"file": "kunde.key"}
    assert config.written["key"]["company_id"] == new.company.id
    assert config.path.with_name("kunde.key").read_text() == f"{old.employee_token}\n"
    assert home.run("validate", config.path).returncode == 0
    assert home.run("rollback", config.path).returncode == 0
    assert config.written["credentials"]["employee_token"] == {"file": "kunde.key"}


@pytest.mark.usefixtures("vault")
def test_a_vault_gets_the_new_key_under_its_own_name(home: Home, base_url: str, sandbox: Sandbox) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    entries = home.folder / "vault"
    (entries / f"tripletex-sandbox-{old.token_id}").write_text(f"{old.employee_token}\n")
    command = ["get", f"tripletex-sandbox-{old.token_id}"]
    client = home.folder / "vault-client"
    config = Config(home, base_url, f"command = {json.dumps([str(client), *command])}", old)
    code, told, said = config.rotate(new)
    assert code == 0, told + said
    entry = f"tripletex-sandbox-{new.token_id}"
    assert config.written["credentials"]["employee_token"]["command"] == [str(client), "get", entry]
    assert (entries / entry).read_text() == f"{new.employee_token}\n"
    assert (entries / f"tripletex-sandbox-{old.token_id}").exists()


def test_a_key_kept_elsewhere_is_not_moved_unasked(home: Home, base_url: str, sandbox: Sandbox) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    key_file = home.folder / "elsewhere" / "key"
    put_key(key_file, old)
    home.variables["MY_KEY"] = old.employee_token
    site(home, 'store = "file"\n')
    for reference in ('env = "MY_KEY"', f'command = ["cat", "{key_file}"]'):
        config = Config(home, base_url, reference, old)
        before = config.path.read_text()
        code, _, said = config.rotate(new)
        assert (code, config.path.read_text()) == (2, before), said
        assert f"tripletex-wizard rotate --in-place {config.path}" in said
        assert "--store" in said
        assert not list((home.folder / ".local").rglob("keys/*/*"))
    code, told, said = config.rotate(new, "--store", "file")
    assert code == 0, told + said


def test_a_dry_run_and_a_refusal_report_what_changed(home: Home, base_url: str, sandbox: Sandbox) -> None:
    old = sandbox.world.single_company
    config = Config(home, base_url, 'file = "kunde.key"', old)
    put_key(config.path.with_name("kunde.key"), old)
    before = config.path.read_text()
    code, told, said = config.rotate(sandbox.world.single_company_second, "--dry-run", "--format", "json")
    assert (code, json.loads(told)["changed"]) == (0, True), said
    assert config.path.read_text() == before
    code, told, _ = config.rotate(sandbox.world.deleted, "--format", "json")
    report = json.loads(told)
    assert (code, report["changed"]) == (1, False)
    assert "TW402" in {each["code"] for each in report["findings"]}
    assert config.path.read_text() == before


def test_finishing_gives_one_json_document(home: Home, base_url: str, sandbox: Sandbox) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    config = Config(home, base_url, 'file = "kunde.key"', old)
    put_key(config.path.with_name("kunde.key"), old)
    assert config.rotate(new)[0] == 0
    alive = home.run("rotate", "--finish", config.path, "--format", "json")
    assert (alive.returncode, json.loads(alive.stdout)["changed"]) == (1, False), alive.stderr
    sandbox.world.delete_key(old)
    for flags, is_left in ((("--dry-run",), True), ((), False)):
        done = home.run("rotate", "--finish", config.path, "--format", "json", *flags)
        assert (done.returncode, json.loads(done.stdout)["changed"]) == (0, True), done.stderr
        assert ("previous" in config.written["key"]) is is_left
    # Somebody has put the file there, and it stays theirs.
    assert config.path.with_name("kunde.key").exists()
    assert "TW336" in done.stderr
