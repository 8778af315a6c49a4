"""The Textual layout of all screens: one column of text, at most 76 columns wide.

In a window of fewer than 80 columns or 24 rows, the header, title and footer have no empty rows around them
and the side margins are one column wide. If the body does not fit, empty rows are removed first, then rows
of a list. Instructions, the field, the card and the footer are always shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from wizard.ui.tui.blocks import Gap
from wizard.ui.tui.lists import Choices, Rows
from wizard.ui.tui.parts import (
    Aside,
    BodyPart,
    Box,
    Message,
    Outline,
    PageFooter,
    PageHeader,
    Text,
    Title,
    TooSmall,
)
from wizard.walk.pages import Page, Table

if TYPE_CHECKING:
    from wizard.ui.tui.screen import FramedScreen

SMALLEST: Final = Size(60, 15)
MEASURE: Final = 76
CARD: Final = 3
"""Rows reserved for the card below a field, so that nothing moves when it appears."""

_FULL: Final = Size(80, 24)
_OUTLINE: Final = 26
_WITH_OUTLINE: Final = 108
_TALL: Final = 34
"""The height from which there are margins, and help topics below the card."""
_MIN_LIST_ROWS: Final = 3
_PREFERRED_LIST_ROWS: Final = 6


def is_too_small(size: Size) -> bool:
    """Return whether the window is too small for any page."""
    return size.width < SMALLEST.width or size.height < SMALLEST.height


def is_full(size: Size) -> bool:
    """Return whether there is room for empty rows and the full text width."""
    return size.width >= _FULL.width and size.height >= _FULL.height


def is_tall(size: Size) -> bool:
    """Return whether there is room for margins, and for help below the card."""
    return is_full(size) and size.height >= _TALL


@dataclass
class Grid:
    """The rows and columns of a window.

    Attributes:
        size: The size of the window.
        has_outline: Whether the outline is shown.
        reclaimed: How many empty rows around the header, title and footer are used for the body.
        measure: The width of the text.
        left: The first column of the text.
        margin: The number of empty rows at the top and bottom.
        room: The number of rows for the body.
    """

    size: Size
    has_outline: bool = False
    reclaimed: int = 0

    def __post_init__(self) -> None:
        width, height = self.size
        self.is_full = is_full(self.size)
        self.is_tall = is_tall(self.size)
        self.has_outline = self.has_outline and self.is_full and width >= _WITH_OUTLINE
        self.measure = min(MEASURE, width - (4 if self.is_full else 2))
        beside = _OUTLINE + 2 if self.has_outline else 0
        self.left = (width - self.measure - beside) // 2 + beside
        self.margin = int(self.is_tall)
        self.room = height - (9 if self.is_tall else 7) if self.is_full else height - 3

    @property
    def reclaimable(self) -> int:
        """The number of empty rows that can be used for the body."""
        return 3 if self.is_full else 0

    @property
    def title(self) -> int:
        """The row of the title."""
        return self.margin + 2 + (self.reclaimed < 3) if self.is_full else 1  # noqa: PLR2004 - the last of three

    @property
    def body(self) -> int:
        """The first row of the body."""
        return self.title + 1 + (self.is_full and self.reclaimed < 2)  # noqa: PLR2004 - the second of three

    def region_of(self, widget: Widget) -> Region | None:
        """Return the region of a widget outside the body, or None if it is not shown."""
        match widget:
            case PageHeader():
                return Region(self.left, self.margin, self.measure, 2 if self.is_full else 1)
            case Title():
                return Region(self.left, self.title, self.measure, 1)
            case PageFooter():
                return Region(self.left, self.size.height - 1 - self.margin, self.measure, 1)
            case Outline() if self.has_outline:
                rows = 2 * len(widget.screen.page.outline)
                return Region(self.left - _OUTLINE - 2, 4 if self.is_tall else 3, _OUTLINE, rows)
            case Box():
                width = min(Box.WIDTH, self.measure)
                left = self.left + max((self.measure - width) // 2 - 1, 0)
                return Region(left, self.body + (3 if self.is_full else 1), width, widget.rows_in(width))
            case _:
                return None


class PageLayout(Layout):
    """Arranges the widgets of a screen from top to bottom."""

    name = "page"

    def __init__(self, screen: "FramedScreen") -> None:
        self._screen = screen

    def arrange(
        self,
        parent: Widget,
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: FBT001, FBT002
    ) -> ArrangeResult:
        """Return the placements of the widgets."""
        del greedy
        parent.pre_layout(self)
        if is_too_small(size):
            whole = Region(2, 0, max(size.width - 4, 1), size.height)
            return [_placed(child, whole) for child in children if isinstance(child, TooSmall)]
        grid = Grid(size, has_outline=any(isinstance(child, Outline) for child in children))
        body = [child for child in children if isinstance(child, BodyPart)]
        placed = _BodyLayout(body, self._screen.page, grid, has_card=self._screen.card is not None).arrange()
        y = max([grid.body, *(place.region.bottom for place in placed)])
        for child in children:
            if isinstance(child, Aside) and grid.is_tall:
                child.room = grid.body + grid.room - y - 1
                rows = len(child.lines(grid.measure, None))
                if 0 < rows <= child.room:
                    placed.append(_placed(child, Region(grid.left, y + 1, grid.measure, rows)))
            elif (region := grid.region_of(child)) is not None:
                placed.append(_placed(child, region))
        return placed


class _BodyLayout:
    """Fits the widgets of a body into the available rows."""

    def __init__(self, parts: Sequence[BodyPart], page: Page, grid: Grid, *, has_card: bool) -> None:
        self.page, self.grid, self.has_card = page, grid, has_card
        self.parts = [part for part in parts if self._height_of(part) or part.min_rows]
        lists = (part for part in self.parts if isinstance(part, Rows) and not isinstance(part, Choices))
        self.listed = next(lists, None)
        self.heights: dict[BodyPart, int] = {}
        self.empty_rows: dict[BodyPart, int] = {}
        self.shown: dict[BodyPart, int] = {}

    def _height_of(self, part: BodyPart) -> int:
        """Return the height of a widget including its border, or 0 if it is empty."""
        widget, size = cast("Widget", part), self.grid.size
        rows = widget.get_content_height(size, size, self.grid.measure - widget.gutter.width)
        return rows + widget.gutter.height if rows else 0

    def arrange(self) -> list[WidgetPlacement]:
        """Return the placements of the widgets."""
        grid = self.grid
        card = 6 if grid.is_tall else CARD if grid.is_full else 5
        taken = self._squeeze(card)
        if self.listed is None:
            # Use the empty rows around the body before shortening the card.
            while taken > grid.room + grid.reclaimable and card > CARD:
                card -= 1
                taken = self._squeeze(card)
            grid.reclaimed = max(0, min(taken - grid.room, grid.reclaimable))
            self._shorten_text(taken - grid.room - grid.reclaimed)
        else:
            self.heights[self.listed] = self._list_height(self.listed, taken)
        placed: list[WidgetPlacement] = []
        y, bottom = grid.body, grid.body + grid.room + grid.reclaimed
        for part in self.parts:
            y += self.empty_rows[part]
            shown = min(self.shown.get(part, self.heights[part]), self.heights[part], bottom - y)
            if shown > 0:
                placed.append(_placed(part, Region(grid.left, y, grid.measure, shown)))
            y += self.heights[part]
        return placed

    def _squeeze(self, max_card: int) -> int:
        """Remove empty rows until everything fits, or none are left; return the height without the list."""
        grid, listed = self.grid, self.listed
        is_dense = not grid.is_full and self.page.answer is not None
        list_rows = 0
        if listed is not None:
            list_rows = min(self._height_of(listed), _PREFERRED_LIST_ROWS)
        for stage in Gap:
            for number, part in enumerate(self.parts):
                part.squeeze = stage
                if not stage or isinstance(part, Text):
                    self.shown[part] = (
                        len(part.lines(grid.measure - part.gutter.width, max_card))
                        if isinstance(part, Message)
                        else self._height_of(part)
                    )
                rows = self.shown[part]
                self.heights[part] = max(rows, part.min_rows if stage < Gap.FIELD_OR_CARD else 0)
                has_gap = number > 0 and not is_dense and part.gap > stage
                self.empty_rows[part] = part.empty_rows if has_gap else 0
            taken = sum(
                self.heights[part] + self.empty_rows[part] for part in self.parts if part is not listed
            )
            if taken + list_rows + (self.empty_rows[listed] if listed is not None else 0) <= grid.room:
                break
        return taken

    def _list_height(self, listed: Rows, taken: int) -> int:
        """Return the height of the list, leaving rows for the card where possible."""
        grid, page = self.grid, self.page
        wanted = self._height_of(listed)
        room = max(grid.room - taken - self.empty_rows[listed], min(wanted, _MIN_LIST_ROWS))
        if grid.is_tall or page.choices:
            return min(wanted, room)
        if isinstance(page.answer, Table):
            # Leave a row for the card even while there is none, so that the height does not change.
            limit = grid.room - (7 if self.has_card else 8) - bool(page.answer.columns)
            return max(min(room, limit), min(wanted, _MIN_LIST_ROWS))
        return room if grid.is_full or wanted >= room else room - 1

    def _shorten_text(self, excess: int) -> None:
        """Shorten the longest text, which can then be scrolled."""
        texts = [part for part in self.parts if isinstance(part, Text)]
        longest = max(texts, key=lambda part: self.heights[part], default=None)
        if excess > 0 and longest is not None and self.heights[longest] - excess >= _MIN_LIST_ROWS:
            self.heights[longest] -= excess


def _placed(part: Widget | BodyPart, region: Region) -> WidgetPlacement:
    return WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, cast("Widget", part))
