"""The whole way as a list at the side, where the terminal is wide enough."""

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget

from wizard.domain.legible import visible
from wizard.flow.questions import OutlineEntry
from wizard.ui.tui.guide_text import hanging
from wizard.ui.tui.look import Look


class Outline(Widget):
    """What is done, where the reader is, and what is to come."""

    DEFAULT_CSS = "Outline { width: 34; height: 100%; }"

    def __init__(self) -> None:
        super().__init__()
        self._look: Look | None = None
        self._entries: tuple[OutlineEntry, ...] = ()

    def show(self, look: Look, entries: Iterable[OutlineEntry]) -> None:
        """Take over the steps, in order."""
        self._look, self._entries = look, tuple(entries)
        self.refresh()

    def render(self) -> Content:
        """Draw the list."""
        if self._look is None:
            return Content()
        width = self.content_size.width
        lines = [line for entry in self._entries for line in _lines(self._look, entry, width)]
        return Content("\n").join(lines)


def _lines(look: Look, entry: OutlineEntry, width: int) -> list[Content]:
    title = Content(visible(entry.title))
    if entry.is_current:
        return hanging(
            title.stylize("bold $accent"), width, Content.styled(f"{look.signs.marker} ", "$accent")
        )
    if entry.is_done:
        return hanging(title, width, Content.styled(f"{look.signs.good} ", "$good"))
    return hanging(title.stylize("$muted"), width, Content("  "))
