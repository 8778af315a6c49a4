"""Finds options by what is typed: a part of the name, or of the number with or without spaces."""

import re
from collections.abc import Sequence
from typing import Final

from wizard.flow.questions import Option

_SEPARATORS: Final = re.compile(r"[\s.\-\u00a0\u202f]+")


class Searchable:
    """Options with what can be searched in them, prepared once: a key press must not cost more."""

    def __init__(self, options: Sequence[Option]) -> None:
        self.options = options
        self._texts = [
            f"{option.label} {option.detail} {option.value} {_joined(option.detail)}".casefold()
            for option in options
        ]

    def matches(self, query: str) -> list[Option]:
        """Return the options that hold every word of the query, in their order."""
        joined = _joined(query)
        words = [joined] if joined.isdigit() else query.casefold().split()
        return [
            option
            for option, text in zip(self.options, self._texts, strict=True)
            if all(word in text for word in words)
        ]

    def names(self, query: str) -> bool:
        """Whether the query is the whole value of an option, however it is grouped."""
        return any(_joined(query) == _joined(option.value) for option in self.options)


def _joined(text: str) -> str:
    return _SEPARATORS.sub("", text)
