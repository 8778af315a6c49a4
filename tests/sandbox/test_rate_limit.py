"""A hundred requests in ten seconds for each key and consumer."""

import httpx
import pytest

from tests.sandbox.conftest import WHO_AM_I, Caller, Serve, generic, refusal
from tests.support.sandbox import Behaviour, Refusal

LIMIT, REMAINING, RESET = "x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"


def rate(answer: httpx.Response) -> tuple[str | None, ...]:
    return tuple(answer.headers.get(name) for name in (LIMIT, REMAINING, RESET))


def test_a_hundred_and_no_more(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    for spent in range(1, 101):
        answer = caller.get(WHO_AM_I, token)
        assert (answer.status_code, rate(answer)) == (200, ("100", str(100 - spent), "10"))
    answer = caller.get(WHO_AM_I, token)
    assert (answer.status_code, refusal(answer)) == (429, generic(None, "Too Many Requests"))
    assert rate(answer) == ("100", "0", None)
    assert "retry-after" not in answer.headers

    caller.clock.advance(9.5)
    assert caller.get(WHO_AM_I, token).status_code == 429
    caller.clock.advance(0.5)
    assert rate(caller.get(WHO_AM_I, token)) == ("100", "99", "10")


def test_counts_down_to_the_next_window(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=5, rate_window=8))
    token = caller.log_on(caller.world.single_company)
    seen = []
    for _ in range(4):
        seen.append(rate(caller.get(WHO_AM_I, token)))
        caller.clock.advance(2.5)
    assert seen == [("5", "4", "8"), ("5", "3", "6"), ("5", "2", "3"), ("5", "1", "1")]


def test_each_key_has_its_own_count_and_all_its_sessions_share_it(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=2))
    world = caller.world
    first, second = (caller.log_on(world.single_company) for _ in range(2))
    other = caller.log_on(world.office)
    statuses = [caller.get(WHO_AM_I, token).status_code for token in (first, second, first, other)]
    assert statuses == [200, 200, 429, 200]


def test_refused_requests_count_too(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=1))
    token = caller.log_on(caller.world.single_company)
    assert rate(caller.get(WHO_AM_I, token, fields="nope"))[:2] == ("1", "0")
    assert caller.get(WHO_AM_I, token).status_code == 429


def test_a_429_can_say_when_to_come_back(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=0, reset_on_429=True, retry_after_on_429=True))
    token = caller.log_on(caller.world.single_company)
    answer = caller.get(WHO_AM_I, token)
    assert (answer.status_code, rate(answer)) == (429, ("0", "0", "10"))
    assert answer.headers["retry-after"] == "10"


def test_the_answer_can_be_changed(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=0, too_many_requests=Refusal(429, 4000, "slowly")))
    answer = caller.get(WHO_AM_I, caller.log_on(caller.world.single_company))
    assert (answer.status_code, refusal(answer)) == (429, generic(4000, "slowly"))


@pytest.mark.parametrize("limited", [False, True])
def test_create_may_count(serve: Serve, *, limited: bool) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=1, create_is_limited=limited))
    answers = [caller.create(caller.world.single_company) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 429 if limited else 201]
    assert rate(answers[0]) == (("1", "0", "10") if limited else (None, None, None))
    assert len(caller.sandbox.open_sessions) == (1 if limited else 2)


def test_no_limit(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=None))
    token = caller.log_on(caller.world.single_company)
    assert rate(caller.get(WHO_AM_I, token)) == (None, None, None)


def test_unknown_callers_see_no_rate(caller: Caller) -> None:
    assert rate(caller.http.get(WHO_AM_I)) == (None, None, None)
