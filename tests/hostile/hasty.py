"""The program with short timeouts, for tests of servers that never answer.

``python -m tests.hostile.hasty ARGUMENTS``: only the timeouts differ from the program itself.
If ``HASTY_MEMORY`` names a file, the peak memory in kilobytes is written to it.
"""

import os
import sys
from pathlib import Path

from wizard.cli import main
from wizard.tripletex import channel, transport

SECONDS = {"connect": 4.0, "read": 2.0, "whole": 4.0, "listing": 5.0}


def hurry() -> None:
    """Shorten how long an answer is waited for, and how long the pause before another try is."""
    transport.Timeouts.__init__.__defaults__ = tuple(SECONDS.values())
    channel._FIRST_BACKOFF = 0.01  # type: ignore[misc]  # a constant, but for this


def most_memory() -> int:
    """Return the most kilobytes that were used at once; rusage would count what came before exec."""
    for told in Path("/proc/self/status").read_text().splitlines():
        if told.startswith("VmHWM:"):
            return int(told.split()[1])
    raise AssertionError("the kernel does not tell")


if __name__ == "__main__":
    hurry()
    code = main()
    if place := os.environ.get("HASTY_MEMORY"):
        Path(place).write_text(str(most_memory()))
    sys.exit(code)
