"""Runs blocking calls in daemon threads, with a timeout.

asyncio's own executor joins its threads on exit. So a call to a keyring, a network disk or a name server that
never answers would delay a timeout or Ctrl+C for as long as the library keeps trying.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Event, Lock, Thread
from typing import TypeVar

from wizard.domain.exits import finish_first

T = TypeVar("T")

_writing: dict[Thread, float] = {}
"""Threads that must not be interrupted, and until when the program waits for them when it exits."""


class DaemonCalls:
    """Runs blocking calls one at a time, each in a daemon thread with a timeout.

    While a call that timed out is still running, further calls fail at once instead of waiting for the same
    dead service.
    """

    def __init__(self, deadline: float) -> None:
        """Set the timeout of each call, in seconds."""
        self.deadline = deadline
        self.forget_hanging()

    def forget_hanging(self) -> None:
        """Allow new calls although earlier ones still hang, since the service may be back."""
        self._turn = Lock()
        self._hanging: list[Thread] = []

    async def run(self, call: Callable[[], T], *, finishes: bool = False) -> T:
        """Run ``call`` and return its result. If cancelled or out of time before its turn, it is not made.

        Args:
            call: The blocking function.
            finishes: Whether to wait for a running call, up to the timeout, if the caller is cancelled or
                the program exits, because it must not be interrupted halfway.

        Raises:
            TimeoutError: If it did not return in time, or an earlier call is still running.
        """
        self._hanging = [thread for thread in self._hanging if thread.is_alive()]
        if self._hanging:
            raise TimeoutError
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        begun, turn = Event(), self._turn

        def call_in_turn() -> None:
            with turn:
                begun.set()
                if not answer.cancelled():
                    settle(answer, call)

        thread = Thread(target=call_in_turn, daemon=True)
        until = time.monotonic() + self.deadline
        if finishes:
            _writing[thread] = until
        thread.start()
        try:
            async with asyncio.timeout(self.deadline):
                # A running call must not be cancelled together with its caller.
                return await (asyncio.shield(answer) if finishes else answer)
        except TimeoutError:
            self._hanging.append(thread)
            if not begun.is_set():
                answer.cancel()
            raise
        except asyncio.CancelledError:
            if finishes and begun.is_set():
                await asyncio.wait({answer}, timeout=until - time.monotonic())
            answer.cancel()
            raise


def settle(answer: asyncio.Future[T], call: Callable[[], T]) -> None:
    """Run a call, and give its result or error to a future that belongs to the loop of another thread."""
    done: Callable[[], None]
    try:
        done = partial(answer.set_result, call())
    except Exception as error:  # noqa: BLE001 - raised by the awaiting coroutine
        done = partial(answer.set_exception, error)
    # The loop may have been closed in the meantime.
    with suppress(RuntimeError):
        answer.get_loop().call_soon_threadsafe(_unless_done, answer, done)


def _unless_done(answer: asyncio.Future[T], done: Callable[[], None]) -> None:
    if not answer.done():
        done()


def _finish_writing() -> None:
    """Wait for calls that are still running after an error or a second Ctrl+C."""
    for thread, until in tuple(_writing.items()):
        if thread.ident is None:  # the thread could not be started
            continue
        thread.join(max(0.0, until - time.monotonic()))


finish_first(_finish_writing)
