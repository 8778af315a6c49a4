"""Recognises secrets in text that is about to be shown or kept, and masks them.

``mask`` is for logs and for what other programs print: it catches whatever has the shape of a token, and
every token that this run has read or stored, in the forms in which it travels. ``quoted`` is for a piece
of a file or of a command line in a sentence. ``Scrub`` is for answers of Tripletex, which may send back
what was sent there. Whether something *is* a token is decided by ``wizard.domain.key``.
"""

import base64
import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import Final
from urllib.parse import quote, quote_plus

from wizard.domain.key import looks_like_token
from wizard.domain.legible import one_line, visible
from wizard.domain.secret import Secret

MASK: Final = "***"

_SHORTEST: Final = 8  # a shorter one is no token, and masking it would eat the log
_LONGEST_QUOTED: Final = 60
_LONGEST_LINE: Final = 200

# Whole alphabets with "%" added, for tokens that were quoted for a URL.
_SHAPES: Final = re.compile(
    r"""
      eyJ[\w+/=.%-]{8,}                                          # base64 of JSON: API keys, JWT
        (?: \r?\n[ \t]* [\w+/=.%-]+ (?=[ \t]*(?:\r?\n|\Z)) )*   # folded over lines, as base64 does
    | tlxr_[\w+/=.%-]+                                           # refresh tokens
    | (?P<head> /session/ (?![:>]|%3[AEae]) )  [^/?\s"'<>]+        # a session is deleted by its token
    | (?P<field> (?i:consumer|employee|session) _?[tT]oken ["']? \s* [=:]\s* ["']?) [^\s&"',;}]+
    | (?P<scheme> \b (?i:Basic|Bearer) \s+) [\w+/=.~-]{8,}
    | (?P<request> (?i:request[-_]?id) \W{0,4} b?\W?)?           # those are shown to people on purpose
      (?i: (?:test-)? [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12} )  # tokens as they were until 2022
    """,
    re.VERBOSE,
)

WORD: Final = re.compile(r"""[^\s"'=,#\[\]{}]+""")
"""One word of a TOML text, whether or not the text is broken."""

_PERSONAL_NUMBER: Final = re.compile(r"(?<!\d)\d(?:[ .-]?\d){10}(?!\d)")
_QUOTED_PERSONAL_NUMBER: Final = re.compile(r"""(?<=["'])[ .-]*(?:\d[ .-]*){11}(?=["'])""")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_Error = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_registered: set[Secret] = set()


def register(secret: Secret) -> None:
    """Mask a token from now on, whatever it looks like."""
    if len(secret) >= _SHORTEST:
        _registered.add(secret)


def mask(text: str) -> str:
    """Return a text without its tokens, those that are folded over several lines among them."""
    has_lines = "\n" in text
    for secret in tuple(_registered):
        for form in _forms(secret):
            text = text.replace(form, MASK)
        if has_lines:
            text = _folded(secret).sub(MASK, text)
    return _SHAPES.sub(_replacement, text)


def mask_words(text: str) -> str:
    """Return a text, which need not be TOML, with every word that looks like a token masked."""
    return WORD.sub(lambda word: MASK if looks_like_token(word[0]) else word[0], text)


def mask_personal_numbers(text: str) -> str:
    """Return a text with everything between quotation marks masked that has eleven digits."""
    return _QUOTED_PERSONAL_NUMBER.sub(MASK, text)


def quoted(text: object) -> str:
    """Return a text from a file or a command line as it may be quoted: short, on one line, no secret."""
    said = str(text)
    if looks_like_token(said) or _PERSONAL_NUMBER.search(said):
        return MASK
    return visible(said if len(said) <= _LONGEST_QUOTED else f"{said[:_LONGEST_QUOTED]}…")


class RedactingFormatter(logging.Formatter):
    """Formats as usual, and masks the whole line: message, arguments, traceback and stack."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the masked text of a record."""
        return mask(super().format(record))

    def formatException(self, ei: _Error) -> str:  # noqa: N802 - the logging module's name
        """Return where an error came from and what kind it is.

        Its text is left out. A library may have put anything into it, such as a key as it was pasted,
        with the line breaks of an e-mail, which no shape and no comparison would find.
        """
        told = [line for error in _causes(ei[1]) for line in _tell(error)]
        return "".join(told).rstrip("\n")


def _causes(error: BaseException | None) -> list[BaseException]:
    """Return an error and what it came from, the first cause first."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.insert(0, error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return chain


def _tell(error: BaseException) -> Iterator[str]:
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    number = f" [Errno {error.errno}]" if isinstance(error, OSError) else ""
    yield f"{type(error).__module__}.{type(error).__qualname__}{number}\n"
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            for cause in _causes(member):
                yield from _tell(cause)


def _replacement(match: re.Match[str]) -> str:
    if match["request"]:
        return match[0]
    kept = match["head"] or match["field"] or match["scheme"] or ""
    return kept + MASK


@cache  # asked for with every line of a log
def _forms(secret: Secret) -> frozenset[str]:
    """Return a token as it is, quoted for a URL, and as a part of something in base64."""
    value = secret.reveal()
    return frozenset({value, quote(value), quote(value, safe=""), quote_plus(value), *_in_base64(value)})


@cache
def _folded(secret: Secret) -> re.Pattern[str]:
    return re.compile(r"\s*".join(map(re.escape, secret.reveal())))


def _in_base64(value: str) -> Iterator[str]:
    # A part of a longer text, such as "0:<token>" in Basic authentication, begins at any of three
    # places in a group of three bytes; the characters shared with its neighbours are left out.
    data = value.encode()
    for lead in range(3):
        shared_first = -(-lead * 8 // 6)
        bits = (lead + len(data)) * 8
        encoded = base64.b64encode(bytes(lead) + data).decode()[shared_first : bits // 6]
        yield encoded
        yield encoded.replace("+", "-").replace("/", "_")


class Scrub:
    """Knows the tokens of a key, so that an answer cannot smuggle them onto a screen."""

    def __init__(self, *secrets: Secret) -> None:
        self._secrets = secrets
        self._forms = tuple(Secret(form) for secret in secrets for form in _inner_forms(secret))

    def knowing(self, secret: Secret) -> "Scrub":
        """Return one that knows another token too."""
        return Scrub(*self._secrets, secret)

    def line(self, text: str) -> str:
        """Return a text as one printable line; empty when nothing is left or a token was in it."""
        shown = one_line(text[:_LONGEST_LINE])
        return "" if self._holds_token(text) or self._holds_token(shown) else shown

    def request_id(self, text: str | None) -> str | None:
        """Return a request id, or None when it is not one."""
        if text is None or not _REQUEST_ID.fullmatch(text) or self._holds_token(text):
            return None
        return text

    def _holds_token(self, text: str) -> bool:
        folded = "".join(text.split()).casefold()
        # A part of a token is as bad as the whole: compare both ways.
        is_long = len(folded) >= _SHORTEST
        return any(form.reveal() in folded or (is_long and folded in form.reveal()) for form in self._forms)


def _inner_forms(secret: Secret) -> Iterator[str]:
    """The token as it is sent, and the value wrapped inside it."""
    value = secret.reveal()
    forms = [value]
    with suppress(ValueError):  # not base64
        forms += _UUID.findall(base64.b64decode(value, validate=True).decode("latin-1"))
    yield from (form.casefold() for form in forms if len(form) >= _SHORTEST)
