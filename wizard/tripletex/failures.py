"""Classifies network failures by what httpx raised."""

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import httpx

from wizard.text import N_
from wizard.tripletex.errors import Cause, Flaw, NotTripletex, TripletexError, Unintelligible, Unreachable

_CUT: Final = N_("the connection was cut")
_UNUSABLE: Final = N_("it cannot be used")
_NO_WAY: Final = N_("no route to it from here")
_SYSTEM_REASONS: Final = {
    errno.ECONNREFUSED: N_("the connection was refused"),
    errno.ECONNRESET: _CUT,
    errno.EPIPE: _CUT,
    errno.ENETUNREACH: _NO_WAY,
    errno.EHOSTUNREACH: _NO_WAY,
}
_STRANGER: Final = N_("the certificate's issuer is not trusted on this machine")
_OTHER_ADDRESS: Final = N_("the certificate belongs to another address")
_NO_AGREEMENT: Final = N_("no common encryption was found")
# By OpenSSL's verification codes (x509_vfy.h).
_CERTIFICATE_REASONS: Final = {
    9: N_("the certificate is not valid yet"),
    10: N_("the certificate has expired"),
    18: _STRANGER,
    19: _STRANGER,
    20: _STRANGER,
    21: _STRANGER,
    62: _OTHER_ADDRESS,
    64: _OTHER_ADDRESS,
}


def describe_failure(error: Exception, *, host: str, proxied: bool, answering: bool) -> TripletexError:
    """Return an exception of our own for one that the transport raised.

    Args:
        error: What was raised; its frames may contain tokens, so nothing of it is kept.
        host: Where the request was going.
        proxied: Whether there is a proxy in between.
        answering: Whether an answer had begun to come.
    """
    chain = tuple(_chain(error))
    known = _known_cause(error, chain, proxied=proxied)
    if known is not None:
        cause, reason = known
        unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError)
        return Unreachable(host=host, cause=cause, reason=reason, sent=not unsent)
    if answering:
        return Unintelligible(flaw=Flaw.CUT_OFF)
    if isinstance(error, httpx.RemoteProtocolError) and _is_gibberish(chain):
        return NotTripletex(status=0)
    return Unreachable(host=host, cause=Cause.CONNECTION, reason=_system_reason(chain), sent=True)


def _known_cause(
    error: Exception, chain: tuple[BaseException, ...], *, proxied: bool
) -> tuple[Cause, str] | None:
    if isinstance(error, httpx.TimeoutException):
        return Cause.TIME, ""
    if isinstance(error, httpx.ProxyError):
        return Cause.PROXY, _proxy_reason(error)
    for link in chain:
        if isinstance(link, ssl.SSLError):
            return Cause.TLS, _tls_reason(link)
    if not isinstance(error, httpx.ConnectError):
        return None
    if not proxied and any(isinstance(link, socket.gaierror) for link in chain):
        return Cause.NAME, ""
    return Cause.PROXY if proxied else Cause.CONNECTION, _system_reason(chain)


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
    """Whether what came was not HTTP, as opposed to nothing at all."""
    return any(type(link).__module__.partition(".")[0] == "h11" for link in chain)


def _proxy_reason(error: httpx.ProxyError) -> str:
    status = re.match(r"\d{3}\b", str(error))  # what follows are the proxy's own words
    return f"HTTP {status[0]}" if status else _UNUSABLE


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE_REASONS.get(error.verify_code, error.verify_message)
    return _NO_AGREEMENT


def _system_reason(chain: tuple[BaseException, ...]) -> str:
    for link in reversed(chain):
        if isinstance(link, OSError) and link.errno is not None and not isinstance(link, socket.gaierror):
            return _SYSTEM_REASONS.get(link.errno) or os.strerror(link.errno)
    return _CUT
