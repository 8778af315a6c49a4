"""A line to type."""

from collections.abc import Callable
from typing import Final, Self

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Input

from wizard.domain.key import looks_like_token
from wizard.domain.legible import is_hidden

_EDITS: Final[dict[str, Callable[[Input], None]]] = {
    "backspace": Input.action_delete_left,
    "delete": Input.action_delete_right,
    "ctrl+d": Input.action_delete_right,
    "ctrl+h": Input.action_delete_left,
    "ctrl+u": Input.action_delete_left_all,
    "ctrl+k": Input.action_delete_right_all,
    "ctrl+w": Input.action_delete_left_word,
    "left": Input.action_cursor_left,
    "right": Input.action_cursor_right,
    "ctrl+left": Input.action_cursor_left_word,
    "ctrl+right": Input.action_cursor_right_word,
    "home": Input.action_home,
    "ctrl+a": Input.action_home,
    "end": Input.action_end,
    "ctrl+e": Input.action_end,
}


class TextField(Input):
    """Textual's field with a steady cursor, that keeps all of a paste."""

    class TokenPasted(Message):
        """A token was pasted where everybody can read it, and was not taken."""

    def __init__(self, steer: Callable[[str], bool], *, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id, select_on_focus=False)
        self._steer = steer
        # A blinking cursor sends 2 kB/s over SSH for nothing.
        self.cursor_blink = False

    def begin_with(self, text: str) -> None:
        """Fill the field, the cursor behind the text."""
        self.value = text
        self.cursor_position = len(text)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Draw the row alone: a border sent with every key is most of what a key costs."""
        if not regions and not layout and not recompose:
            regions = (Region(0, 0, *self.content_size),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    async def _on_key(self, event: events.Key) -> None:
        """Hand the key to the screen first, and edit at once rather than by a binding.

        A binding acts after the key has climbed to the application: in ``Ctrl+U 974…``, coming in
        one go over a slow line, it would empty the field of what was typed after it.
        """
        if not self._steer(event.key):
            if (edit := _EDITS.get(event.key)) is None:
                return
            edit(self)
        event.stop()
        event.prevent_default()

    def _on_paste(self, event: events.Paste) -> None:
        """Join the lines: Textual would keep the first one only, which may be empty.

        What nobody sees is left out, be it a mark from a web page or something for the terminal.
        """
        event.stop()
        event.prevent_default()
        if self._steer("paste"):
            return
        if looks_like_token(event.text):
            self.post_message(self.TokenPasted())
            return
        text = "".join(sign for sign in event.text if sign.isspace() or not is_hidden(sign))
        self.replace(" ".join(text.split()), *self.selection)
