"""The lists: choices, clients and results, which say in words how much of them is out of sight."""

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
from wizard.walk.page import Choice, ListRow, Mark, SearchList, Table

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp

MARGIN: Final = 2
"""Columns for the marker."""


class MarkedList(BodyPart):
    """Draws the marker of a list, and rows in place of what is out of sight: neither is a scroll bar.

    The screen moves the marker, as a search field above the list keeps the focus.
    """

    head = 0
    """How many rows the headings take."""

    at: int
    """Which of the rows that can be marked is marked; -1 for none. Two of them may have the same value."""

    @property
    def values(self) -> list[str]:
        """The values of the rows that can be marked."""
        raise NotImplementedError

    @property
    def marked(self) -> str:
        """The value of the marked row; empty for none."""
        return self.values[self.at] if self.at >= 0 else ""

    @marked.setter
    def marked(self, value: str) -> None:
        if self.marked != value or not value:
            self.at = self.values.index(value) if value in self.values else -1

    def texts(self, width: int) -> list[Content]:
        """Return all rows as text."""
        raise NotImplementedError

    def move(self, name: str, height: int) -> bool:
        """Move the marker as a key says; returns whether it went anywhere."""
        count, before = len(self.values), self.at
        page = max(height - self.head - 2, 1)
        steps = {"up": -1, "down": 1, "pageup": -page, "pagedown": page, "home": -count, "end": count}
        if count:
            self.at = max(0, min(before + steps[name] if before >= 0 else 0, count - 1))
        return self.at != before

    def edge(self, y: int, height: int, total: int, top: int, t: Texts) -> Content | None:
        """Return the row that says how much is missing, if row ``y`` is one."""
        if y == self.head and top:
            return more_above(top + 1, t)
        if y == height - 1 and top + height - self.head < total:
            return more_below(total - top - (height - self.head) + 1, t)
        return None


def highlighted_row(strip: Strip, style: RichStyle) -> Strip:
    """Return a marked row with its marker, in the ink of the selection throughout."""
    ink = RichStyle(color=style.color)
    text = [Segment(text, (own or style) + ink) for text, own, _ in strip.crop(MARGIN)]
    return Strip([Segment("► ", style), *text], strip.cell_length)


class Row(Option):
    """An option with a value, which is no id: two clients may have the same number."""

    def __init__(self, lines: Lines, value: str, *, is_enabled: bool) -> None:
        super().__init__(lines, disabled=not is_enabled)
        self.value = value


class Rows(MarkedList, OptionList, can_focus=False):
    """Options of one list; the marked one has a marker and a background."""

    app: "WizardApp"

    def __init__(self, *options: Option, marked: str = "") -> None:
        super().__init__(*options)
        self.marked = marked

    @property
    def at(self) -> int:
        """Which of the rows that can be marked is marked; -1 for none."""
        return (
            self._enabled_indices.index(self.highlighted) if self.highlighted in self._enabled_indices else -1
        )

    @at.setter
    def at(self, at: int) -> None:
        self.highlighted = self._enabled_indices[at] if at >= 0 else None

    @property
    def _enabled_indices(self) -> list[int]:
        return [number for number, option in enumerate(self.options) if not option.disabled]

    @property
    def values(self) -> list[str]:
        """The values of the rows that can be marked."""
        return [option.value for option in self.options if isinstance(option, Row) and not option.disabled]

    def show_options(self, options: Sequence[Option], marked: str) -> None:
        """Show other rows, as far scrolled as they are if they are as many."""
        top = self.scroll_y if len(options) == self.option_count else 0
        self.set_options(options)
        self.scroll_to(y=top, animate=False, immediate=True)
        self.marked = marked

    def texts(self, width: int) -> list[Content]:
        """Return all rows as text."""
        drawn = [option.prompt for option in self.options]
        return [
            joined("  ", line)
            for lines in drawn
            for line in (lines.draw(width - MARGIN, None) if isinstance(lines, Lines) else [EMPTY])
        ]

    def render_line(self, y: int) -> Strip:
        """Draw a row, or what is in its place."""
        top, height = self.scroll_offset.y, self.size.height
        if (edge := self.edge(y, height, len(self._lines), top, self.app.t)) is not None:
            return strip_of(pad(edge, self.size.width), self.visual_style)
        strip = super().render_line(y)
        if top + y < len(self._lines) and self._lines[top + y] == (self.highlighted, 0):
            style = self.get_component_rich_style("option-list--option-highlighted")
            return highlighted_row(strip, style)
        return strip

    def scroll_to_highlight(self, top: bool = False) -> None:  # noqa: FBT001, FBT002 - Textual's
        """Scroll so that the marked row is not under a row that says how much is missing."""
        if self.highlighted is None or not self.is_mounted:
            return
        y = self._index_to_line.get(self.highlighted, 0)
        region = Region(0, y, self.size.width, self._heights.get(self.highlighted, 1))
        spacing = Spacing(1 if y else 0, 0, 1 if y < len(self._lines) - 1 else 0, 0)
        self.scroll_to_region(region, spacing=spacing, force=True, animate=False, top=top, immediate=True)


class Choices(Rows):
    """The numbered answers of a page."""

    def __init__(self, choices: Sequence[Choice], marked: str, *, is_menu: bool = False) -> None:
        self._is_menu = is_menu
        super().__init__(*_answers(choices, is_menu=is_menu), marked=marked)

    def show_choices(self, choices: Sequence[Choice], marked: str) -> None:
        """Show other answers."""
        self.show_options(_answers(choices, is_menu=self._is_menu), marked)


