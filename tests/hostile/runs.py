"""Runs of the program against servers that answer as they please, and what may come of them at most."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.home import Home
from tests.support.servers import Server

DEADLINE: Final = 60.0
"""Seconds that a run may take. Its patience is shortened to some; there are four tries at most."""
MEMORY: Final = 150
"""Megabytes. A run against the sandbox takes half of that."""


@dataclass(frozen=True)
class Run:
    """A run that has ended.

    Attributes:
        memory: The most that it used at once, in megabytes.
        seconds: How long it took.
    """

    code: int
    out: str
    err: str
    memory: float
    seconds: float


def run(home: Home, *words: str, text: str = "") -> Run:
    """Run the program with little patience, and measure it."""
    memory = home.folder / "memory"
    home.variables["HASTY_MEMORY"] = str(memory)
    began = time.monotonic()
    ended = home.run(*words, text=text, program="tests.hostile.hasty")
    seconds = time.monotonic() - began
    return Run(ended.code, ended.out, ended.err, int(memory.read_text()) / 1024, seconds)


def lead_to(
    home: Home, server: Server, path: Path, *, setup: str = "single-company", org_number: str = ""
) -> None:
    """Write a config with a good key for a server."""
    home.config(path, reference=f'file = "{home.folder}/good.key"', setup=setup, number=org_number)
    path.write_text(path.read_text().replace(home.base_url, server.base_url))
