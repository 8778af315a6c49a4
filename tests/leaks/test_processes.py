"""What other users of the machine can see: arguments, environments, memory and every file that is made."""

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.canary import Canary, leaks
from tests.support.guard import Seen, family
from tests.support.home import COMPANY_KEY, CONSUMER, STDIN, VARIABLE, Home, home_in
from tests.support.sandbox import Fault, Sandbox
from tests.support.waiting import wait_for


def watched(home: Home, hang: Fault, *words: str, text: str = "") -> list[Seen]:
    """Look at the program while it waits for an answer, and let it go on."""
    with home.running(*words, text=text) as process:
        home.await_hit(hang)
        seen = list(family(process.pid))
        said = process.communicate(timeout=20)
    home.guard.said += said
    assert process.returncode == 0, said
    home.assert_no_leak(*((COMPANY_KEY,) if text else ()))
    return seen


@pytest.fixture
def pause() -> Fault:
    """Return a fault that leaves the time to look around."""
    return Fault(path="*whoAmI", trouble="slow", delay=1.5)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_key_is_neither_an_argument_nor_in_the_environment(home: Home, pause: Fault) -> None:
    home.sandbox.faults.append(pause)
    (seen,) = watched(home, pause, *home.setup("finale.toml", *STDIN), text=COMPANY_KEY.employee_token)
    assert b"--no-input" in seen.command
    assert home.saw(COMPANY_KEY)
    assert not leaks(seen.command, home.guard.canaries)
    assert seen.core_limits == ["0", "0"]
    if seen.environ is not None:
        assert b"HOME=" in seen.environ
        assert not leaks(seen.environ, home.guard.canaries)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_command_that_fetches_a_key_gets_no_other_token(home: Home) -> None:
    """It leaves behind what it could see of itself and of the program that started it."""
    home.write("vault", COMPANY_KEY.employee_token)
    script = home.write(
        "fetch",
        textwrap.dedent(f"""\
            #!/bin/sh
            tr '\\0' '\\n' < /proc/$$/cmdline > seen.arguments
            env > seen.environment
            tr '\\0' '\\n' < /proc/$PPID/cmdline > seen.parent
            ls -l /proc/$$/fd > seen.descriptors
            cat {home.folder}/vault
            """),
        0o700,
    )
    home.variables |= {
        VARIABLE: CONSUMER,
        "SOME_OTHER_KEY": COMPANY_KEY.employee_token,
        "VAULT_ADDR": "https://vault.invalid",
    }
    config = home.config(reference=f'command = ["{script}"]')
    run = home.run("validate", config)
    assert run.code == 0, run.out + run.err
    assert home.saw(COMPANY_KEY)
    assert home.saw(CONSUMER)
    assert "VAULT_ADDR" in (home.folder / "seen.environment").read_text()
    assert "consumer.token" not in (home.folder / "seen.descriptors").read_text()
    assert "validate" in (home.folder / "seen.parent").read_text()
    home.assert_no_leak()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_command_that_hangs_has_no_token(home: Home) -> None:
    home.variables[VARIABLE] = CONSUMER
    config = home.config(reference='command = ["sleep", "20"]')
    with home.running("validate", config) as process:
        wait_for(lambda: any(b"sleep" in seen.command for seen in family(process.pid)), "the command")
        # What was seen with the name may still be of the moment before the program was put in.
        _, child = family(process.pid)
        process.terminate()
        process.communicate(timeout=20)
    assert child.core_limits == ["0", "0"]
    assert child.environ
    assert not leaks(child.environ + child.command, home.guard.canaries)
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


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.system
def test_other_programs_of_the_user_cannot_read_its_memory(
    home: Home, pause: Fault, system_program: Callable[[str], str]
) -> None:
    """Another process of the very same user sees the command line and no more."""
    # root without capabilities is a user like any other.
    ordinary = [system_program("setpriv"), "--bounding-set=-all", "--inh-caps=-all"]
    prefix = ordinary if os.geteuid() == 0 else []
    home.sandbox.faults.append(pause)
    home.variables[VARIABLE] = CONSUMER

    def spied(pid: int) -> str:
        told = subprocess.run(
            [*prefix, sys.executable, "-c", SPY, str(pid)], capture_output=True, text=True, check=True
        )
        return told.stdout.strip()

    words, key = home.setup("finale.toml", *STDIN), COMPANY_KEY.employee_token
    with home.running(*words, text=key, prefix=prefix) as process:
        home.await_hit(pause)
        assert spied(process.pid) == "open closed closed"
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    with subprocess.Popen([*prefix, "sleep", "20"]) as sleeper:
        assert spied(sleeper.pid).startswith("open open")
        sleeper.kill()


_CALLS = "openat,creat,mkdir,mkdirat,chmod,fchmod,fchmodat,write,writev,pwrite64,sendto,sendmsg,prctl,read"
_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+|\?).*")
_BROKEN_OFF = "<unfinished ...>"  # another thread came in between
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>")
_MADE = re.compile(r'"(?P<name>[^"]*)", [A-Z_|]*O_CREAT[A-Z_|]*, 0?(?P<mode>[0-7]+)')
_FOLDER = re.compile(r'"(?P<name>[^"]*)", 0?(?P<mode>[0-7]+)$')
_WHERE = re.compile(r"\d+<(?P<where>[^>]*(?:->[^>]*)?)>, ")


@dataclass(frozen=True)
class SystemCall:
    """One call as strace wrote it down, texts in full."""

    name: str
    arguments: str
    succeeded: bool

    @property
    def where(self) -> str:
        """The file, pipe or connection that is read or written."""
        found = _WHERE.match(self.arguments)
        return found["where"] if found else ""


