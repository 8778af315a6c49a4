"""What the page for operators tells them to put into cron and systemd does what it says there."""

import os
import re
import shlex
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.sandbox import DemoKey, Sandbox

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
COMMAND = "/usr/local/bin/tripletex-wizard"
INSTALLED = Path(sysconfig.get_path("scripts")) / "tripletex-wizard"


def blocks(language: str) -> list[str]:
    """Return the examples in a language, without the line that names their file."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


def unit(kind: str) -> str:
    """Return the systemd unit of that kind."""
    (text,) = [
        block
        for block in blocks("ini")
        if block.startswith("# /etc/systemd/system/") and f".{kind}\n" in block
    ]
    return text


def settings(text: str, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", text, flags=re.MULTILINE)


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


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def base_url(sandbox: Sandbox) -> Iterator[str]:
    with sandbox.serve() as url:
        yield url


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
    """Give the keys to a service as systemd does: in a folder of its own, readable by it alone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, token in (
        ("tripletex.key", key.employee_token),
        ("consumer.token", sandbox.world.consumer_token),
    ):
        (folder / name).touch(0o600)
        (folder / name).write_text(token)
    return folder


def test_the_service_proves_what_lies_in_its_credentials(machine: Machine, tmp_path: Path) -> None:
    service = unit("service")
    (line,) = settings(service, "ExecStart")
    names = {value.partition(":")[0] for value in settings(service, "LoadCredentialEncrypted")}
    assert names == {"tripletex.key", "consumer.token"}

    def run(key: DemoKey) -> subprocess.CompletedProcess[str]:
        folder = lay_out(tmp_path / "credentials", machine.sandbox, key)
        return subprocess.run(
            shlex.split(machine.here(line)),
            env=machine.poor(CREDENTIALS_DIRECTORY=str(folder)),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    good = run(machine.sandbox.world.single_company)
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    assert not machine.sandbox.open_sessions
    bad = run(machine.sandbox.world.deleted)
    assert bad.returncode == 1
    assert "kunde.toml" in bad.stdout
    assert "TW4" in bad.stdout


def test_the_service_does_not_fail_because_tripletex_is_away(machine: Machine, tmp_path: Path) -> None:
    config = machine.configs / "kunde.toml"
    config.write_text(re.sub(r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:9", config.read_text()))
    folder = lay_out(tmp_path / "credentials", machine.sandbox, machine.sandbox.world.single_company)
    (line,) = settings(unit("service"), "ExecStart")
    away = subprocess.run(
        shlex.split(machine.here(line)),
        env=machine.poor(CREDENTIALS_DIRECTORY=str(folder)),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert [str(away.returncode)] == settings(unit("service"), "SuccessExitStatus")


def test_the_line_for_cron_runs_below_its_shell_in_its_environment(machine: Machine) -> None:
    (table,) = blocks("cron")
    (line,) = [line for line in table.splitlines() if line[:1].isdigit()]
    *moment, user, command = line.split(maxsplit=6)
    assert moment == ["15", "5", "*", "*", "*"]
    assert user == "finale"
    assert "%" not in command  # a line break to cron
    config = machine.configs / "kunde.toml"
    config.write_text(config.read_text().replace("${CREDENTIALS_DIRECTORY}", "keys"))
    lay_out(machine.configs / "keys", machine.sandbox, machine.sandbox.world.single_company)

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-c", machine.here(command)],
            env=machine.poor(),
            cwd=machine.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    silent = run()
    assert (silent.returncode, silent.stdout + silent.stderr) == (0, "")
    (machine.configs / "keys" / "tripletex.key").unlink()
    mailed = run()
    assert mailed.returncode == 1
    assert "TW3" in mailed.stdout


@pytest.mark.system
def test_systemd_understands_the_units(tmp_path: Path, system_program: Callable[[str], str]) -> None:
    analyze = system_program("systemd-analyze")

    def verify(change: Callable[[str], str]) -> subprocess.CompletedProcess[str]:
        paths = []
        for kind in ("service", "timer"):
            name = re.match(r"# \S*/(\S+)", unit(kind))
            assert name
            paths.append(tmp_path / name[1])
            paths[-1].write_text(change(unit(kind).replace(COMMAND, str(INSTALLED))))
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
