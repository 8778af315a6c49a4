"""The line-by-line interface, for screen readers, serial lines and simple terminals.

It has no redrawing, colour or escape sequences. It shows the same pages as the full screen and returns the
same replies.
"""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

from wizard.domain.exits import ENDING, PATIENCE, Exit, end_now, handled, signal_exit
from wizard.text import Language, Texts
from wizard.ui.plain.dialogue import Dialogue
from wizard.ui.plain.keyboard import keyboard
from wizard.ui.plain.page_writer import Output
from wizard.walk.pages import AnyWalk

__all__ = ["run_plain"]

T = TypeVar("T")


class Ended(SystemExit):
    """A signal ended the program. This is a ``SystemExit`` because event loops do not catch that."""

    def __init__(self, number: int) -> None:
        super().__init__(signal_exit(number))


class Work:
    """Makes SIGHUP, SIGTERM and SIGQUIT raise ``Ended``, both in a blocking read and in a coroutine.

    A coroutine is cancelled first, so that it can log off. If the program is still running a second later,
    it is ended at once, which loses nothing because every step is saved when it is answered. Ctrl+C is
    handled by ``asyncio.Runner``, which cancels the coroutine and raises ``KeyboardInterrupt``.
    """

    def __init__(self, restore: Callable[[], None]) -> None:
        """Set the function that restores the terminal before the program is ended at once."""
        self._restore = restore
        self._task: asyncio.Task[Any] | None = None
        self._ended_by: int | None = None
        self._deadline: threading.Timer | None = None
        self._signals = handled((*ENDING, signal.SIGQUIT), self._end)

    def __enter__(self) -> Self:
        self._signals.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._signals.__exit__(kind, error, trace)
        if self._deadline is not None:
            self._deadline.cancel()

    def run(self, runner: asyncio.Runner, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine.

        Raises:
            KeyboardInterrupt: If Ctrl+C was pressed. The coroutine was cancelled.
            Ended: If a signal was received. The coroutine was cancelled.
        """
        try:
            return runner.run(self._run_task(work))
        finally:
            self._task = None
            if self._ended_by is not None:
                # The coroutine may succeed in spite of being cancelled, but the program ends anyway.
                raise Ended(self._ended_by)

    async def _run_task(self, work: Coroutine[Any, Any, T]) -> T:
        self._task = asyncio.current_task()
        return await work

    def _end(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self._ended_by is not None:
            # systemd and sshd send two signals; the second must not interrupt the clean-up.
            return
        self._ended_by = number
        self._deadline = threading.Timer(PATIENCE, self._exit, [signal_exit(number)])
        self._deadline.daemon = True
        self._deadline.start()
        if self._task is None:
            raise Ended(number)
        self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    def _exit(self, code: int) -> None:
        self._restore()
        end_now(code)


def run_plain(walk: AnyWalk, language: Language) -> int:
    """Run a walk line by line on standard input and output, and restore the terminal at the end.

    This must be called in the main thread, which receives signals.

    Args:
        walk: The walk.
        language: The initial language.

    Returns:
        The exit code: 0 if the walk was completed, 130 if the user left, 2 if the input ended too soon, or
        128 plus the number of a signal.
    """
    reader, out = keyboard(sys.stdin), Output(sys.stdout)
    try:
        with Work(reader.restore) as work, asyncio.Runner() as loop, reader.without_echo():
            return Dialogue(walk, reader, out, Texts(language), partial(work.run, loop)).run()
    except KeyboardInterrupt:
        out.line()
        return Exit.INTERRUPTED
    except Ended as ended:
        with suppress(OSError):  # the terminal may be gone
            out.line()
        return int(ended.code or 0)
