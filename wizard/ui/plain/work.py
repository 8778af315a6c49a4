"""Runs work on an event loop between questions, so that signals end both work and questions well."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

from wizard.domain.exits import signal_exit
from wizard.domain.signals import ENDING, PATIENCE, handled

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
        os._exit(code)
