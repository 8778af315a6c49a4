"""Sends requests to Tripletex and returns the raw responses, with limits on time and size.

It also chooses proxies and certificates, adds the tokens to requests and classifies network failures.
"""

import asyncio
import base64
import errno
import json
import logging
import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from threading import Thread
from typing import Any, Final, cast
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
import truststore

from wizard import __version__
from wizard.domain.redaction import Scrub
from wizard.domain.setup import is_loopback_url
from wizard.text import N_
from wizard.threads import settle
from wizard.tripletex.calls import Request
from wizard.tripletex.errors import Failure, Flaw, NotTripletex, TripletexError, Unintelligible, Unreachable
from wizard.tripletex.rate_limit import Allowance

Clock = Callable[[], datetime]

_log: Final = logging.getLogger(__name__)
_AT_ONCE: Final = 32
"""The maximum number of connections to one address."""
_A_CENTURY: Final = timedelta(days=36525)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Timeouts in seconds.

    Attributes:
        connect: For the connection, and once more for the TLS handshake.
        read: For each chunk of the response.
        whole: For the whole request, including the response body.
        listing: For all pages of a list together, including waits for the rate limit.
    """

    connect: float = 5.0
    read: float = 15.0
    whole: float = 30.0
    listing: float = 120.0


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A response whose body has not been parsed.

    Attributes:
        media_type: The ``Content-Type``; not to be trusted.
        body: Not to be shown, since it may contain a session token.
    """

    status: int
    request_id: str | None
    media_type: str
    allowance: Allowance
    body: bytes = field(repr=False)


class Transport:
    """The connections to one address.

    Attributes:
        clock_skew: Seconds by which this machine's clock is ahead of the server's, according to the
            last response with a ``Date``; None before that.
    """

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        timeouts: Timeouts,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.clock_skew: float | None = None
        self.host: Final = urlsplit(base_url).hostname or ""
        self.timeouts: Final = timeouts
        self._base_url = base_url
        self._clock = clock
        self._whole = timeouts.whole
        self._timeout = httpx.Timeout(timeouts.read, connect=timeouts.connect, pool=None)
        self._proxied = transport is None and proxy_for(base_url) is not None
        self._transport = transport or open_transport(base_url, tls_context(base_url), _AT_ONCE)

    async def exchange(
        self, request: Request, scrub: Scrub, sending: asyncio.Event | None = None
    ) -> RawResponse:
        """Send a request and return the response, whatever its status.

        Args:
            request: The request.
            scrub: Removes tokens that the response might repeat.
            sending: Set when the connection is open and the request is about to be sent.

        Raises:
            TripletexError: If there was no response, or one that must not be read.
        """
        begun = time.monotonic()
        outcome = await self._attempt(request, scrub, sending)
        if _log.isEnabledFor(logging.DEBUG):
            result = type(outcome).__name__ if isinstance(outcome, TripletexError) else outcome.status
            milliseconds = (time.monotonic() - begun) * 1000
            _log.debug("%s %s %s %.0f ms", request.method, request.template, result, milliseconds)
        if isinstance(outcome, TripletexError):
            # Raised here, its traceback has no frame that holds a token.
            raise outcome
        return outcome

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    async def _attempt(
        self, request: Request, scrub: Scrub, sending: asyncio.Event | None
    ) -> RawResponse | TripletexError:
        answering = asyncio.Event()
        resolve_names_in_daemon_threads(asyncio.get_running_loop())
        try:
            async with asyncio.timeout(min(self._whole, request.timeout)):
                return await self._send(request, scrub, sending, answering)
        except TimeoutError:
            return Unreachable(host=self.host, failure=Failure.TIME, sent=True)
        except Exception as error:  # noqa: BLE001 - its frames hold tokens, so it must not propagate
            return describe_failure(
                error, host=self.host, proxied=self._proxied, answering=answering.is_set()
            )

    async def _send(
        self, request: Request, scrub: Scrub, sending: asyncio.Event | None, answering: asyncio.Event
    ) -> RawResponse | TripletexError:
        http_request = build_request(self._base_url, request, self._timeout)
        if sending is not None:

            async def trace(event: str, _: object) -> None:
                if event.endswith("send_request_headers.started"):
                    sending.set()

            http_request.extensions["trace"] = trace
        response = await self._transport.handle_async_request(http_request)
        answering.set()
        try:
            headers = response.headers
            request_id = scrub.request_id(headers.get("x-tlx-request-id"))
            now = self._clock()
            self._note_date(headers.get("date"), now)
            if response.is_redirect:
                return NotTripletex(request_id=request_id, status=response.status_code, redirected=True)
            if headers.get("content-encoding", "identity") != "identity":
                return Unintelligible(request_id=request_id, flaw=Flaw.ENCODED)
            body = bytearray()
            async for piece in cast("httpx.AsyncByteStream", response.stream):
                body += piece
                if len(body) > request.limit:
                    return Unintelligible(request_id=request_id, flaw=Flaw.TOO_LARGE)
            return RawResponse(
                response.status_code,
                request_id,
                headers.get("content-type", ""),
                Allowance.from_headers(headers, now),
                bytes(body),
            )
        finally:
            await response.aclose()

    def _note_date(self, text: str | None, now: datetime) -> None:
        try:
            skew = now - parsedate_to_datetime(text or "")
        except (ValueError, TypeError, OverflowError):  # no date, or one without a time zone
            return
        if abs(skew) < _A_CENTURY:  # some servers send the year 9999; 1970, a flat battery, is plausible
            self.clock_skew = skew.total_seconds()


