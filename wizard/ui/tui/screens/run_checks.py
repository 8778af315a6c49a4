"""Checks that run by themselves."""

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from wizard.findings import Finding
from wizard.flow.questions import Again, CheckLine, Outcome, Progress, RunChecks
from wizard.ui.tui.finding_text import check_lines
from wizard.ui.tui.look import Look
from wizard.ui.tui.screens.question import QuestionScreen
from wizard.ui.tui.widgets.text_pane import TextPane


class RunChecksScreen(QuestionScreen[RunChecks]):
    """Starts at once when nothing has been checked; ``r`` starts again, Enter goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("r", "again")]

    def __init__(self, question: RunChecks, look: Look, findings: Iterable[Finding] = ()) -> None:
        super().__init__(question, look, findings)
        self._results = TextPane(id="results")

    def answer_widgets(self) -> Iterable[Widget]:
        """Return the results."""
        return (self._results,)

    def on_mount(self) -> None:
        """Start the checks, unless their results are known."""
        if not self.question.lines:
            self.wizard.submit(self, Again())

    @property
    def _lines(self) -> list[CheckLine]:
        arrived = [told for told in self.told if isinstance(told, CheckLine)]
        return arrived if self.is_busy else list(self.question.lines) or arrived

    def tell_answer(self) -> None:
        """Show the results that there are."""
        self._results.show(partial(check_lines, self._lines, self.look))

    def own_keys(self) -> Iterable[tuple[str, str]]:
        """Return the key that checks again."""
        return (("r", self.look.t("again")),)

    @property
    def findings(self) -> list[Finding]:
        """What no check's own line says already."""
        told = self._found
        return [finding for finding in super().findings if finding not in told]

    @property
    def _found(self) -> list[Finding]:
        return [finding for line in self._lines for finding in line.findings]

    def mendable(self) -> Iterable[Finding]:
        """Return what the checks found, too."""
        return [*self.findings, *self._found]

    def begin(self) -> None:
        """Take the former results away."""
        self._results.reveal(0, 0)
        super().begin()
        self.tell_answer()

    def report(self, progress: Progress) -> None:
        """Show a result as it comes, the last one always in sight."""
        super().report(progress)
        if isinstance(self.told[-1], CheckLine):
            self.tell_answer()
            self._results.scroll_lines(len(self.told) * 8)

    def retell_wait(self, look: Look) -> None:
        """Tell the results that have come, too."""
        super().retell_wait(look)
        self._results.wear(look)
        self.tell_answer()

    def stay(self, question: RunChecks, outcome: Outcome | None) -> None:
        """Show the results from the first."""
        self._results.reveal(0, 0)
        super().stay(question, outcome)

    def action_again(self) -> None:
        """Check again."""
        if not self.is_busy:
            self.wizard.submit(self, Again())
