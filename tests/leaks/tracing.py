"""Every file that a program makes and every byte that it hands to the system, by strace(1)."""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.canary import Canary
from tests.support.house import House

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

    def heard(self, canary: Canary) -> set[str]:
        """Return everything that a token, or a part of it in any form, was written to or sent to."""
        writing = {"write", "writev", "pwrite64", "sendto", "sendmsg"}
        return {
            call.where
            for call in self.calls
            if call.name in writing and list(canary.forms_in(call.arguments.lower()))
        }

    def first(self, name: str, part: str) -> int:
        """Return when a call was made first, counted in calls."""
        return next(at for at, call in enumerate(self.calls) if call.name == name and part in call.arguments)


def trace(strace: str, stage: House, words: Iterable[str], text: str = "") -> Trace:
    """Run the program under strace to its end, which must be a good one."""
    written = stage.folder.parent / f"{stage.folder.name}.trace"
    options = ["-f", "-yy", "-s", "65536", "-e", f"trace={_CALLS}", "-o", str(written)]
    run = subprocess.run(
        [strace, *options, sys.executable, "-m", "wizard", *words],
        input=text,
        env=stage.home.environment,
        cwd=stage.folder,
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
