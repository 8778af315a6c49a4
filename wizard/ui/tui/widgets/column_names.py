"""The names of a table's columns, which stay while its rows scroll."""

from textual.content import Content
from textual.widget import Widget

from wizard.ui.tui.widgets.pane import MARGIN


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
        """Draw the row."""
        return Content(" " * MARGIN) + self._line
