"""Times of whole processes, and the table of figures that is made of them."""

import resource
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


def timed(command: Sequence[str | Path], environ: Mapping[str, str], folder: Path) -> float:
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


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        what: What was measured, in words.
        measured: The number that is compared with the goal.
        goal: At most this.
        unit: What the number counts; ``x`` for a ratio.
        detail: The times or counts that it comes from.
    """

    what: str
    measured: float
    goal: float
    unit: str = "x"
    detail: str = ""


def table(figures: list[Figure]) -> str:
    """Return the figures as a Markdown table."""
    rows = [("what", "measured", "goal", "", "how")]
    for figure in figures:
        goal = f"≤ {_number(figure.goal, figure.unit)}"
        sign = "reached" if figure.measured <= figure.goal else "**missed**"
        rows.append((figure.what, _number(figure.measured, figure.unit), goal, sign, figure.detail))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, tuple("-" * width for width in widths))  # type: ignore[arg-type]
    lines = (" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"| {line} |\n" for line in lines)


def _number(value: float, unit: str) -> str:
    if unit == "x":
        return f"{value:.2f}x"
    return f"{value:,.0f} {unit}" if value >= 100 or value == int(value) else f"{value:.2f} {unit}"
