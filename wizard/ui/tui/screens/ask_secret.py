"""A token to paste."""

from collections.abc import Iterable

from textual import events
from textual.content import Content
from textual.widget import Widget

from wizard.domain.legible import visible
from wizard.domain.secret import Secret
from wizard.findings import Finding, Verdict
from wizard.flow.questions import AskSecret, Continue, Outcome, Pasted, Reply, Shape
from wizard.ui.tui.finding_text import finding_lines, marked
from wizard.ui.tui.guide_text import hanging
from wizard.ui.tui.look import Look
from wizard.ui.tui.screens.question import QuestionScreen
from wizard.ui.tui.widgets.secret_field import SecretField
from wizard.ui.tui.widgets.text_pane import TextPane


class AskSecretScreen(QuestionScreen[AskSecret]):
    """Tells at once what a paste is; nothing of it is kept when the screen is left."""

    def __init__(self, question: AskSecret, look: Look, findings: Iterable[Finding] = ()) -> None:
        super().__init__(question, look, findings)
        self._label = TextPane(id="label")
        self._field = SecretField(self.steer, self._change, id="secret")
        self._shape: Shape | None = None
        self._is_paste = False

    def answer_widgets(self) -> Iterable[Widget]:
        """Return the label and the field."""
        return (self._label, self._field)

    def tell_answer(self) -> None:
        """Show the label, and judge what is in the field in the reader's language."""
        self._label.show(Content.styled(visible(self.question.label), "bold $strong").wrap)
        self._judge()

    def reply(self) -> Reply | None:
        """Return what was pasted; nothing at all leaves a token that is held as it is."""
        if self._field.is_empty and self.question.held is not None:
            return Continue()
        return Pasted(Secret(self._field.text))

    def own_messages(self, width: int) -> list[Content]:
        """Return what the paste is; of something typed, only that it has become a token."""
        shape = self._shape
        if shape is None and self.question.held is not None and not self.findings:
            t = self.look.t
            kept = t("It is kept safely. Enter goes on with it; a paste takes its place.")
            read = t("Enter reads it in its place. What is pasted is compared with that, and not kept.")
            said = kept if self.question.is_kept else read
            return hanging(Content.styled(said, "$muted"), width, Content())
        if shape is None or self._came:
            return []
        lines: list[Content] = []
        is_good = not any(finding.is_error for finding in shape.findings)
        if shape.summary and is_good:
            lines += marked(self.look.of_verdict(Verdict.VALID), Content(visible(shape.summary)), width)
        if self._is_paste or is_good:
            for finding in shape.findings:
                lines += finding_lines(finding, self.look, width)
        if self._is_paste and not is_good:
            again = self.look.t("Another paste replaces this one. Ctrl+U empties the field.")
            lines += hanging(Content.styled(again, "$muted"), width, Content())
        return lines

    def stay(self, question: AskSecret, outcome: Outcome | None) -> None:
        """Empty the field once its token is safe: what is held is named instead."""
        is_refused = self._shape is not None and any(finding.is_error for finding in self._shape.findings)
        if outcome is not None and question.held is not None and not is_refused:
            self._field.wipe()
            self._is_paste = False
        super().stay(question, outcome)

    def _change(self, is_paste: bool) -> None:  # noqa: FBT001 - what the field calls back with
        """Judge the text."""
        self._is_paste = is_paste and not self._field.is_empty
        self._came = ()
        self._judge()
        self.unsettle()
        if self._is_paste and self._is_good and self.question.keep is not None:
            self.wizard.keep(self, self.question.keep(Secret(self._field.text)))

    @property
    def _is_good(self) -> bool:
        return self._shape is not None and not any(finding.is_error for finding in self._shape.findings)

    def on_paste(self, event: events.Paste) -> None:
        """Take a paste that arrives while the window has no focus."""
        if not self._field.has_focus:
            self._field.take_paste(event.text)

    def on_unmount(self) -> None:
        """Forget the text."""
        self._field.wipe()
        self._shape = None

    def _judge(self) -> None:
        t = self.look.t
        text = self._field.text
        self._shape = self.question.judge(text) if text else None
        about = ""
        if self._shape is not None:
            length = self._shape.length if self._shape.fingerprint else len(text)
            count = t.plural("{n} character", "{n} characters", length)
            about = " · ".join(filter(None, (count, self._shape.fingerprint)))
        held = ""
        if self.question.held is not None:
            held = visible(self.question.held)
            if self.question.is_kept:
                held = t("kept · {what}", what=held[:1].lower() + held[1:])
        self._field.show(self.look.signs, held=held, about=about)
