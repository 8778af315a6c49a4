"""Asks which of several things is to be copied."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from wizard.flow.questions import Copy, Option, Question
from wizard.ui.tui.key_words import other_language
from wizard.ui.tui.look import Look
from wizard.ui.tui.screens.aside import Aside
from wizard.ui.tui.widgets.body import Body
from wizard.ui.tui.widgets.choices import Choices
from wizard.ui.tui.widgets.text_pane import TextPane


class CopyScreen(Aside):
    """The arrows or a number move the highlight, Enter takes it, Esc or F5 leads back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "dismiss"),
        *(Binding(str(number), f"number({number})") for number in range(1, 10)),
    ]

    def __init__(self, offer: Callable[[], Sequence[Copy]], look: Look, take: Callable[[Copy], None]) -> None:
        """Show what ``offer`` gives in the reader's language, and give ``take`` what was chosen."""
        super().__init__(look)
        self._offer, self._take = offer, take
        self._title, self._choices = TextPane(id="title"), Choices(id="choices")

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        self.fit(self.app.size)
        self._tell()
        self._choices.pick_number(1)
        yield self._head
        with Body():
            yield self._title
            yield self._choices
        yield self._foot
        yield self._too_small

    def retell(self, question: Question, look: Look) -> None:
        """Show the page in a language."""
        del question
        self.look = look
        self._tell()

    def _tell(self) -> None:
        t = self.look.t
        self._title.show(Content.styled(t("What should be copied?"), "bold $accent").wrap)
        options = [Option(value="", label=copy.text, detail=copy.label) for copy in self._offer()]
        self._choices.show(options, self.look)
        keys = [
            ("Enter", t("copy")),
            ("↑↓", t("choose")),
            ("Esc", t("back to the step")),
            ("F2", other_language(t)),
            ("Ctrl+Q", t("leave")),
        ]
        self.tell_frame(None, keys)

    def move(self, distance: int) -> bool:
        """Move the highlight."""
        self._choices.move(distance)
        return True

    def action_number(self, number: int) -> None:
        """Highlight one by its number."""
        self._choices.pick_number(number)

    def action_go_on(self) -> None:
        """Take the highlighted one, and go back to the question."""
        chosen = self._choices.highlighted or 0
        self.dismiss()
        self._take(self._offer()[chosen])
