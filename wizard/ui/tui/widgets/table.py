"""Things that are there, missing or not known, in rows under the names of their columns."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from wizard.domain.legible import visible
from wizard.findings import Verdict
from wizard.flow.questions import Row
from wizard.ui.tui.guide_text import hanging
from wizard.ui.tui.look import Look, Mark
from wizard.ui.tui.widgets.column_names import GAP
from wizard.ui.tui.widgets.pane import Pane
from wizard.ui.wording import verdict_width


class Table(Pane):
    """The rows alone scroll; ``heading`` stands above them.

    A row that is too wide has its cells below each other: a path or a sentence is told whole.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._columns: Sequence[str] = ()
        self._rows: Sequence[Row] = ()
        self._widths: list[int] = []
        self._marks: dict[Verdict, Mark] = {}
        self._word = 0
        self._placed: tuple[int, list[tuple[int, int]]] | None = None

    def show(self, columns: Sequence[str], rows: Sequence[Row], look: Look) -> None:
        """Show other rows."""
        self._columns = columns
        self._rows = [replace(row, cells=tuple(map(visible, row.cells))) for row in rows]
        self._marks = {verdict: look.of_verdict(verdict) for verdict in Verdict}
        self._word = verdict_width(look.t)
        every = [columns, *(row.cells for row in self._rows)]
        self._widths = [max(map(cell_len, column)) for column in zip_longest(*every, fillvalue="")]
        self._placed = None
        self.wear(look)
        self.renew()

    def count(self, width: int) -> int:
        """Return how many lines the rows take."""
        return len(self._places(width))

    @property
    def heading(self) -> Content:
        """The names of the columns, each above its cells."""
        return Content.styled(f"{' ' * self._lead}{self._cells(self._columns)}", "$muted")

    def line(self, index: int, width: int) -> Content:
        """Return one line of a row: verdict, then the cells; what does not fit stands below."""
        number, part = self._places(width)[index]
        row = self._rows[number]
        if part:
            return self._below(row, width)[part - 1]
        mark = self._marks[row.verdict]
        verdict = f" {mark.sign} {mark.word:<{self._word}}"
        cells = self._cells(row.cells if self._fits(row, width) else row.cells[:1])
        return Content.assemble((verdict, f"bold {mark.style}"), GAP, cells)

    def _places(self, width: int) -> list[tuple[int, int]]:
        """Return row and line in the row of each line; most rows have one."""
        if self._placed is None or self._placed[0] != width:
            places = [
                (number, part)
                for number, row in enumerate(self._rows)
                for part in range(1 if self._fits(row, width) else 1 + len(self._below(row, width)))
            ]
            self._placed = (width, places)
        return self._placed[1]

    def _fits(self, row: Row, width: int) -> bool:
        return self._lead + cell_len(self._cells(row.cells)) <= width

    def _below(self, row: Row, width: int) -> list[Content]:
        indent = Content(" " * self._lead)
        return [line for cell in row.cells[1:] if cell for line in hanging(Content(cell), width, indent)]

    @property
    def _lead(self) -> int:
        return 3 + self._word + len(GAP)

    def _cells(self, cells: Sequence[str]) -> str:
        sized = (set_cell_size(cell, size) for cell, size in zip(cells, self._widths, strict=False))
        return GAP.join(sized).rstrip()
