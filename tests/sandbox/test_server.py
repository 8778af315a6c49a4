"""The sandbox as a server: its addresses, its headers, its rate limit and its end."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress

import httpx
import pytest

from tests.sandbox.conftest import CREATE, WHO_AM_I, Caller, Serve, told
from tests.support.rows import every_row
from tests.support.sandbox import Behaviour, Fault, Gateway, Sandbox


def test_serves_on_loopback_and_leaves_nothing_behind() -> None:
    before = threading.enumerate()
    sandbox = Sandbox()
    with sandbox.serve() as base_url:
        assert base_url.endswith("/v2")
        assert httpx.get(f"{base_url}/nothing", trust_env=False).status_code == 404
        assert len(threading.enumerate()) == len(before) + 1
    assert threading.enumerate() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{base_url}/nothing", trust_env=False)
    port = httpx.URL(base_url).port
    assert port is not None
    with sandbox.serve(port=port) as again:
        assert again == base_url


@every_row("host", ["tripletex.no", "127.0.0.1.example.com", "[2001:db8::1]:80", ""])
def test_a_request_under_a_foreign_name_is_refused(caller: Caller, host: str) -> None:
    answer = caller.http.get(WHO_AM_I, headers={"Host": host})
    assert answer.status_code == 421
    assert caller.sandbox.requests == []


def test_a_taken_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"), Sandbox().serve(port=port):
            pytest.fail("served")


def test_stops_at_once_with_hanging_and_idle_connections() -> None:
    sandbox = Sandbox(
        faults=[
            Fault(path="/hang", trouble="hang"),
            Fault(path="/slow", trouble="slow", delay=60),
            Fault(path="/endless", trouble="endless"),
        ]
    )
    paths = ("hang", "slow", "endless", "kept-alive", "never-used")
    with ExitStack() as stack:
        with sandbox.serve() as base_url:
            url = httpx.URL(base_url)
            connections = [
                stack.enter_context(socket.create_connection((url.host, url.port), timeout=5)) for _ in paths
            ]
            for connection, path in zip(connections, paths[:4], strict=False):
                connection.sendall(f"GET /v2/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert connections[2].recv(100)
            assert connections[3].recv(100)
            while len(sandbox.requests) < 4:
                pass
        for connection in connections:
            with suppress(ConnectionResetError):
                while connection.recv(1_000_000):
                    pass


def test_a_client_can_leave_in_the_middle_of_its_body() -> None:
    sandbox = Sandbox()
    with sandbox.serve() as base_url:
        url = httpx.URL(base_url)
        with socket.create_connection((url.host, url.port), timeout=5) as connection:
            head = f"POST /v2{CREATE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n"
            connection.sendall(head.encode())
        httpx.get(f"{base_url}/nothing", trust_env=False)
    assert [request.endpoint for request in sandbox.requests] == ["/nothing"]
    assert sandbox.crashes == []


async def test_requests_are_served_side_by_side() -> None:
    sandbox = Sandbox(latency=0.05)
    with sandbox.serve() as base_url:
        async with httpx.AsyncClient(trust_env=False) as client:
            await asyncio.gather(*(client.get(f"{base_url}/nothing") for _ in range(5)))
    assert sandbox.peak_concurrency == 5


def test_errors_in_the_sandbox_are_raised() -> None:
    sandbox = Sandbox()
    sandbox.world.find_application = None  # type: ignore[method-assign, assignment]
    body = {"consumerToken": "x", "employeeToken": "x", "expirationDate": "2026-01-01"}
    with pytest.raises(TypeError), sandbox.serve() as base_url:
        httpx.post(f"{base_url}{CREATE}", json=body, trust_env=False)


def test_serves_until_interrupted_and_says_nothing_itself() -> None:
    program = (
        "from tests.support.sandbox import Sandbox\n"
        "try:\n"
        "    Sandbox().serve_forever(lambda base_url: print(base_url, flush=True))\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        httpx.put(f"{base_url}{CREATE}?employeeToken=x", trust_env=False)
        with socket.create_connection((httpx.URL(base_url).host, httpx.URL(base_url).port)) as rude:
            rude.sendall(b"not HTTP\r\n\r\n")
            rude.recv(1000)
        os.kill(process.pid, signal.SIGINT)
        said, complained = process.communicate(timeout=10)
    assert (said, complained) == ("interrupted\n", "")


def test_no_token_is_shown_in_a_repr(caller: Caller) -> None:
    key = caller.world.single_company
    token = caller.log_on(key, verb="PUT")
    shown = repr((caller.sandbox.requests, caller.sandbox.open_sessions, caller.world.keys))
    assert "/token/session/:create" in shown
    for secret in (token, key.employee_token, caller.world.consumer_token):
        assert secret not in shown


def test_answers_look_like_those_of_tripletex(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    answers = [caller.get(WHO_AM_I, token) for _ in range(3)]
    ids = [answer.headers["x-tlx-request-id"] for answer in answers]
    assert len(set(ids)) == 3
    headers = answers[0].headers
    assert headers["content-type"] == "application/json;charset=UTF-8"
    assert headers["date"] == "Sun, 22 Nov 2026 11:00:00 GMT"  # of the sandbox's clock
    assert headers["transfer-encoding"] == "chunked"
    assert headers["server"] == "tripletex.no"
    assert headers["cache-control"] == "no-store"
    cookies = [value for name, value in headers.multi_items() if name == "set-cookie"]
    assert [cookie.partition("=")[0] for cookie in cookies] == ["JSESSIONID", "AWSALB", "AWSALBCORS"]
    caller.sandbox.behaviour = Behaviour(chunked=False)
    assert "content-length" in caller.http.get("/nothing").headers


def test_a_gateway_in_front_answers_without_tripletexs_envelope(serve: Serve) -> None:
    for gateway in (
        Gateway(403, '{"message":"Forbidden"}', "application/json"),
        Gateway(405, "<html><body><h1>405 Not Allowed</h1></body></html>", "text/html; charset=utf-8"),
        Gateway(501, "", "text/plain"),
    ):
        caller = serve(behaviour=Behaviour(gateway={"POST /token/session/:create": gateway}))
        answer = caller.create(caller.world.single_company)
        assert (answer.status_code, answer.text) == (gateway.status, gateway.body)
        assert "x-tlx-request-id" not in answer.headers
        assert caller.create(caller.world.single_company, verb="PUT").status_code == 200
        caller.sandbox.behaviour = Behaviour(gateway={"*": gateway})
        assert caller.create(caller.world.single_company, verb="PUT").status_code == gateway.status


def test_a_body_that_is_far_too_large_is_not_kept(caller: Caller) -> None:
    answer = caller.http.post(CREATE, content=b"a" * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "x-tlx-request-id" not in answer.headers


LIMIT, REMAINING, RESET = "x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"


def rate(answer: httpx.Response) -> tuple[int, str | None, str | None, str | None]:
    return answer.status_code, *(answer.headers.get(name) for name in (LIMIT, REMAINING, RESET))


def test_the_limit_is_a_hundred_requests_in_ten_seconds(caller: Caller) -> None:
    token = caller.log_on(caller.world.single_company)
    for spent in range(1, 101):
        assert rate(caller.get(WHO_AM_I, token)) == (200, "100", str(100 - spent), "10")
    answer = caller.get(WHO_AM_I, token)
    assert told(answer) == (429, None, "Too Many Requests")
    assert rate(answer) == (429, "100", "0", None)
    assert "retry-after" not in answer.headers

    caller.clock.advance(9.5)
    assert caller.get(WHO_AM_I, token).status_code == 429
    caller.clock.advance(0.5)
    assert rate(caller.get(WHO_AM_I, token)) == (200, "100", "99", "10")
    assert rate(caller.http.get(WHO_AM_I)) == (401, None, None, None)


def test_the_headers_count_down_to_the_next_window(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=5))
    token = caller.log_on(caller.world.single_company)
    seen = []
    for _ in range(4):
        seen.append(rate(caller.get(WHO_AM_I, token))[2:])
        caller.clock.advance(2.5)
    assert seen == [("4", "10"), ("3", "8"), ("2", "5"), ("1", "3")]


def test_requests_are_counted_by_key_refused_ones_too(serve: Serve) -> None:
    caller = serve(behaviour=Behaviour(rate_limit=2))
    world = caller.world
    first, second = (caller.log_on(world.single_company) for _ in range(2))
    other = caller.log_on(world.office)
    assert rate(caller.get(WHO_AM_I, first, fields="nope"))[:3] == (400, "2", "1")
    statuses = [caller.get(WHO_AM_I, token).status_code for token in (second, first, other)]
    assert statuses == [200, 429, 200]
