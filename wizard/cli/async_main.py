"""Runs what is asynchronous, so that a signal ends it in order: sessions deleted, nothing half done."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from wizard.domain.exits import Terminated
from wizard.domain.signals import ENDING, heeded

T = TypeVar("T")


def run_in_order(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end and return its result.

    Raises:
        KeyboardInterrupt: Ctrl+C; the coroutine was cancelled and has cleaned up.
        Terminated: SIGTERM or SIGHUP; the same.
    """
    received: list[int] = []

    async def run() -> T:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()

        def end(number: int) -> None:
            received.append(number)
            if task is not None:
                task.cancel()

        for number in heeded(ENDING):
            loop.add_signal_handler(number, end, number)
        return await work

    try:
        with asyncio.Runner() as runner:
            return runner.run(run())
    except asyncio.CancelledError:
        if not received:
            raise
        raise Terminated(received[0]) from None
    finally:
        work.close()  # if there were too many open files for a loop, it was never begun
