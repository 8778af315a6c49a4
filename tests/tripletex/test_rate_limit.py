import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rows import every_row
from tests.tripletex.stage import Pauses
from wizard.tripletex.rate_limit import Allowance, RateLimit

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@every_row(
    ("headers", "expected"),
    [
        ({}, Allowance()),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "9"}, Allowance(0, 9.0)),
        ({"x-rate-limit-remaining": "-1", "x-rate-limit-reset": "soon"}, Allowance()),
        ({"x-rate-limit-remaining": "9" * 11, "x-rate-limit-reset": "٣"}, Allowance()),
        ({"retry-after": "3"}, Allowance(retry_after=3.0)),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:07 GMT"}, Allowance(retry_after=7.0)),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, Allowance(retry_after=0.0)),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:07"}, Allowance()),
        ({"retry-after": "later"}, Allowance()),
    ],
)
def test_headers_are_read(headers: dict[str, str], expected: Allowance) -> None:
    assert Allowance.from_headers(headers, NOW) == expected


@given(st.text(), st.text(), st.text())
def test_no_header_is_too_odd(remaining: str, reset: str, retry_after: str) -> None:
    headers = {"x-rate-limit-remaining": remaining, "x-rate-limit-reset": reset, "retry-after": retry_after}
    Allowance.from_headers(headers, NOW)


async def ask(limiter: RateLimit, *allowances: Allowance, refused: bool = False) -> None:
    for allowance in allowances:
        async with limiter.turn():
            limiter.update(allowance, refused=refused)


async def test_it_waits_for_the_next_period_when_nothing_is_left() -> None:
    pauses, told = Pauses(), list[float]()
    limiter = RateLimit(pauses, told.append)
    await ask(limiter, Allowance(1, 9.0), Allowance(0, 9.0))
    assert not pauses.seconds
    await ask(limiter, Allowance(99, 10.0), Allowance(98, 10.0))
    assert pauses.seconds == told == [pytest.approx(9.0, abs=0.1)]


@pytest.mark.parametrize(
    ("allowance", "seconds"),
    [
        (Allowance(), 10),
        (Allowance(reset=4.0), 4),
        (Allowance(reset=4.0, retry_after=3.0), 3),
        (Allowance(retry_after=86400.0), 60),
        (Allowance(retry_after=0.0), 10),
        (Allowance(reset=0.5), 1),
    ],
)
async def test_a_refusal_is_waited_out(allowance: Allowance, seconds: int) -> None:
    pauses = Pauses()
    limiter = RateLimit(pauses)
    await ask(limiter, allowance, refused=True)
    await ask(limiter, Allowance())
    assert pauses.seconds == [pytest.approx(seconds, abs=0.1)]


async def test_all_requests_of_a_key_share_one_wait() -> None:
    pauses = Pauses()
    limiter = RateLimit(pauses)
    await ask(limiter, Allowance(), refused=True)
    await asyncio.gather(*(ask(limiter, Allowance()) for _ in range(50)))
    assert len(pauses.seconds) == 1


async def test_no_more_are_under_way_than_are_left() -> None:
    limiter = RateLimit(Pauses())
    await ask(limiter, Allowance(3, 10.0))
    under_way = most = 0
    left = 3

    async def one() -> None:
        nonlocal under_way, most, left
        async with limiter.turn():
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way, left = under_way - 1, left - 1
            limiter.update(Allowance(left % 100, 10.0), refused=False)

    await asyncio.gather(*(one() for _ in range(3)))
    assert most == 3
    assert left == 0


async def test_an_older_answer_does_not_promise_more_than_is_left() -> None:
    pauses = Pauses()
    limiter = RateLimit(pauses)
    await ask(limiter, Allowance(0, 9.0), Allowance(5, 10.0))
    assert len(pauses.seconds) == 1
    limiter.update(Allowance(0, 10.0), refused=False)
    limiter.update(Allowance(1, 10.0), refused=False)
    await ask(limiter, Allowance())
    assert len(pauses.seconds) == 2


async def test_after_a_wait_the_first_goes_alone_and_tells_how_many_may_follow() -> None:
    limiter = RateLimit(Pauses())
    await ask(limiter, Allowance(0, 9.0))
    left, under_way, seen = 8, 0, list[int]()

    async def one() -> None:
        nonlocal left, under_way
        async with limiter.turn():
            under_way += 1
            seen.append(under_way)
            await asyncio.sleep(0.01)
            under_way, left = under_way - 1, left - 1
            limiter.update(Allowance(left, 9.0), refused=False)

    await asyncio.gather(*(one() for _ in range(6)))
    assert seen == [1, 1, 2, 3, 4, 5]


async def test_a_late_answer_does_not_lift_a_refusal() -> None:
    pauses = Pauses()
    limiter = RateLimit(pauses)
    async with limiter.turn():
        await ask(limiter, Allowance(), refused=True)
        limiter.update(Allowance(50, 10.0), refused=False)
    await ask(limiter, Allowance())
    assert len(pauses.seconds) == 1


async def test_one_that_gives_up_waiting_lets_the_next_wait() -> None:
    resting = asyncio.Event()

    async def rest(_: float) -> None:
        resting.set()
        await asyncio.Event().wait()

    limiter = RateLimit(rest)
    await ask(limiter, Allowance(), refused=True)
    first = asyncio.create_task(ask(limiter, Allowance()))
    await resting.wait()
    resting.clear()
    second = asyncio.create_task(ask(limiter, Allowance()))
    first.cancel()
    await resting.wait()
    second.cancel()
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError] * 2
