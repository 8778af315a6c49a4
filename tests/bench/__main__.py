"""``python -m tests.bench [PART...]``: measures, and prints one table.

--full        a thousand keys instead of two hundred
--write FILE  also write the table, with what it was measured on, to a file
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests.bench.installation import Installation, installation
from tests.bench.network import figures as figures_part
from tests.bench.network import latency, offline, requests
from tests.bench.start import presses, screen, start_up
from tests.bench.timing import Figure, table

_PAGE = """\
# Benchmarks

Measured on {date}, in one run of `{command}`, on:
{machine}.

Both sides of a ratio were measured in turn, repetition by repetition, and the sandbox ran in a process of
its own. Times alone say more about the machine than about the program: nothing here is a test, and nothing
fails because of it. The bare Python is one without the hooks that development tools add to its start.

{table}"""


def main() -> None:
    """Measure the parts that are wanted, all of them by default."""
    options = _options()
    parts: dict[str, Callable[[Installation], list[Figure]]] = _parts(full=options.full)
    figures: list[Figure] = []
    machine = _machine()
    with installation() as installed:
        for name in options.parts or parts:
            sys.stderr.write(f"{name} …\n")
            figures += parts[name](installed)
    text = _PAGE.format(
        date=datetime.now(UTC).date(),
        command=" ".join(["python -m tests.bench", *options.parts, *(["--full"] if options.full else [])]),
        machine=machine,
        table=table(figures),
    )
    sys.stdout.write(text)
    if options.write:
        Path(options.write).write_text(text, encoding="utf-8")


def _parts(*, full: bool) -> dict[str, Callable[[Installation], list[Figure]]]:
    return {
        "start-up": start_up,
        "screen": screen,
        "presses": presses,
        "requests": requests,
        "latency": partial(latency, keys=1_000 if full else 200),
        "figures": figures_part,
        "offline": offline,
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(_parts(full=False)))
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--write", metavar="FILE")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(_parts(full=False)):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return options


def _machine() -> str:
    """Return what the machine is, without its name, and how busy it is with other things."""
    cores = len(os.sched_getaffinity(0))
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{cores} cores ({platform.machine()}), {system}, load {os.getloadavg()[0]:.1f} before it began"


if __name__ == "__main__":
    main()
