"""A text that is wrapped to the width that there is."""

from collections.abc import Callable

from textual.content import Content

from wizard.ui.tui.widgets.pane import Pane

Build = Callable[[int], list[Content]]
"""Makes the lines for a width in cells."""


class TextPane(Pane):
    """Holds the making of a text rather than the text, as every width wraps it differently."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._build: Build = lambda _: []
        self._made: dict[int, list[Content]] = {}

    def show(self, build: Build) -> None:
        """Show another text; how far it is scrolled stays, as the language may be all that changed."""
        width = self.text_width
        before = self._made.get(width)
        self._build = build
        self._made.clear()
        if before is None or not _are_same(before, self._lines(width)):
            self.renew()

    def count(self, width: int) -> int:
        """Return how many lines there are at a width."""
        return len(self._lines(width))

    def line(self, index: int, width: int) -> Content:
        """Return one line."""
        return self._lines(width)[index]

    def _lines(self, width: int) -> list[Content]:
        if width not in self._made:
            self._made[width] = self._build(width) if width > 0 else []
        return self._made[width]


def _are_same(these: list[Content], those: list[Content]) -> bool:
    return len(these) == len(those) and all(a.is_same(b) for a, b in zip(these, those, strict=True))
