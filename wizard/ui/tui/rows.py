"""Rows of styled text: marks, wrapping, padding."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from rich.cells import cell_len

from wizard.domain.legible import visible

_HOLD: Final = "\N{NO-BREAK SPACE}"


class Piece(NamedTuple):
    """A text in one style; see ``palette`` for the names."""

    text: str
    style: str = "ink"


Row = tuple[Piece, ...]

EMPTY: Final[Row] = ()
_LEAST_NOTE: Final = 4
_MARK: Final = re.compile(r"\\([^\w\s])|\*\*|`")


def row(*pieces: "Piece | str") -> Row:
    """Return a row; a bare text is in ink."""
    return tuple(Piece(piece) if isinstance(piece, str) else piece for piece in pieces)


def marked(text: str, base: str = "ink", strong: str = "strong bold") -> Row:
    """Return a text with the guide's marks as pieces: ``**Label**`` and `` `typed exactly so` ``."""
    pieces: list[Piece] = []
    style, at = base, 0
    for mark in _MARK.finditer(text):
        if style == "value" and mark[0] != "`":
            continue
        if mark.start() > at:
            pieces.append(Piece(text[at : mark.start()], style))
        at = mark.end()
        if mark[1]:
            pieces.append(Piece(mark[1], style))
        elif mark[0] == "`":
            style = base if style == "value" else "value"
        else:
            style = base if style == strong else strong
    if at < len(text):
        pieces.append(Piece(text[at:], style))
    return tuple(Piece(visible(piece.text, keep="\n"), piece.style) for piece in pieces)


def plain(text: str, style: str = "ink") -> Row:
    """Return a text without marks as one piece."""
    return (Piece(visible(text, keep="\n"), style),) if text else EMPTY


def text_of(pieces: Iterable[Piece]) -> str:
    """Return the text of a row."""
    return "".join(piece.text for piece in pieces)


def width_of(pieces: Iterable[Piece]) -> int:
    """Return how many columns a row takes."""
    return sum(cell_len(piece.text) for piece in pieces)


def wrap(pieces: Row, width: int) -> list[Row]:
    """Break a row at spaces into rows of at most ``width`` columns; a line break in it is kept."""
    rows: list[Row] = []
    for line in _lines(pieces):
        rest = line
        while width_of(rest) > width:
            text = text_of(rest)
            most = _fitting(text, width)
            at = most if text[most : most + 1] == " " else text.rfind(" ", 0, most)
            if not text[: max(at, 0)].strip():
                at = most
            before, rest = split(rest, at)
            rows.append(before)
            behind = text_of(rest)
            rest = split(rest, len(behind) - len(behind.lstrip(" ")))[1]
        rows.append(rest)
    return [tuple(Piece(piece.text.replace(_HOLD, " "), piece.style) for piece in row) for row in rows]


def split(pieces: Row, at: int) -> tuple[Row, Row]:
    """Divide a row before its character number ``at``."""
    before: list[Piece] = []
    behind: list[Piece] = []
    for piece in pieces:
        if at > 0:
            before.append(Piece(piece.text[:at], piece.style))
        if at < len(piece.text):
            behind.append(Piece(piece.text[max(at, 0) :], piece.style))
        at -= len(piece.text)
    return tuple(before), tuple(behind)


def cut(pieces: Row, width: int) -> Row:
    """Shorten a row to at most ``width`` columns, with dots where something is missing."""
    if width_of(pieces) <= width:
        return pieces
    kept, missing = split(pieces, _fitting(text_of(pieces), max(width - 1, 0)))
    return (*kept, Piece("…", missing[0].style if missing else "ink"))


def pad(pieces: Row, width: int) -> Row:
    """Pad a row with spaces to a width, or shorten it."""
    pieces = cut(pieces, width)
    missing = width - width_of(pieces)
    return (*pieces, Piece(" " * missing)) if missing else pieces


def ends(left: Row, right: Row, width: int, margin: int = 0) -> Row:
    """Return a row with one text at each end; the left one gives way."""
    room = width - margin - width_of(right)
    return (
        *pad(left, room - 2 if right else room),
        *((Piece("  "), *right) if right else ()),
        Piece(" " * margin),
    )


def headed(title: Row, note: Row, width: int) -> Row:
    """Return a title with a note at the right end; the note gives way."""
    room = width - width_of(title) - 2
    return ends(title, cut(note, room) if room > _LEAST_NOTE else (), width)


def paint(pieces: Row, ground: str, ink: str = "") -> Row:
    """Put a row on another ground; ``ink`` replaces all its colours."""
    painted = []
    for piece in pieces:
        colour, bold, _ = piece.style.partition(" bold")
        if colour.startswith(("cursor", "badge")) or " on " in piece.style:
            painted.append(piece)
            continue
        colour = ink or ("card-ink" if colour in {"ink", "muted"} else colour)
        painted.append(Piece(piece.text, f"{colour}{bold} on {ground}"))
    return tuple(painted)


def _lines(pieces: Row) -> list[Row]:
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        first, *others = piece.text.split("\n")
        lines[-1].append(Piece(first, piece.style))
        lines += [[Piece(other, piece.style)] for other in others]
    return [tuple(piece for piece in line if piece.text) for line in lines]


def _fitting(text: str, width: int) -> int:
    """Return how many characters of a text fit into a width."""
    if cell_len(text) == len(text):
        return min(width, len(text))
    taken = 0
    for number, character in enumerate(text):
        taken += cell_len(character)
        if taken > width:
            return number
    return len(text)
