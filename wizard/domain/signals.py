"""Handles signals that end the program, such as a lost connection or a stopped service.

Signals that the parent process has set to be ignored, as ``nohup`` does, stay ignored.
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
"""Seconds after a signal until the process is ended in any case."""
_to_finish: Final[list[Callable[[], None]]] = []


def finish_first(work: Callable[[], None]) -> None:
    """Register a function that is called before the process ends in any way. It must not take long."""
    _to_finish.append(work)


@atexit.register
def _finish() -> None:
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    for work in _to_finish:
        work()


def end_now(code: int) -> None:
    """End the process at once, except for the functions registered with ``finish_first``."""
    try:
        _finish()
    finally:
        os._exit(code)


def heeded(numbers: Iterable[signal.Signals]) -> list[signal.Signals]:
    """Return the signals that the parent process has not set to be ignored."""
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
    """Call ``end`` with the exit code of a signal, from the signal handler, while the block runs.

    Textual alone exits silently on SIGHUP and leaves the terminal in a bad state on SIGTERM. The event
    loop's ``add_signal_handler`` is not enough: if the terminal has stopped reading, the loop is blocked
    in a write and does not run the handler. In that case the process is ended after a second, which loses
    nothing because every step is saved when it is finished.
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
