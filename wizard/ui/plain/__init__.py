"""The line-by-line face: for screen readers, serial lines and terminals that can do little.

No redrawing, no colour, no escape sequences: what was written stays written. It shows the same
pages as the full screen and hands in the same replies.
"""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from functools import partial
from types import FrameType, TracebackType
from typing import Any, Self, TextIO, TypeVar

from wizard.domain.exits import Exit, signal_exit
from wizard.domain.signals import ENDING, PATIENCE, end_now, handled
from wizard.text import Language, Texts
from wizard.ui.plain.console import Console, Output
from wizard.ui.plain.dialogue import Dialogue
from wizard.ui.plain.keyboard import keyboard
from wizard.walk.page import Shown

__all__ = ["run_plain"]

T = TypeVar("T")


class Ended(SystemExit):
    """A signal ended the program; an event loop lets this through, unlike other exceptions."""

    def __init__(self, number: int) -> None:
        super().__init__(signal_exit(number))


class Work:
    """Lets SIGHUP, SIGTERM and SIGQUIT raise ``Ended``, in a blocking read and in work alike.

    Work is cancelled first, so that it can log off. If the program has not come to its end a second
    later, it ends without that, as nobody may be left who could end it: every step was saved when it
    was answered. Ctrl+C cancels work and then raises ``KeyboardInterrupt``: that is
    ``asyncio.Runner``'s own doing.
    """

    def __init__(self, restore: Callable[[], None]) -> None:
        """Prepare; ``restore`` sets the terminal as it was when there is no time for anything else."""
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
        """Run work to its end.

        Raises:
            KeyboardInterrupt: Ctrl+C was pressed; the work was cancelled.
            Ended: a signal came; the work was cancelled.
        """
        try:
            return runner.run(self._noted(work))
        finally:
            self._task = None
            if self._ended_by is not None:
                # Work may end well in spite of being cancelled; the program ends all the same.
                raise Ended(self._ended_by)

    async def _noted(self, work: Coroutine[Any, Any, T]) -> T:
        self._task = asyncio.current_task()
        return await work

    def _end(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signal module's form
        if self._ended_by is not None:
            # systemd and sshd send signals in pairs; the second must not disturb the cleaning up.
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


def run_plain(
    walk: Shown,
    language: Language,
    *,
    stdin: TextIO | None = None,
    stdout: TextIO | None = None,
    runner: asyncio.Runner | None = None,
) -> int:
    """Show a walk line by line; questions and answers are both on ``stdout``.

    To be called in the main thread, where signals arrive. The terminal is as before at the end,
    whatever the end was.

    Args:
        walk: What is asked; it gets every answer.
        language: The language to begin in.
        stdin: A terminal, or a stream with one answer per line; ``sys.stdin`` unless given.
        stdout: Where the dialogue is written; ``sys.stdout`` unless given.
        runner: The event loop on which the walk works, when others use it too.

    Returns:
        0 when everything was answered, 130 when the person left, 2 when the input ended before,
        128 and the number of the signal that ended it.
    """
    reader, out = keyboard(stdin or sys.stdin), Output(stdout or sys.stdout)
    console = Console(reader, out, Texts(language))
    owned = asyncio.Runner() if runner is None else nullcontext(runner)
    try:
        with Work(reader.restore) as work, owned as loop, reader.hushed():
            return Dialogue(walk, console, partial(work.run, loop)).run()
    except KeyboardInterrupt:
        out.line()
        return Exit.INTERRUPTED
    except Ended as ended:
        return int(ended.code or 0)
