"""Trouble to order, the record of requests and the rate limit."""

import base64
import json
import socket
import time
from contextlib import suppress

import httpx
import pytest

from tests.sandbox.conftest import CREATE, WHO_AM_I, Caller, Serve, generic, refusal
from tests.support.rows import every_row
from tests.support.sandbox import Behaviour, Fault, Refusal


def test_a_fault_strikes_the_given_number_of_times(caller: Caller) -> None:
    fault = Fault(path="/token/session/:create", times=2, status=503)
    caller.sandbox.faults.append(fault)
    statuses = [caller.create(caller.world.single_company).status_code for _ in range(3)]
    assert statuses == [503, 503, 201]
    assert caller.sandbox.faults.hits(fault) == 2
    assert [request.status for request in caller.sandbox.requests] == [503, 503, 201]


def test_a_fault_lets_the_first_requests_pass(serve: Serve) -> None:
    caller = serve(faults=[Fault(path="/token/session/>whoAmI", after=1, status=500)])
    token = caller.log_on(caller.world.single_company)
    assert [caller.get(WHO_AM_I, token).status_code for _ in range(3)] == [200, 500, 200]


def test_a_fault_can_strike_one_verb_only(serve: Serve) -> None:
    caller = serve(faults=[Fault(path="*:create", method="POST", times=None, status=500)])
    assert caller.create(caller.world.single_company).status_code == 500
    assert caller.create(caller.world.single_company, verb="PUT").status_code == 200
    assert caller.create(caller.world.single_company).status_code == 500


def test_the_pattern_matches_a_path_without_its_session_token(serve: Serve) -> None:
    fault = Fault(path="/token/session/{token}", status=500)
    caller = serve(faults=[fault])
    token = caller.log_on(caller.world.single_company)
    assert caller.get(WHO_AM_I, token).status_code == 200
    assert caller.http.delete(f"/token/session/{token}", auth=("0", token)).status_code == 500
    assert len(caller.sandbox.open_sessions) == 1


def test_faults_can_be_cleared(serve: Serve) -> None:
    caller = serve(faults=[Fault(times=None)])
    assert caller.create(caller.world.single_company).status_code == 503
    caller.sandbox.faults.clear()
    assert caller.create(caller.world.single_company).status_code == 201


def test_a_status_comes_in_tripletexs_envelope(serve: Serve) -> None:
    caller = serve(faults=[Fault(status=500), Fault(status=409)])
    answer = caller.create(caller.world.single_company)
    assert (answer.status_code, refusal(answer)) == (500, generic(1000, "Unspecified exception"))
    answer = caller.create(caller.world.single_company)
    assert (answer.status_code, refusal(answer)) == (409, generic(None, "Conflict"))
    assert caller.sandbox.open_sessions == []


def test_a_status_can_have_any_body(serve: Serve) -> None:
    caller = serve(
        faults=[
            Fault(status=429, headers=(("Retry-After", "3"),), body=""),
            Fault(status=502, body="<h1>Bad gateway</h1>", content_type="text/html"),
            Fault(status=503, headers=(("Retry-After", "7"),)),
        ]
    )
    first, second, third = (caller.create(caller.world.single_company) for _ in range(3))
    assert (first.status_code, first.content, first.headers["retry-after"]) == (429, b"", "3")
    assert "content-type" not in first.headers
    assert (second.status_code, second.text) == (502, "<h1>Bad gateway</h1>")
    assert second.headers["content-type"] == "text/html"
    assert third.headers["retry-after"] == "7"


def test_a_slow_answer_is_the_right_one(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="slow", delay=0.05)])
    began = time.monotonic()
    assert caller.create(caller.world.single_company).status_code == 201
    assert time.monotonic() - began >= 0.05


def test_latency_delays_every_request(serve: Serve) -> None:
    caller = serve(latency=0.03)
    began = time.monotonic()
    token = caller.log_on(caller.world.single_company)
    caller.get(WHO_AM_I, token)
    assert time.monotonic() - began >= 0.06


