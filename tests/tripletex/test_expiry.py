from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rows import every_row
from wizard.tripletex.calls import expiry_date, oslo_date


@every_row(
    ("now", "expected"),
    [
        ("2026-11-22T12:00:00+01:00", "2026-11-23"),
        ("2026-11-22T23:44:59+01:00", "2026-11-23"),
        ("2026-11-22T23:45:00+01:00", "2026-11-23"),
        ("2026-11-22T23:45:01+01:00", "2026-11-24"),
        ("2026-11-22T23:50:00+01:00", "2026-11-24"),
        ("2026-12-31T23:59:59+01:00", "2027-01-02"),
        # A night in summer: in UTC it is still the day before.
        ("2026-07-01T22:30:00+00:00", "2026-07-03"),
        ("2026-07-01T21:50:00+00:00", "2026-07-03"),
        ("2026-07-01T21:40:00+00:00", "2026-07-02"),
        # The days on which the clocks change are 23 and 25 hours long.
        ("2026-03-29T00:30:00+01:00", "2026-03-30"),
        ("2026-03-29T23:50:00+02:00", "2026-03-31"),
        ("2026-10-25T23:50:00+01:00", "2026-10-27"),
        ("2026-10-25T22:50:00+00:00", "2026-10-27"),
        # From a machine on the other side of the world.
        ("2026-11-23T11:00:00+13:00", "2026-11-23"),
    ],
)
def test_the_session_lives_to_the_end_of_the_day_in_oslo(now: str, expected: str) -> None:
    assert expiry_date(datetime.fromisoformat(now)) == date.fromisoformat(expected)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_a_session_lives_for_fifteen_minutes_and_for_less_than_two_days(now: datetime) -> None:
    expires = expiry_date(now)
    assert oslo_date(now + timedelta(minutes=14, seconds=59)) < expires
    assert oslo_date(now + timedelta(hours=26)) >= expires


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        expiry_date(datetime(2026, 11, 22))  # noqa: DTZ001 - that is the point
