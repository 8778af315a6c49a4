"""The table of results. Imported on demand, as few pages have a table."""

from typing import TYPE_CHECKING

from rich.text import Text
from textual.content import Content
from textual.geometry import Size, Spacing
from textual.strip import Strip
from textual.style import Style
from textual.widgets import DataTable

from wizard.domain.legible import visible
from wizard.ui.tui.content import joined, pad, plain, strip_of
from wizard.ui.tui.layout import Grid
from wizard.ui.tui.lists import MARKER_WIDTH, MarkedList, highlighted_row
from wizard.ui.tui.theme import COLOUR_OF, SYMBOLS
from wizard.walk.pages import SearchList, State, Table, TableRow
from wizard.walk.words import state_word

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp

_STATE_COLUMN = 12
_MIN_TITLED_COLUMN, _MIN_COLUMN = 18, 31


class Results(MarkedList, DataTable[Text], can_focus=False):
    """A table of results with a marker."""

    app: "WizardApp"
    DEFAULT_CSS = """
    Results {
        background: $ground;
        color: $ink;
        scrollbar-size: 0 0;
        & > .datatable--header, & > .datatable--even-row, & > .datatable--odd-row {
            background: $ground;
            color: $ink;
            text-style: none;
        }
        & > .datatable--cursor { background: $selection; color: $selection-ink; text-style: none; }
        &:nocolor > .datatable--cursor { text-style: reverse; }
    }
    """

    def __init__(self, answer: Table, *, is_busy: bool) -> None:
        super().__init__(show_header=bool(answer.columns), cursor_type="row", cell_padding=0)
        self.heading_rows = int(self.show_header)
        self._answer = answer
        self._headings: tuple[object, ...] = ()
        self._marked = answer.marked or (answer.rows[0].value if answer.rows and not is_busy else "")

    def on_mount(self) -> None:
        """Add the rows, once the theme is known."""
        self.show_answer(self._answer, self._marked)

    def on_resize(self) -> None:
        """Adjust the columns to the new width."""
        if self._width != Grid(self.app.size).measure:
            self.show_answer(self._answer, self.marked)

    @property
    def values(self) -> list[str]:
        """The values of the rows."""
        return [row.value for row in self._answer.rows]

    @property
    def marked_index(self) -> int:
        """The index of the marked row, or -1."""
        return self.cursor_row if self.show_cursor and self.row_count else -1

    @marked_index.setter
    def marked_index(self, index: int) -> None:
        self.show_cursor = index >= 0
        if index >= 0:
            self.move_cursor(row=index, animate=False)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of rows, even before they have been added."""
        del container, viewport, width
        return len(self._answer.rows) + self.heading_rows

    def update_rows(self, answer: SearchList | Table, old: str, *, is_busy: bool) -> None:
        """Update the rows. ``old`` is the value that the page has marked until now."""
        if not isinstance(answer, Table):
            return
        values = [row.value for row in answer.rows]
        marked = answer.marked if answer.marked and answer.marked != old else self.marked
        if marked not in values:
            marked = answer.marked or (values[0] if values and not is_busy else "")
        self.show_answer(answer, marked)

    def show_answer(self, answer: Table, marked: str) -> None:
        """Update the rows, keeping the scroll position.

        Existing rows are kept: with thousands of them, adding all again is slower than a key repeats.
        """
        self._width = Grid(self.app.size).measure
        widths = _widths_of(answer, self._width - MARKER_WIDTH)
        headings = (answer.columns, answer.right, widths, self.app.t.language)
        rows = self._answer.rows if headings == self._headings else ()
        self._answer, self._headings = answer, headings
        top, kept = self.scroll_y, len(rows)
        if not rows or answer.rows[:kept] != rows:
            kept = 0
            self.clear(columns=True)
            self._add_columns(answer, widths)
        for row in answer.rows[kept:]:
            self.add_row(*self._cells(row, answer, len(widths)))
        self.scroll_to(y=top, animate=False, immediate=True)
        self.marked = marked

    def _add_columns(self, answer: Table, widths: list[int]) -> None:
        for number, (name, size) in enumerate(zip(answer.columns or [""] * len(widths), widths, strict=True)):
            indent = 0 if number else MARKER_WIDTH
            is_right = answer.right and number == len(widths) - 1
            title = Text(
                " " * indent + name, self._resolve("$muted"), justify="right" if is_right else "left"
            )
            self.add_column(title, width=size + indent)

    def all_lines(self, width: int) -> list[Content]:
        """Return all rows as plain lines."""
        answer = self._answer
        widths = _widths_of(answer, width - MARKER_WIDTH)
        rows = [tuple(answer.columns)] if answer.columns else []
        for row in answer.rows:
            state = row.state or State.RESTING
            word = f"{SYMBOLS[state]} {row.word or state_word(state, self.app.t)}"
            rows.append((word, *row.cells) if answer.columns else row.cells)
        return [
            joined(
                "  ",
                *(pad(plain(cell), size) for cell, size in zip(row, widths, strict=False)),
            )
            for row in rows
        ]

    def _resolve(self, style: str) -> str:
        return str(Style.parse(style).rich_style)

    def _cells(self, row: TableRow, answer: Table, count: int) -> list[Text]:
        cells = [Text(visible(cell), no_wrap=True, overflow="ellipsis") for cell in row.cells]
        if answer.columns:
            state = row.state or State.RESTING
            word = row.word or state_word(state, self.app.t)
            symbol = f"{SYMBOLS[state]} " if SYMBOLS[state] else ""
            cells.insert(0, Text(f"{symbol}{word}", self._resolve(f"{COLOUR_OF[state]} bold"), no_wrap=True))
        cells[0] = Text(" " * MARKER_WIDTH).append_text(cells[0])
        if answer.right:
            cells[count - 1].justify = "right"
        return cells

    def _get_fixed_offset(self) -> Spacing:
        """Keep the marked row clear of the headings and of the lines that count hidden rows."""
        top, right, _, left = super()._get_fixed_offset()
        row = self.cursor_row
        return Spacing(top + (row > 0), right, int(row < self.row_count - 1), left)

    def render_line(self, y: int) -> Strip:
        """Render a row, or the line that counts hidden rows."""
        top, height = self.scroll_offset.y, self.size.height
        if (more := self.more_line(y, height, self.row_count, top, self.app.t)) is not None:
            return strip_of(pad(more, self.size.width), self.visual_style)
        strip = super().render_line(y)
        if self.show_cursor and y - self.heading_rows + top == self.cursor_row and y >= self.heading_rows:
            return highlighted_row(strip, self.get_component_rich_style("datatable--cursor"))
        return strip


def _widths_of(table: Table, width: int) -> list[int]:
    """Return the column widths, measuring those that the table does not specify."""
    begins_with_state = bool(table.columns)
    count = (
        len(table.columns) - 1
        if begins_with_state
        else max((len(row.cells) for row in table.rows), default=1)
    )
    widths = list(table.widths)
    if not widths:
        lengths = [[len(row.cells[column]) for row in table.rows] for column in range(count - 1)]
        min_width = _MIN_TITLED_COLUMN if table.columns else _MIN_COLUMN
        state = [_STATE_COLUMN] if begins_with_state else []
        widths = state + [max([min_width, *column]) + 2 for column in lengths]
        if begins_with_state and len(widths) > 2:  # noqa: PLR2004 - state and name; the next takes the rest
            widths = widths[:2] + [0] * (len(widths) - 2)
    texts = [row.cells[-1] for row in table.rows] + list(table.columns[-1:])
    if 0 in widths or table.right:
        widths[-1] = max(width - sum(widths[:-1]) - max([0, *map(len, texts)]) - 2, 4)
    return [*widths, max(width - sum(widths), 1)]
