"""How the program ends: its exit codes, the same in every interface, and the signals that end it.

Signals that the parent process has set to be ignored, as ``nohup`` does, stay ignored.
"""

import atexit
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from types import FrameType
from typing import TYPE_CHECKING, Final

from wizard.findings import Cause, Finding, Verdict, verdict

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


class Exit(IntEnum):
    """The exit codes.

    If a signal ended the program, the exit code is ``128 + number``, as in shells (``signal_exit``).
    """

    DONE = 0
    WRONG = 1
    """Something is certainly wrong."""
    USAGE = 2
    """The command line is invalid or cannot be carried out."""
    UNKNOWN = 3
    """Nothing is known to be wrong, but Tripletex did not answer, or there is no consumer token."""
    MACHINE = 4
    """Nothing is known to be wrong, but this machine prevented the check."""
    CRASHED = 70
    """The program crashed because of a bug."""
    INTERRUPTED = 130
    """The user interrupted the program."""


_WORST_FIRST = (Exit.INTERRUPTED, Exit.CRASHED, Exit.USAGE, Exit.WRONG, Exit.MACHINE, Exit.UNKNOWN)


def worst(codes: Iterable[Exit]) -> Exit:
    """Return the most severe exit code: 1 before 4 before 3."""
    seen = set(codes)
    return next((code for code in _WORST_FIRST if code in seen), Exit.DONE)


def exit_for(findings: Iterable[Finding]) -> Exit:
    """Return the exit code for findings."""
    errors = [finding for finding in findings if finding.is_error]
    match verdict(errors):
        case Verdict.VALID:
            return Exit.DONE
        case Verdict.INVALID:
            return Exit.WRONG
        case Verdict.UNKNOWN:
            is_local = any(finding.code.cause is Cause.MACHINE for finding in errors)
            return Exit.MACHINE if is_local else Exit.UNKNOWN


def signal_exit(number: int) -> int:
    """Return the exit code of a program that a signal ended."""
    return 128 + number


class UsageError(Exception):
    """The command line cannot be carried out. The message is in the user's language."""


class Terminated(Exception):
    """A signal asked the program to end, and it has cleaned up."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = signal_exit(number)


ENDING: Final = (signal.SIGHUP, signal.SIGTERM)
PATIENCE: Final = 1.0
"""Seconds after a signal until the process is ended in any case."""
_to_finish: Final[list[Callable[[], None]]] = []


def finish_first(work: Callable[[], None]) -> None:
    """Register a function that is called before the process ends in any way. It must not take long."""
    if not _to_finish:
        atexit.register(_finish)
    _to_finish.append(work)


def _finish() -> None:
    with suppress(ValueError):  # not in the main thread
        for number in (*ENDING, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
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


def wake_on_signals(loop: "AbstractEventLoop") -> None:
    """Let every signal wake the event loop, also those that Textual handles.

    Handlers run in the main thread, between Python instructions. If a signal arrived just before the loop
    waits, or in another thread, its handler would not run before the next key.
    """
    # Once asyncio has a handler for one signal, all signals wake it. Textual replaces this one at its start.
    loop.add_signal_handler(signal.SIGWINCH, lambda: None)
