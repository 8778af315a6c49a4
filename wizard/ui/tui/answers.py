"""Draws what takes the keys: fields, lists and tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from wizard.ui.tui.blocks import boxed, sign_of, typed_marked
from wizard.ui.tui.palette import COLOUR_OF, SIGNS, Look, word_of
from wizard.ui.tui.rows import EMPTY, Piece, Row, cut, ends, pad, paint, plain, text_of, width_of
from wizard.walk.page import Card, Key, ListRow, Mark, Page, SearchList, SecretField, State, Table, TextField

_DOTS: Final = 32
_NARROW: Final = 70


@dataclass
class View:
    """What the face knows of a page besides the page: what was typed, where the marker is.

    Attributes:
        typed: In the field; of a secret only as many dots as there are characters.
        mark: The value of the marked row of a list or table.
        choice: The value of the marked choice.
        top: The first row of a list that is shown.
        said: What the face itself has to say; it disappears with the next key.
        overlay: What is shown in place of the page.
        at: How far the help is scrolled, or which choice of an overlay is marked.
        keys: The footer while the face itself has something to say; empty for the page's.
    """

    typed: str = ""
    cursor: int = 0
    mark: str = ""
    choice: str = ""
    top: int = 0
    said: Card | None = None
    overlay: Literal["", "help", "leave", "copy"] = ""
    at: int = 0
    keys: tuple[Key, ...] = ()


def first_view(page: Page, view: View | None = None) -> View:
    """Return the view of a page that has just come: the field and the markers as the page says."""
    view = view or View()
    answer = page.answer
    if isinstance(answer, SearchList):
        view.typed, view.cursor = answer.search, len(answer.search)
        rows = [row for row in (answer.first, *answer.rows) if row is not None and row.is_enabled]
        view.mark = answer.marked or (rows[0].value if rows else "")
    elif isinstance(answer, TextField):
        view.typed, view.cursor = answer.text, len(answer.text)
    elif isinstance(answer, Table):
        view.mark = answer.marked or (answer.rows[0].value if answer.rows and not page.is_busy else "")
    enabled = [choice.value for choice in page.choices if choice.is_enabled]
    view.choice = page.marked or (enabled[0] if enabled else "")
    return view


@dataclass(frozen=True)
class Listing:
    """A list, drawn: ``items`` can be scrolled under the ``head``, and ``marked`` is one of them or -1."""

    head: tuple[Row, ...]
    items: list[Row]
    marked: int


def _label(label: str, width: int) -> str:
    return text_of(cut(plain(label), width - 6))


def field_box(label: str, state: State, inner: Row, width: int) -> list[Row]:
    """Return a field of one row: its border and title say how it is."""
    colour = COLOUR_OF[state] if state in {State.GOOD, State.BAD} else "accent"
    sign = f"{SIGNS[state]} " if state is State.GOOD else ""
    title = plain(sign + _label(label, width), f"{colour} bold")
    return boxed([inner], title, width, colour, is_double=state is State.BAD)


def secret_rows(answer: SecretField, view: View, look: Look, width: int) -> list[Row]:
    """Return the field for a token: dots, and what is known about it at the right."""
    count = len(view.typed) or answer.length
    dots = Piece("•" * min(count, _DOTS, width - 30), "strong")
    about = look.t.plural("{n} character", "{n} characters", count) if count else ""
    if about and answer.fingerprint and not view.typed:
        about = f"{about} · {answer.fingerprint}"
    cursor = (Piece(" ", "cursor"),) if view.typed or not count else ()
    state = State.RESTING if view.typed else answer.state
    inner = ends((dots, *cursor), plain(about, "muted"), width - 4)
    label = answer.short if answer.short and width < _NARROW else answer.label
    return field_box(label, state, inner, width)


def typed_row(view: View, width: int) -> Row:
    """Return the text of a field with its cursor, scrolled so that the cursor is seen."""
    text, at = view.typed, min(view.cursor, len(view.typed))
    begin = max(0, at - width + 1)
    under = text[at : at + 1] or " "
    line = (*plain(text[begin:at], "strong"), Piece(under, "cursor"), *plain(text[at + 1 :], "strong"))
    return (
        pad(line, width)
        if width_of(line) <= width
        else (*line[:-1], *plain(text[at + 1 : begin + width], "strong"))
    )


_MARKS: Final = {
    Mark.CHOSEN: Piece("(•) ", "accent bold"),
    Mark.NOT_CHOSEN: Piece("( ) ", "muted"),
    Mark.TICKED: Piece("[x] ", "accent bold"),
    Mark.NOT_TICKED: Piece("[ ] ", "muted"),
}

_RADIO: Final = (Mark.CHOSEN, Mark.NOT_CHOSEN)


def listing(answer: SearchList | Table, view: View, look: Look, width: int) -> Listing:
    """Return the rows of a list or table."""
    if isinstance(answer, Table):
        return _table(answer, view, look, width)
    rows = ((answer.first,) if answer.first else ()) + answer.rows
    has_ticks = any(row.mark in _MARKS for row in rows)
    has_signs = answer.columns is not None or any(row.mark is Mark.WARNING for row in rows)
    shape = _Shape(
        sign=4 if has_ticks else 2 if has_signs else 0,
        margin=2 if has_ticks or has_signs else 0,
        second=0 if has_ticks else max([19, *(len(row.text) for row in rows if row.note)]) + 2,
        right=max([0, *(len(row.right) for row in rows)]) if has_signs else 0,
    )
    items: list[Row] = []
    marked = -1
    for item in rows:
        is_here = item.value == view.mark
        if is_here:
            marked = len(items)
        items.append(_marked_row(_list_row(item, shape, width - 2), width, is_here=is_here))
        if item is answer.first and answer.rows:
            items.append((Piece("  "), Piece("─" * (width - 4), "rule")))
    head: tuple[Row, ...] = ()
    if answer.columns:
        first, last = answer.columns
        names = plain(f"    {first}", "muted"), plain(f"{last:<{shape.right}}", "muted")
        head = (ends(*names, width, shape.margin),)
    return Listing(head, items, marked)


@dataclass(frozen=True)
class _Shape:
    """The columns of a list: the symbol, the space at the right, the second text, the right-hand text."""

    sign: int
    margin: int
    second: int
    right: int


def _list_row(item: ListRow, shape: _Shape, width: int) -> Row:
    sign = _MARKS.get(item.mark) or Piece(
        f"{'!' if item.mark is Mark.WARNING else '':<{shape.sign}}", "doubt bold"
    )
    text = typed_marked(item.text) if item.is_enabled else plain(item.text, "muted")
    note = plain(item.note, "doubt" if item.note.startswith("!") else "muted")
    if shape.second and item.note:
        text, note = (*pad(text, shape.second), *plain(item.note)), EMPTY
    if width < _NARROW and note and note[0].text.startswith("!"):
        note = plain("!", "doubt")
    fits = width_of((sign, *text)) + 2 + len(item.right) + shape.margin <= width
    if item.right and (fits or item.mark not in _RADIO):
        between = " " if width < _NARROW else "  "
        note = (*note, *((Piece(between),) if note else ()), *plain(f"{item.right:<{shape.right}}", "muted"))
    return ends(tuple(piece for piece in (sign, *text) if piece.text), note, width, shape.margin)


def _marked_row(line: Row, width: int, *, is_here: bool) -> Row:
    if not is_here:
        return (Piece("  "), *line)
    return paint(pad((Piece("► ", "accent bold"), *line), width), "selection", "selection-ink")


_STATE_COLUMN: Final = 12


def _table(table: Table, view: View, look: Look, width: int) -> Listing:
    has_state = any(row.state for row in table.rows) or len(table.columns) > len(
        table.rows[0].cells if table.rows else table.columns
    )
    count = len(table.rows[0].cells) if table.rows else len(table.columns) - has_state
    widths = list(table.widths)
    if not widths:
        lengths = [[len(row.cells[at]) for row in table.rows] for at in range(count - 1)]
        least = 18 if table.columns else 31
        widths = ([_STATE_COLUMN] if has_state else []) + [max([least, *column]) + 2 for column in lengths]
        if has_state and len(widths) > 2:  # noqa: PLR2004 - state and name; the next takes the rest
            widths = widths[:2] + [0] * (len(widths) - 2)
    if 0 in widths or table.right:
        last = max(
            [0, *(len(row.cells[-1]) for row in table.rows), len(table.columns[-1]) if table.columns else 0]
        )
        widths[-1] = max(width - sum(widths[:-1]) - last - 4, 4)
    head: list[Row] = []
    if table.columns:
        head = [
            (
                Piece("  "),
                *_cells(
                    [plain(name, "muted") for name in table.columns], widths, width - 2, right=table.right
                ),
            )
        ]
    items: list[Row] = []
    marked = -1
    for item in table.rows:
        is_here = item.value == (view.mark or table.marked)
        if is_here:
            marked = len(items)
        cells = [plain(cell, "ink") for cell in item.cells]
        if has_state:
            state = item.state or State.RESTING
            word = item.word or word_of(state, look.t)
            cells.insert(0, (*sign_of(state, look), *plain(word, f"{COLOUR_OF[state]} bold")))
        items.append(_marked_row(_cells(cells, widths, width - 2, right=table.right), width, is_here=is_here))
    return Listing(tuple(head), items, marked)


def _cells(cells: Sequence[Row], widths: Sequence[int], width: int, *, right: bool) -> Row:
    line: Row = ()
    for cell, each in zip(cells, widths, strict=False):
        line = (*line, *pad(cut(cell, each - 1), each))
    return ends(line, cells[-1], width) if right else pad((*line, *cells[-1]), width)
