"""The last rows: the keys that do something here, with a word for each."""

from collections.abc import Iterable

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

_GAP = "  "


class Foot(Widget):
    """Goes over two rows where one is too narrow; a key is never parted from its word."""

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
        rows = [Content()]
        for key, word in self._keys:
            item = Content.assemble((key, "bold $accent"), (f" {word}", "$ink"))
            if rows[-1] and rows[-1].cell_length + len(_GAP) + item.cell_length > width:
                rows.append(item)
            else:
                rows[-1] = rows[-1] + _GAP + item if rows[-1] else item
        return rows
