"""What is connected: the three kinds of set-up, and the environments of Tripletex.

The kinds are those of Finale's help page. The environments have the only addresses that a key may be sent to.
"""

import re
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

ORG_NUMBER_PLACEHOLDER = "%ORGNR%"
"""The placeholder that Finale replaces with the organisation number in Firmaopplysninger when it logs on."""

DEFAULT_APPLICATION = "VismaFinale"
"""The application name to choose in Tripletex («Applikasjonsnavn»)."""


class Setup(StrEnum):
    """The kind of set-up: whose key it is, and where in Finale it is entered."""

    SINGLE_COMPANY = "single-company"
    """An ordinary key of one company; Firmaopplysninger, OrgNr empty."""

    BUREAU_CLIENT = "bureau-client"
    """An office key, set up for one client; Firmaopplysninger, OrgNr is the client's number."""

    BUREAU_SHARED = "bureau-shared"
    """An office key, shared by all clients; Byråopplysninger, OrgNr is ``%ORGNR%``."""

    @property
    def is_bureau(self) -> bool:
        """Whether an office key («Regnskapskontorets brukernøkkel») is needed."""
        return self is not Setup.SINGLE_COMPANY


class KeyKind(StrEnum):
    """The kind of key."""

    ORDINARY = "ordinary"
    """Has access to the company in which it was made."""

    OFFICE = "office"
    """«Regnskapskontorets brukernøkkel»: has access to clients, but not to the office itself."""


_HIGHEST_PORT: Final = 65535
_PLAIN_URL: Final = re.compile(
    r"https?://(?P<host>[a-z0-9.]+|\[[0-9a-f:]+\])(?::(?P<port>[0-9]{1,5}))?(?:/[A-Za-z0-9._~/-]*)?"
)


class Environment(StrEnum):
    """An environment of Tripletex."""

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
    """Return whether a base URL is on this machine and has no credentials.

    Requests contain the key, so ``http`` and base URLs from a config are only allowed for loopback. The
    pattern is strict, because URL parsers disagree about unusual URLs.
    """
    parts = _PLAIN_URL.fullmatch(url)
    if parts is None or not 0 < int(parts["port"] or 80) <= _HIGHEST_PORT:
        return False
    host = parts["host"].strip("[]")
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