def _answers(choices: Sequence[Choice], *, is_menu: bool) -> list[Option]:
    second = max([15, *(len(choice.label) for choice in choices if choice.note)]) + 2
    options: list[Option] = []
    number = 0
    for choice in choices:
        options += [Option(" ", disabled=True)] if choice.gap else []
        number += choice.is_enabled
        digit = f"{number:<3}" if choice.is_enabled else "   "
        lines = _choice_lines(choice, digit, second if is_menu else 0)
        options.append(Row(lines, choice.value, is_enabled=choice.is_enabled))
    return options


def _choice_lines(choice: Choice, digit: str, second: int) -> Lines:
    def draw(width: int, _height: int | None) -> list[Content]:
        label = plain(choice.label, "$strong" if choice.is_enabled else "$muted")
        note = plain(choice.note, "$muted not bold")
        head = joined((digit, "$accent not bold"), label)
        if second and choice.note:
            line = joined(pad(head, second + 3), note)
        else:
            line = justified(head, note, width) if note else head
        details = [part for detail in choice.detail for part in wrap(plain(detail), width - 3)]
        return [pad(line, width), *(joined("   ", part.stylize("$muted not bold")) for part in details)]

    return Lines(draw)


# --- a list to search ---------------------------------------------------------------------------------

_MARKS: Final = {
    Mark.CHOSEN: ("(•) ", "$accent bold"),
    Mark.NOT_CHOSEN: ("( ) ", "$muted"),
    Mark.TICKED: ("[x] ", "$accent bold"),
    Mark.NOT_TICKED: ("[ ] ", "$muted"),
}
_RADIO: Final = (Mark.CHOSEN, Mark.NOT_CHOSEN)


class Clients(Rows):
    """Clients or configs to choose from, with ticks as part of their text."""

    def __init__(self, answer: SearchList) -> None:
        marked = answer.marked or next(iter(_enabled(answer.first, *answer.rows)), "")
        super().__init__(*_rows_of(answer), marked=marked)

    def follow(self, answer: SearchList | Table, old: str, *, is_busy: bool) -> None:
        """Show other rows, or the same with other ticks; ``old`` is what the page had marked before."""
        del is_busy
        if not isinstance(answer, SearchList):
            return
        values = _enabled(answer.first, *answer.rows)
        if answer.search:
            # What is typed is looked for among the rows, not in the one that is always there.
            values = _enabled(*answer.rows) or values
        marked = answer.marked if answer.marked != old and answer.marked in values else self.marked
        self.show_options(_rows_of(answer), marked if marked in values else next(iter(values), ""))


def _enabled(*rows: ListRow | None) -> list[str]:
    return [row.value for row in rows if row is not None and row.is_enabled]


class _Shape:
    """The columns of a list: the symbol, the space at the right, the second text, the right-hand text."""

    def __init__(self, answer: SearchList) -> None:
        rows = ((answer.first,) if answer.first else ()) + tuple(answer.rows)
        has_ticks = any(row.mark in _MARKS for row in rows)
        has_signs = answer.columns is not None or any(row.mark is Mark.WARNING for row in rows)
        self.sign = 4 if has_ticks else 2 if has_signs else 0
        self.margin = 2 if has_ticks or has_signs else 0
        self.second = 0 if has_ticks else max([19, *(len(row.text) for row in rows if row.note)]) + 2
        self.right = max([0, *(len(row.right) for row in rows)]) if has_signs else 0


def columns_line(answer: SearchList, width: int) -> Content:
    """Return the headings of a list."""
    shape = _Shape(answer)
    first, last = answer.columns or ("", "")
    return justified(
        plain(f"    {first}", "$muted"), plain(f"{last:<{shape.right}}", "$muted"), width, shape.margin
    )


def _rows_of(answer: SearchList) -> list[Option]:
    shape = _Shape(answer)
    options: list[Option] = []
    if answer.first is not None:
        options.append(_option(answer.first, shape))
        if answer.rows:
            line = Lines(lambda width, _: [joined(("─" * (width - 2), "$rule"))], 1)
            options.append(Option(line, disabled=True))
    return [*options, *(_option(row, shape) for row in answer.rows)]


def _option(row: ListRow, shape: _Shape) -> Option:
    lines = Lines(lambda width, _: [_list_line(row, shape, width)], 1)
    return Row(lines, row.value, is_enabled=row.is_enabled)


def _list_line(row: ListRow, shape: _Shape, width: int) -> Content:
    sign = _MARKS.get(row.mark, (f"{'!' if row.mark is Mark.WARNING else '':<{shape.sign}}", "$doubt bold"))
    text = with_literals(row.text) if row.is_enabled else plain(row.text, "$muted")
    note = plain(row.note, "$doubt" if row.note.startswith("!") else "$muted")
    if shape.second and row.note:
        text, note = joined(pad(text, shape.second), plain(row.note)), EMPTY
    if width < NARROW and note.plain.startswith("!"):
        note = plain("!", "$doubt")
    line = joined(sign, text)
    fits = line.cell_length + 2 + len(row.right) + shape.margin <= width
    if row.right and (fits or row.mark not in _RADIO):
        between = (" " if width < NARROW else "  ") if note else ""
        note = joined(note, between, plain(f"{row.right:<{shape.right}}", "$muted"))
    return justified(line, note, width, shape.margin)
