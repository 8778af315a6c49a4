"""A field for a token: takes a whole paste, shows dots, gives nothing back but to its screen."""

from collections.abc import Callable
from typing import Final

from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget

from wizard.ui.tui.look import DRAWN, Signs

_MOST_DOTS: Final = 32


class SecretField(Widget, can_focus=True):
    """Textual's own field is not fit for this.

    It keeps only the first line of a paste, and Ctrl+C and Ctrl+X copy its text to the terminal's
    clipboard even while it is masked. Here nothing can be marked, copied or shown, and the text
    lies in memory that is overwritten when the screen is left. The screen judges every change and
    calls ``show``, which draws the field.
    """

    DEFAULT_CSS = "SecretField { height: 3; width: 100%; }"

    def __init__(
        self,
        steer: Callable[[str], bool],
        changed: Callable[[bool], None],
        *,
        id: str | None = None,  # noqa: A002 - as in Textual
    ) -> None:
        """Hand keys to ``steer`` first, and tell ``changed`` at once, with True for a paste."""
        super().__init__(id=id)
        self._steer, self._changed = steer, changed
        self._buffer = bytearray()
        self._holds_paste = False
        self._signs: Signs = DRAWN
        self._held, self._about = "", ""

    @property
    def text(self) -> str:
        """What was pasted and typed, blanks and line breaks included."""
        return self._buffer.decode(errors="surrogatepass")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in the field."""
        return not self._buffer

    def show(self, signs: Signs, *, held: str, about: str) -> None:
        """Say what is kept already, and what can be said of the text; neither is secret."""
        self._signs, self._held, self._about = signs, held, about
        # The row alone: a border sent with every key is most of what a key costs.
        self.refresh(Region(0, 0, *self.content_size))

    def wipe(self) -> None:
        """Overwrite the text and forget it."""
        self._buffer[:] = bytes(len(self._buffer))
        self._buffer.clear()
        self._holds_paste = False

    def render(self) -> Content:
        """Draw dots at the left and what is said of the text at the right."""
        cursor = Content.styled(" ", "reverse") if self.has_focus else Content(" ")
        if self.is_empty and self._held:
            return cursor + Content(" ") + Content.styled(self._held, "$good")
        about = Content.styled(self._about, "$ink")
        room = max(1, self.content_size.width - about.cell_length - 2)
        dots = Content.styled(self._signs.dot * min(len(self.text), _MOST_DOTS, room), "$strong")
        gap = max(1, self.content_size.width - dots.cell_length - 1 - about.cell_length)
        return dots + cursor + Content(" " * gap) + about

    def take_paste(self, text: str) -> None:
        """Take a paste in place of the one before it, or behind what was typed."""
        if self._steer("paste"):
            return
        if self._holds_paste:
            self.wipe()
        self._buffer += text.encode(errors="surrogatepass")
        self._holds_paste = True
        self._changed(True)

    def on_paste(self, event: events.Paste) -> None:
        """Take all of a paste: a key from an e-mail may stand on several lines."""
        event.stop()
        self.take_paste(event.text)

    def on_key(self, event: events.Key) -> None:
        """Take what is typed; Backspace takes a character away and Ctrl+U all of them."""
        match event.key:
            case key if self._steer(key):
                pass
            case "backspace" | "ctrl+h":
                kept = len(self.text[:-1].encode(errors="surrogatepass"))
                self._buffer[kept:] = bytes(len(self._buffer) - kept)
                del self._buffer[kept:]
                self._changed(False)
            case "ctrl+u":
                self.wipe()
                self._changed(False)
            case _ if event.is_printable and event.character:
                self._buffer += event.character.encode(errors="surrogatepass")
                self._changed(False)
            case _:
                return
        event.stop()
        event.prevent_default()
