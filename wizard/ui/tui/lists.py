"""Lists with a marker, which count their hidden rows instead of showing a scroll bar."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.content import Content
from textual.geometry import Region, Spacing
from textual.strip import Strip
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from wizard.ui.tui.blocks import Gap, with_literals
from wizard.ui.tui.content import (
    EMPTY,
    NARROW,
    Lines,
    cut,
    joined,
    justified,
    more_above,
    more_below,
    pad,
    plain,
    strip_of,
    wrap,
)
from wizard.ui.tui.parts import BodyPart, Part
from wizard.ui.tui.theme import COLOUR_OF, SYMBOLS
from wizard.walk.pages import Choice, ListRow, Mark, SearchList, State, Table, TableRow

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp

_MARKER: Final = "► "


class Row(Option):
    """An option with a value, or one that cannot be marked.

    The value is not used as the id, as two clients may have the same number.
    """

    def __init__(self, lines: Lines, value: str | None = None) -> None:
        super().__init__(lines, disabled=value is None)
        self.lines, self.value = lines, value


class Rows(OptionList, BodyPart, can_focus=False):
    """A list of options whose marked row has a marker and a background.

    The screen moves the marker, because a search field above the list may have the focus.
    """

    app: "WizardApp"

    def __init__(self, rows: Sequence[Row], marked: str) -> None:
        super().__init__(*rows)
        self._rows = rows
        self.marked = marked

    @property
    def _enabled(self) -> list[tuple[int, str]]:
        """The indices and values of the rows that can be marked. Values need not be unique."""
        return [(index, row.value) for index, row in enumerate(self._rows) if row.value is not None]

    @property
    def values(self) -> list[str]:
        """The values of the rows that can be marked."""
        return [value for _, value in self._enabled]

    @property
    def marked(self) -> str:
        """The value of the marked row, or an empty string."""
        return "" if self.highlighted is None else self._rows[self.highlighted].value or ""

    @marked.setter
    def marked(self, value: str) -> None:
        if self.marked != value or not value:
            self.highlighted = next((index for index, each in self._enabled if each == value), None)

    def move(self, name: str) -> bool:
        """Move the marker by a key; return whether it has moved."""
        indices, before = [index for index, _ in self._enabled], self.highlighted
        count, page = len(indices), max(self.size.height - 2, 1)
        steps = {"up": -1, "down": 1, "pageup": -page, "pagedown": page, "home": -count, "end": count}
        if indices:
            at = indices.index(before) + steps[name] if before in indices else 0
            self.highlighted = indices[max(0, min(at, count - 1))]
        return self.highlighted != before

    def show_rows(self, rows: Sequence[Row], marked: str) -> None:
        """Replace the rows, keeping the scroll position if their number is the same."""
        top = self.scroll_y if len(rows) == len(self._rows) else 0
        self._rows = rows
        self.set_options(rows)
        self.scroll_to(y=top, animate=False, immediate=True)
        self.marked = marked

    def all_lines(self, width: int) -> list[Content]:
        """Return all rows as plain lines."""
        return [
            joined("  ", line) for row in self._rows for line in row.lines.draw(width - len(_MARKER), None)
        ]

    def render_line(self, y: int) -> Strip:
        """Render a row, or the line that counts hidden rows."""
        top, height, total = self.scroll_offset.y, self.size.height, len(self._lines)
        if top and y == 0:
            return self._strip(more_above(top + 1, self.app.t))
        if y == height - 1 and top + height < total:
            return self._strip(more_below(total - top - height + 1, self.app.t))
        strip = super().render_line(y)
        if top + y >= total:
            return strip
        option, line = self._lines[top + y]
        if option != self.highlighted:
            return strip
        # The grey of a note could not be read on the background of the selection.
        style = self.get_component_rich_style("option-list--option-highlighted")
        foreground = RichStyle(color=style.color)
        text = [Segment(text, (own or style) + foreground) for text, own, _ in strip.crop(len(_MARKER))]
        return Strip([Segment("  " if line else _MARKER, style), *text], strip.cell_length)

    def _strip(self, line: Content) -> Strip:
        return strip_of(pad(line, self.size.width), self.visual_style)

    def scroll_to_highlight(self, top: bool = False) -> None:  # noqa: FBT001, FBT002 - Textual's
        """Scroll so that no line that counts hidden rows covers the marked row."""
        if self.highlighted is None or not self.is_mounted:
            return
        y = self._index_to_line.get(self.highlighted, 0)
        region = Region(0, y, self.size.width, self._heights.get(self.highlighted, 1))
        spacing = Spacing(1 if y else 0, 0, 1 if y < len(self._lines) - 1 else 0, 0)
        self.scroll_to_region(region, spacing=spacing, force=True, animate=False, top=top, immediate=True)


class Choices(Rows):
    """The numbered choices of a page."""

    def __init__(self, choices: Sequence[Choice], marked: str, *, is_menu: bool = False) -> None:
        self._is_menu = is_menu
        super().__init__(_choice_rows(choices, is_menu=is_menu), marked)

    def show_choices(self, choices: Sequence[Choice], marked: str) -> None:
        """Replace the choices."""
        self.show_rows(_choice_rows(choices, is_menu=self._is_menu), marked)


def _choice_rows(choices: Sequence[Choice], *, is_menu: bool) -> list[Row]:
    label_width = max([15, *(len(choice.label) for choice in choices if choice.note)]) + 2
    rows: list[Row] = []
    number = 0
    for choice in choices:
        rows += [Row(Lines(lambda _width, _height: [EMPTY], 1))] if choice.gap else []
        number += choice.is_enabled
        digit = f"{number:<3}" if choice.is_enabled else "   "
        lines = _choice_lines(choice, digit, label_width if is_menu else 0)
        rows.append(Row(lines, choice.value if choice.is_enabled else None))
    return rows


def _choice_lines(choice: Choice, digit: str, label_width: int) -> Lines:
    def draw(width: int, _height: int | None) -> list[Content]:
        label = plain(choice.label, "$strong" if choice.is_enabled else "$muted")
        note = plain(choice.note, "$muted not bold")
        line = joined((digit, "$accent not bold"), label)
        if label_width and note:
            described = joined(pad(line, label_width + 3), note)
            line = described if described.cell_length <= width else line
        elif note:
            line = justified(line, note, width)
        details = [part for detail in choice.detail for part in wrap(plain(detail), width - 3)]
        return [pad(line, width), *(joined("   ", part.stylize("$muted not bold")) for part in details)]

    return Lines(draw)


# --- searchable lists ---------------------------------------------------------------------------------

_MARKS: Final = {
    Mark.CHOSEN: ("(•) ", "$accent bold"),
    Mark.NOT_CHOSEN: ("( ) ", "$muted"),
    Mark.TICKED: ("[x] ", "$accent bold"),
    Mark.NOT_TICKED: ("[ ] ", "$muted"),
}
_RADIO: Final = (Mark.CHOSEN, Mark.NOT_CHOSEN)


class AnswerRows(Rows):
    """The rows of a searchable list, with optional ticks, or of a table."""

    def __init__(self, answer: SearchList | Table) -> None:
        self._answer = answer
        values = _values_of(answer)
        super().__init__(_rows_of(answer), answer.marked if answer.marked in values else values[0])

    def update_rows(self, answer: SearchList | Table) -> None:
        """Update the rows, keeping the marker unless the page has moved it."""
        before, self._answer = self._answer, answer
        values = _values_of(answer)
        is_moved = answer.marked != before.marked and answer.marked in values
        marked = answer.marked if is_moved or self.marked not in values else self.marked
        marked = marked if marked in values else values[0]
        if answer._replace(marked=before.marked) == before:
            self.marked = marked  # redrawing thousands of rows takes longer than a key repeats
        else:
            self.show_rows(_rows_of(answer), marked)


def _values_of(answer: SearchList | Table) -> list[str]:
    """Return the values that can be marked; an empty one if there are none."""
    if isinstance(answer, Table):
        return [row.value for row in answer.rows] or [""]
    values = [row.value for row in answer.rows if row.is_enabled]
    first = [answer.first.value] if answer.first is not None and answer.first.is_enabled else []
    # After a search, a row that was found is marked rather than the first one, which is always shown.
    return (values or first or [""]) if answer.search else [*first, *values] or [""]


class Columns(Part, BodyPart):
    """The column headings of a list or table."""

    gap = Gap.NONE

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the line."""
        del height
        answer = self.screen.page.answer
        if isinstance(answer, Table):
            titles = [plain(title, "$muted") for title in answer.columns]
            return [joined("  ", _TableWidths(answer).line(titles, width - len(_MARKER)))]
        if not isinstance(answer, SearchList) or answer.columns is None:
            return []
        widths, (first, last) = _ColumnWidths(answer), answer.columns
        left, right = plain(f"    {first}", "$muted"), plain(f"{last:<{widths.right}}", "$muted")
        return [justified(left, right, width, widths.margin)]


