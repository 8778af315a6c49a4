"""Tokens: a type that prevents showing them by accident, and reading a pasted API key (employee token).

A token is base64 of compact JSON, ``{"tokenId":<int>,"token":"<uuid>"}``; in the test environment
the inner value is ``test-<uuid>``. Until about 2022 it was the bare UUID. Source: public fixtures
of three independent clients; the ``test-`` prefix: Tripletex API changelog, 2020-03-17.
"""

import base64
import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple, NoReturn, final

from wizard.domain.setup import DEFAULT_APPLICATION, Environment, has_valid_check_digit, normalise_org_number
from wizard.findings import Code, Finding, codes

BEGINNING: Final = "eyJ"
"""The first characters of a token: ``{"`` in base64."""
_SHOWN = "Secret(***)"


@final
class Secret:
    """A token that is masked in text, logs and errors, and cannot be pickled.

    ``reveal()`` is only called to send the value to Tripletex or to store it.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value in plain text."""
        return self._value

    @property
    def fingerprint(self) -> str:
        """A short hash to distinguish keys, such as ``3f2a-c1``.

        These are 24 bits of SHA-256, which are useless for guessing a token with 122 random bits.
        """
        from hashlib import sha256  # noqa: PLC0415 - loads OpenSSL, which the first screen does without

        # A paste may contain lone surrogates. Encoding must not raise, since the error would show it.
        digest = sha256(self._value.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{digest[:4]}-{digest[4:6]}"

    def __len__(self) -> int:
        return len(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return self._value == other._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return _SHOWN

    def __str__(self) -> str:
        return _SHOWN

    def __format__(self, spec: str) -> str:
        return format(_SHOWN, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled or copied to disk")

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> "Secret":
        return self


_LONGEST: Final = 4096
_LONGEST_NAME: Final = 40
_HIGHEST_NUMBER: Final = 2**63 - 1
_QUOTES: Final = frozenset(" \"'`´«»“”„‘’<>")
# {" is eyJ in base64. The content of a token is ASCII, so eyJ can only occur at its beginning.
_BASE64_TOKEN: Final = re.compile(r"eyJ(?:(?!eyJ)[A-Za-z0-9+/])+={0,2}")
_UUID_TOKEN: Final = re.compile(r"(?:test-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_JWT: Final = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_E_MAIL: Final = re.compile(r"[^@]+@[^@.]+(?:\.[^@.]+)+")
_WORD: Final = re.compile(r"""[^\s"'=,#\[\]{}]+""")
"""One word of a TOML text, whether or not the text is broken."""
_EMBEDDED: Final = re.compile(r"eyJ[A-Za-z0-9+/_-]{37,}|tlxr_")
_REFRESH_PREFIX: Final = "tlxr_"
_NAMES: Final = frozenset(
    {DEFAULT_APPLICATION.casefold(), "finale", "tripletex", "api-nøkkel", "brukernøkkel"}
)
# What a decoded piece of a token contains.
_INSIDE: Final = re.compile(rb'^\{"t|Id":[0-9]|"token|[0-9a-f-]{8}')


class KeyReading(NamedTuple):
    """The result of reading a pasted text.

    Attributes:
        secret: The key, repaired if possible; None if the text is not a usable key.
        number: The key's number in Tripletex (``tokenId``); None for the format used before 2022.
        findings: What was wrong, repaired or unusual. They never contain any part of the text.
    """

    secret: Secret | None
    number: int | None
    findings: tuple[Finding, ...]


class _Token(NamedTuple):
    """A well-formed token: the text to send, the key's number, and the decoded inner value."""

    text: str
    number: int | None
    inner: str


def read_key(text: str, environment: Environment, consumer_token: Secret | None = None) -> KeyReading:
    """Recognise the employee token in a pasted text, for an environment."""
    if len(text) > _LONGEST:
        return _unusable(codes.KEY_UNRECOGNISED, text)
    cleaned = _clean(text)
    tokens = _tokens_in(cleaned, text)
    if consumer_token is not None and consumer_token in {Secret(cleaned), *map(Secret, tokens)}:
        return _unusable(codes.KEY_IS_CONSUMER_TOKEN, text)
    if len(tokens) != 1:
        return _unusable(codes.SEVERAL_KEYS if tokens else _name_of(cleaned, text), text)
    (token,) = tokens.values()
    is_test = token.inner.startswith("test-")
    findings = []
    if environment is Environment.PRODUCTION and is_test:
        findings.append(codes.TEST_KEY_IN_PRODUCTION.found())
    if environment is Environment.TEST and not is_test:
        findings.append(codes.PRODUCTION_KEY_IN_TEST.found())
    if token.number is None:
        findings.append(codes.KEY_OLD_FORMAT.found())
    if token.text != text.strip():
        findings.append(codes.KEY_REPAIRED.found())
    usable = not any(finding.is_error for finding in findings)
    return KeyReading(Secret(token.text) if usable else None, token.number, tuple(findings))


def looks_like_token(text: str) -> bool:
    """Return whether a text contains something that looks like a token and must not be in a config."""
    return bool(_EMBEDDED.search(text) or _UUID_TOKEN.fullmatch(text.strip()))


def words_like_tokens(text: str) -> Iterator[re.Match[str]]:
    """Yield the words of a text, such as TOML that may be broken, that look like tokens."""
    return (word for word in _WORD.finditer(text) if looks_like_token(word[0]))


def shows_token(text: str) -> bool:
    """Return whether a token is among the words of a text, such as one typed into a visible field."""
    return any(words_like_tokens(text))


def is_token(text: str) -> bool:
    """Return whether a text is a well-formed token, which may be sent to Tripletex."""
    if _UUID_TOKEN.fullmatch(text):
        return True
    bare = text.rstrip("=")
    return bool(_BASE64_TOKEN.fullmatch(text)) and _unpack(bare + "=" * (-len(bare) % 4)) is not None


def holds_token(text: str) -> bool:
    """Return whether a text contains a well-formed token anywhere, such as in a line of JSON."""
    return bool(_UUID_TOKEN.search(text) or _tokens_in(_clean(text), text))


def _clean(text: str) -> str:
    """Remove what e-mail and PDF add: whitespace, invisible characters and quotation marks."""
    return "".join(char for char in text if char.isprintable() and char not in _QUOTES)


def _tokens_in(cleaned: str, text: str) -> dict[str, _Token]:
    """Return the well-formed tokens in a text, by the text to send to Tripletex.

    The whole text is tried, because a copied token may be wrapped, and then each word, because words before
    and after the token may have been copied with it.
    """
    tokens: dict[str, _Token] = {}
    for part in (cleaned, *text.split()):
        for found in _BASE64_TOKEN.findall(part):
            bare = found.rstrip("=")
            # A double click selects a word, and "=" is not part of one.
            if token := _unpack(bare + "=" * (-len(bare) % 4)):
                tokens[token.text] = token
        without_label = part.rpartition(":")[2]
        if _UUID_TOKEN.fullmatch(without_label):
            tokens[without_label] = _Token(without_label, None, without_label.lower())
    return tokens


def _unpack(candidate: str) -> _Token | None:
    try:
        packed = base64.b64decode(candidate, validate=True)
        document = json.loads(packed)
    except (ValueError, RecursionError):
        return None
    # An extra letter at the end can decode to a space, or to nothing.
    if not packed.endswith(b"}") or base64.b64encode(packed).decode() != candidate:
        return None
    match document:
        case {"tokenId": int(number), "token": str(inner)} if inner and 0 < number <= _HIGHEST_NUMBER:
            return _Token(candidate, int(number), inner)
        case _:
            return None


def _name_of(cleaned: str, text: str) -> Code:
    """Return the finding for a text without a token: the first description that fits."""
    last = cleaned.rpartition(":")[2]
    is_words = " " in text.strip() and len(text) <= _LONGEST_NAME and not any(map(str.isdigit, text))
    descriptions = (
        (not cleaned, codes.KEY_EMPTY),
        (has_valid_check_digit(normalise_org_number(text) or ""), codes.KEY_IS_ORG_NUMBER),
        (last.isdigit(), codes.KEY_IS_ID),
        (_E_MAIL.fullmatch(cleaned), codes.KEY_IS_USER_NAME),
        (_REFRESH_PREFIX in cleaned, codes.KEY_IS_REFRESH_TOKEN),
        (_JWT.search(cleaned), codes.KEY_IS_JWT),
        (_is_fragment(cleaned), codes.KEY_CUT_OFF),
        (is_words or last.casefold() in _NAMES, codes.KEY_IS_NAME),
    )
    return next((code for fits, code in descriptions if fits), codes.KEY_UNRECOGNISED)


def _is_fragment(cleaned: str) -> bool:
    """Return whether a text is a part of a token, with or without its beginning."""
    bare = re.sub(r"[^A-Za-z0-9+/]", "", cleaned)
    # If the beginning is missing, the groups of four characters can start at any of four offsets.
    return any(_INSIDE.search(_decoded(bare[start:])) for start in range(4))


def _decoded(base64_text: str) -> bytes:
    """Decode as much of a piece of base64 as possible."""
    whole = base64_text[: len(base64_text) - (len(base64_text) % 4 == 1)]
    return base64.b64decode(whole + "=" * (-len(whole) % 4))


def _unusable(code: Code, text: str) -> KeyReading:
    finding = code.found(length=len(text.strip())) if code is codes.KEY_CUT_OFF else code.found()
    return KeyReading(None, None, (finding,))
