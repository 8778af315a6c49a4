"""What is tried again, how often, and what the rate limit costs."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from tests.support.sandbox import OSLO, Behaviour, Clock, Fault
from tests.tripletex.conftest import Serve
from tests.tripletex.stage import Stage
from wizard.domain.secret import Secret
from wizard.tripletex.client import Tripletex
from wizard.tripletex.errors import (
    NotTripletex,
    RateLimited,
    ServerTrouble,
    TripletexError,
    Unintelligible,
    Unreachable,
)
from wizard.tripletex.session import Session
from wizard.tripletex.transport import Timeouts

WHO = "GET /token/session/>whoAmI"
CREATE = "POST /token/session/:create"


async def log_on(stage: Stage, tripletex: Tripletex) -> Session:
    return await tripletex.log_on(stage.consumer, Secret(stage.sandbox.world.single_company.employee_token))


async def converse(stage: Stage) -> None:
    async with stage.tripletex() as tripletex, await log_on(stage, tripletex) as session:
        await session.who_am_i()


@pytest.mark.parametrize(
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
@pytest.mark.parametrize("path", ["*:create", "*whoAmI"])
async def test_what_may_pass_is_tried_again(stage: Stage, path: str, fault: Fault) -> None:
    ways = {name: getattr(fault, name) for name in ("trouble", "status", "body", "content_type")}
    stage.sandbox.faults.append(Fault(path=path, times=3, **ways))
    await converse(stage)
    assert stage.calls.count(CREATE if "create" in path else WHO) == 4
    first, second, third = stage.pauses.seconds
    assert 0.25 <= first <= 0.75
    assert 0.5 <= second <= 1.5
    assert 1.0 <= third <= 3.0
    lost = {"drop-after", "cut-short"} if "create" in path else set()
    # Sessions whose answers were lost on the way are nobody's; they end at their date.
    assert len(stage.sandbox.open_sessions) == (3 if fault.trouble in lost else 0)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(path="*whoAmI", times=None, status=503), ServerTrouble),
        (Fault(path="*whoAmI", times=None, trouble="drop-before"), Unreachable),
    ],
)
async def test_after_four_tries_it_is_given_up(
    stage: Stage, fault: Fault, kind: type[TripletexError]
) -> None:
    stage.sandbox.faults.append(fault)
    with pytest.raises(kind):
        await converse(stage)
    assert stage.calls.count(WHO) == 4
    assert not stage.sandbox.open_sessions


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        ({"status": 500}, ServerTrouble),
        ({"trouble": "truncated"}, Unintelligible),
        ({"trouble": "captive-portal"}, NotTripletex),
        ({"trouble": "redirect"}, NotTripletex),
        ({"trouble": "huge"}, Unintelligible),
    ],
)
async def test_what_will_not_pass_is_not(
    stage: Stage, trouble: dict[str, Any], kind: type[TripletexError]
) -> None:
    stage.sandbox.faults.append(Fault(path="*whoAmI", times=None, **trouble))
    with pytest.raises(kind):
        await converse(stage)
    assert stage.calls.count(WHO) == 1
    assert not stage.pauses.seconds


async def test_a_slow_log_on_is_not_queued_up_again(stage: Stage) -> None:
    stage.sandbox.faults.append(Fault(path="*:create", trouble="hang", times=None))
    # Only the reading is impatient: a busy machine may take its time to connect.
    hasty = Timeouts(connect=10, read=0.2, whole=10)
    async with Tripletex(stage.base_url, pause=stage.pauses, timeouts=hasty) as tripletex:
        with pytest.raises(Unreachable) as raised:
            await log_on(stage, tripletex)
    assert raised.value.sent
    assert stage.calls == [CREATE]


async def test_the_rate_limit_only_makes_it_slower(serve: Serve) -> None:
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
        clients = [client async for client in session.clients()]
        answers = await asyncio.gather(*(session.who_am_i(clients[n % 5].id) for n in range(25)))
    assert [me.company_id for me in answers] == [clients[n % 5].id for n in range(25)]
    assert told
    assert not stage.sandbox.open_sessions
    # Who watches what is left is hardly ever refused.
    assert sum(request.status == 429 for request in stage.sandbox.requests) <= 2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ((), 10.0),
        ((("Retry-After", "3"),), 3.0),
        ((("X-Rate-Limit-Reset", "4"),), 4.0),
        ((("Retry-After", "100000"),), 60.0),
    ],
)
@pytest.mark.parametrize("path", ["*:create", "*whoAmI", "*{token}"])
async def test_being_told_to_wait_is_no_failure(
    stage: Stage, path: str, headers: tuple[tuple[str, str], ...], seconds: float
) -> None:
    stage.sandbox.faults.append(Fault(path=path, times=2, status=429, headers=headers))
    await converse(stage)
    assert stage.pauses.seconds == [pytest.approx(seconds, abs=0.2)] * 2
    assert not stage.sandbox.open_sessions


async def test_waiting_has_an_end(stage: Stage) -> None:
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
