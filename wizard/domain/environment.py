"""Where Tripletex is, and the only places that a key may be sent to."""

import re
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_HIGHEST_PORT: Final = 65535
_PLAIN_URL: Final = re.compile(
    r"https?://(?P<host>[a-z0-9.]+|\[[0-9a-f:]+\])(?::(?P<port>[0-9]{1,5}))?(?:/[A-Za-z0-9._~/-]*)?"
)


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
    the key travels in the request. What is allowed is spelled out, because two parsers of URLs can
    disagree about what is odd.
    """
    parts = _PLAIN_URL.fullmatch(url)
    if parts is None or not 0 < int(parts["port"] or 80) <= _HIGHEST_PORT:
        return False
    host = parts["host"].strip("[]")
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
