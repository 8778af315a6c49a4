"""Keeps to Tripletex's rate limit: one for all requests of a key, since that is how Tripletex counts.

100 requests in about 10 seconds were observed; ``X-Rate-Limit-Remaining`` and ``-Reset`` (seconds) are
on every answer but the refusing 429, which has neither. Source: specification 2.75.12 and integrators.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

Pause = Callable[[float], Awaitable[object]]
OnWait = Callable[[float], object]

_WINDOW: Final = 10.0
_SHORTEST: Final = 1.0
_LONGEST: Final = 60.0
_ROUNDING: Final = 1.5
"""Seconds; ``X-Rate-Limit-Reset`` is a whole number of them."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an answer says about the requests that are left.

    Attributes:
        remaining: Requests left in this period.
        reset: Seconds until the next period.
        retry_after: Seconds to wait, from ``Retry-After``.
    """

    remaining: int | None = None
    reset: float | None = None
    retry_after: float | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str], now: datetime) -> "Allowance":
        """Read the headers; what makes no sense in them is passed over."""
        remaining = _seconds(headers.get("x-rate-limit-remaining"))
        return cls(
            None if remaining is None else int(remaining),
            _seconds(headers.get("x-rate-limit-reset")),
            _retry_after(headers.get("retry-after"), now),
        )


class RateLimit:
    """Lets requests of one key pass, and delays them if the period's allowance is used up."""

    def __init__(self, pause: Pause, on_wait: OnWait | None = None) -> None:
        self._pause = pause
        self._on_wait = on_wait
        self._gate = asyncio.Lock()
        self._answered = asyncio.Event()
        self._in_flight = 0
        self._remaining: int | None = None
        self._ends = 0.0
        self._refused = False
        self._first_goes_alone = False

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until a request may be sent; it lasts until the answer has been heeded."""
        async with self._gate:  # the first in the queue looks, the others wait for it
            while self._is_used_up():
                if self._in_flight:
                    # Their answers say how many are left; until then each may have taken one.
                    self._answered.clear()
                    await self._answered.wait()
                else:
                    await self._rest()
            self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1
            self._answered.set()

    def heed(self, allowance: Allowance, *, refused: bool) -> None:
        """Take note of an answer; ``refused`` when it was 429."""
        now = asyncio.get_running_loop().time()
        if refused:
            # Retry-After is nowhere documented; it is heeded because a gateway in between may send it.
            wait = allowance.retry_after or allowance.reset or _WINDOW
            ends = now + _bounded(wait)
            self._ends = max(self._ends, ends) if self._refused else ends
            self._refused, self._remaining = True, 0
        elif not self._refused and allowance.remaining is not None and allowance.reset is not None:
            ends = now + _bounded(allowance.reset)
            # Answers overtake each other, and an older one promises more than is left.
            if self._remaining is None or ends > self._ends + _ROUNDING:
                self._remaining = allowance.remaining
            else:
                self._remaining = min(self._remaining, allowance.remaining)
            self._ends = ends
        self._first_goes_alone = False

    def _is_used_up(self) -> bool:
        if self._remaining is not None and asyncio.get_running_loop().time() >= self._ends:
            self._begin_period()
        if self._remaining is None:
            return self._first_goes_alone and self._in_flight > 0
        return self._remaining <= self._in_flight

    async def _rest(self) -> None:
        seconds = self._ends - asyncio.get_running_loop().time()
        if self._on_wait is not None:
            self._on_wait(seconds)
        await self._pause(seconds)
        self._begin_period()
        # Many have waited: the answer to the first says how many of them may follow.
        self._first_goes_alone = True

    def _begin_period(self) -> None:
        self._remaining, self._refused, self._ends = None, False, 0.0


def _bounded(seconds: float) -> float:
    return min(max(seconds, _SHORTEST), _LONGEST)


def _seconds(text: str | None) -> float | None:
    # Ten digits are centuries; int() of a megabyte of digits would take its time.
    return float(text) if text and text.isascii() and text.isdigit() and len(text) <= 10 else None  # noqa: PLR2004


def _retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds or a date (RFC 9110)."""
    seconds = _seconds(text)
    if seconds is not None or text is None:
        return seconds
    try:
        return max((parsedate_to_datetime(text) - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):  # not a date; a date without zone
        return None
