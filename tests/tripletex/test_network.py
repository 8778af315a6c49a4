"""Broken networks, foreign servers, certificates and proxies, over real sockets."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.keys import make_key
from tests.support.certificates import Authority
from tests.support.rows import every_row
from tests.support.sandbox import Fault
from tests.support.servers import (
    Respond,
    close_after_request,
    close_at_once,
    http,
    never,
    raw_server,
    read_to_the_end,
    saying,
    unused_port,
)
from tests.support.stage import HASTY, Pauses, Stage, probe
from wizard.checks.errors import finding_for
from wizard.domain.key import Secret
from wizard.text import Texts
from wizard.tripletex.calls import Call
from wizard.tripletex.client import Tripletex
from wizard.tripletex.errors import Failure, Flaw, NotTripletex, TripletexError, Unintelligible, Unreachable
from wizard.tripletex.transport import Timeouts, proxy_for, proxy_variable


async def probe_raw(respond: Respond, timeouts: Timeouts = HASTY) -> TripletexError:
    async with raw_server(respond) as base_url:
        return await probe(base_url, timeouts)


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


@every_row("host", ["127.0.0.1", "localhost"])  # the latter has several addresses
async def test_a_refused_connection_is_reported(host: str) -> None:
    error = await probe(f"http://{host}:{unused_port()}/v2")
    assert isinstance(error, Unreachable)
    assert (error.failure, error.reason) == (Failure.CONNECTION, "the connection was refused")
    assert (error.host, error.sent) == (host, False)


async def test_an_unknown_host_name_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nobody)
    error = await probe("https://tripletex.no/v2")
    assert isinstance(error, Unreachable)
    assert (error.failure, error.host, error.sent) == (Failure.NAME, "tripletex.no", False)


@every_row("respond", [never, dripping, endless])
async def test_a_server_that_never_finishes_is_given_up(respond: Respond) -> None:
    error = await probe_raw(respond, Timeouts(connect=1.5, read=0.3, whole=0.6))
    assert isinstance(error, Unreachable)
    assert (error.failure, error.sent) == (Failure.TIME, True)


async def test_a_connection_that_is_cut_is_reported() -> None:
    error = await probe_raw(cutting)
    assert isinstance(error, Unreachable)
    assert (error.failure, error.reason, error.sent) == (Failure.CONNECTION, "the connection was cut", True)


@every_row(
    ("answer", "flaw"),
    [
        (http(200, b'{"value": {"comp'), Flaw.NOT_JSON),
        (http(200, b"x" * (2 * 1024 * 1024 + 1)), Flaw.TOO_LARGE),
        (http(200, b"x", "Content-Encoding: gzip"), Flaw.ENCODED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", Flaw.CUT_OFF),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Flaw.CUT_OFF),
    ],
)
async def test_responses_that_cannot_be_read_are_reported(answer: bytes, flaw: Flaw) -> None:
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    error = await probe_raw(respond)
    assert isinstance(error, Unintelligible)
    assert error.flaw is flaw


@every_row(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 banana\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
)
async def test_a_server_that_does_not_speak_http_is_not_tripletex(answer: bytes) -> None:
    error = await probe_raw(saying(answer))
    assert isinstance(error, NotTripletex)


@every_row("location", ["https://evil.example/", "/v2/elsewhere", "http://[broken", "\x00"])
@every_row("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(status: int, location: str) -> None:
    """307 and 308 would send the body, and so both tokens, to wherever the redirect points."""
    asked: list[bytes] = []

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(http(status, "", f"Location: {location}"))

    async with raw_server(respond) as base_url:
        error = await probe(base_url)
    assert isinstance(error, NotTripletex)
    # A location that HTTP does not allow makes the response invalid; it is not followed either way.
    assert error.redirected == (location != "\x00")
    assert len(asked) == 1


async def test_a_list_can_be_larger_than_other_responses(stage: Stage) -> None:
    filler = " " * (5 * 512 * 1024)
    stage.sandbox.faults.append(Fault(path="*LoginAccess", status=200, body=f'{{"values": []{filler}}}'))
    stage.sandbox.faults.append(Fault(path="*LoginAccess", trouble="huge"))
    key = Secret(stage.sandbox.world.office.employee_token)
    async with stage.tripletex() as tripletex, await tripletex.log_on(stage.consumer, key) as session:
        assert await session.client_list().read() == ()
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


@every_row("make", [lambda: RuntimeError("x"), lambda: ValueError("x"), lambda: OSError(5, "x")])
async def test_every_error_of_a_transport_becomes_a_tripletex_error(make: Callable[[], Exception]) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        raise make()

    transport = httpx.MockTransport(handle)
    async with Tripletex("https://tripletex.no/v2", transport=transport, pause=Pauses()) as tripletex:
        with pytest.raises(Unreachable):
            await tripletex.probe()


ANSWER = saying(http(401, '{"code": 3000, "requestId": "3f2a"}'))


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
async def test_a_certificate_of_a_trusted_authority_is_accepted(
    monkeypatch: pytest.MonkeyPatch, certificates: Authority, variable: str, tmp_path: Path
) -> None:
    if variable == "SSL_CERT_FILE":
        monkeypatch.setenv(variable, str(certificates.path))
    else:
        (tmp_path / certificates.hashed_name).write_bytes(certificates.path.read_bytes())
        monkeypatch.setenv(variable, str(tmp_path))
    async with (
        raw_server(ANSWER, certificates.context("127.0.0.1")) as base_url,
        Tripletex(base_url, timeouts=Timeouts()) as tripletex,
    ):
        await tripletex.probe()


@pytest.mark.parametrize(
    ("host", "days", "reason"),
    [
        ("127.0.0.1", -10, "the certificate has expired"),
        ("127.0.0.2", 10, "the certificate belongs to another address"),
        ("tripletex.no", 10, "the certificate belongs to another address"),
    ],
)
async def test_certificates_are_verified(
    monkeypatch: pytest.MonkeyPatch, certificates: Authority, host: str, days: int, reason: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.path))
    await expect_distrust(certificates.context(host, days=days), reason)


@every_row("trusted", [None, "/dev/null", "/nowhere"])
async def test_a_certificate_of_an_unknown_authority_is_refused(
    monkeypatch: pytest.MonkeyPatch, certificates: Authority, trusted: str | None
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", trusted)
    reason = "the certificate's issuer is not trusted on this machine"
    await expect_distrust(certificates.context("127.0.0.1"), reason)


async def expect_distrust(context: ssl.SSLContext, reason: str) -> None:
    async with raw_server(ANSWER, context) as base_url:
        error = await probe(base_url, Timeouts())
    assert isinstance(error, Unreachable)
    assert (error.failure, error.reason, error.sent) == (Failure.TLS, reason, False)


async def test_a_server_without_tls_is_refused() -> None:
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http(400, "no"))
        await read_to_the_end(reader)

    async with raw_server(respond) as base_url:
        error = await probe(base_url.replace("http:", "https:"), Timeouts())
    assert isinstance(error, Unreachable)
    reason = "no common encryption was found"
    assert (error.failure, error.reason, error.sent) == (Failure.TLS, reason, False)


@pytest.mark.parametrize(
    ("environment", "base_url", "proxy"),
    [
        ({}, "https://tripletex.no/v2", None),
        ({"HTTPS_PROXY": "http://proxy:8080"}, "https://tripletex.no/v2", "http://proxy:8080"),
        ({"https_proxy": "proxy:8080"}, "https://tripletex.no/v2", "http://proxy:8080"),
        ({"ALL_PROXY": "http://proxy:8080"}, "https://tripletex.no/v2", "http://proxy:8080"),
        ({"HTTP_PROXY": "http://proxy:8080"}, "https://tripletex.no/v2", None),
        ({"HTTPS_PROXY": "http://proxy:8080", "NO_PROXY": "*"}, "https://tripletex.no/v2", None),
        ({"HTTPS_PROXY": "http://proxy:8080", "NO_PROXY": ".tripletex.no"}, "https://tripletex.no/v2", None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "triple.no"}, "https://tripletex.no/v2", "http://p"),
        ({"HTTPS_PROXY": "http://p", "HTTP_PROXY": "http://p"}, "http://127.0.0.1:1/v2", None),
        ({"HTTPS_PROXY": "http://p", "ALL_PROXY": "http://p"}, "https://localhost:1/v2", None),
        ({"ALL_PROXY": "http://p"}, "http://[::1]:1/v2", None),
    ],
)
def test_the_proxy_is_taken_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], base_url: str, proxy: str | None
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(base_url) == proxy


async def through_proxy(monkeypatch: pytest.MonkeyPatch, proxy: str) -> Unreachable:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    error = await probe("https://tripletex.no/v2", Timeouts())
    assert isinstance(error, Unreachable)
    return error


def refusing(status: int) -> bytes:
    return b"HTTP/1.1 %d \x1b[31mNo way\r\nContent-Length: 0\r\n\r\n" % status


@every_row(
    ("answer", "kind", "told"),
    [
        *(
            (saying(refusing(status)), Unreachable, (Failure.PROXY, f"HTTP {status}"))
            for status in (302, 403, 407, 502)
        ),
        (
            saying(b"HTTP/1.1 200 OK\r\n\r\nand then garbage"),
            Unreachable,
            (Failure.TLS, "no common encryption was found"),
        ),
        (close_at_once, Unreachable, (Failure.CONNECTION, "the connection was cut")),
        (close_after_request, Unreachable, (Failure.CONNECTION, "the connection was cut")),
        (never, Unreachable, (Failure.TIME, "")),
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), NotTripletex, None),
    ],
)
async def test_a_proxy_that_opens_no_tunnel_is_reported(
    monkeypatch: pytest.MonkeyPatch,
    answer: Respond,
    kind: type[TripletexError],
    told: tuple[Failure, str] | None,
) -> None:
    asked: list[bytes] = []

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer is not close_at_once:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            reader.feed_data(asked[0])
        await answer(reader, writer)

    async with raw_server(respond) as url:
        monkeypatch.setenv("HTTPS_PROXY", url.removesuffix("/v2"))
        error = await probe("https://tripletex.no/v2")
    assert type(error) is kind
    assert all(head.startswith(b"CONNECT tripletex.no:443 ") for head in asked)
    if isinstance(error, Unreachable):
        assert (error.failure, error.reason) == told
        assert error.sent == (error.failure not in {Failure.PROXY, Failure.TLS})


async def test_a_proxy_that_cannot_be_reached_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    error = await through_proxy(monkeypatch, f"http://127.0.0.1:{unused_port()}")
    assert (error.failure, error.reason) == (Failure.PROXY, "the connection was refused")


async def test_an_intercepting_proxy_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch, certificates: Authority
) -> None:
    async def intercept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        # What the client sends at once must wait for TLS: a reader that already has it keeps it.
        assert isinstance(writer.transport, asyncio.Transport)
        writer.transport.pause_reading()
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await writer.start_tls(certificates.context("tripletex.no"))
        await read_to_the_end(reader)

    async with raw_server(intercept) as url:
        error = await through_proxy(monkeypatch, url.removesuffix("/v2"))
    assert (error.failure, error.sent) == (Failure.TLS, False)
    assert error.reason == "the certificate's issuer is not trusted on this machine"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9"),
        ("HTTPS_PROXY", '"http://127.0.0.1:9"'),
        ("https_proxy", " http://127.0.0.1:9"),
        ("HTTPS_PROXY", "'127.0.0.1:9'"),
        ("HTTPS_PROXY", "ftp://127.0.0.1:9"),
        ("HTTPS_PROXY", "http://[broken"),
        ("HTTPS_PROXY", "http://127.0.0.1:port"),
    ],
)
async def test_a_malformed_proxy_setting_is_named_and_nothing_is_contacted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    error = await probe("https://tripletex.no/v2", Timeouts())
    assert isinstance(error, Unreachable)
    assert (error.failure, error.reason, error.sent) == (Failure.PROXY_SETTING, name, False)
    finding = finding_for(error, Call.CREATE_SESSION)
    assert finding.code.id == "TW538"
    assert name in finding.message(Texts("en"))


def test_the_variable_is_named_that_sets_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    wrong = []
    for environ, wanted in (
        ({"ALL_PROXY": "http://p"}, "ALL_PROXY"),
        ({"all_proxy": "http://p"}, "all_proxy"),
        ({"Https_Proxy": "http://p"}, "Https_Proxy"),
        ({"HTTPS_PROXY": "http://p", "https_proxy": "http://q"}, "https_proxy"),
        ({"HTTPS_PROXY": "http://p", "ALL_PROXY": "http://q"}, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": "", "ALL_PROXY": "http://q"}, "ALL_PROXY"),
        ({"HTTPS_PROXY": "socks5://p", "https_proxy": "", "ALL_PROXY": "http://q"}, "ALL_PROXY"),
    ):
        with monkeypatch.context() as patched:
            for name, value in environ.items():
                patched.setenv(name, value)
            refused = finding_for(Unreachable(host="h", failure=Failure.PROXY, reason="HTTP 407"), Call.PROBE)
            if proxy_variable() != wanted or f"{wanted} and NO_PROXY" not in refused.hint(Texts("en")):
                wrong.append((environ, proxy_variable(), refused.hint(Texts("en"))))
    assert wrong == []
