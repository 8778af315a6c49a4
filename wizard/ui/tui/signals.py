"""Ends the wizard in order when the connection is lost or somebody asks it to stop."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from wizard.domain.exits import signal_exit

_ENDING: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
_PATIENCE: Final = 1.0
"""Seconds until the process ends in any case."""


@contextmanager
def ending_on_signals(end: Callable[[int], None]) -> Iterator[None]:
    """Call ``end`` with the signal's exit code from a signal handler while the block runs.

    Textual by itself dies of SIGHUP without a word and leaves the terminal in disorder at SIGTERM.
    The event loop's own ``add_signal_handler`` is not enough: when the terminal has stopped reading,
    the loop stands still in a write and would never hear of it. Then the process ends after a
    second without further ado, which loses nothing, as every step is saved when it is finished.
    """
    timers: list[threading.Timer] = []

    def handle(number: int, frame: FrameType | None) -> None:
        del frame
        timer = threading.Timer(_PATIENCE, os._exit, [signal_exit(number)])
        timer.daemon = True
        timer.start()
        timers.append(timer)
        end(signal_exit(number))

    former = {number: signal.signal(number, handle) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        for timer in timers:
            timer.cancel()
