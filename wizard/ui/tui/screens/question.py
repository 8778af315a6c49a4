"""What the screens of all kinds of question have in common.

::

     Tripletex → Visma Finale                              Steg 2 av 8   nb
     ──────────────────────────────────────────────────────────────────────
     Title

     Guide, which gives way and scrolls when the rest needs the room
     The answer: a field, a list, a document
     Messages: what was found, what happens, where to go

     ──────────────────────────────────────────────────────────────────────
     Enter videre  Esc tilbake  F1 hjelp  F2 English  F3 utskrift  F5 kopier  Ctrl+Q
"""

import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, Generic, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget

from wizard.domain.legible import visible
from wizard.findings import Finding, StepId
from wizard.flow.copies import copies_of, offered
from wizard.flow.questions import CheckLine, Continue, Copy, Outcome, Progress, Question, Reply
from wizard.text import Texts
from wizard.ui.mending import mending_steps
from wizard.ui.tui.clipboard import has_clipboard
from wizard.ui.tui.finding_text import message_lines, note_lines, waiting_lines
from wizard.ui.tui.guide_text import guide_lines
from wizard.ui.tui.key_words import key_words
from wizard.ui.tui.look import Look
from wizard.ui.tui.screens.steered import SteeredPage
from wizard.ui.tui.widgets.body import Body
from wizard.ui.tui.widgets.outline import Outline
from wizard.ui.tui.widgets.pane import Pane
from wizard.ui.tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp

Q = TypeVar("Q", bound=Question)

_PATIENCE: Final = 0.15
"""Seconds before a wait is worth a word: most replies are worked in at once."""

_REMARK: Final = "bold $doubt"

Saying = Callable[[Texts], str]
"""A sentence in whatever language the reader changes to while it stands there."""


def _nothing(_: Texts) -> str:
    return ""


