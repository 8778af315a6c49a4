"""The rate limit: per key and consumer, in windows from the first request on (observed: 100 per 10 s)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil


@dataclass(frozen=True)
class Allowance:
    """What is left of a window after a request.

    Attributes:
        limit: Requests in a window.
        remaining: Requests left in this one.
        reset: Whole seconds until the next one.
        exceeded: This request was one too many.
    """

    limit: int
    remaining: int
    reset: int
    exceeded: bool = False


@dataclass
class _Window:
    ends: datetime
    spent: int = 0


class RateLimiter:
    """Counts the requests of every pair of key and consumer."""

    def __init__(self) -> None:
        self._windows: dict[tuple[int, int], _Window] = {}

    def spend(self, pair: tuple[int, int], *, now: datetime, limit: int, seconds: float) -> Allowance:
        """Count one request of the pair."""
        window = self._windows.get(pair)
        if window is None or now >= window.ends:
            window = self._windows[pair] = _Window(ends=now + timedelta(seconds=seconds))
        window.spent += 1
        return Allowance(
            limit=limit,
            remaining=max(0, limit - window.spent),
            reset=ceil((window.ends - now).total_seconds()),
            exceeded=window.spent > limit,
        )
