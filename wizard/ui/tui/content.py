"""Lines of styled text.

Textual wraps text, but has no hanging indents and no text at the right edge of a line. So blocks are rendered
here as lines for a given width, and ``Lines`` is the visual that displays them.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from wizard.domain.legible import visible
from wizard.text import Texts
from wizard.walk.pages import Key
from wizard.walk.words import numbers_unbroken

EMPTY: Final = Content("")
NARROW: Final = 70
"""The width below which shorter texts are used."""

_NBSP: Final = "\N{NO-BREAK SPACE}"
_MARK: Final = re.compile(r"\\([^\w\s])|\*\*|`")


class Lines(Visual):
    """Displays the lines that a function returns for a width and, if rows are limited, a height.

    If the number of lines is known, ``count`` saves rendering them to measure the height.
    """

    def __init__(
        self, draw: Callable[[int, int | None], Sequence[Content]], count: int | None = None
    ) -> None:
        self.draw = draw
        self._count = count

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        """Return the lines as strips."""
        del options
        return [strip_of(line, style) for line in self.draw(width, height)[:height]]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """Return the width of the container."""
        del rules
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:
        """Return the number of lines."""
        del rules
        return self._count or len(self.draw(width, None))


def strip_of(line: Content, style: Style) -> Strip:
    """Return a line as a strip."""
    segments = [Segment(text, (style + own).rich_style) for text, own in line.render(style, end="")]
    return Strip(segments, line.cell_length)


# --- lines --------------------------------------------------------------------------------------------


def plain(text: str, style: str = "") -> Content:
    """Return a text in one style, with invisible characters escaped."""
    return Content.styled(visible(text, keep="\n"), style, strip_control_codes=False)


def from_markup(text: str, base: str = "", strong: str = "$strong bold") -> Content:
    """Return a text with its markup as styles: ``**Label**`` and `` `literal input` ``."""
    pieces: list[Content] = []
    style, end = base, 0
    for mark in _MARK.finditer(text):
        if style == "$value" and mark[0] != "`":
            continue
        pieces.append(plain(text[end : mark.start()], style))
        end = mark.end()
        if mark[1]:
            pieces.append(plain(mark[1], style))
        elif mark[0] == "`":
            style = base if style == "$value" else "$value"
        else:
            style = base if style == strong else strong
    return joined(*pieces, plain(text[end:], style))


def joined(*parts: str | Content | tuple[str, str]) -> Content:
    """Return the parts concatenated; a tuple is a text and its style."""
    return Content.assemble(*parts, strip_control_codes=False)


def wrap(content: Content, width: int) -> list[Content]:
    """Wrap a text at spaces into lines of at most ``width`` columns, keeping its line breaks."""
    lines: list[Content] = []
    for line in content.split("\n", allow_blank=True):
        rest = line
        while rest.cell_length > width:
            text = numbers_unbroken(rest.plain)
            most = _fitting_length(text, width)
            end = most if text[most : most + 1] == " " else text.rfind(" ", 0, most)
            if not text[: max(end, 0)].strip():
                end = most
            lines.append(rest[:end])
            tail = text[end:]
            rest = rest[end + len(tail) - len(tail.lstrip(" ")) :]
        lines.append(rest)
    return [Content(line.plain.replace(_NBSP, " "), list(line.spans)) for line in lines]


def _fitting_length(text: str, width: int) -> int:
    """Return how many characters of a text fit into ``width`` columns."""
    if cell_len(text) == len(text):
        return min(width, len(text))
    used = 0
    for count, character in enumerate(text):
        used += cell_len(character)
        if used > width:
            return count
    return len(text)


def cut(content: Content, width: int) -> Content:
    """Truncate a line to at most ``width`` columns, with an ellipsis."""
    return content.truncate(max(width, 0), ellipsis=True)


def pad(content: Content, width: int) -> Content:
    """Pad or truncate a line to exactly ``width`` columns."""
    return content.truncate(max(width, 0), ellipsis=True, pad=True)


def justified(left: Content, right: Content, width: int, margin: int = 0) -> Content:
    """Return a line with a text at each end, truncating the left one."""
    room = width - margin - right.cell_length
    return joined(pad(left, room - 2 if right else room), "  " if right else "", right, " " * margin)


def hanging(first: str, content: Content, width: int, style: str) -> list[Content]:
    """Return a text wrapped with a hanging indent after a symbol or number."""
    lines = wrap(content, width - len(first))
    return [
        joined((first, style) if not number else " " * len(first), line) for number, line in enumerate(lines)
    ]


def boxed(lines: Iterable[Content], title: Content, width: int) -> list[Content]:
    """Return lines in a box with a title in its border."""
    used = title.cell_length + 5 if title else 2
    head = joined(("┌─ ", "$rule"), title, " ") if title else joined(("┌", "$rule"))
    return [
        joined(head, ("─" * (width - used) + "┐", "$rule")),
        *(joined(("│ ", "$rule"), pad(inner, width - 4), (" │", "$rule")) for inner in lines),
        joined(("└" + "─" * (width - 2) + "┘", "$rule")),
    ]


def rule(title: Content, note: Content, width: int) -> Content:
    """Return a horizontal rule with a title and a note at the right edge, cut at its beginning."""
    excess = note.cell_length - (width - title.cell_length - 5)
    if excess > 0:
        note = joined("…", note[excess + 1 :])
    used = 4 + title.cell_length + (1 + note.cell_length if note else 0)
    line = ("─" * max(width - used, 0), "$rule")
    return joined(("── ", "$rule"), title, " ", line, " " if note else "", note)


def key_hint(key: Key, t: Texts) -> Content:
    """Return a key and its action, as in the footer."""
    return joined((t("Space") if key.key == "Space" else key.key, "$accent bold"), f" {key.word}")


# --- scrolling ------------------------------------------------------------------------------------------


def scrolled(lines: list[Content], height: int, wanted: int | None, top: int, t: Texts) -> list[Content]:
    """Return the lines that fit, from ``top`` or around a wanted one, and the number of the hidden ones."""
    count = len(lines)
    begin = max(0, min(top if wanted is None else wanted - height // 2, count - height + 1))
    begin = 0 if begin <= 1 else begin
    end = begin + height - (begin > 0)
    end = count if end >= count else end - 1
    shown = lines[begin:end]
    if begin:
        shown.insert(0, more_above(begin, t))
    if end < count:
        shown.append(more_below(count - end, t))
    return shown


def more_above(count: int, t: Texts) -> Content:
    """Return the line that counts what is hidden above."""
    return plain(f"▲ {t('{n} more', n=count)}", "$accent")


def more_below(count: int, t: Texts) -> Content:
    """Return the line that counts what is hidden below."""
    return plain(f"▼ {t('{n} more', n=count)}", "$accent")
