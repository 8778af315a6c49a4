"""A line to type, or to pick from a list that can be searched."""

from collections.abc import Iterable
from typing import Final

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from wizard.domain.legible import visible
from wizard.findings import Finding
from wizard.findings.codes import KEY_SHOWN
from wizard.flow.questions import AskText, Outcome, Picked, Reply, Typed
from wizard.ui.tui.guide_text import hanging
from wizard.ui.tui.look import Look
from wizard.ui.tui.screens.question import QuestionScreen
from wizard.ui.tui.search import Searchable
from wizard.ui.tui.widgets.pick_list import PickList
from wizard.ui.tui.widgets.text_field import TextField
from wizard.ui.tui.widgets.text_pane import TextPane

_NAMED: Final = 5
"""How many of the options that are ticked are named; the rest are counted."""


class AskTextScreen(QuestionScreen[AskText]):
    """Typing searches; the arrows move through what was found while the field keeps the focus."""

    def __init__(self, question: AskText, look: Look, findings: Iterable[Finding] = ()) -> None:
        super().__init__(question, look, findings)
        self._label = TextPane(id="label")
        self._field = TextField(self.steer, id="text")
        self._list = PickList(takes_several=question.takes_several, id="found")
        self._search = Searchable(question.options)
        self._list.ticked = dict.fromkeys(question.picked)
        self._sought: str | None = None

    def answer_widgets(self) -> Iterable[Widget]:
        """Return label and field, and the list where there is one."""
        # Not before: a field that is filled asks for the screen that it is on.
        self._field.begin_with(self.question.text)
        yield self._label
        yield self._field
        if self.question.options:
            yield self._list

    def tell_answer(self) -> None:
        """Show label and list in the reader's language."""
        self._label.show(Content.styled(visible(self.question.label), "bold $strong").wrap)
        self._field.placeholder = visible(self.question.placeholder)
        if self._search.options is not self.question.options:
            self._search = Searchable(self.question.options)
        self._find(highlighted=self._list.highlighted)

    def reply(self) -> Reply | None:
        """Return what is ticked or highlighted, else what is typed."""
        self._catch_up()
        text = self._field.value
        if self.question.takes_several and self._list.ticked:
            return Picked(tuple(self._list.ticked))
        if (value := self._list.value) is not None:
            return Picked((value,))
        if self.question.options and not text.strip():
            self.say(lambda t: t("Type something first, or choose from the list with the arrow keys."))
            return None
        found = self._search.matches(text) if text.strip() else []
        if len(found) == 1:
            return Picked((found[0].value,))
        if len(found) > 1 and not self._search.names(text):
            self.say(lambda t: t("Several match. Choose one with the arrow keys, or type more."))
            return None
        return Typed(text)

    def own_keys(self) -> Iterable[tuple[str, str]]:
        """Return the keys of the list."""
        if self.question.options:
            yield "↑↓", self.look.t("choose")
            if self.question.takes_several:
                yield self.look.t("Space"), self.look.t("tick")

    def own_messages(self, width: int) -> list[Content]:
        """Return what is ticked: a search may hide it."""
        ticked = [option.label for option in self.question.options if option.value in self._list.ticked]
        if not ticked:
            return []
        names = ", ".join(map(visible, ticked[:_NAMED])) + (" …" if len(ticked) > _NAMED else "")
        count = self.look.t.plural("{n} chosen", "{n} chosen", len(ticked))
        return hanging(Content.assemble((f"{count}: ", "bold $good"), names), width, Content())

    def move(self, distance: int) -> bool:
        """Move through the list."""
        if not self.question.options:
            return False
        self._catch_up()
        self._list.move(distance)
        self.unsettle()
        return True

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search for what is typed."""
        event.stop()
        self._catch_up()

    def stay(self, question: AskText, outcome: Outcome | None) -> None:
        """Empty the field of a key that was typed: a terminal may send a paste as keys."""
        if outcome is not None and any(each.code is KEY_SHOWN for each in outcome.findings):
            self._field.begin_with("")
            self._catch_up()
        super().stay(question, outcome)

    def on_text_field_token_pasted(self, event: TextField.TokenPasted) -> None:
        """Say why nothing was pasted: the clipboard may well hold the key still."""
        event.stop()
        self.say(lambda t: t("This looks like a key. It was not pasted: this field is visible."))

    def steer(self, key: str) -> bool:
        """Let the arrows and the space bar act upon the list; without a highlight, a blank is a blank."""
        if self.is_busy:
            return super().steer(key)
        self._catch_up()
        if key in {"pageup", "pagedown"} and self._list.overflows:
            return self.move(self._list.rows if key == "pagedown" else -self._list.rows)
        if key == "space" and self.question.takes_several and self._list.highlighted is not None:
            self._list.tick()
            self.unsettle()
            return True
        return super().steer(key)

    def draft(self) -> object:
        """Return what was proposed, and what is typed and ticked."""
        return self.question.text, self._field.value, tuple(self._list.ticked)

    def restore(self, draft: object) -> None:
        """Type and tick it again, unless something else is proposed by now."""
        match draft:
            case proposed, str(text), tuple(ticked) if proposed == self.question.text:
                self._field.begin_with(text)
                self._list.ticked = dict.fromkeys(ticked)

    def _catch_up(self) -> None:
        """Search for what is typed, unless a key that acted upon it came before the word of the change.

        Then it may have been answered with, and what came of that stands.
        """
        if self._field.value != self._sought:
            self._came = ()
            self._find()
            self.unsettle()

    def _find(self, highlighted: int | None = None) -> None:
        self._sought = self._field.value
        if not self.question.options:
            return
        found = self._search.matches(self._field.value)
        # A search with one hit has chosen; with ticks, only a person has.
        if highlighted is None and len(found) == 1 and self._field.value and not self.question.takes_several:
            highlighted = 0
        top = self._list.top
        self._list.show(found, self.look, highlighted=highlighted)
        if highlighted is not None:
            self._list.top = top
