"""Asks whether to leave, where Esc leads no further back."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from wizard.ui.tui.look import Look
from wizard.ui.tui.screens.page import Page
from wizard.ui.tui.widgets.body import Body
from wizard.ui.tui.widgets.text_pane import TextPane


class LeaveScreen(Page[bool]):
    """Enter leaves, Esc stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "dismiss(True)"),
        Binding("escape", "dismiss(False)"),
    ]

    def __init__(self, look: Look, *, breaks_off: bool) -> None:
        """Prepare; ``breaks_off`` says whether anything is left to do."""
        super().__init__(look)
        self._breaks_off = breaks_off
        self._title, self._text = TextPane(id="title"), TextPane(id="guide")

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        t = self.look.t
        self.fit(self.app.size)
        self.tell_frame(None, [("Enter", t("leave")), ("Esc", t("stay here"))])
        self._title.show(Content.styled(t("Leave?"), "bold $accent").wrap)
        kept = t("The steps you have finished are saved. Run the same command again to continue.")
        done = t("What has been done stays as it is.")
        self._text.show(Content(kept if self._breaks_off else done).wrap)
        yield self._head
        with Body():
            yield self._title
            yield self._text
        yield self._foot
        yield self._too_small
