"""The Textual layout of all screens: one column of text, at most 76 columns wide.

In a window of fewer than 80 columns or 24 rows, the header, title and footer have no empty rows around them
and the side margins are one column wide. If the body does not fit, empty rows are removed first, then rows
of a list. Instructions, the field, the card and the footer are always shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from wizard.ui.face import SMALLEST
from wizard.ui.tui.blocks import Gap
from wizard.ui.tui.lists import AnswerRows, Choices
from wizard.ui.tui.parts import BodyPart, FramePart, Message, Outline, Text, TooSmall
from wizard.walk.pages import CheckRows, Page, SearchList, SecretField, Table

if TYPE_CHECKING:
    from wizard.ui.tui.frame import FramedScreen

MEASURE: Final = 76
CARD: Final = 3
"""Rows reserved for the card below a field, so that nothing moves when it appears."""

_FULL: Final = Size(80, 24)
_WITH_OUTLINE: Final = 108
_TALL: Final = 34
"""The height from which there are margins, and help topics below the card."""
_MIN_LIST_ROWS: Final = 3
_PREFERRED_LIST_ROWS: Final = 6


def is_too_small(size: Size) -> bool:
    """Return whether the window is too small for any page."""
    return size.width < SMALLEST.columns or size.height < SMALLEST.lines


def is_full(size: Size) -> bool:
    """Return whether there is room for empty rows and the full text width."""
    return size.width >= _FULL.width and size.height >= _FULL.height


class Grid:
    """The rows and columns of a window.

    Attributes:
        size: The size of the window.
        is_full: Whether there is room for empty rows and the full text width.
        is_tall: Whether there is room for margins and for help below the card.
        has_outline: Whether the outline is shown.
        measure: The width of the text.
        left: The first column of the text.
        margin: The number of empty rows at the top and bottom.
        room: The number of rows for the body.
        reclaimed: How many empty rows around the header, title and footer are used for the body.
        end: The row after the body.
    """

    def __init__(self, size: Size, *, has_outline: bool = False) -> None:
        self.size = size
        width, height = size
        self.is_full = is_full(size)
        self.is_tall = self.is_full and height >= _TALL
        self.has_outline = has_outline and self.is_full and width >= _WITH_OUTLINE
        self.measure = min(MEASURE, width - (4 if self.is_full else 2))
        beside = Outline.WIDTH + 2 if self.has_outline else 0
        self.left = (width - self.measure - beside) // 2 + beside
        self.margin = int(self.is_tall)
        self.room = height - (9 if self.is_tall else 7) if self.is_full else height - 3
        self.reclaimed = self.end = 0

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
        grid.end = max([grid.body, *(place.region.bottom for place in placed)])
        around = [child for child in children if isinstance(child, FramePart)]
        return placed + [_placed(part, region) for part in around if (region := part.place_in(grid))]


@dataclass
class _Place:
    """The rows of a part of the body.

    Attributes:
        rows: The rows that it needs.
        height: The rows that it gets: more if some are kept free for it, fewer if they do not fit.
        empty_rows: The empty rows before it.
    """

    part: BodyPart
    rows: int
    height: int = 0
    empty_rows: int = 0


class _BodyLayout:
    """Fits the parts of a body into the available rows."""

    def __init__(self, parts: Iterable[BodyPart], page: Page, grid: Grid, *, has_card: bool) -> None:
        self.page, self.grid, self.has_card = page, grid, has_card
        places = (_Place(part, self._rows_of(part)) for part in parts)
        self.places = [place for place in places if place.rows or self._rows_kept_for(place.part)]
        self.listed = next((place for place in self.places if isinstance(place.part, AnswerRows)), None)

    def arrange(self) -> list[WidgetPlacement]:
        """Return the placements of the parts."""
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
            self.listed.height = self._list_height(self.listed, taken)
        placed: list[WidgetPlacement] = []
        y, bottom = grid.body, grid.body + grid.room + grid.reclaimed
        for place in self.places:
            y += place.empty_rows
            shown = min(place.rows, place.height, bottom - y)
            if shown > 0:
                placed.append(_placed(place.part, Region(grid.left, y, grid.measure, shown)))
            y += place.height
        return placed

    def _squeeze(self, max_card: int) -> int:
        """Remove empty rows until everything fits, or none are left; return the height without the list."""
        grid, listed = self.grid, self.listed
        is_dense = not grid.is_full and self.page.answer is not None
        for stage in Gap:
            for number, place in enumerate(self.places):
                if isinstance(place.part, Text):
                    place.part.squeeze = stage
                if isinstance(place.part, Text | Message):
                    place.rows = self._rows_of(place.part, max_card)
                kept = self._rows_kept_for(place.part) if stage < Gap.FIELD_OR_CARD else 0
                place.height = max(place.rows, kept)
                has_gap = number > 0 and not is_dense and self._gap_before(place.part) > stage
                place.empty_rows = self._empty_rows_before(place.part) if has_gap else 0
            taken = sum(place.height + place.empty_rows for place in self.places if place is not listed)
            least = min(listed.rows, _PREFERRED_LIST_ROWS) + listed.empty_rows if listed is not None else 0
            if taken + least <= grid.room:
                break
        return taken

    def _rows_of(self, part: BodyPart, max_card: int | None = None) -> int:
        """Return the height of a part including its border, or 0 if it is empty."""
        size, width = self.grid.size, self.grid.measure - part.gutter.width
        if isinstance(part, Message):
            return len(part.lines(width, max_card))
        rows = part.get_content_height(size, size, width)
        return rows + part.gutter.height if rows else 0

    def _rows_kept_for(self, part: BodyPart) -> int:
        """Return the least height of a part, so that nothing moves when its text grows."""
        page, is_tall = self.page, self.grid.is_tall
        is_below_list = isinstance(page.answer, SearchList) and not page.after and not is_tall
        has_checks = any(isinstance(block, CheckRows) for block in page.body)
        match part:
            case Message() if is_below_list or isinstance(page.answer, SecretField):
                return CARD
            case Choices() if self.has_card and has_checks and not is_tall:
                return CARD
            case _:
                return 0

    def _gap_before(self, part: BodyPart) -> Gap:
        """Return the kind of the empty rows before a part."""
        is_between = self.has_card and bool(self.page.choices) and isinstance(part, Message | Choices)
        return Gap.CARD_AND_CHOICES if is_between and part.gap else part.gap

    def _empty_rows_before(self, part: BodyPart) -> int:
        """Return the number of empty rows before a part: two before the note below a menu."""
        is_note = self.page.menu_note and isinstance(part, Text) and part.blocks[0] in self.page.after
        return 2 if is_note else 1

    def _list_height(self, listed: _Place, taken: int) -> int:
        """Return the height of the list, leaving rows for the card where possible."""
        grid, page, wanted = self.grid, self.page, listed.rows
        room = max(grid.room - taken - listed.empty_rows, min(wanted, _MIN_LIST_ROWS))
        if grid.is_tall or page.choices:
            return min(wanted, room)
        if isinstance(page.answer, Table):
            # Leave a row for the card even while there is none, so that the height does not change.
            limit = grid.room - (7 if self.has_card else 8) - bool(page.answer.columns)
            return max(min(room, limit), min(wanted, _MIN_LIST_ROWS))
        return room if grid.is_full or wanted >= room else room - 1

    def _shorten_text(self, excess: int) -> None:
        """Shorten the longest text, which can then be scrolled."""
        texts = [place for place in self.places if isinstance(place.part, Text)]
        longest = max(texts, key=lambda place: place.height, default=None)
        if excess > 0 and longest is not None and longest.height - excess >= _MIN_LIST_ROWS:
            longest.height -= excess


def _placed(widget: Widget, region: Region) -> WidgetPlacement:
    return WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, widget)