class QuestionScreen(SteeredPage, Generic[Q]):
    """Asks one question, and shows what comes of the reply.

    A subclass gives ``answer_widgets``, ``tell_answer`` and ``reply``.

    Attributes:
        question: What is asked, in the language of ``look``.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "go_back"),
        Binding("f1", "help"),
        Binding("f2", "app.switch_language"),
        Binding("f3", "print_out"),
        Binding("f4", "mend"),
        Binding("f5", "copy"),
    ]

    def __init__(self, question: Q, look: Look, findings: Iterable[Finding] = ()) -> None:
        super().__init__(look)
        self.question = question
        self._came: tuple[Finding, ...] = tuple(findings)
        self._is_settled = False
        self._said: Saying = _nothing
        self._said_in = _REMARK
        self._progress: list[Progress] = []
        self._aside = Outline()
        self._title, self._guide = TextPane(id="title"), TextPane(id="guide")
        self._notes, self._messages = TextPane(id="notes"), TextPane(id="messages")
        self._draft: object = None

    # What a kind of question adds.

    def answer_widgets(self) -> Iterable[Widget]:
        """Return what stands between the guide and the messages."""
        return ()

    def tell_answer(self) -> None:
        """Bring the answer's widgets up to date with ``question`` and ``look``; keep what was typed."""

    def reply(self) -> Reply | None:
        """Return what Enter answers; None after having said what is missing."""
        return Continue()

    @property
    def proceed(self) -> str:
        """What Enter does, where that is more than going on."""
        return str(getattr(self.question, "proceed", ""))

    def own_keys(self) -> Iterable[tuple[str, str]]:
        """Return the keys of this kind of question, with their words."""
        return ()

    def own_messages(self, width: int) -> list[Content]:
        """Return what is to be said first of all about the answer as it stands."""
        del width
        return []

    def draft(self) -> object:
        """Return what is typed and not yet answered, to be given back when the reader returns."""
        return None

    def restore(self, draft: object) -> None:
        """Take back what ``draft`` returned."""

    def come_back_with(self, draft: object) -> None:
        """Restore a draft as soon as the screen is there."""
        self._draft = draft

    # Showing.

    @property
    def wizard(self) -> "WizardApp":
        """The application."""
        return cast("WizardApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out head, column and foot."""
        column = (self._title, self._guide, self._notes, *self.answer_widgets(), self._messages)
        if self._draft is not None:
            self.restore(self._draft)
        panes = [widget for widget in column if isinstance(widget, Pane)]
        # The guide comes last: by the time there is something else to scroll, it has been read.
        self.panes = tuple(sorted(panes, key=lambda pane: pane is self._guide))
        self.fit(self.app.size)
        self.tell()
        yield self._head
        with Horizontal(id="middle"):
            yield self._aside
            with Body():
                yield from column
        yield self._foot
        yield self._too_small

    def retell(self, question: Q, look: Look) -> None:
        """Show the same question anew: in another language, or after a reply that did not move on."""
        self.question, self.look = question, look
        self.tell()

    def tell(self) -> None:
        """Bring every text up to date."""
        question, look = self.question, self.look
        self._aside.show(look, self.wizard.conversation.outline(look.t))
        self._title.show(Content.styled(visible(question.title), "bold $accent").wrap)
        self._guide.show(partial(guide_lines, question.guide, look))
        self._notes.show(partial(note_lines, question.notes, look))
        for pane in self.panes:
            pane.wear(look)
        self.tell_answer()
        self.tell_messages()

    def tell_messages(self) -> None:
        """Bring the messages, head and foot up to date."""
        self._messages.show(self._message_lines)
        keys = key_words(
            self.question,
            self.look.t,
            self.own_keys(),
            proceed=self.proceed,
            can_go_back=self.wizard.conversation.can_go_back,
            can_copy=bool(self.copies),
            is_busy=self.is_busy,
        )
        self.tell_frame(self.question.position, keys)

    def say(self, sentence: Saying, *, is_in_order: bool = False) -> None:
        """Say something that the face alone knows; it stands out unless all is in order."""
        self._said, self._said_in = sentence, "$ink" if is_in_order else _REMARK
        self.tell_messages()

    def unsettle(self) -> None:
        """Take note that the answer has changed since it was last judged."""
        self._is_settled, self._said = False, _nothing
        self.tell_messages()

    # What was found.

    @property
    def findings(self) -> list[Finding]:
        """What the question says itself, and what came of the last reply; each once."""
        every: list[Finding] = []
        for finding in (*self._came, *self.question.findings):
            if finding not in every:
                every.append(finding)
        return every

    def mendable(self) -> Iterable[Finding]:
        """Return the findings that may name another step."""
        return self.findings

    @property
    def copies(self) -> tuple[Copy, ...]:
        """What may be sent to the terminal's clipboard, where there is one."""
        if not has_clipboard(os.environ):
            return ()
        return offered([*self.question.copies, *copies_of(self.mendable(), self.look.t)])

    @property
    def mending_step(self) -> StepId | None:
        """The other step that F4 leads to."""
        return next(iter(mending_steps(self.mendable(), self.question.step)), None)

    # While a reply is worked on.

    def begin(self) -> None:
        """A reply is being worked on."""
        self.is_busy, self._progress, self._said, self._came = True, [], _nothing, ()
        self.set_timer(_PATIENCE, self.tell_messages)

    @property
    def told(self) -> list[CheckLine | str]:
        """What has been told meanwhile, in the reader's language."""
        return [progress(self.look.t) for progress in self._progress]

    def report(self, progress: Progress) -> None:
        """Show something that has happened meanwhile."""
        self._progress.append(progress)
        self.tell_messages()

    def retell_wait(self, look: Look) -> None:
        """Tell in another language what there is while a reply is worked on."""
        self.look = look
        self.tell_messages()

    def stay(self, question: Q, outcome: Outcome | None) -> None:
        """The reply did not lead on; without an outcome it was cancelled."""
        self.is_busy = False
        self._came = outcome.findings if outcome else ()
        self._is_settled = outcome is not None and outcome.is_settled
        self._said = _nothing if outcome else lambda t: t("Cancelled.")
        self.retell(question, self.look)

    # Keys.

    def action_go_on(self) -> None:
        """Answer, or go on all the same where that was offered."""
        if self.is_busy:
            return
        reply = Continue() if self._is_settled else self.reply()
        if reply is not None:
            self.wizard.submit(self, reply)

    def action_go_back(self) -> None:
        """Cancel a wait, or go to the question before."""
        self.wizard.go_back()

    def action_mend(self) -> None:
        """Go to the step that mends what was found, if another one does."""
        if (step := self.mending_step) is not None and not self.is_busy:
            self.wizard.go_to(step, [finding for finding in self.mendable() if finding.step == step])

    def action_help(self) -> None:
        """Show the background of this step."""
        if not self.is_busy:
            self.wizard.show_help(self.question)

    def action_print_out(self) -> None:
        """Put the step on the ordinary screen as plain text, to be copied."""
        if not self.is_busy:
            self.wizard.print_out(self.question, self.findings)

    def action_copy(self) -> None:
        """Send what can be copied to the terminal's clipboard; ask first when there is a choice."""
        if not self.is_busy and self.copies:
            self.wizard.copy_out(self)

    def _message_lines(self, width: int) -> list[Content]:
        if self.is_busy:
            return waiting_lines([told for told in self.told if isinstance(told, str)], self.look, width)
        return self.own_messages(width) + message_lines(
            self.findings,
            self.look,
            width,
            mending_step=self.mending_step,
            said=Content.styled(self._said(self.look.t), self._said_in),
            is_settled=self._is_settled,
        )
