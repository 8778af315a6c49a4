"""Asks whether to leave, where Esc leads no further back."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen

from wizard.flow.flow import Position
from wizard.ui.tui.look import Look
from wizard.ui.tui.widgets.body import Body
from wizard.ui.tui.widgets.foot import Foot
from wizard.ui.tui.widgets.head import Head
from wizard.ui.tui.widgets.text_pane import TextPane


class LeaveScreen(Screen[bool]):
    """Enter leaves, Esc stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "dismiss(True)"),
        Binding("escape", "dismiss(False)"),
    ]

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._head, self._foot = Head(), Foot()
        self._title, self._text = TextPane(id="title"), TextPane(id="guide")

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        yield self._head
        with Body(id="body"):
            yield self._title
            yield self._text
        yield self._foot

    def on_mount(self) -> None:
        """Fill in the texts."""
        look, t = self._look, self._look.t
        self._head.show(look, Position(0, 0))
        self._title.show(Content.styled(t("Leave?"), "bold $accent").wrap)
        kept = t("Every step that you have finished is kept. Run the same command again to go on.")
        self._text.show(Content(kept).wrap)
        self._foot.show((("Enter", t("leave")), ("Esc", t("stay here"))))
