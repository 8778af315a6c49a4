"""Lets everybody who asks the same thing at once, or again, share one answer."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Shared:
    """Pieces of work by name: begun by the first who asks, and ended by nobody who stops waiting."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}

    async def get(self, name: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what the work of that name gave, or gives; begin it when nobody has."""
        if name not in self._tasks:
            self._tasks[name] = asyncio.create_task(work())
        return cast("T", await asyncio.shield(self._tasks[name]))

    def forget_finished(self) -> None:
        """Let the next who asks begin anew, save where the work is still going on."""
        self._tasks = {name: task for name, task in self._tasks.items() if not task.done()}

    async def cancel(self) -> None:
        """End all work that is still going on."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
