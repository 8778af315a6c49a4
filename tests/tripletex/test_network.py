"""Broken networks, foreign servers and hostile answers, over real sockets."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.keys import make_key
from tests.support.sandbox import Fault
from tests.tripletex.stage import (
    Pauses,
    Respond,
    Stage,
    http,
    probe,
    raw_server,
    read_to_the_end,
    saying,
    unused_port,
)
from wizard.domain.secret import Secret
from wizard.tripletex.client import Tripletex
from wizard.tripletex.errors import Cause, Flaw, NotTripletex, TripletexError, Unintelligible, Unreachable


async def probe_raw(respond: Respond) -> TripletexError:
    async with raw_server(respond) as base_url:
        return await probe(base_url)


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await read_to_the_end(reader)


async def dripping(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(10_000):
        writer.write(b"X-Drip-%d: 1\r\n" % number)
        await writer.drain()
        await asyncio.sleep(0.05)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def cutting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.abort()


async def test_nobody_listens() -> None:
    error = await probe(f"http://127.0.0.1:{unused_port()}/v2")
    assert isinstance(error, Unreachable)
    assert (error.cause, error.reason) == (Cause.CONNECTION, "the connection was refused")
    assert error.host == "127.0.0.1"
    assert not error.sent


async def test_nobody_listens_at_any_address() -> None:
    error = await probe(f"http://localhost:{unused_port()}/v2")
    assert isinstance(error, Unreachable)
    assert (error.cause, error.reason) == (Cause.CONNECTION, "the connection was refused")


async def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nobody)
    error = await probe("https://tripletex.no/v2")
    assert isinstance(error, Unreachable)
    assert (error.cause, error.host, error.sent) == (Cause.NAME, "tripletex.no", False)


@pytest.mark.parametrize("respond", [silent, dripping, endless])
async def test_whoever_does_not_come_to_an_end_is_left(respond: Respond) -> None:
    error = await probe_raw(respond)
    assert isinstance(error, Unreachable)
    assert (error.cause, error.sent) == (Cause.TIME, True)


async def test_a_connection_that_is_cut() -> None:
    error = await probe_raw(cutting)
    assert isinstance(error, Unreachable)
    assert (error.cause, error.reason, error.sent) == (Cause.CONNECTION, "the connection was cut", True)


@pytest.mark.parametrize(
    ("answer", "flaw"),
    [
        (http(200, b'{"value": {"comp'), Flaw.NOT_JSON),
        (http(200, b"x" * (2 * 1024 * 1024 + 1)), Flaw.TOO_LARGE),
        (http(200, b"x", "Content-Encoding: gzip"), Flaw.ENCODED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", Flaw.CUT_OFF),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Flaw.CUT_OFF),
    ],
)
async def test_answers_that_cannot_be_read(answer: bytes, flaw: Flaw) -> None:
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    error = await probe_raw(respond)
    assert isinstance(error, Unintelligible)
    assert error.flaw is flaw


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 banana\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
)
async def test_whatever_does_not_speak_http_is_not_tripletex(answer: bytes) -> None:
    error = await probe_raw(saying(answer))
    assert isinstance(error, NotTripletex)


@pytest.mark.parametrize("location", ["https://evil.example/", "/v2/elsewhere", "http://[broken", "\x00"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(stage: Stage, status: int, location: str) -> None:
    async with raw_server(saying(http(status, "", f"Location: {location}"))) as base_url:
        error = await probe(base_url)
    assert isinstance(error, NotTripletex)
    # A location that HTTP does not allow makes it no HTTP at all; nothing follows it either way.
    assert error.redirected == (location != "\x00")


async def test_a_list_may_be_larger_than_other_answers(stage: Stage) -> None:
    filler = " " * (5 * 512 * 1024)
    stage.sandbox.faults.append(Fault(path="*LoginAccess", status=200, body=f'{{"values": []{filler}}}'))
    stage.sandbox.faults.append(Fault(path="*LoginAccess", trouble="huge"))
    key = Secret(stage.sandbox.world.office.employee_token)
    async with stage.tripletex() as tripletex, await tripletex.log_on(stage.consumer, key) as session:
        assert [client async for client in session.clients()] == []
        with pytest.raises(Unintelligible):
            await session.client_list().read()


async def test_cookies_of_one_key_are_not_sent_with_the_next(stage: Stage) -> None:
    stage.sandbox.faults.append(
        Fault(
            status=401, body='{"code": 3000, "requestId": "3f2a"}', headers=(("Set-Cookie", "JSESSIONID=1"),)
        )
    )
    async with stage.tripletex() as tripletex:
        await tripletex.probe()
        await tripletex.probe()
    assert all("cookie" not in request.headers for request in stage.sandbox.requests)


async def test_netrc_is_not_read(stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with stage.tripletex() as tripletex:
        await tripletex.probe()
    assert "authorization" not in stage.sandbox.requests[0].headers


async def test_a_transport_can_take_the_place_of_the_network() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={"value": {"token": "t", "employeeToken": {"id": 7}}})

    transport = httpx.MockTransport(handle)
    async with Tripletex("https://tripletex.no/v2", transport=transport) as tripletex:
        session = await tripletex.log_on(make_key(1), make_key(2))
    assert session.key_id == 7
    assert [request.method for request in seen] == ["POST", "DELETE"]


@pytest.mark.parametrize(
    "make", [lambda: RuntimeError("x"), lambda: ValueError("x"), lambda: OSError(5, "x")]
)
async def test_whatever_a_transport_raises_becomes_our_own(make: Callable[[], Exception]) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        raise make()

    transport = httpx.MockTransport(handle)
    async with Tripletex("https://tripletex.no/v2", transport=transport, pause=Pauses()) as tripletex:
        with pytest.raises(Unreachable):
            await tripletex.probe()
