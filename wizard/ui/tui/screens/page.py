"""What every page has: a head, a foot, and a word where the window is too small for either."""

from typing import Final, TypeVar

from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen

from wizard.flow.flow import Position
from wizard.ui.face import SMALLEST
from wizard.ui.tui.look import Look
from wizard.ui.tui.widgets.foot import Foot
from wizard.ui.tui.widgets.head import Head
from wizard.ui.tui.widgets.too_small import TooSmall

Result = TypeVar("Result")

_BESIDE: Final = 100
"""Columns from which the list of steps has room at the side."""


class Page(Screen[Result]):
    """Fits itself to the window: Textual's own breakpoints do so only after the first paint.

    Attributes:
        is_coming: Whether it is still being laid out. Textual paints a page up to four times before
            it is complete; what is painted so early is not sent.
    """

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.is_coming = True
        self._head, self._foot, self._too_small = Head(), Foot(), TooSmall()

    def tell_frame(self, position: Position | None, keys: list[tuple[str, str]]) -> None:
        """Bring head and foot up to date."""
        self._head.show(self.look, position)
        self._foot.show(keys)
        self._too_small.show(self.look)

    def fit(self, size: Size) -> None:
        """Take up the classes that the stylesheet knows for a size."""
        self.set_class(size.width < SMALLEST.columns or size.height < SMALLEST.lines, "-cramped")
        self.set_class(size.width >= _BESIDE, "-wide")

    def on_mount(self) -> None:
        """Let the page be seen once it is laid out."""
        self.call_after_refresh(self._arrive)

    def _arrive(self) -> None:
        self.is_coming = False
        self.refresh()

    def on_resize(self, event: Resize) -> None:
        """Fit the page to a window that has changed."""
        self.fit(event.size)
