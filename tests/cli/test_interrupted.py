"""A key that is being written when the run is interrupted: finished or undone, and nothing stays behind.

The disk is slow: strace delays every fsync, and the signal comes while the key's file waits for one.
"""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_key_safety import set_up
from tests.support.house import WIZARD, Home
from tests.support.sandbox import Sandbox
from wizard.domain.signals import PATIENCE

pytestmark = pytest.mark.system
SLOW = 0.6
"""Seconds that every fsync takes."""


class Interrupted:
    """A set-up on a slow disk, which gets a signal while it writes the key."""

    def __init__(
        self,
        home: Home,
        base_url: str,
        strace: str,
        key: str,
        number: signal.Signals,
        *,
        words: tuple[str, ...] | None = None,
        slow: float = SLOW,
    ) -> None:
        self.keys = home.folder / ".local/share/tripletex-wizard/keys"
        delay = f"inject=fsync:delay_enter={int(slow * 1e6)}"
        traced = [strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", delay]
        process = subprocess.Popen(
            [*traced, *WIZARD, *(words or set_up("a.toml", base_url))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=home.undisturbed,
            cwd=home.folder,
            text=True,
        )
        assert process.stdin
        process.stdin.write(key)
        process.stdin.close()
        process.stdin = None
        until = time.monotonic() + 30
        while not any(self.keys.rglob(".84201.*.tmp")):  # not the dummy of the probe
            assert time.monotonic() < until, "no key was written"
            time.sleep(0.02)
        # What the signal is for is the only child of the tracer.
        (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        subprocess.run(["kill", f"-{number.value}", child], check=True)
        _, self.said = process.communicate(timeout=60)

    @property
    def files(self) -> list[Path]:
        return [path for path in self.keys.rglob("*") if path.is_file()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_write_is_finished_or_undone(
    home: Home, sandbox: Sandbox, base_url: str, system_program: Callable[[str], str], number: signal.Signals
) -> None:
    key = sandbox.world.single_company
    run = Interrupted(home, base_url, system_program("strace"), key.employee_token, number)
    assert [path.name for path in run.files] == [str(key.token_id)]
    assert run.files[0].read_text().strip() == key.employee_token
    assert "TW708" in run.said, "the key that stays is named"
    assert not (home.folder / "a.toml").exists()


def test_the_next_run_removes_and_reports_what_a_killed_one_left(
    home: Home, sandbox: Sandbox, base_url: str, system_program: Callable[[str], str]
) -> None:
    key = sandbox.world.single_company
    run = Interrupted(home, base_url, system_program("strace"), key.employee_token, signal.SIGKILL)
    (left,) = run.files
    assert left.name.endswith(".tmp")
    done = home.run(*set_up("a.toml", base_url), text=key.employee_token)
    assert done.returncode == 0, done.stderr
    assert "TW607" in done.stderr
    assert left.name in done.stderr
    assert [path.name for path in run.files] == [str(key.token_id)]


def test_an_interrupted_dialogue_finishes_the_write_first(
    home: Home, sandbox: Sandbox, base_url: str, system_program: Callable[[str], str]
) -> None:
    """It ends after a second, whatever it waits for, but not in the middle of a key."""
    key = sandbox.world.single_company.employee_token
    by_hand = ("setup", "a.toml", "--plain", *set_up("", base_url)[3:9], "--setup", "single-company")
    strace = system_program("strace")
    run = Interrupted(
        home, base_url, strace, f"\n\n\n{key}\n", signal.SIGTERM, words=by_hand, slow=SLOW + PATIENCE
    )
    assert [path.read_text().strip() for path in run.files] == [key]
    assert not list(run.keys.rglob(".*"))