def test_a_request_can_be_dropped_before_it_is_carried_out(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="drop-before")])
    with pytest.raises(httpx.TransportError):
        caller.create(caller.world.single_company)
    assert caller.sandbox.open_sessions == []
    assert (caller.sandbox.requests[0].body, caller.sandbox.requests[0].status) == (b"", None)
    assert caller.create(caller.world.single_company).status_code == 201


def test_a_request_can_be_dropped_while_its_body_is_still_coming(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="drop-before")])
    url = caller.http.base_url
    with socket.create_connection((url.host, url.port), timeout=5) as connection:
        head = f"POST /v2{CREATE} HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: 1000\r\n\r\n"
        connection.sendall(head.encode())
        with suppress(ConnectionResetError):  # the same, with a reset
            assert connection.recv(100) == b""


def test_a_request_can_be_dropped_after_it_was_carried_out(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="drop-after")])
    with pytest.raises(httpx.RemoteProtocolError):
        caller.create(caller.world.single_company)
    assert len(caller.sandbox.open_sessions) == 1
    assert caller.sandbox.requests[0].status is None


def test_a_request_can_be_left_without_an_answer(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="hang")])
    with pytest.raises(httpx.ReadTimeout):
        caller.http.get("/nothing", timeout=0.05)
    assert caller.sandbox.requests[0].call == "GET /nothing"
    assert caller.create(caller.world.single_company).status_code == 201


def test_json_can_be_truncated_in_a_complete_message(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="truncated")])
    answer = caller.create(caller.world.single_company)
    assert answer.status_code == 201
    assert answer.text.startswith('{"value":')
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_the_connection_can_be_cut_in_the_middle_of_a_body(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="cut-short")])
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        caller.create(caller.world.single_company)
    assert caller.create(caller.world.single_company).status_code == 201


def test_the_content_type_can_be_wrong(serve: Serve) -> None:
    caller = serve(
        faults=[Fault(trouble="wrong-type"), Fault(trouble="wrong-type", content_type="image/png")]
    )
    answer = caller.create(caller.world.single_company)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.json()["value"]["token"]
    assert caller.create(caller.world.single_company).headers["content-type"] == "image/png"


def test_a_captive_portal_answers_with_html(serve: Serve) -> None:
    caller = serve(
        faults=[Fault(trouble="captive-portal"), Fault(trouble="captive-portal", status=511, body="<p>")]
    )
    answer = caller.create(caller.world.single_company)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<title>Gjestenett</title>" in answer.text
    assert "x-tlx-request-id" not in answer.headers
    answer = caller.create(caller.world.single_company)
    assert (answer.status_code, answer.text) == (511, "<p>")
    assert caller.sandbox.open_sessions == []


def test_a_request_can_be_redirected(serve: Serve) -> None:
    caller = serve(
        faults=[Fault(trouble="redirect"), Fault(trouble="redirect", status=307, location="/v2/x")]
    )
    answer = caller.create(caller.world.single_company)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://portal.invalid/login")
    answer = caller.create(caller.world.single_company)
    assert (answer.status_code, answer.headers["location"]) == (307, "/v2/x")


@every_row("pause", [0.0, 0.001])
def test_a_body_can_be_endless(serve: Serve, pause: float) -> None:
    caller = serve(faults=[Fault(trouble="endless", pause=pause)])
    wanted = 2_000_000 if pause == 0 else 20
    with caller.http.stream("GET", "/nothing") as answer:
        assert "content-length" not in answer.headers
        read = 0
        for piece in answer.iter_raw():
            read += len(piece)
            if read > wanted:
                break
    assert read > wanted
    assert caller.create(caller.world.single_company).status_code == 201


def test_a_body_can_be_huge(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="huge", size=3_000_000)])
    answer = caller.http.get("/nothing")
    assert len(answer.content) == 3_000_000
    assert set(answer.json()) == {"value"}


