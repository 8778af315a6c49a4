"""All requests of one key: one rate limit, one way of trying again."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

from wizard.domain.redaction import Scrub
from wizard.tripletex.calls import Request
from wizard.tripletex.errors import (
    Cause,
    Flaw,
    RateLimited,
    ServerTrouble,
    TripletexError,
    Unintelligible,
    Unreachable,
)
from wizard.tripletex.rate_limit import OnWait, Pause, RateLimit
from wizard.tripletex.replies import Json, read_reply
from wizard.tripletex.transport import RawResponse, Transport

Undo = Callable[[RawResponse], Awaitable[None]]

_FIRST_BACKOFF: Final = 0.5
_PATIENCE: Final = 15.0
"""Seconds after which no further try is begun: somebody is waiting."""
_MOST_WAITS: Final = 5
_TOO_MANY_REQUESTS: Final = 429
_MAY_PASS: Final = frozenset({502, 503, 504})


class KeyChannel:
    """Asks Tripletex on behalf of one key, in however many sessions.

    Attributes:
        has_used_put: Whether the tokens were sent by the legacy PUT, because POST is not served.
    """

    def __init__(self, transport: Transport, pause: Pause, on_wait: OnWait | None) -> None:
        self._transport = transport
        self.timeouts: Final = transport.timeouts
        self.has_used_put = False
        self._pause = pause
        self._rate_limit = RateLimit(pause, on_wait)

    async def ask(self, request: Request, scrub: Scrub, undo: Undo | None = None) -> Json:
        """Return Tripletex's answer, waiting and trying again where that may help.

        Making a session is tried again too when the connection broke or a gateway failed: if it was
        made nevertheless, it is orphaned either way and ends by itself at its date. It is not tried
        again when no answer came in time, so as not to queue up work at a slow server.

        Args:
            request: What to ask.
            scrub: Knows the tokens that an answer might bring back.
            undo: Called with the answer when the asker is cancelled while it is on its way.

        Raises:
            TripletexError: It stayed without an answer, or the answer is no.
        """
        began = asyncio.get_running_loop().time()
        waits = failures = 0
        while True:
            try:
                return read_reply(await self._exchange(request, scrub, undo), scrub)
            except RateLimited:
                waits += 1
                if waits > _MOST_WAITS:
                    raise
            except TripletexError as error:
                failures += 1
                late = asyncio.get_running_loop().time() - began >= _PATIENCE
                if failures >= request.tries or late or not _may_pass(error):
                    raise
                await self._pause(_backoff(failures))

    async def _exchange(self, request: Request, scrub: Scrub, undo: Undo | None) -> RawResponse:
        async with self._rate_limit.turn():
            exchange = self._transport.exchange(request, scrub)
            answer = await (see_through(exchange, undo) if undo else exchange)
            self._rate_limit.heed(answer.allowance, refused=answer.status == _TOO_MANY_REQUESTS)
            return answer


def _may_pass(error: TripletexError) -> bool:
    match error:
        case ServerTrouble(status=status):
            return status in _MAY_PASS
        case Unintelligible(flaw=flaw):
            return flaw is Flaw.CUT_OFF
        case Unreachable(cause=Cause.NAME | Cause.CONNECTION):
            return True
        case Unreachable(cause=Cause.TIME, sent=sent):
            return not sent
        case _:
            return False


def _backoff(failures: int) -> float:
    """Seconds: half a second, doubled each time, spread so that many keys do not come back at once."""
    return _FIRST_BACKOFF * 2.0 ** (failures - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - no secret


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
