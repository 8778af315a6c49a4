"""Holds all configs of a run at once, and says who else holds one."""

import resource
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from wizard.files.lock import Busy, hold, why_not_written
from wizard.findings import Finding

_SPARE: Final = 256
"""Open files that everything else may need."""


@contextmanager
def hold_all(paths: Iterable[Path], *, is_rehearsal: bool = False) -> Iterator[Mapping[Path, Finding]]:
    """Hold the locks of configs while the block runs; a rehearsal needs none, and leaves no file.

    Yields:
        Why some of them are not held: another run has them, or nothing can be written there.
    """
    wanted = [] if is_rehearsal else sorted(paths)
    _allow_open_files(len(wanted) + _SPARE)
    refused: dict[Path, Finding] = {}
    with ExitStack() as held:
        for path in wanted:
            try:
                held.enter_context(hold(path))
            except (Busy, OSError) as error:
                refused[path] = why_not_written(path, error)
        yield refused


def _allow_open_files(wanted: int) -> None:
    """Every lock is an open file, and a shell allows 1,024 of them unless it is asked for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    enough = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
