"""The first row: what this is, how far it has come, and the language."""

from textual.content import Content
from textual.widget import Widget

from wizard.flow.flow import Position
from wizard.ui.tui.look import Look


class Head(Widget):
    """«Tripletex → Visma Finale    Steg 2 av 8   nb»."""

    DEFAULT_CSS = "Head { height: 1; width: 100%; }"

    def __init__(self) -> None:
        super().__init__()
        self._right = Content()

    def show(self, look: Look, position: Position | None) -> None:
        """Tell where the reader is; a step that does not count has no number."""
        step = ""
        if position is not None and position.number:
            step = look.t("Step {number} of {total}", number=position.number, total=position.total)
        right = Content.assemble((step, "$ink"), (f"   {look.t.language}", "$muted"))
        if not right.is_same(self._right):
            self._right = right
            self.refresh()

    def render(self) -> Content:
        """Draw the row."""
        left = Content.styled("Tripletex → Visma Finale", "bold $strong")
        gap = max(1, self.size.width - left.cell_length - self._right.cell_length)
        return left + Content(" " * gap) + self._right