@dataclass(frozen=True)
class Trace:
    """What a program did, in order."""

    calls: tuple[SystemCall, ...]

    def made(self) -> Iterator[tuple[str, int]]:
        """Yield every file and folder that was made, with the permissions that it was born with."""
        for call in self.calls:
            found = None
            if call.name == "openat":
                found = _MADE.search(call.arguments)
            elif call.name.startswith("mkdir"):
                found = _FOLDER.search(call.arguments)
            if found and call.succeeded:
                yield found["name"], int(found["mode"], 8)

    def changed_modes(self) -> Iterator[int]:
        """Yield every mode that a file was given later."""
        for call in self.calls:
            if call.name in {"chmod", "fchmod", "fchmodat"}:
                yield int(re.findall(r"\b0[0-7]+\b", call.arguments)[-1], 8)

    def heard(self, token: str) -> set[str]:
        """Return everything that a token, or a part of it in any form, was written to or sent to."""
        writing = {"write", "writev", "pwrite64", "sendto", "sendmsg"}
        return {
            call.where
            for call in self.calls
            if call.name in writing and leaks(call.arguments, [Canary("", token)])
        }

    def first(self, name: str, part: str) -> int:
        """Return when a call was made first, counted in calls."""
        return next(at for at, call in enumerate(self.calls) if call.name == name and part in call.arguments)


def trace(strace: str, home: Home, words: Iterable[str], text: str = "") -> Trace:
    """Run the program under strace to its end, which must be a good one."""
    written = home.folder.parent / f"{home.folder.name}.trace"
    options = ["-f", "-yy", "-s", "65536", "-e", f"trace={_CALLS}", "-o", str(written)]
    run = subprocess.run(
        [strace, *options, sys.executable, "-m", "wizard", *words],
        input=text,
        env=home.environment,
        cwd=home.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    calls = tuple(_read(written))
    written.unlink()
    return Trace(calls)


def _read(path: Path) -> Iterator[SystemCall]:
    begun: dict[str, str] = {}
    for line in path.read_text(errors="replace").splitlines():
        pid, _, told = line.partition(" ")
        told = told.strip()
        if told.startswith(("+++", "---")):
            continue  # an end, a signal
        if told.endswith(_BROKEN_OFF):
            begun[pid] = told.removesuffix(_BROKEN_OFF)
            continue
        if resumed := _RESUMED.match(told):
            told = begun.pop(pid) + told[resumed.end() :]
        found = _CALL.fullmatch(told)
        assert found, told
        yield SystemCall(found["name"], found["arguments"], not found["result"].startswith("-"))


PRIVATE_FILE, PRIVATE_FOLDER, LOCK = 0o600, 0o700, 0o644


@pytest.fixture(scope="module")
def traced_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with home_in(tmp_path_factory.mktemp("home"), Sandbox(), Home) as home:
        home.furnish("")
        yield home


@pytest.fixture(scope="module")
def traced(traced_home: Home, system_program: Callable[[str], str]) -> Trace:
    """Return the system calls of a set-up that replaces an existing config."""
    (traced_home.folder / "finale.toml").write_text("# mine\n")
    words = traced_home.setup("finale.toml", *STDIN, "--overwrite")
    return trace(system_program("strace"), traced_home, words, COMPANY_KEY.employee_token)


@pytest.mark.system
def test_a_key_goes_to_its_own_file_and_to_tripletex_and_nowhere_else(
    traced_home: Home, traced: Trace
) -> None:
    key_file = re.escape(str(traced_home.key_file(COMPANY_KEY).parent))
    port = traced_home.base_url.split(":")[2].partition("/")[0]
    places = {re.sub(r"127\.0\.0\.1:\d+->", "", place) for place in traced.heard(COMPANY_KEY.employee_token)}
    tripletex = f"TCP:[127.0.0.1:{port}]"
    assert tripletex in places
    (kept,) = places - {tripletex}
    assert re.fullmatch(rf"{key_file}/\.{COMPANY_KEY.token_id}\.[0-9a-f]+\.tmp", kept)
    # Every token shares its inner part with the others, so this covers the sessions' as well.
    assert traced.heard(CONSUMER) == traced.heard(COMPANY_KEY.employee_token)


@pytest.mark.system
def test_every_file_is_private_when_it_is_created(traced_home: Home, traced: Trace) -> None:
    made = dict(traced.made())
    files = {
        name: mode for name, mode in made.items() if traced_home.folder.name in name or name.startswith(".")
    }
    names = " ".join(files)
    assert ".finale.toml." in names
    assert ".finale.toml.bak-" in names
    assert f".{COMPANY_KEY.token_id}." in names
    folders = {name for name, mode in files.items() if mode == PRIVATE_FOLDER}
    assert str(traced_home.key_file(COMPANY_KEY).parent) in folders
    locks = {name for name in files if name.endswith(".lock")}
    assert len(locks) == 1  # it holds the process's number and no more
    for name in files.keys() - folders - locks:
        assert files[name] == PRIVATE_FILE, name
    assert set(traced.changed_modes()) <= {PRIVATE_FILE, LOCK}


@pytest.mark.system
def test_memory_is_closed_before_a_key_is_read(traced: Trace) -> None:
    closed = traced.first("prctl", "PR_SET_DUMPABLE, SUID_DUMP_DISABLE")
    read = traced.first("read", COMPANY_KEY.employee_token)
    assert closed < read
