"""Observations of the network: settings, DNS, connections and certificates. No token is sent."""

import asyncio
import os
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from wizard.checks.errors import finding_for
from wizard.doctor.observation import Fact, FactValue, Machine, Observation, Part
from wizard.domain.redaction import MASK
from wizard.files.reading import open_regular
from wizard.findings import Finding, Term, codes
from wizard.text import N_
from wizard.threads import DaemonCalls
from wizard.tripletex.calls import Call
from wizard.tripletex.client import Tripletex
from wizard.tripletex.errors import TripletexError
from wizard.tripletex.transport import (
    Timeouts,
    open_transport,
    proxy_for,
    tls_context,
    unusable_proxy_variable,
)

# Seconds, which together must be less than the timeout of each part.
_LOOK_UP: Final = 3.0
_ANSWER: Final = 7.0
_CERTIFICATE: Final = 3.0
_TIMEOUTS: Final = Timeouts(connect=4.0, read=5.0, whole=6.0)
_MOST_ADDRESSES: Final = 4
_LONGEST_NAME: Final = 253  # RFC 1035
_LONGEST_LABEL: Final = 63  # RFC 1035

_PROXY_VARIABLES: Final = ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_UNREADABLE: Final = Term(N_("set, but not usable"))


async def network_settings(machine: Machine) -> Observation:
    """Observe the variables for proxies and certificates."""
    environ = machine.context.environ
    named = tuple(
        name for variable in _PROXY_VARIABLES for name in (variable, variable.lower()) if environ.get(name)
    )
    findings = []
    for variable, problem in (
        ("SSL_CERT_FILE", _problem_of_file(environ.get("SSL_CERT_FILE"))),
        ("SSL_CERT_DIR", _problem_of_folder(environ.get("SSL_CERT_DIR"))),
    ):
        if problem is not None:
            path = environ[variable]
            findings.append(codes.CERTIFICATES_MISSING.found(variable=variable, path=path, reason=problem))
    facts: dict[Fact, FactValue] = {
        Fact.PROXY_VARIABLES: named,
        Fact.CERT_FILE: environ.get("SSL_CERT_FILE"),
        Fact.CERT_DIR: environ.get("SSL_CERT_DIR"),
    }
    return Observation(Part.NETWORK_SETTINGS, facts, tuple(findings))


async def connection(machine: Machine, base_url: str) -> Observation:
    """Observe whether Tripletex can be reached: DNS, connection, TLS, and a request without a token."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    proxy = proxy_for(base_url)
    facts: dict[Fact, FactValue] = {Fact.PROXY: shown_proxy(proxy), Fact.ANSWERS: False}
    if variable := unusable_proxy_variable(base_url):
        unusable = codes.PROXY_UNUSABLE.found(variable=variable)
        return Observation(Part.CONNECTION, facts, (unusable,), host=host)
    finding = await _look_up(machine, proxy or base_url, facts if proxy is None else {})
    if finding is None:
        finding = await _ask(machine, base_url, facts)
    facts[Fact.ANSWERS] = finding is None
    if finding is None:
        facts |= await _certificate(base_url)
    return Observation(Part.CONNECTION, facts, (finding,) if finding else (), host=host)


def shown_proxy(proxy: str | None) -> str | None:
    """Return a proxy with its password masked."""
    if proxy is None:
        return None
    try:
        parts = urlsplit(proxy)
        host, port = parts.hostname or "", parts.port
        if not host or len(host) > _LONGEST_NAME or max(map(len, host.split("."))) > _LONGEST_LABEL:
            return _UNREADABLE
    except ValueError:
        return _UNREADABLE
    password = f"{MASK}@" if "@" in parts.netloc else ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{password}{shown}{f':{port}' if port else ''}"


async def _look_up(machine: Machine, url: str, facts: dict[Fact, FactValue]) -> Finding | None:
    """Resolve the host that is connected to first, which may be a proxy.

    This uses a daemon thread, because the system's resolver may take minutes.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        return None  # not a URL, which connecting will report
    try:
        found = await DaemonCalls(_LOOK_UP).run(lambda: machine.look_up(host, port))
    except (OSError, ValueError):  # ValueError: not a valid name
        return codes.NAME_NOT_RESOLVED.found(host=host)
    facts[Fact.ADDRESSES] = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))[:_MOST_ADDRESSES]
    return None


async def _ask(machine: Machine, base_url: str, facts: dict[Fact, FactValue]) -> Finding | None:
    loop = asyncio.get_running_loop()
    tripletex = Tripletex(base_url, clock=machine.context.now, timeouts=_TIMEOUTS)
    async with tripletex:
        began = loop.time()
        try:
            async with asyncio.timeout(_ANSWER):
                await tripletex.probe()
        except TimeoutError:
            return codes.NO_ANSWER.found(host=tripletex.host)
        except TripletexError as error:
            return finding_for(error, Call.PROBE)
        finally:
            facts[Fact.MILLISECONDS] = round((loop.time() - began) * 1000)
            skew = tripletex.clock_skew
            facts[Fact.AHEAD] = None if skew is None else round(skew)
    return None


async def _certificate(base_url: str) -> dict[Fact, FactValue]:
    """Return facts about the certificate, whose issuer reveals a proxy that intercepts TLS."""
    request = httpx.Request("HEAD", base_url, extensions={"timeout": httpx.Timeout(_CERTIFICATE).as_dict()})
    try:
        async with (
            asyncio.timeout(_CERTIFICATE),
            open_transport(base_url, tls_context(base_url)) as transport,
        ):
            response = await transport.handle_async_request(request)
            tls = response.extensions["network_stream"].get_extra_info("ssl_object")
            return {} if tls is None else _read_certificate(tls.version(), tls.getpeercert() or {})
    except (httpx.HTTPError, OSError):
        return {}  # the connection has already been tested


def _read_certificate(version: str | None, certificate: Mapping[str, object]) -> dict[Fact, FactValue]:
    issuer = dict(pair for group in certificate.get("issuer", ()) for pair in group)  # type: ignore[attr-defined]
    names = [issuer[name] for name in ("organizationName", "commonName") if name in issuer]
    expires = certificate.get("notAfter")
    seconds = ssl.cert_time_to_seconds(str(expires)) if expires else None
    return {
        Fact.TLS: version,
        Fact.ISSUER: ", ".join(names) or None,
        Fact.EXPIRES: seconds and datetime.fromtimestamp(seconds, UTC).date().isoformat(),
    }


def _problem_of_file(path: str | None) -> str | None:
    """Return why a file cannot be read, as the system's message, or None."""
    if not path:
        return None
    try:
        os.close(open_regular(path))
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or type(error).__name__
    return None


def _problem_of_folder(path: str | None) -> str | None:
    if not path:
        return None
    for folder in path.split(os.pathsep):  # OpenSSL allows several
        try:
            next(Path(folder).iterdir(), None)  # only to see whether it can be read
        except (OSError, ValueError) as error:
            return getattr(error, "strerror", None) or type(error).__name__
    return None
