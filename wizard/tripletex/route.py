"""How the network is reached: the system's trust store, the proxy that the environment names."""

import logging
import ssl
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
import truststore

from wizard.domain.environment import is_loopback_url

CONNECTIONS: Final = 32
"""At the same time, to one Tripletex, however many keys share it."""


def silence_http_loggers() -> None:
    """Keep the HTTP libraries from logging at a level that shows URLs and headers."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def proxy_for(base_url: str) -> str | None:
    """Return the proxy for an address: ``HTTPS_PROXY`` or ``ALL_PROXY``, unless ``NO_PROXY`` forbids.

    Loopback never goes through one: a proxy's loopback is another machine.
    """
    host = urlsplit(base_url).hostname or ""
    if is_loopback_url(base_url) or proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get("https") or proxies.get("all")
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy


def open_transport(base_url: str) -> httpx.AsyncBaseTransport:
    """Return a connection pool for one address.

    It is httpx's transport without httpx's client on top, which would write the URL to the log, keep
    cookies from one key for the next, and read credentials from ``~/.netrc``.
    """
    proxy = proxy_for(base_url)
    try:
        return httpx.AsyncHTTPTransport(
            verify=_tls_context(base_url),
            trust_env=False,
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            proxy=proxy,
        )
    except (ValueError, ImportError, httpx.InvalidURL):  # not a URL; SOCKS without its library
        return _UnusableProxy()


def _tls_context(base_url: str) -> ssl.SSLContext:
    if urlsplit(base_url).scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; the trust store takes time to read
    # On Linux these are OpenSSL's places, SSL_CERT_FILE and SSL_CERT_DIR before them.
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class _UnusableProxy(httpx.AsyncBaseTransport):
    """Stands in for a proxy of a kind that cannot be used, so that it shows as any other network trouble."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002 - httpx's
        raise httpx.ProxyError("unusable")
