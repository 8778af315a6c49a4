"""The sandbox's clock: real time by default, any other on request."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")
"""Tripletex keeps Norwegian time (official documentation)."""


class Clock:
    """A callable clock that a test can set and move while the sandbox is serving.

    Without a moment it follows real time. Once set it stands still until it is set or advanced.
    """

    def __init__(self, now: datetime | None = None) -> None:
        self._standing = None if now is None else _aware(now)
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """The present moment, with its zone."""
        return (self._standing or datetime.now(UTC)) + self._ahead

    def set(self, now: datetime) -> None:
        """Stand still at this moment.

        Raises:
            ValueError: The moment has no zone.
        """
        self._standing, self._ahead = _aware(now), timedelta()

    def advance(self, by: timedelta | float) -> None:
        """Move forward by a duration, or by a number of seconds."""
        self._ahead += by if isinstance(by, timedelta) else timedelta(seconds=by)


def start_of(day: date) -> datetime:
    """00:00 in Oslo at the start of the day: when that which expires on it ends (seen by integrators)."""
    return datetime.combine(day, time(), OSLO)


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("A clock needs a moment with a zone.")
    return moment
