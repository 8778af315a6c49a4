"""One answer out of a few."""

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from wizard.domain.legible import visible
from wizard.findings import Finding
from wizard.flow.questions import Choose, Chosen, Reply
from wizard.ui.tui.guide_text import wrapped
from wizard.ui.tui.look import Look
from wizard.ui.tui.screens.question import QuestionScreen
from wizard.ui.tui.widgets.choices import Choices
from wizard.ui.tui.widgets.text_pane import TextPane


class ChooseScreen(QuestionScreen[Choose]):
    """The arrows or a number move the highlight, Enter takes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(str(number), f"number({number})") for number in range(1, 10)
    ]

    def __init__(self, question: Choose, look: Look, findings: Iterable[Finding] = ()) -> None:
        super().__init__(question, look, findings)
        self._label = TextPane(id="label")
        self._choices = Choices(id="choices")
        self._choices.show(question.options, look)
        self._choices.highlight(question.selected)

    def answer_widgets(self) -> Iterable[Widget]:
        """Return the label and the options."""
        return (self._label, self._choices)

    def tell_answer(self) -> None:
        """Show the options in the reader's language, the highlight where it was."""
        self._label.show(partial(wrapped, Content.styled(visible(self.question.label), "bold $strong")))
        self._choices.show(self.question.options, self.look)

    def reply(self) -> Reply | None:
        """Return the highlighted option."""
        if (value := self._choices.value) is None:
            self.say(lambda t: t("Choose one first, with the arrow keys or its number."))
            return None
        return Chosen(value)

    @property
    def proceed(self) -> str:
        """What Enter does with the highlighted option."""
        chosen = self._choices.value
        return next((option.proceed for option in self.question.options if option.value == chosen), "")

    def own_keys(self) -> Iterable[tuple[str, str]]:
        """Return the arrows."""
        return (("↑↓", self.look.t("choose")),)

    def move(self, distance: int) -> bool:
        """Move the highlight."""
        self._choices.move(distance)
        self.unsettle()
        return True

    def action_number(self, number: int) -> None:
        """Highlight an option by its number."""
        if not self.is_busy:
            self._choices.pick_number(number)
            self.unsettle()

    def draft(self) -> object:
        """Return what was proposed, and what is highlighted."""
        return self.question.selected, self._choices.value

    def restore(self, draft: object) -> None:
        """Highlight it again, unless what has been learnt since proposes something else."""
        match draft:
            case (proposed, str(value)) if proposed == self.question.selected:
                self._choices.highlight(value)
