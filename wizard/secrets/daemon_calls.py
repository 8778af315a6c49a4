"""Blocking calls that may never return, made without waiting for them forever."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Event, Lock, Thread
from typing import TypeVar

from wizard.domain.signals import finish_first

T = TypeVar("T")

_writing: dict[Thread, float] = {}
"""Calls that must not stay half done, and until when the end of the program waits for them."""


class DaemonCalls:
    """Makes blocking calls one at a time, each in a daemon thread and under a deadline.

    asyncio's own executor joins its threads on exit: one D-Bus call without an answer would keep the
    whole program alive. While a call that missed its deadline still hangs, further ones give up at
    once, so that a thousand configs do not wait for the same dead service a thousand times.
    """

    def __init__(self, deadline: float) -> None:
        """Take the deadline of a call, in seconds."""
        self.deadline = deadline
        self.forget_hanging()

    def forget_hanging(self) -> None:
        """Forget the calls that hang: what they wait for may have come back."""
        self._turn = Lock()
        self._hanging: list[Thread] = []

    async def run(self, call: Callable[[], T], *, finishes: bool = False) -> T:
        """Return what the call returns, or raise what it raises.

        A call whose caller was cancelled while it waited for its turn is not made at all.

        Args:
            call: What blocks.
            finishes: Whether a call that has begun is let finish, for a while, when its caller is
                cancelled or the program ends: it writes what must not stay half done.

        Raises:
            TimeoutError: it did not return in time, or an earlier one still hangs.
        """
        self._hanging = [thread for thread in self._hanging if thread.is_alive()]
        if self._hanging:
            raise TimeoutError
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        begun = Event()
        thread = Thread(target=_work, args=(call, self._turn, begun, answer), daemon=True)
        until = time.monotonic() + self.deadline
        if finishes:
            _writing[thread] = until
        thread.start()
        try:
            async with asyncio.timeout(self.deadline):
                # A call that has begun is not stopped by cancelling the wait for it.
                return await (asyncio.shield(answer) if finishes else answer)
        except TimeoutError:
            self._hanging.append(thread)
            raise
        except asyncio.CancelledError:
            if finishes and begun.is_set():
                await asyncio.wait({answer}, timeout=until - time.monotonic())
            answer.cancel()
            raise


def _work(call: Callable[[], T], turn: Lock, begun: Event, answer: asyncio.Future[T]) -> None:
    with turn:
        begun.set()
        if answer.cancelled():
            return
        settle: Callable[[], None]
        try:
            settle = partial(answer.set_result, call())
        except Exception as error:  # noqa: BLE001 - it is raised again where the answer is awaited
            settle = partial(answer.set_exception, error)
    # The loop may be closed by now: nobody waits any more.
    with suppress(RuntimeError):
        answer.get_loop().call_soon_threadsafe(_unless_done, answer, settle)


def _unless_done(answer: asyncio.Future[T], settle: Callable[[], None]) -> None:
    if not answer.done():
        settle()


def _finish_writing() -> None:
    """Wait for what a second Ctrl+C, or an error, did not wait for."""
    for thread, until in tuple(_writing.items()):
        if thread.ident is None:  # the machine allowed no further thread
            continue
        thread.join(max(0.0, until - time.monotonic()))


finish_first(_finish_writing)
