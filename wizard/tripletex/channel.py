"""The requests of one key, which share a rate limit and are retried."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

from wizard.domain.redaction import Scrub
from wizard.tripletex import errors
from wizard.tripletex.calls import Request
from wizard.tripletex.rate_limit import OnWait, Pause, RateLimit
from wizard.tripletex.replies import Json, read_reply
from wizard.tripletex.transport import RawResponse, Transport

Undo = Callable[[RawResponse], Awaitable[None]]

_FIRST_BACKOFF: Final = 0.5
_PATIENCE: Final = 15.0
"""Seconds after which a request is not retried, because a user is waiting for it."""
_MOST_WAITS: Final = 5
_TOO_MANY_REQUESTS: Final = 429
_TEMPORARY_STATUSES: Final = frozenset({502, 503, 504})


class KeyChannel:
    """Sends the requests of one key, in all of its sessions.

    Attributes:
        has_used_put: Whether the tokens were sent with the legacy PUT because POST is not available.
    """

    def __init__(self, transport: Transport, pause: Pause, on_wait: OnWait | None) -> None:
        self._transport = transport
        self.timeouts: Final = transport.timeouts
        self.has_used_put = False
        self._pause = pause
        self._rate_limit = RateLimit(pause, on_wait)

    async def ask(self, request: Request, scrub: Scrub, undo: Undo | None = None) -> Json:
        """Send a request, wait for the rate limit and retry temporary failures.

        Creating a session is retried as well if the connection broke or a gateway failed. If Tripletex
        created a session anyway, it cannot be used or deleted and expires on its own. Nothing is retried
        after a timeout of the response, so as not to add to the load of a slow server.

        Args:
            request: The request.
            scrub: Removes the tokens from the text of the response.
            undo: Called with the response if the caller is cancelled before it has arrived.

        Raises:
            TripletexError: If there was no response, or the response is an error.
        """
        began = asyncio.get_running_loop().time()
        waits = failures = 0
        while True:
            try:
                return read_reply(await self._exchange(request, scrub, undo), scrub)
            except errors.RateLimited:
                waits += 1
                if waits > _MOST_WAITS:
                    raise
            except errors.TripletexError as error:
                failures += 1
                late = asyncio.get_running_loop().time() - began >= _PATIENCE
                if failures >= request.tries or late or not _is_temporary(error):
                    raise
                await self._pause(_backoff(failures))

    async def _exchange(self, request: Request, scrub: Scrub, undo: Undo | None) -> RawResponse:
        async with self._rate_limit.turn():
            sending = asyncio.Event()
            exchange = self._transport.exchange(request, scrub, sending if undo else None)
            answer = await (finish_or_undo(exchange, undo, sending) if undo else exchange)
            self._rate_limit.update(answer.allowance, refused=answer.status == _TOO_MANY_REQUESTS)
            return answer


def _is_temporary(error: errors.TripletexError) -> bool:
    match error:
        case errors.ServerTrouble(status=status):
            return status in _TEMPORARY_STATUSES
        case errors.Unintelligible(flaw=flaw):
            return flaw is errors.Flaw.CUT_OFF
        case errors.Unreachable(failure=errors.Failure.NAME | errors.Failure.CONNECTION):
            return True
        case errors.Unreachable(failure=errors.Failure.TIME, sent=sent):
            return not sent
        case _:
            return False


def _backoff(failures: int) -> float:
    """Return the delay in seconds: doubled each time, and random so that keys do not retry in step."""
    return _FIRST_BACKOFF * 2.0 ** (failures - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - no secret


T = TypeVar("T")

GRACE: Final = 0.7
"""Seconds that cancelled work may take to clean up."""


async def finish_or_undo(
    work: Coroutine[Any, Any, T], undo: Callable[[T], Awaitable[None]], begun: asyncio.Event
) -> T:
    """Return the result of ``work``. If cancelled, wait up to ``GRACE`` seconds for the result and undo it.

    Without this, a session that Tripletex is just creating would be left open. Work that has not begun,
    because a name is still being looked up, is not waited for.
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
            if begun.is_set():
                await finish(undo_when_done(), GRACE)
        finally:
            task.cancel()
        raise


async def finish(work: Coroutine[Any, Any, None], seconds: float) -> bool:
    """Run ``work`` to the end, even if the caller is cancelled, but for no longer than ``seconds``.

    Returns:
        Whether the work was completed.

    Raises:
        CancelledError: If the caller was cancelled. The work has been completed or abandoned by then.
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