def silence_http_loggers() -> None:
    """Keep the HTTP libraries from logging URLs and headers."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def proxy_for(base_url: str) -> str | None:
    """Return the proxy for an address: ``HTTPS_PROXY`` or ``ALL_PROXY``, unless ``NO_PROXY`` excludes it.

    A proxy is never used for loopback addresses, which would mean the proxy's own machine.
    """
    host = urlsplit(base_url).hostname or ""
    if is_loopback_url(base_url) or proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get("https") or proxies.get("all")
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy


def proxy_variable() -> str:
    """Return the name of the environment variable that sets the proxy, as it is spelled there."""
    proxies = getproxies()
    wanted = "https_proxy" if proxies.get("https") else "all_proxy"
    value = proxies.get("https") or proxies.get("all")
    spelled = (name for name in os.environ if name.lower() == wanted and os.environ[name] == value)
    return next(spelled, wanted.upper())


def unusable_proxy_variable(base_url: str) -> str | None:
    """Return the variable with a proxy that cannot be used (SOCKS, or a URL in quotes), or None."""
    proxy = proxy_for(base_url)
    return None if proxy is None or _is_usable(proxy) else proxy_variable()


def _is_usable(proxy: str) -> bool:
    try:
        parts = urlsplit(proxy)
        _ = parts.port
    except ValueError:
        return False
    has_stray_chars = any(char in "\"'" or char.isspace() for char in proxy)
    return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and not has_stray_chars


def tls_context(base_url: str) -> ssl.SSLContext:
    """Return a TLS context that trusts the system's certificate store (on Linux, OpenSSL's).

    ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` take precedence.
    """
    if urlsplit(base_url).scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # not used, and the store is slow to load
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def open_transport(base_url: str, context: ssl.SSLContext, at_once: int = 1) -> httpx.AsyncBaseTransport:
    """Return an httpx transport for an address, with at most ``at_once`` connections.

    It is used without httpx's client, which would log URLs, share cookies between keys and read
    credentials from ``~/.netrc``.
    """
    if variable := unusable_proxy_variable(base_url):
        return _UnusableProxy(variable)
    try:
        return httpx.AsyncHTTPTransport(
            verify=context,
            trust_env=False,
            limits=httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once),
            proxy=proxy_for(base_url),
        )
    except (ValueError, httpx.InvalidURL):  # httpx is stricter about URLs than _is_usable
        return _UnusableProxy(proxy_variable())


class _UnusableProxyError(httpx.ProxyError):
    """A variable contains a proxy that cannot be used."""


class _UnusableProxy(httpx.AsyncBaseTransport):
    """Fails like any other network error, when a request is sent."""

    def __init__(self, variable: str) -> None:
        self._variable = variable

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        del request
        raise _UnusableProxyError(self._variable)


def resolve_names_in_daemon_threads(loop: asyncio.AbstractEventLoop) -> None:
    """Replace the loop's ``getaddrinfo`` with one that runs in daemon threads."""

    async def getaddrinfo(*args: Any, **kwargs: Any) -> object:  # noqa: ANN401 - as the loop's own
        found: asyncio.Future[object] = loop.create_future()
        look_up = partial(socket.getaddrinfo, *args, **kwargs)
        Thread(target=settle, args=(found, look_up), daemon=True).start()
        return await found

    loop.getaddrinfo = getaddrinfo  # type: ignore[method-assign,assignment]  # this loop only


_HEADERS: Final = {
    "User-Agent": f"tripletex-wizard/{__version__}",
    "Accept": "application/json",
    # A compressed response can expand to a thousand times its size.
    "Accept-Encoding": "identity",
}


def build_request(base_url: str, request: Request, timeout: httpx.Timeout) -> httpx.Request:
    """Return the HTTP request, with tokens in its URL, body and headers. It must never be shown."""
    path, query, content = request.path, request.query, None
    headers = dict(_HEADERS)
    if request.path_token is not None:
        path += "/" + quote(request.path_token.reveal(), safe="", errors="replace")
    if request.body is not None and request.method == "PUT":
        query = query | request.body.revealed()
    elif request.body is not None:
        content = json.dumps(request.body.revealed()).encode()
        headers["Content-Type"] = "application/json"
    if request.login is not None:
        pair = f"{request.login.company}:{request.login.token.reveal()}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode(errors="replace")).decode()
    if query:
        path += "?" + urlencode(query, quote_via=quote, errors="replace")
    return httpx.Request(
        request.method,
        base_url + path,
        headers=headers,
        content=content,
        extensions={"timeout": timeout.as_dict()},
    )


_CUT: Final = N_("the connection was cut")
_UNUSABLE: Final = N_("it cannot be used")
_NO_ROUTE: Final = N_("there is no route to it")
_SYSTEM_REASONS: Final = {
    errno.ECONNREFUSED: N_("the connection was refused"),
    errno.ECONNRESET: _CUT,
    errno.EPIPE: _CUT,
    errno.ENETUNREACH: _NO_ROUTE,
    errno.EHOSTUNREACH: _NO_ROUTE,
}
_UNTRUSTED_ISSUER: Final = N_("the certificate's issuer is not trusted on this machine")
_WRONG_HOST: Final = N_("the certificate belongs to another address")
_NO_COMMON_CIPHER: Final = N_("no common encryption was found")
# By OpenSSL's verification codes (x509_vfy.h).
_CERTIFICATE_REASONS: Final = {
    9: N_("the certificate is not valid yet"),
    10: N_("the certificate has expired"),
    18: _UNTRUSTED_ISSUER,
    19: _UNTRUSTED_ISSUER,
    20: _UNTRUSTED_ISSUER,
    21: _UNTRUSTED_ISSUER,
    62: _WRONG_HOST,
    64: _WRONG_HOST,
}


def describe_failure(error: Exception, *, host: str, proxied: bool, answering: bool) -> TripletexError:
    """Convert an exception of the transport to a ``TripletexError``.

    Args:
        error: The exception. Its frames may hold tokens, so no reference to it is kept.
        host: The host name, for messages.
        proxied: Whether a proxy was used.
        answering: Whether a response had begun to arrive.
    """
    chain = tuple(_chain(error))
    known = _known_failure(error, chain, proxied=proxied)
    if known is not None:
        failure, reason = known
        unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError)
        return Unreachable(host=host, failure=failure, reason=reason, sent=not unsent)
    if answering:
        return Unintelligible(flaw=Flaw.CUT_OFF)
    if isinstance(error, httpx.RemoteProtocolError) and _is_gibberish(chain):
        return NotTripletex(status=0)
    return Unreachable(host=host, failure=Failure.CONNECTION, reason=_system_reason(chain), sent=True)


def _known_failure(
    error: Exception, chain: tuple[BaseException, ...], *, proxied: bool
) -> tuple[Failure, str] | None:
    if isinstance(error, httpx.TimeoutException):
        return Failure.TIME, ""
    if isinstance(error, httpx.ProxyError):
        if isinstance(error, _UnusableProxyError):
            return Failure.PROXY_SETTING, str(error)
        return Failure.PROXY, _proxy_reason(error)
    for link in chain:
        if isinstance(link, ssl.SSLError):
            return Failure.TLS, _tls_reason(link)
    if not isinstance(error, httpx.ConnectError):
        return None
    if not proxied and any(isinstance(link, socket.gaierror) for link in chain):
        return Failure.NAME, ""
    return Failure.PROXY if proxied else Failure.CONNECTION, _system_reason(chain)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        if isinstance(error, BaseExceptionGroup):  # several addresses were tried
            for member in error.exceptions:
                yield from _chain(member)
        error = error.__cause__ or error.__context__


def _is_gibberish(chain: tuple[BaseException, ...]) -> bool:
    """Return whether there was a response that is not HTTP, as opposed to no response."""
    return any(type(link).__module__.partition(".")[0] == "h11" for link in chain)


def _proxy_reason(error: httpx.ProxyError) -> str:
    status = re.match(r"\d{3}\b", str(error))  # the rest is text from the proxy
    return f"HTTP {status[0]}" if status else _UNUSABLE


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE_REASONS.get(error.verify_code, error.verify_message)
    return _NO_COMMON_CIPHER


def _system_reason(chain: tuple[BaseException, ...]) -> str:
    for link in reversed(chain):
        if isinstance(link, OSError) and link.errno is not None and not isinstance(link, socket.gaierror):
            return _SYSTEM_REASONS.get(link.errno) or os.strerror(link.errno)
    return _CUT
