"""The expiration date of a session.

A session is dead from 00:00 in Norway at the *start* of its ``expirationDate``, and Tripletex gives
one out even when that moment has passed. Source: observed by three integrators.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_OSLO: Final = ZoneInfo("Europe/Oslo")
_A_DAY: Final = timedelta(days=1)
_SHORTEST: Final = timedelta(minutes=15)


def oslo_date(moment: datetime) -> date:
    """Return the date in Norway, where Tripletex's servers keep their calendar.

    Raises:
        ValueError: The moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("the clock must give a moment with a time zone")
    return moment.astimezone(_OSLO).date()


def expiry_date(now: datetime) -> date:
    """Return the earliest date on which a session from now lives long enough to be used."""
    tomorrow = oslo_date(now) + _A_DAY
    midnight = datetime.combine(tomorrow, time.min, _OSLO).astimezone(UTC)
    return tomorrow if midnight - now >= _SHORTEST else tomorrow + _A_DAY
