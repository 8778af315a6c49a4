"""Finds and masks secrets in text that will be shown or stored.

``mask`` is for logs and the output of other programs. It masks everything that looks like a token, and the
tokens that this run has read or stored, in all encodings in which they are sent. ``quoted`` is for parts of
a file or a command line in a message. ``Scrub`` is for responses of Tripletex, which may echo what was sent.
``wizard.domain.key`` decides what is a token.
"""

import base64
import logging
import re
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import Final
from urllib.parse import quote, quote_plus

from wizard.domain.key import Secret, looks_like_token, words_like_tokens
from wizard.domain.legible import one_line, visible

MASK: Final = "***"

_SHORTEST: Final = 8  # anything shorter is not a token, and masking it would make the log unreadable
_LONGEST_QUOTED: Final = 60
_LONGEST_LINE: Final = 200

# The character classes include "%" for tokens that are quoted for a URL.
_PIECE: Final = r"[A-Za-z0-9_+/=.%-]"
# Lines may be indented, quoted or framed, and their ends written as escapes.
_FRAME: Final = r"""[ \t>|│"',\\]*"""
_FOLD: Final = rf"{_FRAME}(?:\r?\n|(?:\\r)?\\n){_FRAME}"
_LINE_END: Final = rf"(?={_FRAME}(?:\r?\n|\\r|\\n|\Z))"
# A key ends with ``"}``, which is one of these in base64. They occur nowhere else in it.
_KEY_END: Final = r"(?:J9|In0=?|fQ(?:==)?)"
_NOT_ENDED: Final = r"(?<!=)(?<!J9)(?<!In0)(?<!fQ)"
# API keys and JWT, maybe folded. All lines of a folded token are long, except for the last.
_BASE64_OF_JSON: Final = rf"""
    e (?:{_FOLD})? y (?:{_FOLD})? J
    (?: {_PIECE}{{8,}} | {_PIECE}* (?= {_FOLD} {_PIECE}{{16}} ) )
    (?: {_NOT_ENDED} {_FOLD} (?: {_PIECE}* {_KEY_END} (?!{_PIECE}) | {_PIECE}{{16,}} {_LINE_END} ) )*
    (?: {_NOT_ENDED} {_FOLD} {_PIECE}{{1,15}} {_LINE_END} )?
"""
_SHAPES: Final = (
    _BASE64_OF_JSON
    + r"""
    | tlxr_[\w+/=.%-]+                                           # refresh tokens
    | (?P<head> /session/ (?![:>]|%3[AEae]) )  [^/?\s"'<>]+        # a session is deleted by its token
    | (?P<field> (?i:consumer|employee|session) _?[tT]oken ["']? \s* [=:]\s* ["']?) [^\s&"',;}]+
    | (?P<scheme> \b (?i:Basic|Bearer) \s+) [\w+/=.~-]{8,}
    | (?P<request> (?i:request[-_]?id) \W{0,4} b?\W?)?           # request ids are shown on purpose
      (?i: (?:test-)? [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12} )  # the token format until 2022
    """
)
"""Not compiled, because that takes longer than reading most modules, and few runs mask anything."""

_ESCAPE: Final = re.compile(r"\\[nrt]")
_PERSONAL_NUMBER: Final = re.compile(r"(?<!\d)\d(?:[ .-]?\d){10}(?!\d)")
_QUOTED_PERSONAL_NUMBER: Final = re.compile(r"""(?<=["'])[ .-]*(?:\d[ .-]*){11}(?=["'])""")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_Error = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_registered: set[Secret] = set()


def register(secret: Secret) -> None:
    """Make ``mask`` recognise a token, whatever it looks like."""
    if len(secret) >= _SHORTEST:
        _registered.add(secret)


def mask(text: str) -> str:
    """Return a text with all tokens masked, including those wrapped over several lines."""
    forms = [form for secret in tuple(_registered) for form in _forms(secret)]
    for form in forms:
        text = text.replace(form, MASK)
    if "\n" in text or r"\n" in text:
        text = _mask_folded(text, forms)
    return re.sub(_SHAPES, _replacement, text, flags=re.VERBOSE)


def _mask_folded(text: str, forms: Iterable[str]) -> str:
    """Return a text with forms of tokens masked, whatever line ends, quotes and frames they contain."""
    places = [at for at, char in enumerate(_ESCAPE.sub("  ", text)) if _is_of_token(char)]
    flat = "".join(text[at] for at in places)
    flat_forms = ("".join(filter(_is_of_token, form)) for form in forms)
    found = [re.escape(form) for form in flat_forms if len(form) >= _SHORTEST and form in flat]
    for match in reversed([*re.finditer("|".join(found), flat)] if found else []):
        first, last = places[match.start()], places[match.end() - 1]
        text = f"{text[:first]}{MASK}{text[last + 1 :]}"
    return text


