"""What is wrong with a setting, before its place in the file is looked up."""

import re
from dataclasses import dataclass
from typing import Final

from wizard.domain.key import looks_like_token
from wizard.findings import Finding

Path = tuple[str | int, ...]
"""The names, and the positions in lists from 0 on, that lead from the top of the file to a value."""

Document = dict[str, object]
"""A config as TOML reads it, before it has been judged."""

HIDDEN: Final = "***"
"""What is said in place of something that nobody may see."""

WORD: Final = re.compile(r"""[^\s"'=,#\[\]{}]+""")
"""What stands by itself in a TOML text, whether or not the text is broken."""

_LONGEST: Final = 60
_PERSONAL_NUMBER: Final = re.compile(r"(?<!\d)\d(?:[ .-]?\d){10}(?!\d)")
_QUOTED_PERSONAL_NUMBER: Final = re.compile(r"""(?<=["'])[ .-]*(?:\d[ .-]*){11}(?=["'])""")


@dataclass(frozen=True, slots=True)
class Flaw:
    """A finding and the setting that it is about.

    Attributes:
        path: The setting; an empty path means no place in the file.
        is_name: Whether the name is meant, or the value.
    """

    finding: Finding
    path: Path = ()
    is_name: bool = False


def shown(text: object) -> str:
    """Return what may be said of a text from a file: short, on one line, and nothing secret."""
    said = str(text)
    if looks_like_token(said) or _PERSONAL_NUMBER.search(said):
        return HIDDEN
    return printable(said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…")


def printable(text: str) -> str:
    """Return a text with everything escaped that would do something to a terminal."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def shown_path(path: Path) -> str:
    """Return the names that lead to a setting: ``finale.org_number``."""
    return ".".join(shown(name) for name in path if isinstance(name, str))


def value_at(document: Document, names: Path) -> object:
    """Return the value of a setting, or None where it is absent."""
    value: object = document
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def hide_personal_numbers(text: str) -> str:
    """Return a text with every quoted text of eleven digits made unreadable."""
    return _QUOTED_PERSONAL_NUMBER.sub(HIDDEN, text)


def hide_keys(text: str) -> str:
    """Return a text with every word that looks like a key made unreadable."""
    return WORD.sub(lambda word: HIDDEN if looks_like_token(word[0]) else word[0], text)
