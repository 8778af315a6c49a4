"""The whole way as a list at the side, where the terminal is wide enough."""

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget

from wizard.flow.questions import OutlineEntry
from wizard.ui.tui.look import Look


class Outline(Widget):
    """What is done, where the reader is, and what is to come."""

    DEFAULT_CSS = "Outline { width: 30; height: 100%; }"

    def __init__(self) -> None:
        super().__init__()
        self._lines = Content()

    def show(self, look: Look, entries: Iterable[OutlineEntry]) -> None:
        """Take over the steps, in order."""
        self._lines = Content("\n").join(_line(look, entry) for entry in entries)
        self.refresh()

    def render(self) -> Content:
        """Draw the list."""
        return self._lines


def _line(look: Look, entry: OutlineEntry) -> Content:
    if entry.is_current:
        return Content.styled(f"{look.signs.marker} {entry.title}", "bold $accent")
    if entry.is_done:
        return Content.assemble((f"{look.signs.good} ", "$good"), (entry.title, "$ink"))
    return Content.styled(f"  {entry.title}", "$muted")
