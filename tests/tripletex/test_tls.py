"""Encryption: whom the machine trusts, and nobody else."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.tripletex.certificates import Certificates
from tests.tripletex.stage import http, probe, raw_server, read_to_the_end, saying
from wizard.tripletex.client import Tripletex
from wizard.tripletex.errors import Cause, Unreachable
from wizard.tripletex.transport import Timeouts


@asynccontextmanager
async def tls_server(context: ssl.SSLContext) -> AsyncIterator[str]:
    respond = saying(http(401, '{"code": 3000, "requestId": "3f2a"}'))

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
        (tmp_path / certificates.hashed_name).write_bytes(certificates.authority.read_bytes())
        monkeypatch.setenv(variable, str(tmp_path))
    async with (
        tls_server(certificates.server("127.0.0.1")) as base_url,
        Tripletex(base_url, timeouts=Timeouts()) as tripletex,
    ):
        await tripletex.probe()


@pytest.mark.parametrize(
    ("host", "days", "reason"),
    [
        ("127.0.0.1", -10, "the certificate has expired"),
        ("127.0.0.2", 10, "the certificate belongs to another address"),
    ],
)
async def test_certificates_are_verified(
    monkeypatch: pytest.MonkeyPatch, certificates: Certificates, host: str, days: int, reason: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    await expect_distrust(certificates.server(host, days=days), reason)


async def test_an_authority_that_the_machine_does_not_know(certificates: Certificates) -> None:
    reason = "the certificate's issuer is not trusted on this machine"
    await expect_distrust(certificates.server("127.0.0.1"), reason)


async def expect_distrust(context: ssl.SSLContext, reason: str) -> None:
    async with tls_server(context) as base_url:
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
    assert (error.cause, error.reason) == (Cause.TLS, "no common encryption was found")
