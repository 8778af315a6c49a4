"""Search in the rows of a list, as in the field above it."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_SEPARATORS: Final = re.compile(r"[\s.\-\u00a0\u202f]+")
_ONE_LETTER: Final = str.maketrans("æøåÆØÅ", "aoaAOA")
_TWO_LETTERS: Final = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


def searchable(cells: Iterable[str]) -> str:
    """Return the search text of a row, for ``fits``.

    Norwegian letters can be searched for without them: ``oestlandet`` and ``ostlandet`` find ``Østlandet``.
    """
    shown = [unicodedata.normalize("NFC", cell).casefold() for cell in cells]
    text = " ".join(shown)
    bare = "".join(
        char
        for char in unicodedata.normalize("NFD", text.translate(_ONE_LETTER))
        if not unicodedata.combining(char)
    )
    return " ".join((text, *map(_joined, shown), text.translate(_TWO_LETTERS), bare))


def fits(query: str, prepared: str) -> bool:
    """Return whether the search text of a row contains every word of a query."""
    query = unicodedata.normalize("NFC", query).casefold()
    digits = _joined(query)
    return all(word in prepared for word in ([digits] if digits.isdigit() else query.split()))


def begins(query: str, prepared: str) -> bool:
    """Return whether a word in the search text of a row begins with a query."""
    return f" {query.casefold()}" in f" {prepared}"


def _joined(text: str) -> str:
    """Return a number without separators between its digits."""
    return _SEPARATORS.sub("", text)