class _ColumnWidths:
    """The column widths of a list: the mark, the right margin, the first text and the right-hand text."""

    def __init__(self, answer: SearchList) -> None:
        rows = ((answer.first,) if answer.first else ()) + tuple(answer.rows)
        has_ticks = any(row.mark in _MARKS for row in rows)
        has_mark_column = answer.columns is not None or any(row.mark is Mark.WARNING for row in rows)
        self.mark = 4 if has_ticks else 2 if has_mark_column else 0
        self.margin = 2 if has_ticks or has_mark_column else 0
        self.text = 0 if has_ticks else max([19, *(len(row.text) for row in rows if row.note)]) + 2
        self.right = max([0, *(len(row.right) for row in rows)]) if has_mark_column else 0


def _rows_of(answer: SearchList | Table) -> list[Row]:
    if isinstance(answer, Table):
        return _table_rows(answer)
    widths = _ColumnWidths(answer)
    rows = [_list_row(row, widths) for row in answer.rows]
    if answer.first is None:
        return rows
    line = Row(Lines(lambda width, _: [joined(("─" * (width - 2), "$rule"))], 1))
    return [_list_row(answer.first, widths), *([line] if rows else []), *rows]


def _list_row(row: ListRow, widths: _ColumnWidths) -> Row:
    lines = Lines(lambda width, _: [_list_line(row, widths, width)], 1)
    return Row(lines, row.value if row.is_enabled else None)


