"""Runs work on an event loop between questions, so that signals end both work and questions well."""

import asyncio
import signal
from collections.abc import Coroutine
from types import FrameType, TracebackType
from typing import Any, Final, Self, TypeVar

T = TypeVar("T")

_ENDING: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT)


class Ended(SystemExit):
    """A signal ended the program; an event loop lets this through, unlike other exceptions."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)


class Work:
    """Lets SIGHUP, SIGTERM and SIGQUIT raise ``Ended``, in a blocking read and in work alike.

    Work is cancelled first, so that it can log off. A second signal ends the dialogue without waiting
    for that, and from then on signals do what they do by default.
    Ctrl+C cancels work and then raises ``KeyboardInterrupt``: that is ``asyncio.Runner``'s own doing.
    """

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._task: asyncio.Task[Any] | None = None
        self._ended_by: int | None = None
        self._former: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in _ENDING:
            # Started by nohup, for instance: then it is not ours to change.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._former[number] = signal.signal(number, self._end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run work to its end.

        Raises:
            KeyboardInterrupt: Ctrl+C was pressed; the work was cancelled.
            Ended: a signal came; the work was cancelled.
        """
        try:
            return self._runner.run(self._noted(work))
        finally:
            self._task = None
            if self._ended_by is not None:
                # Work may end well in spite of being cancelled; the program ends all the same.
                raise Ended(self._ended_by)

    async def _noted(self, work: Coroutine[Any, Any, T]) -> T:
        self._task = asyncio.current_task()
        return await work

    def _end(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signal module's form
        is_first, self._ended_by = self._ended_by is None, number
        if self._task is None:
            # systemd and sshd send signals in pairs; the second must not disturb the cleaning up.
            if is_first:
                raise Ended(number)
        elif is_first:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)
        else:
            self._task = None
            raise Ended(number)
