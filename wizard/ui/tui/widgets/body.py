"""The column between head and foot: guide, answer and messages, in the room that there is."""

from textual.containers import Vertical
from textual.layout import Layout

from wizard.ui.tui.widgets.pane import Pane


class Body(Vertical):
    """Gives every pane the height of its text where that fits, and shares what is left otherwise.

    A pane of the class ``gives-way`` is as high as a fraction of the room, and never higher than
    its own text: what follows stands right below it.
    """

    DEFAULT_CSS = """
    Body { width: 1fr; height: 1fr; }
    Body > .gives-way { height: 1fr; min-height: 2; }
    """

    def pre_layout(self, layout: Layout) -> None:
        """Tell each pane that gives way how high it may become."""
        del layout
        for pane in self.query_children(".gives-way").results(Pane):
            width = self.content_size.width - pane.gutter.width
            wanted = pane.count(width)
            limit = pane.styles.max_height
            if limit is None or limit.value != wanted:
                pane.styles.max_height = wanted
                pane.styles.min_height = min(wanted, 2)
