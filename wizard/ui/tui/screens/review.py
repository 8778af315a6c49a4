"""What is about to be written."""

from collections.abc import Iterable
from functools import partial

from textual.content import Content
from textual.widget import Widget

from wizard.domain.legible import visible
from wizard.findings import Finding
from wizard.flow.questions import Review
from wizard.ui.tui.document_text import document_lines
from wizard.ui.tui.guide_text import hanging
from wizard.ui.tui.look import Look
from wizard.ui.tui.screens.question import QuestionScreen
from wizard.ui.tui.widgets.text_pane import TextPane


class ReviewScreen(QuestionScreen[Review]):
    """Shows the file as it will stand, or what changes in it; Enter writes."""

    def __init__(self, question: Review, look: Look, findings: Iterable[Finding] = ()) -> None:
        super().__init__(question, look, findings)
        self._path = TextPane(id="label")
        self._document = TextPane(id="document")

    def answer_widgets(self) -> Iterable[Widget]:
        """Return the path and the document."""
        return (self._path, self._document)

    def tell_answer(self) -> None:
        """Show path and document."""
        question, t = self.question, self.look.t
        word = t("What changes in") if question.is_diff else t("Will be written to")
        said = Content.assemble((f"{word} ", "$muted"), (visible(question.path), "bold $strong"))
        self._path.show(lambda width: hanging(said, width, Content()))
        self._document.show(partial(_lines, question, self.look))


def _lines(question: Review, look: Look, width: int) -> list[Content]:
    if not question.text:
        return [Content.styled(look.t("Nothing changes."), "$muted")]
    return document_lines(question.text, look, width, is_diff=question.is_diff)
