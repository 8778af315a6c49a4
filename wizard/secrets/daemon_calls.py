"""Blocking calls that may never return, made without waiting for them forever."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Lock, Thread
from typing import TypeVar

T = TypeVar("T")


class DaemonCalls:
    """Makes blocking calls one at a time, each in a daemon thread and under a deadline.

    asyncio's own executor joins its threads on exit: one D-Bus call without an answer would keep the
    whole program alive. While a call that missed its deadline still hangs, further ones give up at
    once, so that a thousand configs do not wait for the same dead service a thousand times.
    """

    def __init__(self, deadline: float) -> None:
        """Take the deadline of a call, in seconds."""
        self.deadline = deadline
        self.start_afresh()

    def start_afresh(self) -> None:
        """Forget the calls that hang: what they wait for may have come back."""
        self._turn = Lock()
        self._hanging: list[Thread] = []

    async def run(self, call: Callable[[], T]) -> T:
        """Return what the call returns, or raise what it raises.

        A call whose caller was cancelled while it waited for its turn is not made at all.

        Raises:
            TimeoutError: it did not return in time, or an earlier one still hangs.
        """
        self._hanging = [thread for thread in self._hanging if thread.is_alive()]
        if self._hanging:
            raise TimeoutError
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        thread = Thread(target=_work, args=(call, self._turn, answer), daemon=True)
        thread.start()
        try:
            async with asyncio.timeout(self.deadline):
                return await answer
        except TimeoutError:
            self._hanging.append(thread)
            raise


def _work(call: Callable[[], T], turn: Lock, answer: asyncio.Future[T]) -> None:
    with turn:
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
