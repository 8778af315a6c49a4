"""Things that are there, missing or not known, in rows under the names of their columns."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from wizard.domain.finding import Verdict
from wizard.flow.questions import Row
from wizard.ui.legible import visible
from wizard.ui.tui.look import Look, Mark
from wizard.ui.tui.widgets.pane import Pane
from wizard.ui.wording import verdict_width

_GAP = "   "


class Table(Pane):
    """The rows alone scroll; ``heading`` stands above them."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._columns: Sequence[str] = ()
        self._rows: Sequence[Row] = ()
        self._widths: list[int] = []
        self._marks: dict[Verdict, Mark] = {}
        self._word = 0

    def show(self, columns: Sequence[str], rows: Sequence[Row], look: Look) -> None:
        """Show other rows."""
        self._columns = columns
        self._rows = [replace(row, cells=tuple(map(visible, row.cells))) for row in rows]
        self._marks = {verdict: look.of_verdict(verdict) for verdict in Verdict}
        self._word = verdict_width(look.t)
        every = [columns, *(row.cells for row in self._rows)]
        self._widths = [max(map(cell_len, column)) for column in zip_longest(*every, fillvalue="")]
        self.wear(look)
        self.renew()

    def count(self, width: int) -> int:
        """Return how many rows there are."""
        del width
        return len(self._rows)

    @property
    def heading(self) -> Content:
        """The names of the columns, each above its cells."""
        return Content.styled(f"   {' ' * self._word}{_GAP}{self._cells(self._columns)}", "$muted")

    def line(self, index: int, width: int) -> Content:
        """Return one row: verdict, then the cells."""
        del width
        row = self._rows[index]
        mark = self._marks[row.verdict]
        verdict = f" {mark.sign} {mark.word:<{self._word}}"
        return Content.assemble((verdict, f"bold {mark.style}"), _GAP, self._cells(row.cells))

    def _cells(self, cells: Sequence[str]) -> str:
        sized = (set_cell_size(cell, size) for cell, size in zip(cells, self._widths, strict=False))
        return _GAP.join(sized).rstrip()
