"""Lines of a file that findings are about, as they may be shown: without a secret, and on one line."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wizard.domain.key import looks_like_token
from wizard.domain.legible import encodable, visible
from wizard.findings import Finding, Position, codes

_WIDTH: Final = 60
_CUT: Final = "..."
_TAB: Final = "    "

_WITHHELD: Final = (codes.SECRET_IN_CONFIG, codes.ORG_NUMBER_IS_PERSONAL)

# Secrets in a file that is not TOML, whose lines have not been checked.
_UUID: Final = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_NATIONAL_IDENTITY: Final = re.compile(r"(?<!\d)\d{6}[ .-]?\d{5}(?!\d)")
_RUN: Final = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
_KINDS: Final = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line of a file for display, and the mark for the line below it."""

    line: str
    mark: str


def excerpts_of(
    text: str, findings: Sequence[Finding], encoding: str | None = None
) -> tuple[Excerpt | None, ...]:
    """Return the line of each finding in a file; none of them if the file contains a secret."""
    if any(finding.code in _WITHHELD for finding in findings):
        return (None,) * len(findings)
    # Unlike splitlines, TOML has only two kinds of line endings.
    lines = text.split("\n")
    return tuple(
        excerpt(lines, finding.position, encoding) if finding.position else None for finding in findings
    )


def excerpt(lines: Sequence[str], place: Position, encoding: str | None = None) -> Excerpt | None:
    """Return the line at a position, shortened if it is long, or None if it must not be shown.

    Tabs take four columns and wide characters two, so that the mark is in the right column.

    Args:
        lines: The lines of the whole file.
        place: The position of the finding.
        encoding: The encoding of the output, which affects the width of some characters.
    """
    if not 1 <= place.line <= len(lines):
        return None
    line = lines[place.line - 1].removesuffix("\r")
    if not line.strip() or _may_hold_secret(line):
        return None
    cells = [encodable(_TAB if char == "\t" else visible(char), encoding) for char in line]
    at = min(place.column - 1, len(cells))
    first, last = _window([_width(cell) for cell in cells], at)
    before, after = (_CUT if first else ""), (_CUT if last < len(cells) else "")
    offset = len(before) + sum(map(_width, cells[first:at]))
    return Excerpt(before + "".join(cells[first:last]) + after, " " * offset + "^")


def _may_hold_secret(line: str) -> bool:
    return (
        looks_like_token(line)
        or any(pattern.search(line) for pattern in (_UUID, _NATIONAL_IDENTITY))
        or any(all(kind.search(run) for kind in _KINDS) for run in _RUN.findall(line))
    )


def _window(widths: list[int], at: int) -> tuple[int, int]:
    """Return the range of cells to show, with the position in the middle if possible."""
    if sum(widths) <= _WIDTH:
        return 0, len(widths)
    first = last = at
    room = _WIDTH - 2 * len(_CUT)
    while True:
        grows = False
        if first > 0 and room >= widths[first - 1]:
            first -= 1
            room -= widths[first]
            grows = True
        if last < len(widths) and room >= widths[last]:
            room -= widths[last]
            last += 1
            grows = True
        if not grows:
            return first, last


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
