"""What covers everything while the window is too small to be read."""

from textual.content import Content
from textual.widget import Widget

from wizard.ui.face import SMALLEST
from wizard.ui.tui.look import Look


class TooSmall(Widget):
    """Lies above the rest, which keeps all that was typed."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def show(self, look: Look) -> None:
        """Take over the reader's language."""
        text = look.t(
            "The window is too small. Make it at least {columns} x {lines} characters. "
            "What you have typed is kept.",
            columns=SMALLEST.columns,
            lines=SMALLEST.lines,
        )
        if text != self._text:
            self._text = text
            self.refresh()

    def render(self) -> Content:
        """Draw the message."""
        return Content.styled(self._text, "bold $strong")
