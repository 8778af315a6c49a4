"""Lines that scroll when there are more of them than fit, and then say so."""

from typing import Final

from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from wizard.ui.tui.look import DRAWN, Look, Signs

MARGIN: Final = 2
"""Blank cells at either side."""

_BLANK: Final = Content()


class Pane(Widget):
    """Draws only the lines that are seen, so that 3,000 cost no more than 30.

    A subclass gives ``count`` and ``line``. While not all fits, the last row tells how to see more:
    no scrollbar, which needs colours and a mouse.

    Attributes:
        top: The first line that is seen.
    """

    DEFAULT_CSS = "Pane { height: auto; width: 100%; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self.top = 0
        self._signs: Signs = DRAWN
        self._more, self._earlier = "", ""

    def count(self, width: int) -> int:
        """Return how many lines there are at a width."""
        raise NotImplementedError

    def line(self, index: int, width: int) -> Content:
        """Return one line."""
        raise NotImplementedError

    def wear(self, look: Look) -> None:
        """Take over the reader's language and the terminal's signs."""
        more, earlier = look.t("PgDn shows more"), look.t("PgUp goes back up")
        if (look.signs, more, earlier) != (self._signs, self._more, self._earlier):
            self._signs, self._more, self._earlier = look.signs, more, earlier
            self.refresh()

    def renew(self) -> None:
        """Draw anew, for the lines have changed."""
        self.top = max(0, min(self.top, self._last_top))
        self.refresh(layout=True)

    @property
    def text_width(self) -> int:
        """How many cells a line may take."""
        return max(0, self.size.width - 2 * MARGIN)

    @property
    def overflows(self) -> bool:
        """Whether there are more lines than rows."""
        return self.count(self.text_width) > self.size.height > 0

    @property
    def rows(self) -> int:
        """How many lines are seen at once."""
        return max(1, self.size.height - self.overflows)

    @property
    def _last_top(self) -> int:
        return max(0, self.count(self.text_width) - self.rows) if self.overflows else 0

    def scroll_lines(self, distance: int) -> bool:
        """Move by some lines; say whether that changed anything."""
        return self._go(self.top + distance)

    def scroll_page(self, direction: int) -> bool:
        """Move by a screenful, one line of which is seen again."""
        return self._go(self.top + direction * max(1, self.rows - 1))

    def reveal(self, first: int, last: int) -> None:
        """Move just as far as it takes to see some lines, the first rather than the last."""
        self._go(min(max(self.top, last - self.rows + 1), first))

    def _go(self, top: int) -> bool:
        top = max(0, min(top, self._last_top))
        has_moved = top != self.top
        self.top = top
        if has_moved:
            self.refresh()
        return has_moved

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the height at which nothing has to scroll."""
        del container, viewport
        return self.count(max(0, width - 2 * MARGIN))

    def on_resize(self, event: Resize) -> None:
        """Keep the lines that can be seen within those that there are."""
        del event
        self._go(self.top)

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        width, index = self.text_width, self.top + y
        if self.overflows and y == self.size.height - 1:
            content = self._how_to_scroll()
        elif index < self.count(width):
            content = self.line(index, width)
        else:
            content = _BLANK
        # Blanks in the style of the text beside them cost no bytes for a change of style, as a
        # margin from the stylesheet would in every row.
        rest = max(0, self.size.width - MARGIN - content.cell_length)
        content = content.pad(MARGIN, rest)
        return Strip(content.render_segments(self.visual_style), content.cell_length)

    def _how_to_scroll(self) -> Content:
        below = self.count(self.text_width) - self.top - self.rows
        if below > 0:
            return Content.styled(f"{self._signs.down} {self._more}", "$accent")
        return Content.styled(f"{self._signs.up} {self._earlier}", "$accent")
