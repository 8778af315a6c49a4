"""How the network is reached: the system's trust store, the proxy that the environment names."""

import logging
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
import truststore

from wizard.domain.environment import is_loopback_url


def silence_http_loggers() -> None:
    """Keep the HTTP libraries from logging at a level that shows addresses and headers."""
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


def tls_context(base_url: str) -> ssl.SSLContext:
    """Return whom to trust at an address: the system's store, on Linux OpenSSL's places.

    ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` come before those.
    """
    if urlsplit(base_url).scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; the store takes time to read
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def open_transport(base_url: str, context: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    """Return what carries one request at a time to an address.

    It is httpx's transport without httpx's client on top, which would write the URL to the log, keep
    cookies from one key for the next, and read credentials from ``~/.netrc``.
    """
    try:
        return httpx.AsyncHTTPTransport(
            verify=context,
            trust_env=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            proxy=proxy_for(base_url),
        )
    except (ValueError, ImportError, httpx.InvalidURL):  # not a URL; SOCKS without its library
        return _UnusableProxy()


class _UnusableProxy(httpx.AsyncBaseTransport):
    """Replaces a proxy of a kind that cannot be used, so that it fails like any other network trouble."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002 - httpx's
        raise httpx.ProxyError("unusable")
