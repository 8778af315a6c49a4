"""Judges a pasted API key (employee token) without asking Tripletex.

A token is base64 of compact JSON, ``{"tokenId":<int>,"token":"<uuid>"}``; in the test environment
the inner value is ``test-<uuid>``. Until about 2022 it was the bare UUID. Source: public fixtures
of three independent clients; the ``test-`` prefix: Tripletex API changelog, 2020-03-17.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Final

from wizard.domain.codes import secrets
from wizard.domain.environment import Environment
from wizard.domain.finding import Code, Finding
from wizard.domain.org_number import has_valid_check_digit
from wizard.domain.secret import Secret
from wizard.domain.setup import DEFAULT_APPLICATION

_LONGEST: Final = 4096
# Blanks of every kind, zero-width characters, BOM, soft hyphens: e-mail and PDF put them in.
_NOISE: Final = re.compile(r"[\s\u00ad\u200b-\u200f\u2028-\u202f\u2060\ufeff]+")
_QUOTES: Final = "\"'`´«»“”„‘’<>"
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_UUID: Final = re.compile(r"(test-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_JWT: Final = re.compile(r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")
_EMBEDDED: Final = re.compile(r"eyJ[A-Za-z0-9+/_-]{37,}|tlxr_")
_REFRESH_PREFIX: Final = "tlxr_"
_ORG_NUMBER_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class KeyReading:
    """What a pasted text turned out to be.

    Attributes:
        secret: The key, mended where that was possible; None when the text is not a usable key.
        number: The key's number in Tripletex (``tokenId``); None for the form used before 2022.
        is_test: Whether it belongs to the test environment; None when that cannot be seen.
        findings: What was wrong, mended or odd; never holds a part of the text.
    """

    secret: Secret | None
    number: int | None
    is_test: bool | None
    findings: tuple[Finding, ...]


def read_key(text: str, environment: Environment, consumer_token: Secret | None = None) -> KeyReading:
    """Judge a pasted text as an employee token for an environment."""
    cleaned = _clean(text)
    if not isinstance(cleaned, str):
        return _unusable(cleaned, text)
    if consumer_token is not None and Secret(cleaned) == consumer_token:
        return _unusable(secrets.KEY_IS_CONSUMER_TOKEN, text)
    candidate = _repair(cleaned)
    parts = _token_parts(candidate)
    if parts is None:
        return _unusable(_name_of(cleaned, text), text)
    number, inner = parts
    is_test = inner.startswith("test-")
    findings = []
    if environment is Environment.PRODUCTION and is_test:
        findings.append(secrets.TEST_KEY_IN_PRODUCTION.found())
    if environment is Environment.TEST and not is_test:
        findings.append(secrets.PRODUCTION_KEY_IN_TEST.found())
    if number is None:
        findings.append(secrets.KEY_OLD_FORMAT.found())
    if candidate != text.strip():
        findings.append(secrets.KEY_MENDED.found())
    usable = not any(finding.is_error for finding in findings)
    return KeyReading(Secret(candidate) if usable else None, number, is_test, tuple(findings))


def looks_like_token(text: str) -> bool:
    """Whether a text holds something that nobody should write into a config."""
    return bool(_EMBEDDED.search(text) or _UUID.fullmatch(text.strip()))


def _clean(text: str) -> str | Code:
    if len(text) > _LONGEST:
        return secrets.KEY_UNRECOGNISED
    cleaned = _NOISE.sub("", text).strip(_QUOTES)
    return cleaned or secrets.KEY_EMPTY


def _repair(cleaned: str) -> str:
    """Undo what copying does: a label in front, the key twice, the padding lost."""
    candidate = cleaned.rpartition(":")[2]
    half, odd = divmod(len(candidate), 2)
    if not odd and candidate[:half] == candidate[half:]:
        candidate = candidate[:half]
    bare = candidate.rstrip("=")
    if _BASE64.fullmatch(candidate):
        # A double click selects a word, and "=" is not part of one.
        candidate = bare + "=" * (-len(bare) % 4)
    return candidate


def _token_parts(candidate: str) -> tuple[int | None, str] | None:
    """Return number and inner value of a well-formed token, or None."""
    if _UUID.fullmatch(candidate):
        return None, candidate.lower()
    try:
        document = json.loads(base64.b64decode(candidate, validate=True))
    except (ValueError, binascii.Error, RecursionError):
        return None
    match document:
        case {"tokenId": int(number), "token": str(inner)} if inner and not isinstance(number, bool):
            return number, inner
        case _:
            return None


def _name_of(cleaned: str, text: str) -> Code:
    """Say what a text is that is not a key."""
    if cleaned.isdigit():
        is_org_number = len(cleaned) == _ORG_NUMBER_DIGITS and has_valid_check_digit(cleaned)
        return secrets.KEY_IS_ORG_NUMBER if is_org_number else secrets.KEY_IS_ID
    if cleaned.startswith(_REFRESH_PREFIX):
        return secrets.KEY_IS_REFRESH_TOKEN
    if _JWT.fullmatch(cleaned):
        return secrets.KEY_IS_JWT
    names = {DEFAULT_APPLICATION.casefold(), "finale", "tripletex", "api-nøkkel", "brukernøkkel"}
    if cleaned.casefold() in names or (" " in text.strip() and not any(c.isdigit() for c in cleaned)):
        return secrets.KEY_IS_NAME
    return secrets.KEY_CUT_OFF if _is_fragment(cleaned) else secrets.KEY_UNRECOGNISED


def _is_fragment(cleaned: str) -> bool:
    """Whether a text is a part of a token: its beginning, or a piece without its beginning."""
    bare = re.sub(r"[^A-Za-z0-9+/]", "", cleaned)
    # The beginning may be missing, so the groups of four can start at any of four places.
    for start in range(4):
        piece = bare[start:]
        decoded = base64.b64decode(piece[: len(piece) // 4 * 4])
        if any(sign in decoded for sign in (b'{"tok', b'tokenId":', b'"token":"', b'","tok')):
            return True
    return cleaned.startswith("eyJ")


def _unusable(code: Code, text: str) -> KeyReading:
    finding = code.found(length=len(text.strip())) if code is secrets.KEY_CUT_OFF else code.found()
    return KeyReading(None, None, None, (finding,))
