"""Broken networks, foreign servers and hostile answers, over real sockets."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import pytest

from tests.keys import make_key
from tests.tripletex.stage import Pauses, Respond, Stage, http, raw_server, saying, unused_port
from wizard.domain.secret import Secret
from wizard.sandbox import Fault
from wizard.tripletex import NotTripletex, Timeouts, Tripletex, TripletexError, Unintelligible, Unreachable
from wizard.tripletex.errors import Cause, Flaw
from wizard.tripletex.route import proxy_for

HASTY = Timeouts(connect=0.3, read=0.3, whole=0.6)
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXY_VARIABLES, *(name.lower() for name in PROXY_VARIABLES), "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


async def probe(base_url: str, timeouts: Timeouts = HASTY) -> TripletexError:
    """Return what keeps a probe from being answered."""
    async with Tripletex(base_url, pause=Pauses(), timeouts=timeouts) as tripletex:
        with pytest.raises(TripletexError) as raised:
            await tripletex.probe()
    return raised.value


async def probe_raw(respond: Respond) -> TripletexError:
    async with raw_server(respond) as base_url:
        return await probe(base_url)


async def read_to_the_end(reader: asyncio.StreamReader) -> None:
    while await reader.read(1024):
        pass


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


async def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

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
    filler = " " * (3 * 1024 * 1024)
    stage.sandbox.faults.append(Fault(path="*LoginAccess", status=200, body=f'{{"values": []{filler}}}'))
    stage.sandbox.faults.append(Fault(path="*LoginAccess", trouble="huge"))
    key = Secret(stage.sandbox.world.office.employee_token)
    async with stage.tripletex() as tripletex, await tripletex.log_on(stage.consumer, key) as session:
        assert [client async for client in session.clients()] == []
        with pytest.raises(Unintelligible):
            await session.client_list().read()


async def test_cookies_of_one_key_are_not_sent_with_the_next(stage: Stage) -> None:
    stage.sandbox.faults.append(
        Fault(status=401, body='{"code": 3000, "message": "x"}', headers=(("Set-Cookie", "JSESSIONID=1"),))
    )
    async with stage.tripletex() as tripletex:
        await tripletex.probe()
        await tripletex.probe()
    assert all("cookie" not in request.headers for request in stage.sandbox.requests)


async def test_netrc_is_not_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with stage.tripletex() as tripletex:
        await tripletex.probe()
    assert "authorization" not in stage.sandbox.requests[0].headers


# Proxies


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
def test_the_environment_names_the_proxy(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], base_url: str, proxy: str | None
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(base_url) == proxy


async def through_proxy(monkeypatch: pytest.MonkeyPatch, proxy: str) -> Unreachable:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    error = await probe("https://tripletex.no/v2")
    assert isinstance(error, Unreachable)
    return error


@pytest.mark.parametrize("status", [403, 407, 502])
async def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    asked: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 %d \x1b[31mNo way\r\nContent-Length: 0\r\n\r\n" % status)

    async with raw_server(refuse) as url:
        error = await through_proxy(monkeypatch, url.removesuffix("/v2"))
    assert (error.cause, error.reason, error.sent) == (Cause.PROXY, f"HTTP {status}", False)
    assert asked[0].startswith(b"CONNECT tripletex.no:443 ")


async def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    error = await through_proxy(monkeypatch, f"http://127.0.0.1:{unused_port()}")
    assert (error.cause, error.reason) == (Cause.PROXY, "the connection was refused")


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1", "ftp://127.0.0.1:1", "http://[broken", "http://127.0.0.1:port"]
)
async def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    error = await through_proxy(monkeypatch, proxy)
    assert error.cause is Cause.PROXY


async def test_an_intercepting_proxy_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch, certificates: "Certificates"
) -> None:
    async def intercept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await writer.start_tls(certificates.server("tripletex.no"))
        await read_to_the_end(reader)

    async with raw_server(intercept) as url:
        error = await through_proxy(monkeypatch, url.removesuffix("/v2"))
    assert (error.cause, error.sent) == (Cause.TLS, False)
    assert error.reason == "the certificate was issued by someone this machine does not know"


# Encryption


class Certificates:
    """An authority of our own and what it issues."""

    def __init__(self, folder: Path) -> None:
        x509 = pytest.importorskip("cryptography.x509")
        ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
        self._folder = folder
        self._x509 = x509
        self._new_key = lambda: ec.generate_private_key(ec.SECP256R1())
        self._key = self._new_key()
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
        self.authority = folder / "authority.pem"
        self._issue(self._name, self._key, x509.BasicConstraints(ca=True, path_length=0), self.authority)

    def server(self, host: str, *, days: int = 10) -> ssl.SSLContext:
        """Return what a server of that name needs; with negative days it has expired."""
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            NoEncryption,
            PrivateFormat,
        )

        x509, key = self._x509, self._new_key()
        address = x509.IPAddress(IPv4Address(host)) if host[0].isdigit() else x509.DNSName(host)
        path = self._folder / f"{host}{days}.pem"
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        self._issue(name, key, x509.SubjectAlternativeName([address]), path, days=days)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(path.read_bytes() + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _issue(self, name: object, key: object, extension: object, path: Path, *, days: int = 10) -> None:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.serialization import Encoding

        now = datetime.now(UTC)
        builder = (
            self._x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())  # type: ignore[attr-defined]  # cryptography is not imported at the top
            .serial_number(self._x509.random_serial_number())
            .not_valid_before(now - timedelta(days=20))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(extension, critical=False)
        )
        path.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@asynccontextmanager
async def tls_server(context: ssl.SSLContext) -> AsyncIterator[str]:
    respond = saying(http(401, '{"code": 3000, "message": "Unauthorized"}'))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await respond(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
async def test_an_authority_that_the_machine_trusts(
    monkeypatch: pytest.MonkeyPatch, certificates: Certificates, variable: str, tmp_path: Path
) -> None:
    if variable == "SSL_CERT_FILE":
        monkeypatch.setenv(variable, str(certificates.authority))
    else:
        hashed = tmp_path / f"{subject_hash(certificates.authority)}.0"
        hashed.write_bytes(certificates.authority.read_bytes())
        monkeypatch.setenv(variable, str(tmp_path))
    async with (
        tls_server(certificates.server("127.0.0.1")) as base_url,
        Tripletex(base_url, timeouts=Timeouts()) as tripletex,
    ):
        await tripletex.probe()


@pytest.mark.parametrize(
    ("host", "days", "trusted", "reason"),
    [
        ("127.0.0.1", 10, False, "the certificate was issued by someone this machine does not know"),
        ("127.0.0.1", -10, True, "the certificate has expired"),
        ("127.0.0.2", 10, True, "the certificate belongs to another address"),
    ],
)
async def test_certificates_are_verified(
    monkeypatch: pytest.MonkeyPatch,
    certificates: Certificates,
    host: str,
    days: int,
    trusted: bool,  # noqa: FBT001 - a column of the table
    reason: str,
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    async with tls_server(certificates.server(host, days=days)) as base_url:
        error = await probe(base_url, Timeouts())
    assert isinstance(error, Unreachable)
    assert (error.cause, error.reason, error.sent) == (Cause.TLS, reason, False)


async def test_a_server_that_does_not_encrypt() -> None:
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http(400, "no"))
        await read_to_the_end(reader)

    async with raw_server(respond) as base_url:
        error = await probe(base_url.replace("http:", "https:"), Timeouts())
    assert isinstance(error, Unreachable)
    assert (error.cause, error.reason) == (Cause.TLS, "encryption could not be agreed on")


def subject_hash(path: Path) -> str:
    """Return the file name that OpenSSL looks an authority up by."""
    import hashlib

    x509 = pytest.importorskip("cryptography.x509")
    subject = x509.load_pem_x509_certificate(path.read_bytes()).subject
    # The canonical form: each name lower case, as UTF8String, without the outer SEQUENCE.
    value = subject.rdns[0]._attributes[0].value.lower().encode()  # type: ignore[index]  # a set in the types
    pair = b"\x06\x03\x55\x04\x03" + b"\x0c" + bytes([len(value)]) + value
    sequence = b"\x30" + bytes([len(pair)]) + pair
    rdn = b"\x31" + bytes([len(sequence)]) + sequence
    digest = hashlib.sha1(rdn, usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}"


# The seam for tests


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


@pytest.mark.parametrize("make", [lambda: RuntimeError("x"), lambda: ValueError("x"), lambda: OSError(5, "x")])
async def test_whatever_a_transport_raises_becomes_our_own(make: Callable[[], Exception]) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        raise make()

    transport = httpx.MockTransport(handle)
    async with Tripletex("https://tripletex.no/v2", transport=transport, pause=Pauses()) as tripletex:
        with pytest.raises(Unreachable):
            await tripletex.probe()
