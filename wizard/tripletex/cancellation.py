"""Lets what must not be left half done come to its end when the user cancels."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

GRACE: Final = 0.7
"""Seconds that a cancelled piece of work may take to tidy up."""


async def see_through(work: Coroutine[Any, Any, T], undo: Callable[[T], Awaitable[None]]) -> T:
    """Return what the work gives. When cancelled meanwhile, wait a little for it and undo it.

    A session that Tripletex is about to give out would otherwise stay open with nobody knowing it.
    """
    task = asyncio.create_task(work)

    async def undo_when_done() -> None:
        await asyncio.wait({task})
        if not task.cancelled() and task.exception() is None:
            await undo(task.result())

    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        try:
            await finish(undo_when_done(), GRACE)
        finally:
            task.cancel()
        raise


async def finish(work: Coroutine[Any, Any, None], seconds: float) -> bool:
    """Carry work out to its end, also when cancelled meanwhile, but no longer than the time given.

    Returns:
        Whether it came to its end.

    Raises:
        CancelledError: it was cancelled meanwhile; the work has been carried out or given up by then.
    """
    task = asyncio.create_task(work)
    deadline = asyncio.get_running_loop().time() + seconds
    cancelled = None
    while not task.done():
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            task.cancel()
            break
        try:
            await asyncio.wait({task}, timeout=left)
        except asyncio.CancelledError as error:
            cancelled = error
    finished = task.done() and not task.cancelled()
    if cancelled is not None:
        raise cancelled
    if finished:
        task.result()
    return finished
