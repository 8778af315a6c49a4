"""A second run with the same answers changes nothing, and programs are told so."""

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support.house import Home
from tests.support.sandbox import DemoKey, Sandbox

LAST_YEAR = "2025-11-22"


class Operator:
    """Somebody who runs the same command again."""

    def __init__(self, home: Home, base_url: str) -> None:
        self.home = home
        self.base_url = base_url

    def set_up(self, target: str, key: DemoKey, *more: str) -> subprocess.CompletedProcess[str]:
        words = ("setup", target, "--no-input", "--environment", "sandbox", "--base-url", self.base_url)
        return self.home.run(
            *words, "--store", "file", "--employee-token-file", "-", *more, text=key.employee_token
        )

    def report(self, target: str, key: DemoKey, *more: str) -> tuple[int, dict[str, Any]]:
        done = self.set_up(target, key, "--format", "json", *more)
        report: dict[str, Any] = json.loads(done.stdout) if done.stdout else {}
        return done.returncode, report

    def settle(self, name: str) -> Path:
        """Make a config look as if it had been written a year ago."""
        path = self.home.folder / name
        written = tomllib.loads(path.read_text())["key"]["installed"]
        path.write_text(path.read_text().replace(str(written), f"{LAST_YEAR}  # by hand"))
        return path


@pytest.fixture
def operator(home: Home, base_url: str) -> Operator:
    return Operator(home, base_url)


def state_of(path: Path) -> tuple[bytes, int]:
    return path.read_bytes(), path.stat().st_mtime_ns


def test_the_same_answers_change_nothing(operator: Operator, sandbox: Sandbox) -> None:
    key = sandbox.world.single_company
    single = ("--setup", "single-company")
    code, report = operator.report("kunde.toml", key, *single)
    assert (code, report["changed"], report["configs"][0]["status"]) == (0, True, "valid"), report
    config = operator.settle("kunde.toml")
    before = state_of(config)

    for more in ((), ("--overwrite",), ("--overwrite", "--dry-run"), ("--overwrite", "--offline")):
        code, report = operator.report("kunde.toml", key, *single, *more)
        assert (code, report["changed"]) == (0, False), (more, report)
        assert [each["changed"] for each in report["configs"]] == [False]
    told = operator.set_up("kunde.toml", key, *single, "--overwrite")
    assert (told.returncode, "Unchanged: kunde.toml" in told.stderr) == (0, True), told.stderr
    assert "TW708" not in told.stderr
    assert state_of(config) == before
    assert not list(config.parent.glob("*.bak-*"))
    assert str(tomllib.loads(config.read_text())["key"]["installed"]) == LAST_YEAR


def test_another_key_or_answer_needs_overwrite(operator: Operator, sandbox: Sandbox) -> None:
    key, other = sandbox.world.single_company, sandbox.world.single_company_second
    single = ("--setup", "single-company")
    assert operator.report("kunde.toml", key, *single)[0] == 0
    config = operator.settle("kunde.toml")
    before = state_of(config)
    assert operator.report("kunde.toml", other, *single) == (2, {})
    assert operator.report("kunde.toml", key, *single, "--application", "Other") == (2, {})
    code, report = operator.report("kunde.toml", other, *single, "--overwrite", "--dry-run")
    assert (code, report["changed"]) == (0, True)
    assert state_of(config) == before
    code, report = operator.report("kunde.toml", other, *single, "--overwrite")
    assert (code, report["changed"]) == (0, True)
    noted = tomllib.loads(config.read_text())["key"]
    assert (noted["id"], str(noted["installed"]) != LAST_YEAR) == (other.token_id, True)


def test_a_client_can_be_added_to_a_folder_of_clients(operator: Operator, sandbox: Sandbox) -> None:
    known = (client.organization_number for client in sandbox.world.clients)
    numbers = list(dict.fromkeys(number.replace(" ", "") for number in known if number))[:3]
    clients = operator.home.folder / "clients.txt"
    words = ("--setup", "bureau-client", "--org-numbers-file", "clients.txt")
    clients.write_text("\n".join(numbers[:2]))
    code, report = operator.report("clients", sandbox.world.office, *words)
    assert (code in {0, 1}, report["changed"], len(report["configs"])) == (True, True, 2), report
    first = operator.settle(f"clients/{numbers[0]}.toml")
    before = state_of(first)

    clients.write_text("\n".join(numbers))
    code, report = operator.report("clients", sandbox.world.office, *words)
    changed = {Path(each["path"]).stem: each["changed"] for each in report["configs"]}
    assert changed == {numbers[0]: False, numbers[1]: False, numbers[2]: True}, report
    assert state_of(first) == before

    third = operator.home.folder / "clients" / f"{numbers[2]}.toml"
    third.write_text(third.read_text().replace('"VismaFinale"', '"Another"'))
    refused = operator.set_up("clients", sandbox.world.office, *words)
    assert (refused.returncode, f"{numbers[2]}.toml" in refused.stderr) == (1, True), refused.stderr
    assert f"{numbers[0]}.toml" not in refused.stderr


def test_a_refused_key_gives_one_json_document(operator: Operator, sandbox: Sandbox) -> None:
    code, report = operator.report("kunde.toml", sandbox.world.deleted, "--setup", "single-company")
    (config,) = report["configs"]
    assert (code, report["changed"], config["status"]) == (1, False, "invalid")
    assert [each["code"] for each in config["findings"]] == ["TW402"]
    assert operator.home.run("setup", "--format", "json").returncode == 2