def _list_line(row: ListRow, widths: _ColumnWidths, width: int) -> Content:
    mark = _MARKS.get(row.mark, (f"{'!' if row.mark is Mark.WARNING else '':<{widths.mark}}", "$doubt bold"))
    text = with_literals(row.text) if row.is_enabled else plain(row.text, "$muted")
    note = plain(row.note, "$doubt" if row.note.startswith("!") else "$muted")
    if widths.text and row.note:
        text, note = joined(pad(text, widths.text), plain(row.note)), EMPTY
    if width < NARROW and note.plain.startswith("!"):
        note = plain("!", "$doubt")
    line = joined(mark, text)
    fits = line.cell_length + 2 + len(row.right) + widths.margin <= width
    if row.right and (fits or row.mark not in _RADIO):
        between = (" " if width < NARROW else "  ") if note else ""
        note = joined(note, between, plain(f"{row.right:<{widths.right}}", "$muted"))
    return justified(line, note, width, widths.margin)


# --- tables -------------------------------------------------------------------------------------------

_STATE_COLUMN: Final = 12
_MIN_TITLED_COLUMN, _MIN_COLUMN = 18, 31


class _TableWidths:
    """The column widths of a table: those of its texts, of which the one in the middle gives way."""

    def __init__(self, table: Table) -> None:
        texts = [row.cells for row in table.rows] + ([table.columns[1:]] if table.columns else [])
        first, *_, last = [max(map(len, column)) for column in zip(*texts, strict=True)]
        self.before = [_STATE_COLUMN] if table.columns else []
        self.before.append(max(first, _MIN_TITLED_COLUMN if table.columns else _MIN_COLUMN) + 2)
        self.last = last + 2 if table.right else 0

    def line(self, cells: Sequence[Content], width: int) -> Content:
        """Return a row."""
        rest = width - sum(self.before)
        widths = [*self.before, max(rest - self.last, 4)][: len(cells) - 1]
        columns = [pad(cell, size) for cell, size in zip(cells[:-1], widths, strict=True)]
        last = cells[-1]
        if self.last:
            last = joined(" " * (self.last - last.cell_length), last)
        return cut(joined(*columns, last), width)


def _table_rows(table: Table) -> list[Row]:
    widths = _TableWidths(table)

    def row_of(row: TableRow) -> Row:
        cells = [plain(cell) for cell in row.cells]
        if table.columns:
            state = row.state or State.RESTING
            cells.insert(0, plain(f"{SYMBOLS[state]} {row.word}".strip(), f"{COLOUR_OF[state]} bold"))
        return Row(Lines(lambda width, _: [pad(widths.line(cells, width), width)], 1), row.value)

    return [row_of(row) for row in table.rows]
