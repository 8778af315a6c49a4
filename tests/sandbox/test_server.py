"""The sandbox as a server: addresses, the fields that it gives, and its seeded world."""

import asyncio
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.no import orgnr

from tests.sandbox.conftest import CREATE, WHO_AM_I, Caller, Serve
from tests.support.rows import every_row
from tests.support.sandbox import (
    Behaviour,
    Clock,
    Fault,
    NotLoopbackError,
    Sandbox,
    demo_token,
    demo_world,
    world_with_clients,
)
from wizard.sandbox.answers import Model, Refusal, RefusedError, Selection, parse_fields, select


def test_serves_on_loopback_and_leaves_nothing_behind() -> None:
    before = threading.enumerate()
    with Sandbox().serve() as base_url:
        assert base_url.startswith("http://127.0.0.1:")
        assert base_url.endswith("/v2")
        assert httpx.get(f"{base_url}/nothing", trust_env=False).status_code == 404
        assert len(threading.enumerate()) == len(before) + 1
    assert threading.enumerate() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{base_url}/nothing", trust_env=False)


def test_the_same_sandbox_can_come_back_on_the_same_port() -> None:
    sandbox = Sandbox()
    with sandbox.serve() as base_url:
        httpx.get(f"{base_url}/first", trust_env=False)
    port = httpx.URL(base_url).port
    assert port is not None
    with sandbox.serve(port=port) as again:
        assert again == base_url
        httpx.get(f"{again}/second", trust_env=False)
    assert [request.endpoint for request in sandbox.requests] == ["/first", "/second"]


@every_row("host", ["localhost", "127.0.0.2", "::1"])
def test_every_name_of_loopback_is_accepted(host: str) -> None:
    with Sandbox().serve(host=host) as base_url:
        assert httpx.get(f"{base_url}/nothing", trust_env=False).status_code == 404


@every_row("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])  # noqa: S104 - refused
def test_any_other_address_is_refused(host: str) -> None:
    with pytest.raises(NotLoopbackError) as caught, Sandbox().serve(host=host):
        pytest.fail("served")
    assert caught.value.host == host


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
    assert sandbox.peak_concurrency >= 3


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


async def test_can_be_used_from_a_running_loop() -> None:
    sandbox = Sandbox(latency=0.05)
    with sandbox.serve() as base_url:
        async with httpx.AsyncClient(trust_env=False) as client:
            await asyncio.gather(*(client.get(f"{base_url}/nothing") for _ in range(5)))
    assert sandbox.peak_concurrency == 5


def test_errors_in_the_sandbox_are_raised() -> None:
    sandbox = Sandbox(world=None)
    sandbox.world.find_application = None  # type: ignore[method-assign, assignment]
    body = {"consumerToken": "x", "employeeToken": "x", "expirationDate": "2026-01-01"}
    with pytest.raises(TypeError), sandbox.serve() as base_url:
        httpx.post(f"{base_url}{CREATE}", json=body, trust_env=False)


def test_the_date_is_that_of_the_clock(caller: Caller) -> None:
    assert caller.http.get("/nothing").headers["date"] == "Sun, 22 Nov 2026 11:00:00 GMT"
    assert caller.sandbox.requests[0].at == caller.clock()
    caller.sandbox.behaviour = Behaviour(date_header=False)
    assert "date" not in caller.http.get("/nothing").headers


def test_the_clock_follows_real_time_until_it_is_set() -> None:
    clock = Clock()
    before = datetime.now(UTC)
    assert before <= clock() <= datetime.now(UTC)
    clock.advance(3600)
    assert (clock() - before).total_seconds() >= 3600
    clock.set(before)
    assert clock() == before


def test_a_clock_without_a_time_zone_is_refused() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="zone"):
        Clock(naive)
    with pytest.raises(ValueError, match="zone"):
        Clock().set(naive)


def test_every_request_has_its_own_id(caller: Caller) -> None:
    seen = {caller.http.get("/nothing").headers["x-tlx-request-id"] for _ in range(3)}
    assert seen == {request.request_id for request in caller.sandbox.requests}
    assert len(seen) == 3


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


