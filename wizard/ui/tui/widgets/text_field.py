"""A line to type."""

from textual import events
from textual.widgets import Input


class TextField(Input):
    """Textual's field with a steady cursor, that keeps all of a paste."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id, select_on_focus=False)
        # A blinking cursor sends 2 kB/s over SSH for nothing.
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        """Join the lines: Textual would keep the first one only, which may be empty."""
        event.stop()
        event.prevent_default()
        self.replace(" ".join(event.text.split()), *self.selection)
