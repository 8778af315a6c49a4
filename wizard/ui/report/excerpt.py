"""The line of a config that a finding points to, with a mark under the place."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from wizard.domain.key import looks_like_token
from wizard.domain.legible import encodable, visible
from wizard.findings import Finding, Position, codes

_WIDTH: Final = 60
_CUT: Final = "..."
_TAB: Final = "    "

_WITHHELD: Final = (codes.SECRET_IN_CONFIG, codes.ORG_NUMBER_IS_PERSONAL)

# What a file that is not TOML may contain on a line that was never checked.
_UUID: Final = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_NATIONAL_IDENTITY: Final = re.compile(r"(?<!\d)\d{6}[ .-]?\d{5}(?!\d)")
_RUN: Final = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
_KINDS: Final = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One line of a file as it is shown, and the mark that goes under it."""

    line: str
    mark: str


def shows_lines(findings: Iterable[Finding]) -> bool:
    """Whether lines of a file may be shown at all: never when a secret was found in it."""
    return all(finding.code not in _WITHHELD for finding in findings)


def lines_of(text: str) -> list[str]:
    """Return the lines of a file as places count them."""
    # Not splitlines: TOML knows two line ends only.
    return text.split("\n")


def excerpt(lines: Sequence[str], place: Position, encoding: str | None = None) -> Excerpt | None:
    """Return the line of a place, cut around it when it is long; None when it must not be shown.

    Tabs take four columns, and wide letters two, so that the mark is in the right place.

    Args:
        lines: The whole file, as ``lines_of`` gives it.
        place: Where the finding points.
        encoding: The encoding of the output, which decides how wide some characters become.
    """
    if not 1 <= place.line <= len(lines):
        return None
    line = lines[place.line - 1].removesuffix("\r")
    if not line.strip() or _may_hold_secret(line):
        return None
    cells = [encodable(_TAB if sign == "\t" else visible(sign), encoding) for sign in line]
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
    """Return the part of a line to show, with the place in its middle where there is a choice."""
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
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )
