"""A table to look over."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from wizard.findings import Finding
from wizard.flow.questions import Again, Overview
from wizard.ui.tui.look import Look
from wizard.ui.tui.screens.question import QuestionScreen
from wizard.ui.tui.widgets.column_names import ColumnNames
from wizard.ui.tui.widgets.table import Table


class OverviewScreen(QuestionScreen[Overview]):
    """``r`` reads the table again, Enter goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("r", "again")]

    def __init__(self, question: Overview, look: Look, findings: Iterable[Finding] = ()) -> None:
        super().__init__(question, look, findings)
        self._names = ColumnNames()
        self._table = Table(id="table")

    def answer_widgets(self) -> Iterable[Widget]:
        """Return the names of the columns and the rows."""
        return (self._names, self._table)

    def tell_answer(self) -> None:
        """Show the table."""
        self._table.show(self.question.columns, self.question.rows, self.look)
        self._names.show(self._table.heading)
        self._names.display = self._table.display = bool(self.question.rows)

    def own_keys(self) -> Iterable[tuple[str, str]]:
        """Return the key that reads again."""
        return (("r", self.look.t("again")),)

    def action_again(self) -> None:
        """Read the table again."""
        if not self.is_busy:
            self.wizard.submit(self, Again())
