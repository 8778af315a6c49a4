"""What is connected: kinds of set-ups, environments of Tripletex, and organisation numbers.

The kinds are those of Finale's help page. The environments have the only addresses that a key may be sent
to. A Norwegian organisation number has nine digits, the last of which is a check digit
(Brønnøysundregistrene, modulus 11).
"""

import re
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from wizard.domain.legible import one_line
from wizard.findings import Finding, codes

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


_DIGITS: Final = 9
_PERSONAL_DIGITS: Final = 11
_LONGEST: Final = 100  # characters; the patterns below are slow on long input
# «Org.nr.: NO 974 760 673 MVA», «Foretaksregisteret 974.760.673»: text that is copied with the number.
_BEFORE: Final = re.compile(
    r"^(?:foretaksregisteret)?\s*(?:organisasjonsnummer|org\.?\s*nr\.?)?\s*:?\s*(?:no\b|no(?=\d))?",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(r"(?:\s*,?\s*(?:mva|foretaksregisteret)\.?)*$", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"[ .\-\u2010-\u2015\u2212]+")


def normalise_org_number(text: str) -> str | None:
    """Return the nine digits in a text, or None. The check digit is not checked.

    This is used for numbers from Tripletex, where the field is free text.
    """
    written = one_line(text)
    if len(written) > _LONGEST:
        return None
    bare = _AFTER.sub("", _BEFORE.sub("", written))
    digits = _SEPARATORS.sub("", bare)
    return digits if len(digits) == _DIGITS and digits.isascii() and digits.isdigit() else None


def parse_org_number(text: str) -> str | Finding:
    """Return the nine digits of a valid organisation number, or a finding."""
    if _resembles_placeholder(text):
        return codes.PLACEHOLDER_NOT_HERE.found()
    if not one_line(text):
        return codes.ORG_NUMBER_MISSING.found()
    if sum(map(str.isdigit, text)) == _PERSONAL_DIGITS:
        return codes.ORG_NUMBER_IS_PERSONAL.found()
    digits = normalise_org_number(text)
    if digits is None:
        return codes.ORG_NUMBER_MALFORMED.found()
    if not has_valid_check_digit(digits):
        return codes.ORG_NUMBER_CHECK_DIGIT.found(number=digits)
    return digits


def parse_finale_org_number(text: str, setup: Setup) -> str | Finding:
    """Return the value for Finale's field OrgNr, or a finding.

    According to Finale's help page it is empty for a single company, the client's number, or ``%ORGNR%``.
    """
    match setup:
        case Setup.SINGLE_COMPANY:
            return codes.ORG_NUMBER_NOT_EMPTY.found() if one_line(text) else ""
        case Setup.BUREAU_CLIENT:
            return parse_org_number(text)
        case Setup.BUREAU_SHARED:
            if one_line(text) == ORG_NUMBER_PLACEHOLDER:
                return ORG_NUMBER_PLACEHOLDER
            misspelled = _resembles_placeholder(text)
            return (codes.PLACEHOLDER_MISSPELLED if misspelled else codes.PLACEHOLDER_NEEDED).found()


def check_first_digit(number: str, environment: Environment) -> Finding | None:
    """Return a warning if a number does not start with 8 or 9. Test companies may have such numbers."""
    if environment is Environment.PRODUCTION and number[0] not in "89":
        return codes.ORG_NUMBER_UNUSUAL.found(number=number)
    return None


def has_valid_check_digit(digits: str) -> bool:
    """Return whether a text is nine digits with a valid check digit."""
    from stdnum.no import orgnr  # noqa: PLC0415 - slower to import than the rest of this package

    return len(digits) == _DIGITS and digits.isascii() and digits.isdigit() and orgnr.is_valid(digits)


def format_org_number(number: str) -> str:
    """Return nine digits in the usual format, such as ``974 760 673``."""
    return f"{number[:3]} {number[3:6]} {number[6:]}" if len(number) == _DIGITS else number


def _resembles_placeholder(text: str) -> bool:
    # All misspellings seen so far are «orgnr» with «%», full-width «％» or spaces anywhere.
    bare = re.sub(r"[ %％{}\"']+", "", one_line(text))
    return bare.casefold() in {"orgnr", "orgnummer", "org.nr", "org.nr."}
