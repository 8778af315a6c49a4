"""Blocking calls: one at a time, under a deadline, and never in the way of the program's end."""

import asyncio
import time
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from wizard.secrets import daemon_calls
from wizard.secrets.daemon_calls import DaemonCalls


@pytest.fixture
def came_back() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


async def test_gives_what_the_call_gives() -> None:
    assert await DaemonCalls(60).run(lambda: 42) == 42


async def test_raises_what_the_call_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        await DaemonCalls(60).run(lambda: 1 // 0)


async def test_the_end_waits_for_no_call_that_could_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="new thread"):
            await DaemonCalls(60).run(lambda: 42, finishes=True)
    daemon_calls._finish_writing()


async def test_makes_one_call_at_a_time() -> None:
    calls, running, most = DaemonCalls(60), 0, 0

    def call() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.001)
        running -= 1

    await asyncio.gather(*(calls.run(call) for _ in range(20)))
    assert most == 1


async def test_makes_no_call_that_nobody_waits_for_any_more(came_back: Event) -> None:
    calls, made = DaemonCalls(60), []
    first = asyncio.create_task(calls.run(came_back.wait))
    second = asyncio.create_task(calls.run(lambda: made.append("second")))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    came_back.set()
    await first
    await calls.run(lambda: made.append("third"))
    assert made == ["third"]


async def test_gives_up_at_once_while_an_earlier_call_hangs(came_back: Event) -> None:
    calls = DaemonCalls(0.05)
    with pytest.raises(TimeoutError):
        await calls.run(came_back.wait)
    calls.deadline = 600
    with pytest.raises(TimeoutError):
        await calls.run(lambda: 42)
    came_back.set()
    await asyncio.to_thread(calls._hanging[0].join)
    assert await calls.run(lambda: 42) == 42


async def test_can_forget_hanging(came_back: Event) -> None:
    calls = DaemonCalls(0.05)
    with pytest.raises(TimeoutError):
        await calls.run(came_back.wait)
    calls.forget_hanging()
    calls.deadline = 60
    assert await calls.run(lambda: 42) == 42


def test_an_answer_after_the_end_disturbs_nobody(came_back: Event) -> None:
    calls = DaemonCalls(0.01)
    with pytest.raises(TimeoutError):
        asyncio.run(calls.run(came_back.wait))
    came_back.set()
    calls._hanging[0].join()
