"""The last rows: the keys that do something here, with a word for each."""

from collections.abc import Iterable

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

_GAP = "  "


class Foot(Widget):
    """Keys with their words in one row; in a narrow window in two, a key never parted from its word.

    The last one stands without its word where only that is too much: a row is worth more.
    """

    DEFAULT_CSS = "Foot { height: auto; width: 100%; }"

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[tuple[str, str], ...] = ()

    def show(self, keys: Iterable[tuple[str, str]]) -> None:
        """Tell the keys, the most important first."""
        keys = tuple(keys)
        if keys != self._keys:
            self._keys = keys
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many rows the keys take."""
        del container, viewport
        return len(self._rows(width))

    def render(self) -> Content:
        """Draw the rows."""
        return Content("\n").join(self._rows(self.size.width))

    def _rows(self, width: int) -> list[Content]:
        items = [Content.assemble((key, "bold $accent"), (f" {word}", "$ink")) for key, word in self._keys]
        rows = _packed(items, width)
        if len(rows) > 1:
            last = Content.styled(self._keys[-1][0], "bold $accent")
            shorter = _packed([*items[:-1], last], width)
            rows = shorter if len(shorter) < len(rows) else rows
        return rows


def _packed(items: Iterable[Content], width: int) -> list[Content]:
    rows = [Content()]
    for item in items:
        if not rows[-1]:
            rows[-1] = item
        elif rows[-1].cell_length + len(_GAP) + item.cell_length > width:
            rows.append(item)
        else:
            rows[-1] = rows[-1] + _GAP + item
    return rows
