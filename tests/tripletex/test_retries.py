"""Which requests are repeated, how often, and how the rate limit is kept."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rows import every_row
from tests.support.sandbox import OSLO, Behaviour, Clock, Fault
from tests.support.stage import Pauses, Serve, Stage
from wizard.domain.key import Secret
from wizard.tripletex.client import Session, Tripletex
from wizard.tripletex.errors import (
    NotTripletex,
    RateLimited,
    ServerTrouble,
    TripletexError,
    Unintelligible,
    Unreachable,
)
from wizard.tripletex.rate_limit import Allowance, RateLimit
from wizard.tripletex.transport import Timeouts

WHO = "GET /token/session/>whoAmI"
CREATE = "POST /token/session/:create"


async def log_on(stage: Stage, tripletex: Tripletex) -> Session:
    return await tripletex.log_on(stage.consumer, Secret(stage.sandbox.world.single_company.employee_token))


async def converse(stage: Stage) -> None:
    async with stage.tripletex() as tripletex, await log_on(stage, tripletex) as session:
        await session.who_am_i()


@every_row(
    "fault",
    [
        Fault(status=502),
        Fault(status=503, body="<html>", content_type="text/html"),
        Fault(status=504),
        Fault(trouble="drop-before"),
        Fault(trouble="drop-after"),
        Fault(trouble="cut-short"),
    ],
)
@every_row("path", ["*:create", "*whoAmI"])
async def test_temporary_failures_are_retried(serve: Serve, path: str, fault: Fault) -> None:
    stage = serve()
    ways = {name: getattr(fault, name) for name in ("trouble", "status", "body", "content_type")}
    stage.sandbox.faults.append(Fault(path=path, times=3, **ways))
    await converse(stage)
    assert stage.calls.count(CREATE if "create" in path else WHO) == 4
    first, second, third = stage.pauses.seconds
    assert 0.25 <= first <= 0.75
    assert 0.5 <= second <= 1.5
    assert 1.0 <= third <= 3.0
    lost = {"drop-after", "cut-short"} if "create" in path else set()
    # No client knows the sessions whose responses were lost; they end at their date.
    assert len(stage.sandbox.open_sessions) == (3 if fault.trouble in lost else 0)


@every_row(
    ("fault", "kind"),
    [
        (Fault(path="*whoAmI", times=None, status=503), ServerTrouble),
        (Fault(path="*whoAmI", times=None, trouble="drop-before"), Unreachable),
    ],
)
async def test_a_request_is_given_up_after_four_attempts(
    serve: Serve, fault: Fault, kind: type[TripletexError]
) -> None:
    stage = serve()
    stage.sandbox.faults.append(fault)
    with pytest.raises(kind):
        await converse(stage)
    assert stage.calls.count(WHO) == 4
    assert not stage.sandbox.open_sessions


@every_row(
    ("trouble", "kind"),
    [
        ({"status": 500}, ServerTrouble),
        ({"trouble": "truncated"}, Unintelligible),
        ({"trouble": "captive-portal"}, NotTripletex),
        ({"trouble": "redirect"}, NotTripletex),
        ({"trouble": "huge"}, Unintelligible),
    ],
)
async def test_lasting_failures_are_not_retried(
    serve: Serve, trouble: dict[str, Any], kind: type[TripletexError]
) -> None:
    stage = serve()
    stage.sandbox.faults.append(Fault(path="*whoAmI", times=None, **trouble))
    with pytest.raises(kind):
        await converse(stage)
    assert stage.calls.count(WHO) == 1
    assert not stage.pauses.seconds


async def test_a_slow_log_on_is_not_repeated(stage: Stage) -> None:
    stage.sandbox.faults.append(Fault(path="*:create", trouble="hang", times=None))
    # Only the reading is impatient: a busy machine may take its time to connect.
    hasty = Timeouts(connect=10, read=0.2, whole=10)
    async with Tripletex(stage.base_url, pause=stage.pauses, timeouts=hasty) as tripletex:
        with pytest.raises(Unreachable) as raised:
            await log_on(stage, tripletex)
    assert raised.value.sent
    assert stage.calls == [CREATE]


async def test_the_rate_limit_delays_requests_and_fails_none(serve: Serve) -> None:
    # The window moves on only when the client waits, however busy the machine is.
    clock = Clock(datetime(2026, 11, 22, 12, tzinfo=OSLO))
    stage = serve(behaviour=Behaviour(rate_limit=10), clock=clock)
    world = stage.sandbox.world
    told: list[float] = []

    async def pause(_: float) -> None:
        clock.advance(10)
        await asyncio.sleep(0)

    tripletex = Tripletex(stage.base_url, clock=clock, pause=pause, on_wait=told.append)
    async with (
        tripletex,
        await tripletex.log_on(stage.consumer, Secret(world.office.employee_token)) as session,
    ):
        clients = await session.client_list().read()
        answers = await asyncio.gather(*(session.who_am_i(clients[n % 5].id) for n in range(25)))
    assert [me.company_id for me in answers] == [clients[n % 5].id for n in range(25)]
    assert told
    assert not stage.sandbox.open_sessions
    # Who watches what is left is hardly ever refused.
    assert sum(request.status == 429 for request in stage.sandbox.requests) <= 2


@every_row(
    ("path", "headers", "seconds"),
    [
        ("*:create", (), 10.0),
        ("*whoAmI", (("Retry-After", "3"),), 3.0),
        ("*{token}", (("X-Rate-Limit-Reset", "4"),), 4.0),
    ],
)
async def test_a_429_is_waited_out(
    serve: Serve, path: str, headers: tuple[tuple[str, str], ...], seconds: float
) -> None:
    stage = serve()
    stage.sandbox.faults.append(Fault(path=path, times=2, status=429, headers=headers))
    await converse(stage)
    assert stage.pauses.seconds == [pytest.approx(seconds, abs=0.2)] * 2
    assert not stage.sandbox.open_sessions


async def test_waiting_for_the_rate_limit_ends_in_an_error(stage: Stage) -> None:
    stage.sandbox.faults.append(Fault(path="*whoAmI", times=None, status=429, body=""))
    with pytest.raises(RateLimited):
        await converse(stage)
    assert stage.calls.count(WHO) == 6
    assert len(stage.pauses.seconds) == 6  # the last before the session is deleted
    assert not stage.sandbox.open_sessions


async def test_keys_do_not_wait_for_each_other(stage: Stage) -> None:
    world = stage.sandbox.world
    resting = asyncio.Event()

    async def pause(_: float) -> None:
        resting.set()
        await asyncio.Event().wait()

    async with Tripletex(stage.base_url, pause=pause) as tripletex:
        first = await log_on(stage, tripletex)
        second = await tripletex.log_on(stage.consumer, Secret(world.office.employee_token))
        stage.sandbox.faults.append(Fault(path="*whoAmI", status=429))
        held_back = asyncio.create_task(first.who_am_i())
        await resting.wait()
        assert (await second.who_am_i()).company_id == world.office_company.id
        held_back.cancel()
        await asyncio.gather(held_back, return_exceptions=True)
        await first.close(0.1)


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
def test_rate_limit_headers_are_read(headers: dict[str, str], expected: Allowance) -> None:
    assert Allowance.from_headers(headers, NOW) == expected


@given(st.text(), st.text(), st.text())
def test_any_rate_limit_header_is_tolerated(remaining: str, reset: str, retry_after: str) -> None:
    headers = {"x-rate-limit-remaining": remaining, "x-rate-limit-reset": reset, "retry-after": retry_after}
    Allowance.from_headers(headers, NOW)


async def ask(limiter: RateLimit, *allowances: Allowance, refused: bool = False) -> None:
    for allowance in allowances:
        async with limiter.turn():
            limiter.update(allowance, refused=refused)


async def test_requests_wait_for_the_next_period_if_none_are_left() -> None:
    pauses, told = Pauses(), list[float]()
    limiter = RateLimit(pauses, told.append)
    await ask(limiter, Allowance(1, 9.0), Allowance(0, 9.0))
    assert not pauses.seconds
    await ask(limiter, Allowance(99, 10.0), Allowance(98, 10.0))
    assert pauses.seconds == told == [pytest.approx(9.0, abs=0.1)]


@every_row(
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


async def test_a_reset_that_is_rounded_down_is_too_early_only_once() -> None:
    pauses = Pauses()
    limiter = RateLimit(pauses)
    await ask(limiter, Allowance(0, 9.0))
    await ask(limiter, Allowance(), refused=True)
    await ask(limiter, Allowance(0, 9.0), Allowance(9, 9.0))
    assert pauses.seconds == [pytest.approx(seconds, abs=0.1) for seconds in (9, 1, 10)]
    # Another program with the same key may be the cause as well: then there is a whole period to wait.
    await ask(limiter, Allowance(), refused=True)
    await ask(limiter, Allowance())
    assert pauses.seconds[3:] == [pytest.approx(10, abs=0.1)]


async def test_all_requests_of_a_key_share_one_wait() -> None:
    pauses = Pauses()
    limiter = RateLimit(pauses)
    await ask(limiter, Allowance(), refused=True)
    await asyncio.gather(*(ask(limiter, Allowance()) for _ in range(50)))
    assert len(pauses.seconds) == 1


async def test_no_more_requests_are_under_way_than_are_left() -> None:
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


async def test_an_older_response_does_not_raise_the_allowance() -> None:
    pauses = Pauses()
    limiter = RateLimit(pauses)
    await ask(limiter, Allowance(0, 9.0), Allowance(5, 10.0))
    assert len(pauses.seconds) == 1
    limiter.update(Allowance(0, 10.0), refused=False)
    limiter.update(Allowance(1, 10.0), refused=False)
    await ask(limiter, Allowance())
    assert len(pauses.seconds) == 2


async def test_after_a_wait_one_request_goes_first() -> None:
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


async def test_a_late_response_neither_lifts_nor_shortens_a_refusal() -> None:
    pauses = Pauses()
    limiter = RateLimit(pauses)
    async with limiter.turn():
        await ask(limiter, Allowance(), refused=True)
        limiter.update(Allowance(50, 30.0), refused=False)
        limiter.update(Allowance(retry_after=1.0), refused=True)
    await ask(limiter, Allowance())
    assert pauses.seconds == [pytest.approx(10, abs=0.1)]


async def test_a_cancelled_request_lets_the_next_one_wait() -> None:
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
