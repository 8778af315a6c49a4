"""The background of a step, on a page of its own."""

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from wizard.domain.legible import visible
from wizard.flow.questions import Question
from wizard.ui.tui.guide_text import guide_lines
from wizard.ui.tui.key_words import other_language
from wizard.ui.tui.look import Look
from wizard.ui.tui.screens.aside import Aside
from wizard.ui.tui.widgets.body import Body
from wizard.ui.tui.widgets.text_pane import TextPane


class HelpScreen(Aside):
    """Covers the question, which keeps everything typed; Esc, Enter or F1 leads back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "dismiss"),
        Binding("space", "page(1)"),
    ]

    def __init__(self, question: Question, look: Look) -> None:
        super().__init__(look)
        self._question = question
        self._title, self._text = TextPane(id="title"), TextPane(id="guide")
        self.panes = (self._text,)

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        self.fit(self.app.size)
        self.retell(self._question, self.look)
        yield self._head
        with Body():
            yield self._title
            yield self._text
        yield self._foot
        yield self._too_small

    def retell(self, question: Question, look: Look) -> None:
        """Show the page in a language."""
        self.look, t = look, look.t
        title = t("Help: {title}", title=visible(question.title))
        self._title.show(Content.styled(title, "bold $accent").wrap)
        self._text.show(partial(guide_lines, question.help or question.guide, look))
        self._text.wear(look)
        keys = [
            ("Esc", t("back to the step")),
            ("↑↓", t("scroll")),
            ("F2", other_language(t)),
            ("Ctrl+Q", t("leave")),
        ]
        self.tell_frame(question.position, keys)

    def action_go_on(self) -> None:
        """Go back to the question."""
        self.dismiss()
