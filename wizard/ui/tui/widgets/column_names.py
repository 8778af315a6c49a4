"""The names of a table's columns, which stay while its rows scroll."""

from typing import Final

from textual.content import Content
from textual.widget import Widget

from wizard.ui.tui.widgets.pane import MARGIN

GAP: Final = "   "
"""Between two columns."""


class ColumnNames(Widget):
    """One row."""

    DEFAULT_CSS = "ColumnNames { height: 1; width: 100%; }"

    def __init__(self) -> None:
        super().__init__()
        self._line = Content()

    def show(self, line: Content) -> None:
        """Take over the row."""
        self._line = line
        self.refresh()

    def render(self) -> Content:
        """Draw the row; a name that does not fit is left out, as its cells stand below then."""
        line, room = self._line, self.size.width - 2 * MARGIN
        if line.cell_length > room:
            line = line[: max(0, line.plain.rfind(GAP, 0, room + len(GAP)))]
        return Content(" " * MARGIN) + line
