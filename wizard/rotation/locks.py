"""Locks all configs of a run at once, and says who else has locked one."""

import resource
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from wizard.files.lock import Busy, hold, why_not_written
from wizard.findings import Finding
from wizard.secrets.trust import Trust

_SPARE: Final = 256
"""Open files that everything else may need."""


@contextmanager
def hold_all(
    paths: Iterable[Path], trust: Trust, *, dry_run: bool = False
) -> Iterator[Mapping[Path, Finding]]:
    """Lock configs while the block runs; a dry run needs no locks, and leaves no file.

    A config says where keys are sent, new ones as well, so one that others can change is not touched.

    Every lock is an open file. Where the system allows too few, the others are tried and let go again:
    writing such a config locks it for that moment.

    Yields:
        Why some of them are not locked: they are not trusted, another run has them, or nothing can be
        written there.
    """
    named = sorted(paths)
    refused = {path: finding for path in named if (finding := trust.refusal(path))}
    wanted = [] if dry_run else [path for path in named if path not in refused]
    most = _allow_open_files(len(wanted) + _SPARE) - _SPARE
    with ExitStack() as held:
        for number, path in enumerate(wanted):
            try:
                if number < most:
                    held.enter_context(hold(path))
                else:
                    with hold(path):
                        pass
            except (Busy, OSError) as error:
                refused[path] = why_not_written(path, error)
        yield refused


def _allow_open_files(wanted: int) -> int:
    """Ask for as many open files as are wanted, and return how many there may be.

    A shell allows 1,024 of them unless it is asked for more.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    enough = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
        return enough
    return soft
