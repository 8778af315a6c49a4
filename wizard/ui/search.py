"""Finds rows of a list by what a person types: words of a name, or a number however it is grouped."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from wizard.domain.legible import encodable

_SEPARATORS: Final = re.compile(r"[\s.\-\u00a0\u202f]+")
_ONE_LETTER: Final = str.maketrans("æøåÆØÅ", "aoaAOA")


def searchable(cells: Iterable[str]) -> str:
    """Return what a row is found by, prepared once for many searches.

    A keyboard without Norwegian letters finds ``Østlandet`` as ``oestlandet`` and ``ostlandet``.
    """
    shown = [unicodedata.normalize("NFC", cell) for cell in cells]
    text = " ".join(shown)
    numbers = " ".join(map(joined, shown))
    return " ".join((text, numbers, encodable(text, "ascii"), text.translate(_ONE_LETTER))).casefold()


def fits(query: str, prepared: str) -> bool:
    """Whether a row, prepared by ``searchable``, contains every word of a query."""
    query = unicodedata.normalize("NFC", query).casefold()
    digits = joined(query)
    return all(word in prepared for word in ([digits] if digits.isdigit() else query.split()))


def joined(text: str) -> str:
    """Return a number without what groups its digits."""
    return _SEPARATORS.sub("", text)
