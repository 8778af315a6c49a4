"""Parses Norwegian organisation numbers in the formats that people use.

They have nine digits, the last of which is a check digit (Brønnøysundregistrene, modulus 11).
"""

import re
from typing import Final

from wizard.domain.legible import one_line
from wizard.domain.setup import ORG_NUMBER_PLACEHOLDER, Environment, Setup
from wizard.findings import Finding, codes

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
