"""A few options below each other, one of which is highlighted."""

from collections.abc import Sequence

from textual.content import Content

from wizard.domain.legible import visible
from wizard.flow.questions import Option
from wizard.ui.tui.guide_text import hanging, with_code
from wizard.ui.tui.look import Look
from wizard.ui.tui.widgets.pane import Pane


class Choices(Pane):
    """Each option has a number, a label and perhaps a detail; keys move the highlight.

    Attributes:
        highlighted: The index of the option that Enter answers with; None while there is none.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self.highlighted: int | None = None
        self._options: Sequence[Option] = ()
        self._available: Sequence[Option] = ()
        self._look: Look | None = None
        self._made: dict[tuple[int, int | None], list[tuple[int, Content]]] = {}

    def show(self, options: Sequence[Option], look: Look) -> None:
        """Show options, those last that are not available; the highlight stays on its number."""
        self._options, self._look = options, look
        self._available = [option for option in options if option.is_available]
        if self.highlighted is not None and self.highlighted >= len(self._available):
            self.highlighted = None
        self._made.clear()
        self.wear(look)
        self.renew()

    @property
    def value(self) -> str | None:
        """The value of the highlighted option."""
        return None if self.highlighted is None else self._options[self.highlighted].value

    def highlight(self, value: str | None) -> None:
        """Highlight the option of a value."""
        found = [index for index, option in enumerate(self._available) if option.value == value]
        self._move_to(found[0] if found else None)

    def move(self, distance: int) -> None:
        """Move the highlight by some options; the first move goes to the first one."""
        if not self._available:
            return
        at = -1 if self.highlighted is None else self.highlighted
        self._move_to(max(0, min(at + distance, len(self._available) - 1)))

    def pick_number(self, number: int) -> None:
        """Highlight the option with a number, as they are numbered on the screen."""
        if 1 <= number <= len(self._available):
            self._move_to(number - 1)

    def count(self, width: int) -> int:
        """Return how many lines the options take."""
        return len(self._lines(width))

    def line(self, index: int, width: int) -> Content:
        """Return one line."""
        return self._lines(width)[index][1]

    def _move_to(self, index: int | None) -> None:
        self.highlighted = index
        lines = self._lines(self.text_width)
        own = [number for number, (option, _) in enumerate(lines) if option == index]
        if own:
            self.reveal(own[0], own[-1])
        self.refresh()

    def _lines(self, width: int) -> list[tuple[int, Content]]:
        key = (width, self.highlighted)
        if key not in self._made:
            self._made[key] = [
                (index, line)
                for index, option in enumerate(self._options)
                if self._look
                for line in _option_lines(index, option, width, self._look, is_here=index == self.highlighted)
            ]
        return self._made[key]


def _option_lines(index: int, option: Option, width: int, look: Look, *, is_here: bool) -> list[Content]:
    sign = look.signs.marker if is_here else " "
    number = str(index + 1) if option.is_available else "-"
    first = Content(f" {sign} {number}  ")
    label = Content(visible(option.label))
    lines = hanging(label if option.is_available else label.stylize("$muted"), width - 1, first)
    if is_here:
        lines = [line.pad_right(max(0, width - line.cell_length)).stylize(look.here) for line in lines]
    if option.detail:
        indent = Content(" " * first.cell_length)
        style, room = "$ink" if is_here else "$muted", width - 1
        detail = with_code(visible(option.detail), style, look, hold=room - indent.cell_length)
        lines += hanging(detail, room, indent)
    return lines
