"""Masks tokens in log lines: the last of several nets, never the only one.

Two kinds are caught: whatever has the shape of a token, and every token that this run has read or
stored, in the forms in which it travels.
"""

import base64
import logging
import re
import traceback
from collections.abc import Iterator
from functools import cache
from types import TracebackType
from typing import Final
from urllib.parse import quote, quote_plus

from wizard.domain.secret import Secret

MASK: Final = "***"

_SHORTEST: Final = 8  # a shorter one is no token, and masking it would eat the log

# Whole alphabets with "%" beside them, for tokens that were quoted for a URL.
_SHAPES: Final = re.compile(
    r"""
      eyJ[\w+/=.%-]{8,}                                          # base64 of JSON: API keys, JWT
    | tlxr_[\w+/=.%-]+                                           # refresh tokens
    | (?P<head> /session/ (?![:>]|%3[AEae]) )  [^/?\s"'<>]+        # a session is deleted by its token
    | (?P<field> (?i:consumer|employee|session) _?[tT]oken ["']? \s* [=:]\s* ["']?) [^\s&"',;}]+
    | (?P<scheme> \b (?i:Basic|Bearer) \s+) [\w+/=.~-]{8,}
    | (?P<request> (?i:request[-_]?id) \W{0,4} b?\W?)?           # those are shown to people on purpose
      (?i: (?:test-)? [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12} )  # tokens as they were until 2022
    """,
    re.VERBOSE,
)

_Error = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_registered: set[Secret] = set()


def register(secret: Secret) -> None:
    """Mask a token from now on, whatever it looks like."""
    if len(secret) >= _SHORTEST:
        _registered.add(secret)


def mask(text: str) -> str:
    """Return a text without its tokens."""
    for secret in tuple(_registered):
        for form in _forms(secret):
            text = text.replace(form, MASK)
    return _SHAPES.sub(_replacement, text)


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
