"""A page that covers the question for a while, which keeps everything typed."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from wizard.flow.questions import Question
from wizard.ui.tui.look import Look
from wizard.ui.tui.screens.steered import SteeredPage


class Aside(SteeredPage):
    """Esc leads back to the question; the language can be changed here too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss"),
        Binding("f2", "app.switch_language"),
    ]

    def retell(self, question: Question, look: Look) -> None:
        """Show the page in a language."""
        raise NotImplementedError
