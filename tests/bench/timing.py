"""Times of whole processes, one repetition of each in turn, so that a busy machine is busy for all."""

import resource
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Times:
    """The times of one command, in seconds.

    Attributes:
        all: On the clock.
        work: Of a processor; a busy machine makes it longer too, but much less.
    """

    all: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)

    @property
    def best(self) -> float:
        """The least disturbed one."""
        return min(self.all)

    @property
    def median(self) -> float:
        """The ordinary one."""
        return statistics.median(self.all)


def interleave(
    commands: Mapping[str, Sequence[str | Path]],
    *,
    times: int,
    environ: Mapping[str, str],
    folder: Path,
) -> dict[str, Times]:
    """Run each command in turn, so many times, and once before that without counting.

    Raises:
        RuntimeError: a command did something else than it should: its time would mean nothing.
    """
    found = {name: Times() for name in commands}
    for round_ in range(times + 1):
        for name, command in commands.items():
            before = children_seconds()
            seconds = timed(command, environ, folder)
            if round_:
                found[name].all.append(seconds)
                found[name].work.append(children_seconds() - before)
    return found


def timed(
    command: Sequence[str | Path], environ: Mapping[str, str], folder: Path, expected: int = 0
) -> float:
    """Run a command once and return how long it took."""
    began = time.perf_counter()
    run = subprocess.run(
        list(map(str, command)),
        env=environ,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    seconds = time.perf_counter() - began
    if run.returncode:
        raise RuntimeError(f"{command} ended with {run.returncode}: {run.stderr.decode()[-2000:]}")
    return seconds


def children_seconds() -> float:
    """Return the processor time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
