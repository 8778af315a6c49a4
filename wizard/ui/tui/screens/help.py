"""The background of a step, on a page of its own."""

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen

from wizard.flow.questions import Question
from wizard.ui.legible import visible
from wizard.ui.tui.guide_text import guide_lines
from wizard.ui.tui.look import Look
from wizard.ui.tui.widgets.body import Body
from wizard.ui.tui.widgets.foot import Foot
from wizard.ui.tui.widgets.head import Head
from wizard.ui.tui.widgets.text_pane import TextPane
from wizard.ui.tui.widgets.too_small import TooSmall


class HelpScreen(Screen[None]):
    """Covers the question, which keeps everything typed; Esc, Enter or F1 leads back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f1", "dismiss"),
        Binding("f2", "switch_language"),
        Binding("up", "scroll(-1)"),
        Binding("down", "scroll(1)"),
        Binding("pageup", "page(-1)"),
        Binding("pagedown,space", "page(1)"),
    ]

    def __init__(self, question: Question, look: Look) -> None:
        super().__init__()
        self._question, self._look = question, look
        self._head, self._foot, self._too_small = Head(), Foot(), TooSmall()
        self._title, self._text = TextPane(id="title"), TextPane(id="guide", classes="gives-way")

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        yield self._head
        with Body(id="body"):
            yield self._title
            yield self._text
        yield self._foot
        yield self._too_small

    def on_mount(self) -> None:
        """Fill in the texts."""
        self.retell(self._question, self._look)

    def retell(self, question: Question, look: Look) -> None:
        """Show the page in a language."""
        self._question, self._look = question, look
        t = look.t
        self._head.show(look, question.position)
        title = t("Help: {title}", title=visible(question.title))
        self._title.show(Content.styled(title, "bold $accent").wrap)
        self._text.show(partial(guide_lines, question.help or question.guide))
        self._text.wear(look)
        self._too_small.show(look)
        other = "English" if t.language == "nb" else "Norsk"
        self._foot.show((("Esc", t("back to the step")), ("↑↓", t("scroll")), ("F2", other)))

    def action_switch_language(self) -> None:
        """Change the language here and below."""
        self.app.call_later(self.app.run_action, "app.switch_language")

    def action_scroll(self, distance: int) -> None:
        """Scroll by a line."""
        self._text.scroll_lines(distance)

    def action_page(self, direction: int) -> None:
        """Scroll by a screenful."""
        self._text.scroll_page(direction)
