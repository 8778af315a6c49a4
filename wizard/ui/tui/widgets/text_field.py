"""A line to type."""

from typing import Self

from textual import events
from textual.geometry import Region
from textual.widgets import Input

from wizard.ui.legible import is_hidden


class TextField(Input):
    """Textual's field with a steady cursor, that keeps all of a paste."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id, select_on_focus=False)
        # A blinking cursor sends 2 kB/s over SSH for nothing.
        self.cursor_blink = False

    def begin_with(self, text: str) -> None:
        """Fill the field, the cursor behind the text."""
        self.value = text
        self.cursor_position = len(text)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Leave the space bar to the screen, which may tick a row with it."""
        return key != "space" and super().check_consume_key(key, character)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Draw the row alone: a border sent with every key is most of what a key costs."""
        if not regions and not layout and not recompose:
            regions = (Region(0, 0, *self.content_size),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def _on_paste(self, event: events.Paste) -> None:
        """Join the lines: Textual would keep the first one only, which may be empty.

        What nobody sees is left out, be it a mark from a web page or something for the terminal.
        """
        event.stop()
        event.prevent_default()
        text = "".join(sign for sign in event.text if sign.isspace() or not is_hidden(sign))
        self.replace(" ".join(text.split()), *self.selection)
