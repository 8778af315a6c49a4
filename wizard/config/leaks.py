"""Finds what looks like a key anywhere in a config, without ever saying it."""

import re
from collections.abc import Iterator
from typing import Final

from wizard.config.flaw import Document, Flaw, Path, shown_path
from wizard.config.positions import Positions
from wizard.domain.key import looks_like_token
from wizard.domain.redaction import WORD
from wizard.findings import Finding, Position, Term
from wizard.findings.codes import SECRET_IN_CONFIG
from wizard.text import N_

_A_NAME: Final = Term(N_("a setting's name"))
_A_COMMENT: Final = Term(N_("a comment"))
_A_LINE: Final = Term(N_("a line"))
_PERHAPS: Final = re.compile(r"eyJ|tlxr_|-[0-9A-Fa-f]{12}")


def leaks_in(document: Document) -> Iterator[Flaw]:
    """Yield every name and every text in a document that looks like a key."""
    # An explicit stack: tables can be nested deeper than Python's recursion limit.
    waiting: list[tuple[Path, object]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str) and looks_like_token(value):
            yield Flaw(SECRET_IN_CONFIG.found(key=shown_path(path)), path)
        elif isinstance(value, list):
            waiting += [((*path, index), item) for index, item in enumerate(value)]
        elif isinstance(value, dict):
            waiting += [((*path, name), inner) for name, inner in value.items()]
            for name in value:
                if looks_like_token(name):
                    yield Flaw(SECRET_IN_CONFIG.found(key=_A_NAME), (*path, name), is_name=True)


def may_have_leaking_comment(text: str) -> bool:
    """Whether it is worth looking at the comments one by one; cheap, and wrong in one direction only."""
    return "#" in text and _PERHAPS.search(text) is not None


def leaks_in_comments(positions: Positions) -> Iterator[Finding]:
    """Yield every comment that contains a key, by itself or as a setting that was commented out."""
    for place, comment in positions.comments():
        if any(looks_like_token(part) for part in re.split("[=\"']", comment)):
            yield SECRET_IN_CONFIG.found(key=_A_COMMENT, position=place)


def leaks_in_broken(text: str) -> Iterator[Finding]:
    """Yield every word of a text that looks like a key, whether or not the text is TOML."""
    for number, line in enumerate(text.split("\n"), 1):
        for word in WORD.finditer(line):
            if looks_like_token(word[0]):
                yield SECRET_IN_CONFIG.found(key=_A_LINE, position=Position(number, word.start() + 1))
