"""What the system shows of a process and its children while they run."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CORE_LIMIT = "Max core file size"


@dataclass(frozen=True)
class Seen:
    """One process, as far as it may be looked at.

    Attributes:
        environ: Its variables; None where the system keeps them from us.
        core_limits: The bytes that a core file may have, and the most that it could be given.
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
    """Look at a process, and at everything that it has started and that still runs."""
    yield see(pid)
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))