def test_a_request_is_recorded_as_it_was_sent(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    caller.get(WHO_AM_I, token, fields="companyId,company(id)")
    created, asked = caller.sandbox.requests

    assert created.call == "POST /token/session/:create"
    assert created.json == {
        "consumerToken": caller.world.consumer_token,
        "employeeToken": caller.world.single_company.employee_token,
        "expirationDate": "2026-11-23",
    }
    assert created.username is None
    assert (asked.call, asked.raw_path) == ("GET /token/session/>whoAmI", "/v2/token/session/%3EwhoAmI")
    assert asked.query == {"fields": "companyId,company(id)"}
    assert asked.raw_query == "fields=companyId%2Ccompany%28id%29"
    assert (asked.username, asked.status) == ("0", 200)
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(f"0:{token}".encode()).decode()
    assert asked.connection == created.connection


def test_the_recorded_endpoint_contains_no_session_token(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    caller.http.delete(f"/token/session/{token}", auth=("0", token))
    deleted = caller.sandbox.requests[-1]
    assert deleted.call == "DELETE /token/session/{token}"
    assert deleted.raw_path == f"/v2/token/session/{token}"


def test_no_token_is_in_the_repr(caller: Caller) -> None:
    key = caller.world.single_company
    token = caller.log_on(key, verb="PUT")
    caller.get(WHO_AM_I, token)
    caller.http.delete(f"/token/session/{token}", auth=("0", token))
    session = caller.sandbox.open_sessions
    shown = repr((caller.sandbox.requests, key, session, caller.sandbox.world.keys))
    assert "/token/session/:create" in shown
    for secret in (token, key.employee_token, caller.world.consumer_token):
        assert secret not in shown


def test_a_recorded_body_that_is_not_json_raises(caller: Caller) -> None:
    caller.http.post(CREATE, content=b"{")
    with pytest.raises(ValueError, match="Expecting"):
        _ = caller.sandbox.requests[0].json


LIMIT, REMAINING, RESET = "x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"


def rate(answer: httpx.Response) -> tuple[str | None, ...]:
    return tuple(answer.headers.get(name) for name in (LIMIT, REMAINING, RESET))


def test_the_limit_is_a_hundred_requests(caller: Caller) -> None:
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


def test_the_headers_count_down_to_the_next_window(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=5, rate_window=8))
    token = caller.log_on(caller.world.single_company)
    seen = []
    for _ in range(4):
        seen.append(rate(caller.get(WHO_AM_I, token)))
        caller.clock.advance(2.5)
    assert seen == [("5", "4", "8"), ("5", "3", "6"), ("5", "2", "3"), ("5", "1", "1")]


def test_all_sessions_of_a_key_share_its_count(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=2))
    world = caller.world
    first, second = (caller.log_on(world.single_company) for _ in range(2))
    other = caller.log_on(world.office)
    statuses = [caller.get(WHO_AM_I, token).status_code for token in (first, second, first, other)]
    assert statuses == [200, 200, 429, 200]


def test_refused_requests_count_as_well(serve: Serve) -> None:
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


def test_the_answer_to_too_many_requests_can_be_changed(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=0, too_many_requests=Refusal(429, 4000, "slowly")))
    answer = caller.get(WHO_AM_I, caller.log_on(caller.world.single_company))
    assert (answer.status_code, refusal(answer)) == (429, generic(4000, "slowly"))


@every_row("limited", [False, True])
def test_logging_on_can_count(serve: Serve, *, limited: bool) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=1, create_is_limited=limited))
    answers = [caller.create(caller.world.single_company) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 429 if limited else 201]
    assert rate(answers[0]) == (("1", "0", "10") if limited else (None, None, None))
    assert len(caller.sandbox.open_sessions) == (1 if limited else 2)


def test_the_limit_can_be_switched_off(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=None))
    token = caller.log_on(caller.world.single_company)
    assert rate(caller.get(WHO_AM_I, token)) == (None, None, None)


def test_unknown_callers_get_no_rate_limit_headers(caller: Caller) -> None:
    assert rate(caller.http.get(WHO_AM_I)) == (None, None, None)
