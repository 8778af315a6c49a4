"""Lines of styled text.

Textual breaks a text itself, but hangs no line below a number, and puts no note at the right edge of a line.
So a block is a function of its width that returns lines; ``Lines`` is the visual that shows them.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.content import Content, Span
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from wizard.domain.legible import visible
from wizard.text import Texts
from wizard.walk.page import Key

EMPTY: Final = Content("")
NARROW: Final = 70
"""Columns under which a text is shortened rather than broken."""

_NBSP: Final = "\N{NO-BREAK SPACE}"
_MIN_NOTE: Final = 4
_MARK: Final = re.compile(r"\\([^\w\s])|\*\*|`")


class Lines(Visual):
    """Shows lines that are drawn for a width; a height is given where there may be too few rows for all.

    Where their number is known, nothing has to be drawn to count them.
    """

    def __init__(
        self, draw: Callable[[int, int | None], Sequence[Content]], count: int | None = None
    ) -> None:
        self.draw = draw
        self._count = count

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        """Return the lines as they go to the screen."""
        del options
        return [strip_of(line, style) for line in self.draw(width, height)[:height]]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """Take all the room there is."""
        del rules
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:
        """Return how many lines there are."""
        del rules
        return self._count or len(self.draw(width, None))


def strip_of(line: Content, style: Style) -> Strip:
    """Return a line as it goes to the screen."""
    segments = [Segment(text, (style + own).rich_style) for text, own in line.render(style, end="")]
    return Strip(segments, line.cell_length)


# --- lines --------------------------------------------------------------------------------------------


def plain(text: str, style: str = "") -> Content:
    """Return a text in one style; what cannot be seen in it is written out."""
    return Content.styled(visible(text, keep="\n"), style, strip_control_codes=False)


def marked(text: str, base: str = "", strong: str = "$strong bold") -> Content:
    """Return a text with the guide's marks as styles: ``**Label**`` and `` `typed exactly so` ``."""
    pieces: list[Content] = []
    style, at = base, 0
    for mark in _MARK.finditer(text):
        if style == "$value" and mark[0] != "`":
            continue
        pieces.append(plain(text[at : mark.start()], style))
        at = mark.end()
        if mark[1]:
            pieces.append(plain(mark[1], style))
        elif mark[0] == "`":
            style = base if style == "$value" else "$value"
        else:
            style = base if style == strong else strong
    return joined(*pieces, plain(text[at:], style))


def joined(*parts: str | Content | tuple[str, str]) -> Content:
    """Return parts one after the other; a tuple is a text and its style."""
    return Content.assemble(*parts, strip_control_codes=False)


def wrap(content: Content, width: int) -> list[Content]:
    """Break a text at spaces into lines of at most ``width`` columns; a line break in it is kept."""
    lines: list[Content] = []
    for line in content.split("\n", allow_blank=True):
        rest = line
        while rest.cell_length > width:
            text = rest.plain
            most = _fitting_length(text, width)
            at = most if text[most : most + 1] == " " else text.rfind(" ", 0, most)
            if not text[: max(at, 0)].strip():
                at = most
            lines.append(rest[:at])
            behind = text[at:]
            rest = rest[at + len(behind) - len(behind.lstrip(" ")) :]
        lines.append(rest)
    return [Content(line.plain.replace(_NBSP, " "), list(line.spans)) for line in lines]


def _fitting_length(text: str, width: int) -> int:
    """Return how many characters of a text fit into a width."""
    if cell_len(text) == len(text):
        return min(width, len(text))
    taken = 0
    for number, character in enumerate(text):
        taken += cell_len(character)
        if taken > width:
            return number
    return len(text)


def cut(content: Content, width: int) -> Content:
    """Shorten a line to at most ``width`` columns, with dots where something is missing."""
    return content.truncate(max(width, 0), ellipsis=True)


def pad(content: Content, width: int) -> Content:
    """Make a line exactly as wide as that."""
    return content.truncate(max(width, 0), ellipsis=True, pad=True)


def justified(left: Content, right: Content, width: int, margin: int = 0) -> Content:
    """Return a line with one text at each end; the left one gives way."""
    room = width - margin - right.cell_length
    return joined(pad(left, room - 2 if right else room), "  " if right else "", right, " " * margin)


def title_line(title: Content, note: Content, width: int) -> Content:
    """Return a title with a note at the right end; the note gives way."""
    room = width - title.cell_length - 2
    return justified(title, cut(note, room) if room > _MIN_NOTE else EMPTY, width)


def hanging(first: str, content: Content, width: int, style: str) -> list[Content]:
    """Return a wrapped text after a symbol or number."""
    lines = wrap(content, width - len(first))
    return [
        joined((first, style) if not number else " " * len(first), line) for number, line in enumerate(lines)
    ]


def boxed(lines: Iterable[Content], title: Content, width: int, style: str) -> list[Content]:
    """Put lines into a box with a title in its border."""
    used = title.cell_length + 5 if title else 2
    head = joined(("┌─ ", style), title, " ") if title else joined(("┌", style))
    return [
        joined(head, ("─" * (width - used) + "┐", style)),
        *(joined(("│ ", style), pad(inner, width - 4), (" │", style)) for inner in lines),
        joined(("└" + "─" * (width - 2) + "┘", style)),
    ]


def rule(title: Content, note: Content, width: int) -> Content:
    """Return a line with a title in it and a note at its end."""
    used = 4 + title.cell_length + (1 + note.cell_length if note else 0)
    line = ("─" * max(width - used, 0), "$rule")
    return joined(("── ", "$rule"), title, " ", line, " " if note else "", note)


def key_hint(key: Key, t: Texts) -> Content:
    """Return a key and what it does, as the footer says it."""
    return joined((t("Space") if key.key == "Space" else key.key, "$accent bold"), f" {key.word}")


def with_labels(content: Content, labels: Iterable[str]) -> Content:
    """Return a text in which the labels of Tripletex and Finale are strong, as they are in the task above."""
    text = content.plain
    for label in labels:
        at = text.find(label)
        while at >= 0:
            end = at + len(label)
            if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
                content = content.add_spans([Span(at, end, "$strong bold")])
            at = text.find(label, end)
    return content


# --- texts that are too long --------------------------------------------------------------------------


def window(count: int, height: int, wanted: int, top: int) -> tuple[int, int]:
    """Return which lines of a text are shown: with the wanted one, and a row for what is left out."""
    height = max(height, 1)
    if count <= height:
        return 0, count
    begin = max(0, min(wanted - height // 2 if wanted >= 0 else top, count - height + 1))
    begin = 0 if begin <= 1 else begin
    end = begin + height - (begin > 0)
    return begin, count if end >= count else end - 1


def scrolled(lines: list[Content], begin: int, end: int, t: Texts) -> list[Content]:
    """Return a part of a text, with rows that say how much is above and below."""
    shown = lines[begin:end]
    if begin:
        shown.insert(0, more_above(begin, t))
    if end < len(lines):
        shown.append(more_below(len(lines) - end, t))
    return shown


def more_above(count: int, t: Texts) -> Content:
    """Return the row in place of what is scrolled out at the top."""
    return plain(f"▲ {t('{n} more', n=count)}", "$accent")


def more_below(count: int, t: Texts) -> Content:
    """Return the row in place of what is below."""
    return plain(f"▼ {t('{n} more', n=count)}", "$accent")
