"""The session of a probe: how long it lasts, and that it is always deleted."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.keys import make_key
from tests.support.rows import every_row
from tests.support.sandbox import Fault
from tests.support.servers import http, raw_server
from tests.support.stage import Serve, Stage
from wizard.checks.outcomes import FigureScope, Wanted
from wizard.checks.setup import check_setup
from wizard.domain.key import Secret
from wizard.domain.setup import Setup
from wizard.tripletex.calls import expiry_date, oslo_date
from wizard.tripletex.channel import GRACE
from wizard.tripletex.client import Tripletex


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the sandbox, in its thread, tells nobody
            await asyncio.sleep(0.005)


async def check_everything(stage: Stage) -> None:
    async with stage.probing(stage.sandbox.world.office) as examination:
        async for _ in check_setup(
            examination, Wanted(Setup.BUREAU_SHARED), figures=FigureScope.EVERY_CLIENT
        ):
            pass


async def log_on_and_wait(stage: Stage) -> None:
    async with stage.tripletex() as tripletex:
        await tripletex.log_on(stage.consumer, Secret(stage.sandbox.world.office.employee_token))
        await asyncio.Event().wait()


@every_row(
    ("work", "requests"),
    [*((check_everything, number) for number in range(1, 8)), (log_on_and_wait, 1), (log_on_and_wait, 2)],
)
async def test_no_session_is_left_open(
    serve: Serve, work: Callable[[Stage], Awaitable[None]], requests: int
) -> None:
    stage = serve(latency=0.02)
    task = asyncio.ensure_future(work(stage))
    await until(lambda: len(stage.calls) >= min(requests, 1 if work is log_on_and_wait else 8))
    await asyncio.sleep(0.004 * (requests % 3))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stage.calls.count("POST /token/session/:create") == 1
    assert not stage.sandbox.open_sessions


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    ("answer", "deleted"),
    [
        (
            http(201, '{"value": {"token": "session", "employeeToken": {"id": 7}}}'),
            ["/v2/token/session/session"],
        ),
        (http(201, '{"value": {"token": ""}}'), []),
        (http(422, '{"code": 18000, "message": "no", "requestId": "3f2a"}'), []),
        (b"no HTTP\r\n\r\n", []),
    ],
    ids=["created", "created without a token", "refused", "garbled"],
)
async def test_a_session_that_is_on_its_way_is_awaited_and_deleted(
    answer: bytes, deleted: list[str], times: int
) -> None:
    made, answering = asyncio.Event(), asyncio.Event()
    heads: list[str] = []

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            if heads[-1].startswith("POST"):
                await reader.readuntil(b"}")
                made.set()
                await answering.wait()
            writer.write(answer)

    async with raw_server(respond) as base_url, Tripletex(base_url) as tripletex:
        task = asyncio.ensure_future(tripletex.log_on(make_key(1), make_key(2)))
        await made.wait()
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0.02)
        answering.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [head.split()[1] for head in heads if head.startswith("DELETE")] == deleted


async def test_a_failure_leaves_no_session_open(stage: Stage) -> None:
    async def fail() -> None:
        async with stage.probing(stage.sandbox.world.office) as examination:
            await examination.facts()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert not stage.sandbox.open_sessions


async def test_a_server_that_hangs_does_not_delay_the_end(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = serve()
    for module in ("channel", "client"):
        monkeypatch.setattr(f"wizard.tripletex.{module}.GRACE", 0.2)
    stage.sandbox.faults.append(Fault(trouble="hang", times=None))
    task = asyncio.ensure_future(check_everything(stage))
    await until(lambda: stage.calls)
    began = asyncio.get_running_loop().time()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.get_running_loop().time() - began < 2


async def test_cancelling_does_not_wait_for_a_host_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lookup blocks in the C library, where it cannot be cancelled, and nothing has been sent."""
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: time.sleep(5))
    async with Tripletex("https://tripletex.no/v2") as tripletex:
        task = asyncio.ensure_future(tripletex.log_on(make_key(1), make_key(2)))
        await asyncio.sleep(0.1)
        task.cancel()
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert time.monotonic() - began < GRACE


async def test_deleting_a_session_has_a_short_deadline(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wizard.tripletex.client._DELETE_TIMEOUT", 0.1)
    stage.sandbox.faults.append(Fault(method="DELETE", trouble="hang", times=None))
    began = asyncio.get_running_loop().time()
    async with stage.probing(stage.sandbox.world.office) as examination:
        await examination.log_on()
    assert asyncio.get_running_loop().time() - began < 2
    assert stage.calls.count("DELETE /token/session/{token}") == 1


@every_row(
    ("now", "expected"),
    [
        ("2026-11-22T12:00:00+01:00", "2026-11-23"),
        ("2026-11-22T23:45:00+01:00", "2026-11-23"),
        ("2026-11-22T23:45:01+01:00", "2026-11-24"),
        ("2026-12-31T23:59:59+01:00", "2027-01-02"),
        ("2026-07-01T22:30:00+00:00", "2026-07-03"),  # a night in summer: in UTC it is the day before
        ("2026-07-01T21:40:00+00:00", "2026-07-02"),
        ("2026-03-29T00:30:00+01:00", "2026-03-30"),  # a day of 23 hours
        ("2026-10-25T22:50:00+00:00", "2026-10-27"),  # a day of 25 hours
        ("2026-11-23T11:00:00+13:00", "2026-11-23"),  # from the other side of the world
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
