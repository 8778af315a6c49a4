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

from wizard.text import Texts
from wizard.ui.tui.blocks import with_literals
from wizard.ui.tui.content import (
    EMPTY,
    NARROW,
    Lines,
    joined,
    justified,
    more_above,
    more_below,
    pad,
    plain,
    strip_of,
    wrap,
)
from wizard.ui.tui.parts import BodyPart
from wizard.walk.pages import Choice, ListRow, Mark, SearchList, Table

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp

MARKER_WIDTH: Final = 2
"""The width of the marker."""


class MarkedList(BodyPart):
    """The marker of a list, and the lines that count its hidden rows.

    The screen moves the marker, because a search field above the list may have the focus.
    """

    heading_rows = 0
    """The number of rows with headings."""

    marked_index: int
    """The index of the marked row among the enabled rows, or -1. Values need not be unique."""

    @property
    def values(self) -> list[str]:
        """The values of the enabled rows."""
        raise NotImplementedError

    @property
    def marked(self) -> str:
        """The value of the marked row, or an empty string."""
        return self.values[self.marked_index] if self.marked_index >= 0 else ""

    @marked.setter
    def marked(self, value: str) -> None:
        if self.marked != value or not value:
            self.marked_index = self.values.index(value) if value in self.values else -1

    def all_lines(self, width: int) -> list[Content]:
        """Return all rows as plain lines."""
        raise NotImplementedError

    def move(self, name: str, height: int) -> bool:
        """Move the marker by a key; return whether it has moved."""
        count, before = len(self.values), self.marked_index
        page = max(height - self.heading_rows - 2, 1)
        steps = {"up": -1, "down": 1, "pageup": -page, "pagedown": page, "home": -count, "end": count}
        if count:
            self.marked_index = max(0, min(before + steps[name] if before >= 0 else 0, count - 1))
        return self.marked_index != before

    def more_line(self, y: int, height: int, total: int, top: int, t: Texts) -> Content | None:
        """Return the line that counts hidden rows, if row ``y`` shows one."""
        if y == self.heading_rows and top:
            return more_above(top + 1, t)
        if y == height - 1 and top + height - self.heading_rows < total:
            return more_below(total - top - (height - self.heading_rows) + 1, t)
        return None


def highlighted_row(strip: Strip, style: RichStyle, marker: str = "► ") -> Strip:
    """Return a row with the marker, in the foreground colour of the selection."""
    foreground = RichStyle(color=style.color)
    text = [Segment(text, (own or style) + foreground) for text, own, _ in strip.crop(MARKER_WIDTH)]
    return Strip([Segment(marker, style), *text], strip.cell_length)


class Row(Option):
    """An option with a value. It is not used as the id, as two clients may have the same number."""

    def __init__(self, lines: Lines, value: str, *, is_enabled: bool) -> None:
        super().__init__(lines, disabled=not is_enabled)
        self.value = value


class Rows(MarkedList, OptionList, can_focus=False):
    """A list of options whose marked row has a marker and a background."""

    app: "WizardApp"

    def __init__(self, *options: Option, marked: str = "") -> None:
        super().__init__(*options)
        self.marked = marked

    @property
    def marked_index(self) -> int:
        """The index of the marked row among the enabled rows, or -1."""
        indices = self._enabled_indices
        return indices.index(self.highlighted) if self.highlighted in indices else -1

    @marked_index.setter
    def marked_index(self, index: int) -> None:
        self.highlighted = self._enabled_indices[index] if index >= 0 else None

    @property
    def _enabled_indices(self) -> list[int]:
        return [number for number, option in enumerate(self.options) if not option.disabled]

    @property
    def values(self) -> list[str]:
        """The values of the enabled rows."""
        return [option.value for option in self.options if isinstance(option, Row) and not option.disabled]

    def show_options(self, options: Sequence[Option], marked: str) -> None:
        """Replace the options, keeping the scroll position if their number is the same."""
        top = self.scroll_y if len(options) == self.option_count else 0
        self.set_options(options)
        self.scroll_to(y=top, animate=False, immediate=True)
        self.marked = marked

    def all_lines(self, width: int) -> list[Content]:
        """Return all rows as plain lines."""
        drawn = [option.prompt for option in self.options]
        return [
            joined("  ", line)
            for lines in drawn
            for line in (lines.draw(width - MARKER_WIDTH, None) if isinstance(lines, Lines) else [EMPTY])
        ]

    def render_line(self, y: int) -> Strip:
        """Render a row, or the line that counts hidden rows."""
        top, height = self.scroll_offset.y, self.size.height
        if (more := self.more_line(y, height, len(self._lines), top, self.app.t)) is not None:
            return strip_of(pad(more, self.size.width), self.visual_style)
        strip = super().render_line(y)
        if top + y >= len(self._lines):
            return strip
        option, line = self._lines[top + y]
        if option != self.highlighted:
            return strip
        # The grey of a note could not be read on the background of the selection.
        style = self.get_component_rich_style("option-list--option-highlighted")
        return highlighted_row(strip, style, "  " if line else "► ")

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
        super().__init__(*_choice_options(choices, is_menu=is_menu), marked=marked)

    def show_choices(self, choices: Sequence[Choice], marked: str) -> None:
        """Replace the choices."""
        self.show_options(_choice_options(choices, is_menu=self._is_menu), marked)


