"""Tripletex's rate limit, which counts all requests of a key together.

The limit was observed to be 100 requests in about 10 seconds. ``X-Rate-Limit-Remaining`` and
``X-Rate-Limit-Reset`` (seconds) are on every response except a 429, which has neither. Sources:
specification 2.75.12 and integrators.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

Pause = Callable[[float], Awaitable[object]]
OnWait = Callable[[float], object]

_SECONDS: Final = re.compile(r"[0-9]{1,10}")
"""Ten digits are centuries, and converting a megabyte of digits would take long."""
_WINDOW: Final = 10.0
_SHORTEST: Final = 1.0
_LONGEST: Final = 60.0
_ROUNDING: Final = 1.5
"""Seconds. ``X-Rate-Limit-Reset`` is rounded to whole seconds."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """The rate limit headers of a response.

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
        """Parse the headers, ignoring invalid values."""
        remaining = _seconds(headers.get("x-rate-limit-remaining"))
        return cls(
            None if remaining is None else int(remaining),
            _seconds(headers.get("x-rate-limit-reset")),
            _retry_after(headers.get("retry-after"), now),
        )


class RateLimit:
    """Delays the requests of one key when no more are allowed in the current period."""

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
        self._may_be_early = False
        self._margin = 0.0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until a request may be sent. Call ``update`` with the response inside the context."""
        async with self._gate:  # only the first in the queue checks; the others wait for it
            while self._is_used_up():
                if self._in_flight:
                    # Only the pending responses can tell how many requests are left.
                    self._answered.clear()
                    await self._answered.wait()
                else:
                    await self._wait_for_next_period()
            self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1
            self._answered.set()

    def update(self, allowance: Allowance, *, refused: bool) -> None:
        """Apply the headers of a response; ``refused`` means that its status was 429."""
        now = asyncio.get_running_loop().time()
        if refused:
            # Retry-After is not documented, but a gateway may send it.
            usual = _WINDOW
            if self._may_be_early:
                # The server rounds X-Rate-Limit-Reset down, which is not documented.
                usual = self._margin = _SHORTEST
            wait = allowance.retry_after or allowance.reset or usual
            ends = now + _bounded(wait)
            self._ends = max(self._ends, ends) if self._refused else ends
            self._refused, self._remaining = True, 0
        elif not self._refused and allowance.remaining is not None and allowance.reset is not None:
            ends = now + _bounded(allowance.reset) + self._margin
            # Responses may arrive out of order, and an older one has too high a number.
            if self._remaining is None or ends > self._ends + _ROUNDING:
                self._remaining = allowance.remaining
            else:
                self._remaining = min(self._remaining, allowance.remaining)
            self._ends = ends
        self._first_goes_alone = self._may_be_early = False

    def _is_used_up(self) -> bool:
        if self._remaining is not None and asyncio.get_running_loop().time() >= self._ends:
            self._begin_period()
        if self._remaining is None:
            return self._first_goes_alone and self._in_flight > 0
        return self._remaining <= self._in_flight

    async def _wait_for_next_period(self) -> None:
        seconds = self._ends - asyncio.get_running_loop().time()
        if self._on_wait is not None:
            self._on_wait(seconds)
        await self._pause(seconds)
        self._begin_period()
        # Many may be waiting: the first response says how many of them may follow.
        self._first_goes_alone = True

    def _begin_period(self) -> None:
        self._may_be_early = not self._refused
        self._remaining, self._refused, self._ends = None, False, 0.0


def _bounded(seconds: float) -> float:
    return min(max(seconds, _SHORTEST), _LONGEST)


def _seconds(text: str | None) -> float | None:
    return float(text) if text and _SECONDS.fullmatch(text) else None


def _retry_after(text: str | None, now: datetime) -> float | None:
    """Return the seconds of a ``Retry-After``, which is a number or a date (RFC 9110)."""
    seconds = _seconds(text)
    if seconds is not None or text is None:
        return seconds
    try:
        return max((parsedate_to_datetime(text) - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):  # not a date, or one without a time zone
        return None
