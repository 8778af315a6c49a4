"""Every kind of trouble, on the wire."""

import json
import socket
import time
from contextlib import suppress

import httpx
import pytest

from tests.sandbox.conftest import CREATE, WHO_AM_I, Caller, Serve, generic, refusal
from tests.support.sandbox import Fault


def test_strikes_so_often_and_no_more(caller: Caller) -> None:
    fault = Fault(path="/token/session/:create", times=2, status=503)
    caller.sandbox.faults.append(fault)
    statuses = [caller.create(caller.world.single_company).status_code for _ in range(3)]
    assert statuses == [503, 503, 201]
    assert caller.sandbox.faults.hits(fault) == 2
    assert [request.status for request in caller.sandbox.requests] == [503, 503, 201]


def test_lets_some_pass_first(serve: Serve) -> None:
    caller = serve(faults=[Fault(path="/token/session/>whoAmI", after=1, status=500)])
    token = caller.log_on(caller.world.single_company)
    assert [caller.get(WHO_AM_I, token).status_code for _ in range(3)] == [200, 500, 200]


def test_strikes_one_verb(serve: Serve) -> None:
    caller = serve(faults=[Fault(path="*:create", method="POST", times=None, status=500)])
    assert caller.create(caller.world.single_company).status_code == 500
    assert caller.create(caller.world.single_company, verb="PUT").status_code == 200
    assert caller.create(caller.world.single_company).status_code == 500


def test_a_session_token_is_no_part_of_the_pattern(serve: Serve) -> None:
    fault = Fault(path="/token/session/{token}", status=500)
    caller = serve(faults=[fault])
    token = caller.log_on(caller.world.single_company)
    assert caller.get(WHO_AM_I, token).status_code == 200
    assert caller.http.delete(f"/token/session/{token}", auth=("0", token)).status_code == 500
    assert len(caller.sandbox.open_sessions) == 1


def test_healing(serve: Serve) -> None:
    caller = serve(faults=[Fault(times=None)])
    assert caller.create(caller.world.single_company).status_code == 503
    caller.sandbox.faults.clear()
    assert caller.create(caller.world.single_company).status_code == 201


def test_status_in_the_envelope(serve: Serve) -> None:
    caller = serve(faults=[Fault(status=500), Fault(status=409)])
    answer = caller.create(caller.world.single_company)
    assert (answer.status_code, refusal(answer)) == (500, generic(1000, "Unspecified exception"))
    answer = caller.create(caller.world.single_company)
    assert (answer.status_code, refusal(answer)) == (409, generic(None, "Conflict"))
    assert caller.sandbox.open_sessions == []


def test_status_with_a_body_of_ones_own(serve: Serve) -> None:
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


def test_slow(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="slow", delay=0.05)])
    began = time.monotonic()
    assert caller.create(caller.world.single_company).status_code == 201
    assert time.monotonic() - began >= 0.05


def test_latency_delays_everything(serve: Serve) -> None:
    caller = serve(latency=0.03)
    began = time.monotonic()
    token = caller.log_on(caller.world.single_company)
    caller.get(WHO_AM_I, token)
    assert time.monotonic() - began >= 0.06


def test_dropped_before_anything_was_done(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="drop-before")])
    with pytest.raises(httpx.TransportError):
        caller.create(caller.world.single_company)
    assert caller.sandbox.open_sessions == []
    assert (caller.sandbox.requests[0].body, caller.sandbox.requests[0].status) == (b"", None)
    assert caller.create(caller.world.single_company).status_code == 201


def test_dropped_before_reading_a_body_that_is_still_coming(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="drop-before")])
    url = caller.http.base_url
    with socket.create_connection((url.host, url.port), timeout=5) as connection:
        head = f"POST /v2{CREATE} HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: 1000\r\n\r\n"
        connection.sendall(head.encode())
        with suppress(ConnectionResetError):  # the same, told more rudely
            assert connection.recv(100) == b""


def test_dropped_after_it_was_done(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="drop-after")])
    with pytest.raises(httpx.RemoteProtocolError):
        caller.create(caller.world.single_company)
    assert len(caller.sandbox.open_sessions) == 1
    assert caller.sandbox.requests[0].status is None


def test_hanging(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="hang")])
    with pytest.raises(httpx.ReadTimeout):
        caller.http.get("/nothing", timeout=0.05)
    assert caller.sandbox.requests[0].call == "GET /nothing"
    assert caller.create(caller.world.single_company).status_code == 201


def test_truncated_json_in_a_whole_message(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="truncated")])
    answer = caller.create(caller.world.single_company)
    assert answer.status_code == 201
    assert answer.text.startswith('{"value":')
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_cut_short_in_the_middle_of_the_body(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="cut-short")])
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        caller.create(caller.world.single_company)
    assert caller.create(caller.world.single_company).status_code == 201


def test_wrong_content_type(serve: Serve) -> None:
    caller = serve(
        faults=[Fault(trouble="wrong-type"), Fault(trouble="wrong-type", content_type="image/png")]
    )
    answer = caller.create(caller.world.single_company)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.json()["value"]["token"]
    assert caller.create(caller.world.single_company).headers["content-type"] == "image/png"


def test_captive_portal(serve: Serve) -> None:
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


def test_redirect(serve: Serve) -> None:
    caller = serve(
        faults=[Fault(trouble="redirect"), Fault(trouble="redirect", status=307, location="/v2/x")]
    )
    answer = caller.create(caller.world.single_company)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://portal.invalid/login")
    answer = caller.create(caller.world.single_company)
    assert (answer.status_code, answer.headers["location"]) == (307, "/v2/x")


@pytest.mark.parametrize("pause", [0.0, 0.001])
def test_an_endless_body(serve: Serve, pause: float) -> None:
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


def test_a_huge_body(serve: Serve) -> None:
    caller = serve(faults=[Fault(trouble="huge", size=3_000_000)])
    answer = caller.http.get("/nothing")
    assert len(answer.content) == 3_000_000
    assert set(answer.json()) == {"value"}
