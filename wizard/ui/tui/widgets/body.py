"""The column between head and foot: guide, answer and messages, in the room that there is."""

from typing import Final

from textual.layout import Layout
from textual.widget import Widget

from wizard.ui.tui.stack import Stack

_STACK: Final = Stack()


class Body(Widget):
    """Gives everything the height of its text where that fits, and shares what there is otherwise."""

    DEFAULT_CSS = "Body { width: 1fr; height: 1fr; }"

    @property
    def layout(self) -> Layout:
        """A layout of our own, which a stylesheet cannot name."""
        return _STACK
