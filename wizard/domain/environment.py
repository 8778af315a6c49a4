"""Where Tripletex is, and the only places that a key may be sent to."""

from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit


class Environment(StrEnum):
    """Which Tripletex a config talks to."""

    PRODUCTION = "production"
    TEST = "test"
    SANDBOX = "sandbox"

    @property
    def base_url(self) -> str | None:
        """The fixed address, or None for the sandbox, whose port differs from run to run.

        Source: Tripletex API specification 2.75.12 and the API's own README.
        """
        return _BASE_URLS.get(self)

    @property
    def host(self) -> str | None:
        """The fixed host name, or None for the sandbox."""
        return urlsplit(self.base_url).hostname if self.base_url else None


_BASE_URLS = {
    Environment.PRODUCTION: "https://tripletex.no/v2",
    Environment.TEST: "https://api-test.tripletex.tech/v2",
}


def is_loopback_url(url: str) -> bool:
    """Whether a base URL points at this very machine and carries no credentials.

    ``http`` is accepted on loopback only, and loopback is all that a configured base URL may name:
    the key travels in the request.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or parts.username is not None or parts.password is not None:
        return False
    if parts.query or parts.fragment or port == 0:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
