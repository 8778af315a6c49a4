"""Options in rows, as many as there may be, one of which can be highlighted and several ticked."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from wizard.domain.legible import visible
from wizard.flow.questions import Option
from wizard.ui.tui.look import Look
from wizard.ui.tui.widgets.pane import Pane


class PickList(Pane):
    """What the search field above it has found.

    Attributes:
        highlighted: The index of the row that Enter answers with; None while there is none.
        ticked: The values that are ticked, where several may be.
    """

    def __init__(self, *, takes_several: bool, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self.highlighted: int | None = None
        self.ticked: dict[str, None] = {}
        self._takes_several = takes_several
        self._options: Sequence[Option] = ()
        self._look: Look | None = None
        self._detail_width = 0

    def show(self, options: Sequence[Option], look: Look, *, highlighted: int | None = None) -> None:
        """Show other rows."""
        is_same = (look, list(options), highlighted) == (self._look, list(self._options), self.highlighted)
        self._options, self._look = options, look
        self._detail_width = max((cell_len(option.detail) for option in options), default=0)
        self.highlighted, self.top = highlighted, 0
        self.wear(look)
        if not is_same:
            self.renew()

    @property
    def value(self) -> str | None:
        """The value of the highlighted row."""
        return None if self.highlighted is None else self._options[self.highlighted].value

    def move(self, distance: int) -> None:
        """Move the highlight by some rows; up from the first row takes it away."""
        if not self._options:
            return
        at = -1 if self.highlighted is None else self.highlighted
        index = min(at + distance, len(self._options) - 1)
        if index < 0:
            # A page up stops at the first row; only a single step leaves the list.
            self.highlighted = None if distance == -1 or at < 0 else 0
        else:
            self.highlighted = index
        self.reveal(self.highlighted or 0, self.highlighted or 0)
        self.refresh()

    def tick(self) -> None:
        """Tick the highlighted row, or take its tick away."""
        if (value := self.value) is None:
            return
        if value in self.ticked:
            del self.ticked[value]
        else:
            self.ticked[value] = None
        self.refresh()

    def count(self, width: int) -> int:
        """Return how many rows there are; one says that there are none."""
        del width
        return max(1, len(self._options))

    def line(self, index: int, width: int) -> Content:
        """Return one row: label at the left, detail in a column at the right."""
        if not self._options:
            return Content.styled(f"   {self._look.t('Nothing matches.') if self._look else ''}", "$muted")
        option, is_here = self._options[index], index == self.highlighted
        marker = self._look.signs.marker if self._look and is_here else " "
        box = ("[x] " if option.value in self.ticked else "[ ] ") if self._takes_several else ""
        room = max(8, width - self._detail_width - len(box) - 6)
        label = set_cell_size(_cut(visible(option.label), room), room)
        if self._look and is_here:
            row = Content(f" {marker} {box}{label}  {visible(option.detail)}")
            return row.pad_right(max(0, width - row.cell_length)).stylize(self._look.here)
        return Content.assemble(f" {marker} {box}{label}  ", (visible(option.detail), "$muted"))


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"
