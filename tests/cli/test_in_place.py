"""``rotate --in-place``: the key was replaced where its reference leads."""

import json
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.house import Home
from tests.support.sandbox import DemoKey, Sandbox
from wizard.walk.journal import remembered_configs

DATE = "2026-01-02"


class Place:
    """A config whose key is in a file of the operator's own, where it can be replaced."""

    def __init__(
        self, home: Home, base_url: str, key: DemoKey, *, name: str = "kunde", company: int = 0
    ) -> None:
        self._home = home
        self.key_file = home.folder / "etc-finale" / f"{name}.key"
        self.config = self.key_file.with_suffix(".toml")
        self.config.parent.mkdir(exist_ok=True)
        self.replace(key)
        noted = f"company_id = {company}  # noted\n" if company else ""
        self.config.write_text(
            f'schema_version = 1\n[tripletex]\nenvironment = "sandbox"\nbase_url = "{base_url}"\n'
            f'[finale]\nsetup = "single-company"\n[credentials]\n'
            f'employee_token = {{ file = "{name}.key" }}  # in the vault\n'
            f"[key]\nid = {key.token_id}\ninstalled = {DATE}\n{noted}"
        )

    def replace(self, key: DemoKey) -> None:
        self.key_file.touch(0o600)
        self.key_file.write_text(f"{key.employee_token}\n")

    @property
    def noted(self) -> dict[str, Any]:
        table: dict[str, Any] = tomllib.loads(self.config.read_text())["key"]
        return table

    def record(self, *more: str) -> subprocess.CompletedProcess[str]:
        return self._home.run("rotate", "--in-place", self.config, *more)


@pytest.fixture
def place(home: Home, base_url: str, sandbox: Sandbox) -> Place:
    key = sandbox.world.single_company
    return Place(home, base_url, key, company=key.company.id)


def test_a_replaced_key_is_proven_and_recorded_once(home: Home, place: Place, sandbox: Sandbox) -> None:
    second = sandbox.world.single_company_second
    place.replace(second)
    before = place.config.read_text()
    noticed = home.run("validate", "--quiet", place.config)
    assert (noticed.returncode, "TW218" in noticed.stdout) == (0, True), noticed.stdout
    assert f"tripletex-wizard rotate --in-place {place.config}" in noticed.stdout
    tried = place.record("--dry-run")
    assert f"+id = {second.token_id}" in tried.stdout
    assert place.config.read_text() == before

    done = place.record("--format", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["changed"]) == (0, True), done.stderr
    assert [(each["changed"], each["status"]) for each in report["configs"]] == [(True, "valid")]
    today = datetime.now(UTC).astimezone().date()
    assert (place.noted["id"], place.noted["installed"]) == (second.token_id, today)
    assert "# in the vault" in place.config.read_text()
    assert "# noted" in place.config.read_text()

    after = place.config.read_bytes(), place.config.stat().st_mtime_ns
    again = place.record()
    assert (again.returncode, again.stdout.split()[:2]) == (0, ["OK", "unchanged"])
    assert (place.config.read_bytes(), place.config.stat().st_mtime_ns) == after
    assert home.run("validate", "--quiet", place.config).stdout == ""
    back = home.run("rollback", place.config)
    assert (back.returncode, "replaced in place" in " ".join(back.stdout.split())) == (1, True), back.stdout
    assert not sandbox.open_sessions


def test_the_date_of_an_unchanged_key_is_kept(home: Home, base_url: str, sandbox: Sandbox) -> None:
    place = Place(home, base_url, sandbox.world.single_company)
    assert place.record().returncode == 0
    assert str(place.noted["installed"]) == DATE
    assert place.noted["company_id"] == sandbox.world.single_company.company.id
    (remembered,) = remembered_configs(home.folder / ".local/state/tripletex-wizard")
    assert (remembered.path, remembered.said) == (str(place.config), "valid")


def test_a_key_of_another_company_or_a_dead_one_is_not_recorded(place: Place, sandbox: Sandbox) -> None:
    other = sandbox.world.add_key("Finale", sandbox.world.add_company("Noen andre AS"))
    before = place.config.read_text()
    for key, code in ((other, "TW408"), (sandbox.world.deleted, "TW402")):
        place.replace(key)
        done = place.record()
        assert (done.returncode, code in done.stdout) == (1, True), done.stdout
        assert place.config.read_text() == before


def test_a_key_is_recorded_with_a_warning_if_no_company_is_noted(
    home: Home, base_url: str, sandbox: Sandbox
) -> None:
    place = Place(home, base_url, sandbox.world.single_company)
    place.replace(sandbox.world.single_company_second)
    done = place.record()
    assert (done.returncode, "TW704" in done.stdout) == (0, True), done.stdout
    assert place.noted["id"] == sandbox.world.single_company_second.token_id


def test_a_key_that_cannot_be_tested_is_not_recorded(home: Home, place: Place, sandbox: Sandbox) -> None:
    place.replace(sandbox.world.single_company_second)
    before = place.config.read_text()
    home.variables.clear()
    done = place.record()
    assert (done.returncode, place.config.read_text()) == (3, before), done.stdout


def test_a_folder_is_recorded_with_one_log_on_for_each_key(
    home: Home, base_url: str, sandbox: Sandbox
) -> None:
    places = []
    for number in range(3):
        company = sandbox.world.add_company(f"Bedrift {number} AS")
        keys = [sandbox.world.add_key("Finale", company) for _ in range(2)]
        places.append(Place(home, base_url, keys[0], name=f"k{number}", company=company.id))
        places[-1].replace(keys[1])
    done = home.run("rotate", "--in-place", "--all", places[0].config.parent, "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [each["changed"] for each in json.loads(done.stdout)["configs"]] == [True] * 3


def test_the_hook_runs_after_a_key_is_recorded(home: Home, place: Place, sandbox: Sandbox) -> None:
    defaults = home.folder / "etc" / "tripletex-wizard" / "defaults.toml"
    defaults.parent.mkdir(parents=True)
    defaults.write_text('hook = ["sh", "-c", "echo $1 > told", "sh"]\n')
    assert place.record().returncode == 0
    assert not (home.folder / "told").exists()
    place.replace(sandbox.world.single_company_second)
    assert place.record().returncode == 0
    assert Path((home.folder / "told").read_text().strip()) == place.config


def test_flags_that_give_or_move_a_key_are_refused_with_in_place(place: Place) -> None:
    for flags in (("--finish",), ("--store", "file"), ("--employee-token-file", "-")):
        assert place.record(*flags).returncode == 2, flags
