"""Looks for the tokens of a sandbox in everything that a run of the wizard leaves behind.

Every home has a guard, and every guard is asked at the end of the test (``tests/conftest.py``):
no token may be in any output, in any file outside a key store, in the arguments or the environment of a
process that the wizard started, or in an address that was requested.
"""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import unquote

from tests.support.canary import Canary, leaking_files, leaks
from tests.support.sandbox import RecordedRequest, Sandbox, basic_credentials
from tests.support.terminal import Terminal

GLANCE: Final = 0.1
"""Seconds between two looks at a process."""

_CORE_LIMIT: Final = "Max core file size"

# The two calls of Tripletex's API that have tokens in their address. Where POST works, PUT is not used.
_PUT: Final = "PUT /token/session/:create"
_DELETE: Final = "DELETE /token/session/{token}"


@dataclass(frozen=True)
class Seen:
    """What the system shows of one process.

    Attributes:
        environ: Its variables; None if the system hides them from us.
        core_limits: The soft and the hard limit of its core file, in bytes.
    """

    pid: int
    command: bytes
    environ: bytes | None
    core_limits: list[str]


def see(pid: int) -> Seen:
    """Look at a process."""
    folder = Path(f"/proc/{pid}")
    try:
        environ = (folder / "environ").read_bytes()
    except PermissionError:
        environ = None
    limits = (folder / "limits").read_text().splitlines()
    (core,) = (line for line in limits if line.startswith(_CORE_LIMIT))
    return Seen(pid, (folder / "cmdline").read_bytes(), environ, core.removeprefix(_CORE_LIMIT).split()[:2])


def family(pid: int) -> Iterator[Seen]:
    """Look at a process and at all its descendants."""
    yield see(pid)
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))


@dataclass
class Guard:
    """Searches one folder, one sandbox and the programs that run there.

    Attributes:
        folder: Where the programs can write.
        stores: Files and folders that may contain tokens: the key store, and what the test put there.
        shown: Tokens that the test itself typed where they can be read.
        said: What the programs have written so far.
        terminals: Every terminal that was opened.
    """

    folder: Path
    sandbox: Sandbox
    stores: set[Path] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    said: list[str | bytes] = field(default_factory=list)
    terminals: list[Terminal] = field(default_factory=list)

    at_work: ClassVar[list["Guard"]] = []
    """The guards of the test that runs now."""

    def __post_init__(self) -> None:
        self.at_work.append(self)

    @property
    def canaries(self) -> list[Canary]:
        """Every token of the sandbox, those of its sessions included."""
        return [*self.keys, *(Canary("a session token", each) for each in self.sessions)]

    @property
    def sessions(self) -> set[str]:
        """The session tokens that were used so far."""
        used = (basic_credentials(request.headers.get("authorization")) for request in self.requests)
        return {credentials[1] for credentials in used if credentials}

    @property
    def requests(self) -> list[RecordedRequest]:
        """What the sandbox was asked."""
        return self.sandbox.requests

    @property
    def keys(self) -> list[Canary]:
        """The consumer token and every employee token of the sandbox."""
        world = self.sandbox.world
        consumer = Canary("the consumer token", world.consumer_token)
        return [consumer, *(Canary(key.title, key.employee_token) for key in world.keys)]

    @property
    def leaking(self) -> set[Path]:
        """Every file below the folder that gives a token away."""
        return leaking_files(self.folder, self.canaries)

    def end(self, process: subprocess.Popen[str], text: str, patience: float) -> tuple[str, str]:
        """Look at a process until it has ended, and return what it wrote."""
        given: str | None = text
        for _ in range(int(patience / GLANCE)):
            try:
                out, err = process.communicate(given, timeout=GLANCE)
            except subprocess.TimeoutExpired:
                given = None
                self.look_at(process.pid)
            else:
                self.said += [out, err]
                return out, err
        process.kill()
        raise TimeoutError(f"still running after {patience} s: {process.args!r}")

    def watch(self, terminal: Terminal) -> None:
        """Look at the program on a terminal whenever something that the test waits for has come."""
        self.terminals.append(terminal)
        terminal.on_seen = lambda: self.look_at(terminal.child.pid or 0)

    def close(self) -> None:
        """End what still runs on a terminal."""
        for terminal in self.terminals:
            terminal.close()

    def look_at(self, pid: int) -> None:
        """Assert that nothing a process has started has a token in its arguments or its environment."""
        canaries = self.canaries
        with suppress(FileNotFoundError, ProcessLookupError):
            mine, *children = family(pid)
            for child in children:
                assert not leaks(child.command, canaries), child.command
                # Until it executes another program, a child is a copy of its parent.
                if child.environ is not None and child.command != mine.command:
                    assert not leaks(child.environ, canaries), f"the environment of {child.command!r}"

    def check(self) -> None:
        """Assert that no token has got out: not in words, not in files, not in addresses."""
        canaries = self.canaries
        for said in (*self.said, *(terminal.written for terminal in self.terminals)):
            text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
            for token in self.shown:
                text = text.replace(token, "")
            assert not leaks(text, canaries), text[-2000:]
        strays = {path for path in self.leaking if not any(map(path.is_relative_to, self.stores))}
        assert not strays, f"files with a token: {sorted(strays)}"
        for address in self.addresses:
            assert not leaks(address, canaries), f"a token in an address: {address}"

    @property
    def addresses(self) -> set[str]:
        """The addresses that were requested, without the tokens that the API wants to have there."""
        sessions = self.sessions
        addresses = set()
        for request in self.requests:
            address = unquote(f"{request.raw_path}?{request.raw_query}")
            if request.call == _DELETE:
                for session in sessions:
                    address = address.replace(session, "")
            if request.call != _PUT:
                addresses.add(address)
        return addresses
