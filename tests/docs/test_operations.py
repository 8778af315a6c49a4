"""What the pages and examples for operators say works as they say it."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.sandbox import DemoKey, Sandbox

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "operations.md").read_text()
UNITS = DOCS / "examples" / "systemd"
COMMAND = "/usr/bin/tripletex-wizard"
INSTALLED = Path(sysconfig.get_path("scripts")) / "tripletex-wizard"


def blocks(language: str, page: str = PAGE) -> list[str]:
    """Return the examples in a language."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", page, flags=re.MULTILINE | re.DOTALL)


def settings(path: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", path.read_text(), flags=re.MULTILINE)


@dataclass
class Machine:
    """A machine on which an administrator has followed the page."""

    folder: Path
    sandbox: Sandbox

    @property
    def configs(self) -> Path:
        return self.folder / "finale"

    def here(self, line: str) -> str:
        """Put this machine's places into a line of the page."""
        assert COMMAND in line
        assert "/etc/finale" in line
        return line.replace(COMMAND, str(INSTALLED)).replace("/etc/finale", str(self.configs))

    def poor(self, **more: str) -> dict[str, str]:
        """Return what cron and systemd leave of an environment; no site's defaults get in."""
        kept = {"HOME": str(self.folder), "XDG_CONFIG_DIRS": str(self.folder)}
        measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
        return {**kept, **measured, "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "finale", **more}

    def run(self, words: list[str], **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            env=self.poor(**more),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def serve(self, unit: str, key: DemoKey) -> subprocess.CompletedProcess[str]:
        """Run what a unit starts, with the keys as its credentials."""
        folder = lay_out(self.folder / "credentials", self.sandbox, key)
        *_, line = settings(UNITS / unit, "ExecStart")
        return self.run(shlex.split(self.here(line)), CREDENTIALS_DIRECTORY=str(folder))


@pytest.fixture
def machine(tmp_path: Path, sandbox: Sandbox, base_url: str) -> Machine:
    found = Machine(tmp_path, sandbox)
    found.configs.mkdir()
    credentials = next(block for block in blocks("toml") if "[credentials]" in block)
    (found.configs / "kunde.toml").write_text(
        f'schema_version = 1\n[tripletex]\nenvironment = "sandbox"\nbase_url = "{base_url}"\n'
        f'[finale]\nsetup = "single-company"\n{credentials}'
    )
    return found


def lay_out(folder: Path, sandbox: Sandbox, key: DemoKey) -> Path:
    """Give the keys to a service as systemd does: in a folder that only the service can read."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, token in (
        ("tripletex.key", key.employee_token),
        ("consumer.token", sandbox.world.consumer_token),
    ):
        (folder / name).touch(0o600)
        (folder / name).write_text(token)
    return folder


def test_the_service_checks_the_keys_in_its_credentials(machine: Machine) -> None:
    drop_in = next(block for block in blocks("ini") if "LoadCredentialEncrypted" in block)
    named = {value for value, _ in re.findall(r"^LoadCredentialEncrypted=(.*?):(.*)$", drop_in, re.MULTILINE)}
    assert named == {"tripletex.key", "consumer.token"}
    good = machine.serve("tripletex-wizard-validate.service", machine.sandbox.world.single_company)
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    assert not machine.sandbox.open_sessions
    bad = machine.serve("tripletex-wizard-validate.service", machine.sandbox.world.deleted)
    assert bad.returncode == 1
    assert "kunde.toml" in bad.stdout
    assert "TW402" in bad.stdout


def test_the_service_fails_for_local_reasons_and_not_because_tripletex_is_away(
    machine: Machine,
) -> None:
    config = machine.configs / "kunde.toml"
    service = "tripletex-wizard-validate.service"
    config.write_text(re.sub(r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:9", config.read_text()))
    away = machine.serve(service, machine.sandbox.world.single_company)
    assert [str(away.returncode)] == settings(UNITS / service, "SuccessExitStatus")
    config.write_text(
        re.sub(r"consumer_token = .*", 'consumer_token = { env = "NOT_SET" }', config.read_text())
    )
    here = machine.serve(service, machine.sandbox.world.single_company)
    assert here.returncode == 4


def test_the_metrics_are_renamed_into_place_and_survive_a_failure(machine: Machine, tmp_path: Path) -> None:
    (folder,) = settings(UNITS / "metrics.conf", "ReadWritePaths")
    *_, line = settings(UNITS / "metrics.conf", "ExecStart")
    words = shlex.split(machine.here(line).replace(folder, str(tmp_path)))
    key_folder = lay_out(tmp_path / "credentials", machine.sandbox, machine.sandbox.world.single_company)
    done = machine.run(words, CREDENTIALS_DIRECTORY=str(key_folder))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    metrics = (tmp_path / "tripletex.prom").read_text()
    assert 'status="valid"} 1' in metrics
    shutil.rmtree(machine.configs)
    assert machine.run(words).returncode == 2
    assert (tmp_path / "tripletex.prom").read_text() == metrics


def test_the_alerts_are_about_metrics_that_exist(machine: Machine) -> None:
    rules = (DOCS / "examples" / "prometheus" / "rules.yml").read_text()
    config = machine.configs / "kunde.toml"
    config.write_text(f"{config.read_text()}[key]\nid = 84201\ninstalled = 2026-01-02\n")
    told = machine.run([str(INSTALLED), "validate", "--format", "prometheus", str(config)]).stdout
    named = set(re.findall(r"tripletex_wizard_\w+", rules))
    assert named
    assert named <= set(re.findall(r"^# TYPE (\w+)", told, re.MULTILINE))
    assert set(re.findall(r'status="(\w+)"', rules)) <= {"valid", "invalid", "unknown"}


def test_the_cron_line_runs_in_the_environment_of_cron(machine: Machine) -> None:
    (table,) = blocks("cron")
    (line,) = [line for line in table.splitlines() if line[:1].isdigit()]
    *moment, user, command = line.split(maxsplit=6)
    assert moment == ["15", "5", "*", "*", "*"]
    assert user == "tripletex-wizard"
    assert "%" not in command  # a line break to cron
    config = machine.configs / "kunde.toml"
    config.write_text(config.read_text().replace("${CREDENTIALS_DIRECTORY}", "keys"))
    lay_out(machine.configs / "keys", machine.sandbox, machine.sandbox.world.single_company)
    words = ["/bin/sh", "-c", machine.here(command)]
    silent = machine.run(words)
    assert (silent.returncode, silent.stdout + silent.stderr) == (0, "")
    (machine.configs / "keys" / "tripletex.key").unlink()
    mailed = machine.run(words)
    assert mailed.returncode == 1
    assert "TW3" in mailed.stdout


def test_the_nagios_plugin_maps_every_exit_code(tmp_path: Path) -> None:
    (script,) = [block for block in blocks("sh", (DOCS / "usage.md").read_text()) if "nagios" in block]
    program = tmp_path / "tripletex-wizard"
    for code, wanted in ((0, 0), (1, 2), (2, 3), (3, 1), (4, 2), (70, 3)):
        program.write_text(f"#!/bin/sh\nexit {code}\n")
        program.chmod(0o755)
        done = subprocess.run(["sh", "-c", script], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=False)
        assert done.returncode == wanted, code


def test_the_defaults_and_vaults_on_the_pages_are_valid(machine: Machine, tmp_path: Path) -> None:
    pages = "".join(path.read_text() for path in (DOCS / "operations.md", DOCS / "config.md"))
    written = [block for block in blocks("toml", pages) if "_command" in block or "key_folder" in block]
    written.append((DOCS / "examples" / "defaults.toml").read_text())
    assert len(written) >= 5
    path = tmp_path / "tripletex-wizard" / "defaults.toml"
    path.parent.mkdir()
    for text in written:
        path.write_text(text)
        done = machine.run(
            [str(INSTALLED), "doctor", str(machine.configs / "kunde.toml"), "--format", "json"]
        )
        (defaults,) = [part for part in json.loads(done.stdout)["parts"] if part["part"] == "defaults"]
        assert (defaults["status"], len(defaults["facts"]["files"])) == ("valid", 1), text


@pytest.mark.system
def test_the_systemd_units_are_valid(tmp_path: Path, system_program: Callable[[str], str]) -> None:
    analyze = system_program("systemd-analyze")

    def verify(change: Callable[[str], str]) -> subprocess.CompletedProcess[str]:
        paths = []
        for path in (*UNITS.glob("*.service"), *UNITS.glob("*.timer")):
            paths.append(tmp_path / path.name)
            paths[-1].write_text(change(path.read_text().replace(COMMAND, str(INSTALLED))))
        return subprocess.run(
            [analyze, "verify", "--man=no", *map(str, paths)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    good = verify(lambda text: text)
    assert (good.returncode, good.stderr) == (0, "")
    assert verify(lambda text: text.replace("ProtectSystem", "ProtectSystems")).stderr
    assert verify(lambda text: text.replace("OnCalendar=", "OnCalendar=at ")).returncode != 0
