"""A line to type."""

from typing import Self

from textual import events
from textual.geometry import Region
from textual.widgets import Input


class TextField(Input):
    """Textual's field with a steady cursor, that keeps all of a paste."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id, select_on_focus=False)
        # A blinking cursor sends 2 kB/s over SSH for nothing.
        self.cursor_blink = False

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Draw the row alone: a border sent with every key is most of what a key costs."""
        if not regions and not layout and not recompose:
            regions = (Region(0, 0, *self.content_size),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def _on_paste(self, event: events.Paste) -> None:
        """Join the lines: Textual would keep the first one only, which may be empty."""
        event.stop()
        event.prevent_default()
        self.replace(" ".join(event.text.split()), *self.selection)
