"""What other users of the machine can see while a key is at work: arguments, environments, memory."""

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.leaks.conftest import Serve
from tests.support.canary import leaks
from tests.support.guard import Seen, family, see
from tests.support.house import COMPANY_KEY, CONSUMER, House
from tests.support.sandbox import Fault

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

STDIN = ("--employee-token-file", "-")


def watched(stage: House, hang: Fault, *words: str, text: str = "") -> list[Seen]:
    """Look at the program while it waits for an answer, and let it go on."""
    with stage.running(*words, text=text) as process:
        stage.await_hit(hang)
        seen = list(family(process.pid))
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    stage.assert_untold(out, err, kept=(COMPANY_KEY,) if text else ())
    return seen


@pytest.fixture
def pause() -> Fault:
    """Return a fault that leaves the time to look around."""
    return Fault(path="*whoAmI", trouble="slow", delay=1.5)


def test_a_key_is_neither_an_argument_nor_in_the_environment(serve: Serve, pause: Fault) -> None:
    stage = serve(faults=[pause])
    (seen,) = watched(stage, pause, *stage.setup(*STDIN), text=COMPANY_KEY.token)
    assert b"--no-input" in seen.command
    assert stage.saw(COMPANY_KEY)
    assert not leaks(seen.command, stage.canaries)
    assert seen.core_limits == ["0", "0"]
    if seen.environ is not None:
        assert b"HOME=" in seen.environ
        assert not leaks(seen.environ, stage.canaries)


def test_a_command_that_fetches_a_key_gets_no_other_token(stage: House) -> None:
    """It leaves behind what it could see of itself and of the program that started it."""
    stage.given("vault", COMPANY_KEY.token)
    script = stage.folder / "fetch"
    script.write_text(
        textwrap.dedent(f"""\
            #!/bin/sh
            tr '\\0' '\\n' < /proc/$$/cmdline > seen.arguments
            env > seen.environment
            tr '\\0' '\\n' < /proc/$PPID/cmdline > seen.parent
            ls -l /proc/$$/fd > seen.descriptors
            cat {stage.folder}/vault
            """)
    )
    script.chmod(0o700)
    stage.home.variables |= {
        "TRIPLETEX_CONSUMER_TOKEN": CONSUMER.token,
        "SOME_OTHER_KEY": COMPANY_KEY.token,
        "VAULT_ADDR": "https://vault.invalid",
    }
    config = stage.write_config(f'{{ command = ["{script}"] }}')
    config.chmod(0o600)
    run = stage.run("validate", config)
    assert run.returncode == 0, run.stdout + run.stderr
    assert stage.saw(COMPANY_KEY)
    assert stage.saw(CONSUMER)
    assert "VAULT_ADDR" in (stage.folder / "seen.environment").read_text()
    assert "consumer.token" not in (stage.folder / "seen.descriptors").read_text()
    assert "validate" in (stage.folder / "seen.parent").read_text()
    stage.assert_run_untold(run)


def test_a_program_that_hangs_is_seen_with_nothing_of_a_token(stage: House) -> None:
    stage.home.variables["TRIPLETEX_CONSUMER_TOKEN"] = CONSUMER.token
    config = stage.write_config('{ command = ["sleep", "20"] }')
    config.chmod(0o600)
    with stage.running("validate", config) as process:
        deadline = time.monotonic() + 20
        while len(seen := list(family(process.pid))) == 1:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        (_, child) = seen
        while b"sleep" not in (child := see(child.pid)).command:
            assert time.monotonic() < deadline
        # What was seen with the name may still be of the moment before the program was put in.
        child = see(child.pid)
        process.terminate()
        process.communicate(timeout=20)
    assert child.core_limits == ["0", "0"]
    assert child.environ
    assert not leaks(child.environ + child.command, stage.canaries)
    assert not Path(f"/proc/{child.pid}/cmdline").exists()


# All in one, as the program does not wait for long.
SPY = """
import sys
for name in ("cmdline", "environ", "mem"):
    try:
        open(f"/proc/{sys.argv[1]}/{name}", "rb").read(0)
    except PermissionError:
        print("closed", end=" ")
    else:
        print("open", end=" ")
"""


@pytest.mark.system
def test_the_users_other_programs_cannot_read_its_memory(
    serve: Serve, pause: Fault, system_program: Callable[[str], str]
) -> None:
    """Another process of the very same user sees the command line and no more."""
    # root without capabilities is a user like any other.
    ordinary = [system_program("setpriv"), "--bounding-set=-all", "--inh-caps=-all"]
    prefix = ordinary if os.geteuid() == 0 else []
    stage = serve(faults=[pause])
    stage.home.variables["TRIPLETEX_CONSUMER_TOKEN"] = CONSUMER.token

    def spied(pid: int) -> str:
        told = subprocess.run(
            [*prefix, sys.executable, "-c", SPY, str(pid)], capture_output=True, text=True, check=True
        )
        return told.stdout.strip()

    with stage.running(*stage.setup(*STDIN), text=COMPANY_KEY.token, prefix=prefix) as process:
        stage.await_hit(pause)
        assert spied(process.pid) == "open closed closed"
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    with subprocess.Popen([*prefix, "sleep", "20"]) as sleeper:
        assert spied(sleeper.pid).startswith("open open")
        sleeper.kill()