def _is_of_token(char: str) -> bool:
    return char.isalnum() or char in "_+/=.%-"


def mask_words(text: str) -> str:
    """Return a text, which need not be TOML, with every word that looks like a token masked."""
    for word in words_like_tokens(text):
        text = text.replace(word[0], MASK)
    return text


def mask_personal_numbers(text: str) -> str:
    """Return a text with quoted strings of eleven digits masked."""
    return _QUOTED_PERSONAL_NUMBER.sub(MASK, text)


def quoted(text: object) -> str:
    """Return text from a file or a command line for a message: short, on one line and without secrets."""
    shown = str(text)
    if looks_like_token(shown) or _PERSONAL_NUMBER.search(shown):
        return MASK
    return visible(shown if len(shown) <= _LONGEST_QUOTED else f"{shown[:_LONGEST_QUOTED]}…")


class RedactingFormatter(logging.Formatter):
    """A formatter that masks tokens in the whole record: message, arguments, traceback and stack."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the masked text of a record."""
        return mask(super().format(record))

    def formatException(self, ei: _Error) -> str:  # noqa: N802 - the logging module's name
        """Return the traceback and type of an error, without its message.

        A library may include anything in the message, such as a pasted key with the line breaks of an
        e-mail, which ``mask`` would not recognise.
        """
        lines = [line for error in _causes(ei[1]) for line in _format(error)]
        return "".join(lines).rstrip("\n")


def _causes(error: BaseException | None) -> list[BaseException]:
    """Return an error and its causes, the first cause first."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.insert(0, error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return chain


def _format(error: BaseException) -> Iterator[str]:
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    number = f" [Errno {error.errno}]" if isinstance(error, OSError) else ""
    yield f"{type(error).__module__}.{type(error).__qualname__}{number}\n"
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            for cause in _causes(member):
                yield from _format(cause)


def _replacement(match: re.Match[str]) -> str:
    if match["request"]:
        return match[0]
    kept = match["head"] or match["field"] or match["scheme"] or ""
    return kept + MASK


@cache  # needed for every line of a log
def _forms(secret: Secret) -> frozenset[str]:
    """Return a token in plain text, quoted for a URL, and as part of base64."""
    value = secret.reveal()
    return frozenset({value, quote(value), quote(value, safe=""), quote_plus(value), *_in_base64(value)})


def _in_base64(value: str) -> Iterator[str]:
    # In a longer text, such as "0:<token>" in Basic authentication, the token may start at any of three
    # offsets in a group of three bytes. Characters that also depend on its neighbours are left out.
    data = value.encode()
    for lead in range(3):
        shared_first = -(-lead * 8 // 6)
        bits = (lead + len(data)) * 8
        encoded = base64.b64encode(bytes(lead) + data).decode()[shared_first : bits // 6]
        yield encoded
        yield encoded.replace("+", "-").replace("/", "_")


class Scrub:
    """Removes the tokens of a key from the text of responses."""

    def __init__(self, *secrets: Secret) -> None:
        self._secrets = secrets
        self._forms = tuple(Secret(form) for secret in secrets for form in _inner_forms(secret))

    def knowing(self, secret: Secret) -> "Scrub":
        """Return a new ``Scrub`` with one more token."""
        return Scrub(*self._secrets, secret)

    def line(self, text: str) -> str:
        """Return a text as one printable line, or an empty string if it contains a token."""
        shown = one_line(text[:_LONGEST_LINE])
        return "" if self._holds_token(text) or self._holds_token(shown) else shown

    def request_id(self, text: str | None) -> str | None:
        """Return a request id, or None if the text is not a valid one."""
        if text is None or not _REQUEST_ID.fullmatch(text) or self._holds_token(text):
            return None
        return text

    def _holds_token(self, text: str) -> bool:
        folded = "".join(text.split()).casefold()
        # A part of a token must not be shown either, so compare both ways.
        is_long = len(folded) >= _SHORTEST
        return any(form.reveal() in folded or (is_long and folded in form.reveal()) for form in self._forms)


def _inner_forms(secret: Secret) -> Iterator[str]:
    """Yield the token as it is sent, and the UUID inside it."""
    value = secret.reveal()
    forms = [value]
    with suppress(ValueError):  # not base64
        forms += _UUID.findall(base64.b64decode(value, validate=True).decode("latin-1"))
    yield from (form.casefold() for form in forms if len(form) >= _SHORTEST)