def test_nothing_is_logged(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caller = serve(faults=[Fault(path="/nothing", trouble="cut-short")])
    with pytest.raises(httpx.RemoteProtocolError):
        caller.http.get("/nothing")
    caller.create(caller.world.single_company, verb="PUT")
    assert len(caller.sandbox.requests) == 2
    assert [record for record in caplog.records if not record.name.startswith("http")] == []


INNER = Model("InnerDTO", ("id", "url", "name"))
OUTER = Model("OuterDTO", ("id", "name"), {"inner": INNER})
RECORD: dict[str, object] = {"id": 1, "name": "a", "inner": {"id": 2, "url": "u", "name": "b"}}


@given(
    st.lists(st.sampled_from(["id", "name", "inner", "nope", "*", "(", ")", ",", " "]), max_size=12).map(
        "".join
    )
)
def test_any_fields_parameter_is_either_parsed_or_refused(text: str) -> None:
    read = reading(text)
    if isinstance(read, Refusal):
        assert (read.status, read.code) == (400, 11000)
    else:
        assert set(select(RECORD, read)) <= set(RECORD)
        assert text.count("(") == text.count(")")
        assert "nope" not in text


def reading(text: str) -> Selection | Refusal:
    try:
        return parse_fields(text, OUTER)
    except RefusedError as error:
        return error.refusal


@every_row(
    ("text", "selected"),
    [
        (None, {"id": 1, "name": "a", "inner": {"id": 2, "url": "u"}}),
        ("", {"id": 1, "name": "a", "inner": {"id": 2, "url": "u"}}),
        ("name", {"name": "a"}),
        ("inner", {"inner": {"id": 2, "url": "u"}}),
        ("inner(name),id", {"inner": {"name": "b"}, "id": 1}),
        ("inner(*)", {"inner": {"id": 2, "url": "u", "name": "b"}}),
    ],
)
def test_fields_are_parsed(text: str | None, selected: dict[str, object]) -> None:
    assert select(RECORD, parse_fields(text, OUTER)) == selected


@every_row("text", ["inner(id)x", "inner(id)(name)", "inner(id))", "(id)", "inner(inner)", "id("])
def test_malformed_fields_are_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        parse_fields(text, OUTER)


def test_only_the_twins_share_an_organisation_number() -> None:
    world = world_with_clients(500)
    numbers = [company.organization_number for company in world.companies if company.organization_number]
    assert all(orgnr.is_valid(number) and number.startswith("3") for number in numbers)
    assert len(set(numbers)) == len(numbers) - 1
    assert world.twins[0].organization_number == world.twins[1].organization_number


def test_every_token_is_the_zero_uuid_with_its_own_number() -> None:
    world = demo_world()
    for key in world.keys:
        assert json.loads(base64.b64decode(key.employee_token)) == {
            "tokenId": key.token_id,
            "token": "00000000-0000-0000-0000-000000000000",
        }
    tokens = {key.employee_token for key in world.keys} | {world.consumer_token}
    assert len(tokens) == len(world.keys) + 1


def test_a_token_has_no_spaces_in_it() -> None:
    assert b" " not in base64.b64decode(demo_token(1))


def test_every_key_has_its_own_title() -> None:
    titles = [key.title for key in demo_world().keys]
    assert len(set(titles)) == len(titles)


def test_the_office_is_an_office_and_its_keys_are_office_keys() -> None:
    world = demo_world()
    offices = [company for company in world.companies if company.accountant_or_similar]
    assert offices == [world.office_company]
    owned = [key for key in world.keys if key.company_owned]
    assert owned == [world.office, world.office_second, world.office_figures]
    assert world.client_without_access not in world.clients


def test_a_key_has_the_rights_that_its_owner_has_too() -> None:
    world = demo_world()
    key = world.add_key("x", world.company, owner_rights=frozenset({1, 2}), rights=frozenset({2, 3}))
    assert key.effective_rights == {2}


@every_row("number", [5, 6, 1234])
def test_a_world_can_have_any_number_of_clients(number: int) -> None:
    assert len(world_with_clients(number).clients) == number


def test_a_world_has_at_least_the_seeded_clients() -> None:
    with pytest.raises(ValueError, match="already"):
        world_with_clients(4)
