"""Proxies: which one is used, and how their refusals show."""

import asyncio

import pytest

from tests.tripletex.certificates import Certificates
from tests.tripletex.stage import probe, raw_server, read_to_the_end, unused_port
from wizard.checks.errors import finding_for
from wizard.text import Texts
from wizard.tripletex.calls import Call
from wizard.tripletex.errors import Cause, Unreachable
from wizard.tripletex.transport import Timeouts, proxy_for


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
    error = await probe("https://tripletex.no/v2", Timeouts())
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


async def test_an_intercepting_proxy_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch, certificates: Certificates
) -> None:
    async def intercept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        # What the client says at once must wait for TLS: a reader that already has it keeps it.
        assert isinstance(writer.transport, asyncio.Transport)
        writer.transport.pause_reading()
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await writer.start_tls(certificates.server("tripletex.no"))
        await read_to_the_end(reader)

    async with raw_server(intercept) as url:
        error = await through_proxy(monkeypatch, url.removesuffix("/v2"))
    assert (error.cause, error.sent) == (Cause.TLS, False)
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
async def test_a_setting_that_is_no_proxy_is_named_and_nothing_is_contacted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    error = await probe("https://tripletex.no/v2", Timeouts())
    assert isinstance(error, Unreachable)
    assert (error.cause, error.reason, error.sent) == (Cause.PROXY_SETTING, name, False)
    finding = finding_for(error, Call.CREATE_SESSION)
    assert finding.code.id == "TW538"
    assert name in finding.message(Texts("en"))
