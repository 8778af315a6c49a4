"""Shares the height of a column out among what stands in it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.css.scalar import Unit
from textual.geometry import NULL_OFFSET, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement

if TYPE_CHECKING:
    from textual.widget import Widget

_WIDEST: Final = 100
"""Columns, margins included: longer lines are hard to read."""

_ROOMY: Final = 16
"""Rows from which blank ones are kept even when a text has to scroll for them."""

_LEAST: Final = 2
"""Rows of something that scrolls: one of its text, one that says that there is more."""


@dataclass
class _Share:
    """What one widget wants and gets; ``weight`` is 0 for one whose height is not to be touched."""

    widget: "Widget"
    wanted: int
    weight: float
    height: int = 0


class Stack(Layout):
    """Below each other, each as high as its text; when that is too much, some give way.

    The widgets with a height in ``fr`` share what the others leave, by these weights, and none gets
    more than it needs. Textual's own vertical layout either gives them all that is left or all that
    they want.
    """

    name = "stack"

    def arrange(
        self,
        parent: "Widget",
        children: list["Widget"],
        size: Size,
        greedy: bool = True,  # noqa: FBT001, FBT002 - as in Textual
    ) -> ArrangeResult:
        """Place the widgets."""
        del greedy
        width = min(size.width, _WIDEST)
        shares = [_wish(child, size, parent.app.viewport_size, width) for child in children]
        gaps = [_gap_above(share) for share in shares]
        if size.height < _ROOMY and sum(share.wanted for share in shares) + sum(gaps) > size.height:
            gaps = [0] * len(gaps)
        _share_out(shares, size.height - sum(gaps))
        placements, y = [], 0
        for share, gap in zip(shares, gaps, strict=True):
            margin = share.widget.styles.margin
            region = Region(margin.left, y + gap, max(0, width - margin.width), share.height)
            placements.append(WidgetPlacement(region, NULL_OFFSET, margin, share.widget))
            y = region.bottom
        return placements


def _wish(widget: "Widget", size: Size, viewport: Size, width: int) -> _Share:
    height = widget.styles.height
    if height is not None and height.unit is Unit.CELLS:
        return _Share(widget, int(height.value), 0)
    weight = height.value if height is not None and height.unit is Unit.FRACTION else 0
    return _Share(widget, widget.get_content_height(size, viewport, width), weight)


def _gap_above(share: _Share) -> int:
    return share.widget.styles.margin.top if share.wanted else 0


def _share_out(shares: list[_Share], room: int) -> None:
    """Give everything its height; the needs of those that give way are met from the smallest up."""
    for share in shares:
        share.height = share.wanted
    left = room - sum(share.wanted for share in shares if not share.weight)
    waiting = [share for share in shares if share.weight]
    while waiting:
        unit = left / sum(share.weight for share in waiting)
        content = [share for share in waiting if share.wanted <= max(unit * share.weight, _LEAST)]
        if not content:
            break
        left -= sum(share.wanted for share in content)
        waiting = [share for share in waiting if share not in content]
    for number, share in enumerate(waiting):
        rest = sum(other.weight for other in waiting[number:])
        share.height = max(min(_LEAST, share.wanted), round(left * share.weight / rest))
        left -= share.height
