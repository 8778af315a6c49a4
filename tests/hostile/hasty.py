"""The program with little patience, so that a test of a server that never answers need not wait.

``python -m tests.hostile.hasty ARGUMENTS``: nothing but the seconds differs from the program itself.
"""

import sys

from wizard.cli import main
from wizard.tripletex import line, wire

SECONDS = {"connect": 2.0, "read": 0.5, "whole": 1.0}


def hurry() -> None:
    """Shorten how long an answer is waited for, and how long the pause before another try is."""
    wire.Timeouts.__init__.__defaults__ = tuple(SECONDS.values())
    line._FIRST_BACKOFF = 0.01  # type: ignore[misc]  # a constant, but for this


if __name__ == "__main__":
    hurry()
    sys.exit(main())
