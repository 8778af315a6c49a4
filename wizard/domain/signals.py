"""Ends a run in order if a signal asks for it: the connection is lost, or the service is stopped.

A signal that the parent has told the process to ignore, as ``nohup`` does, stays ignored.
"""

import atexit
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

from wizard.domain.exits import signal_exit

ENDING: Final = (signal.SIGHUP, signal.SIGTERM)
PATIENCE: Final = 1.0
"""Seconds until the process ends in any case, where there may be nobody left to end it."""
_to_finish: Final[list[Callable[[], None]]] = []


def finish_first(work: Callable[[], None]) -> None:
    """Have work finished before the process ends, whichever way it ends. It must not take long."""
    _to_finish.append(work)


@atexit.register
def _finish() -> None:
    with suppress(ValueError):  # not the main thread, which a signal would not reach
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    for work in _to_finish:
        work()


def end_now(code: int) -> None:
    """End the process without waiting for anything but what must not stay half done."""
    try:
        _finish()
    finally:
        os._exit(code)


def heeded(numbers: Iterable[signal.Signals]) -> list[signal.Signals]:
    """Return the signals that the parent has not told this process to ignore."""
    return [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]


@contextmanager
def handled(
    numbers: Iterable[signal.Signals], handle: Callable[[int, FrameType | None], None]
) -> Iterator[None]:
    """Handle signals while the block runs."""
    former = {number: signal.signal(number, handle) for number in heeded(numbers)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def ending_on_signals(end: Callable[[int], None]) -> Iterator[None]:
    """Call ``end`` with the signal's exit code from a signal handler while the block runs.

    Textual by itself dies of SIGHUP without a word and leaves the terminal in disorder at SIGTERM.
    The event loop's own ``add_signal_handler`` is not enough: when the terminal has stopped reading,
    the loop is blocked in a write and would never hear of it. Then the process ends after a second
    all the same, which loses nothing, as every step is saved when it is finished.
    """
    timers: list[threading.Timer] = []

    def handle(number: int, frame: FrameType | None) -> None:
        del frame
        timer = threading.Timer(PATIENCE, end_now, [signal_exit(number)])
        timer.daemon = True
        timer.start()
        timers.append(timer)
        end(signal_exit(number))

    try:
        with handled((*ENDING, signal.SIGINT), handle):
            yield
    finally:
        for timer in timers:
            timer.cancel()