def _choice_options(choices: Sequence[Choice], *, is_menu: bool) -> list[Option]:
    label_width = max([15, *(len(choice.label) for choice in choices if choice.note)]) + 2
    options: list[Option] = []
    number = 0
    for choice in choices:
        options += [Option(" ", disabled=True)] if choice.gap else []
        number += choice.is_enabled
        digit = f"{number:<3}" if choice.is_enabled else "   "
        lines = _choice_lines(choice, digit, label_width if is_menu else 0)
        options.append(Row(lines, choice.value, is_enabled=choice.is_enabled))
    return options


def _choice_lines(choice: Choice, digit: str, label_width: int) -> Lines:
    def draw(width: int, _height: int | None) -> list[Content]:
        label = plain(choice.label, "$strong" if choice.is_enabled else "$muted")
        note = plain(choice.note, "$muted not bold")
        head = joined((digit, "$accent not bold"), label)
        if label_width and choice.note:
            line = joined(pad(head, label_width + 3), note)
        else:
            line = justified(head, note, width) if note else head
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


class SearchableRows(Rows):
    """A searchable list of clients or configuration files, with optional ticks."""

    def __init__(self, answer: SearchList) -> None:
        marked = answer.marked or next(iter(_enabled(answer.first, *answer.rows)), "")
        super().__init__(*_rows_of(answer), marked=marked)

    def update_rows(self, answer: SearchList | Table, old: str, *, is_busy: bool) -> None:
        """Update the rows. ``old`` is the value that the page has marked until now."""
        del is_busy
        if not isinstance(answer, SearchList):
            return
        values = _enabled(answer.first, *answer.rows)
        if answer.search:
            # Mark a search result rather than the first row, which is always shown.
            values = _enabled(*answer.rows) or values
        marked = answer.marked if answer.marked != old and answer.marked in values else self.marked
        self.show_options(_rows_of(answer), marked if marked in values else next(iter(values), ""))


def _enabled(*rows: ListRow | None) -> list[str]:
    return [row.value for row in rows if row is not None and row.is_enabled]


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


def headings_line(answer: SearchList, width: int) -> Content:
    """Return the line with the column headings of a list."""
    widths = _ColumnWidths(answer)
    first, last = answer.columns or ("", "")
    return justified(
        plain(f"    {first}", "$muted"), plain(f"{last:<{widths.right}}", "$muted"), width, widths.margin
    )


def _rows_of(answer: SearchList) -> list[Option]:
    widths = _ColumnWidths(answer)
    options: list[Option] = []
    if answer.first is not None:
        options.append(_option(answer.first, widths))
        if answer.rows:
            line = Lines(lambda width, _: [joined(("─" * (width - 2), "$rule"))], 1)
            options.append(Option(line, disabled=True))
    return [*options, *(_option(row, widths) for row in answer.rows)]


def _option(row: ListRow, widths: _ColumnWidths) -> Option:
    lines = Lines(lambda width, _: [_list_line(row, widths, width)], 1)
    return Row(lines, row.value, is_enabled=row.is_enabled)


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
