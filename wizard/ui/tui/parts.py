"""The parts of a screen that only show something: each a ``Static`` whose lines depend on its width."""

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from wizard.ui.tui.blocks import block_lines, needs_gap, symbol_of, topic_lines
from wizard.ui.tui.content import (
    EMPTY,
    Lines,
    cut,
    joined,
    justified,
    key_hint,
    pad,
    plain,
    rule,
    scrolled,
    title_line,
    window,
    with_labels,
    wrap,
)
from wizard.ui.tui.theme import word_of
from wizard.walk.page import (
    Block,
    Card,
    CheckRow,
    Clicks,
    FinaleForm,
    Key,
    OutlineEntry,
    Page,
    Progress,
    Result,
    State,
)

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp


class Gap(IntEnum):
    """An empty row before a part; the lower ones give way first."""

    NONE = 0
    CARD_AND_CHOICES = 1
    RESULT = 2
    BLOCK = 3
    FIELD = 4
    CARD = 5


SQUEEZE_STAGES: Final = ((Gap.CARD_AND_CHOICES,), (Gap.RESULT,), (Gap.BLOCK,), (Gap.FIELD, Gap.CARD))
"""What gives way, in this order."""


def keeps_gap(gap: Gap, squeeze: int) -> bool:
    """Whether there is still an empty row when so many stages have given way."""
    return gap is not Gap.NONE and all(gap not in stage for stage in SQUEEZE_STAGES[:squeeze])


class BodyPart:
    """What the layout asks of a part of the body.

    Attributes:
        gap: The empty row before it.
        empty_rows: How many there are.
        min_rows: Rows that it keeps even if it has fewer, so that nothing moves when it has more.
        squeeze: How many stages of empty rows have given way.
    """

    gap = Gap.BLOCK
    empty_rows = 1
    min_rows = 0
    squeeze = 0


class Part(Static):
    """Something that is only shown."""

    app: "WizardApp"

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return what is shown in so many columns, and in so many rows at most."""
        raise NotImplementedError

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines there are; Textual would keep the number."""
        del container, viewport
        return len(self.lines(width, None))

    def render(self) -> Lines:
        """Return the lines as Textual takes them."""
        return Lines(self.lines)


class Head(Part):
    """Where we are: names, badge, step and segments."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return one row, or two where there is room."""
        is_full = height != 1
        progress = self.page.progress
        name = "Visma Finale" if is_full else "Finale"
        left = joined(("Tripletex", "$strong bold"), (" → ", "$accent"), (name, "$strong bold"))
        if self.page.badge:
            begin, end = ("[", "]") if self.app.is_ascii else ("▐", "▌")
            badge = (begin, "$doubt"), (self.page.badge, "$badge bold"), (end, "$doubt")
            left = joined(left, "  ", *badge)
        label = _progress_label(progress)
        if is_full:
            return [justified(left, label, width), _segments(progress, width)]
        done = min(progress.number, progress.total)
        segments = "═" * done + "─" * (progress.total - done)
        return [justified(left, joined(label, (f"  {segments}" if segments else "", "$accent")), width)]


def _progress_label(progress: Progress) -> Content:
    """Return «Steg 2 av 6» with the number of the step set off."""
    before, number, behind = progress.label.partition(f" {progress.number} ")
    if not progress.number or not number:
        return plain(progress.label, "$muted")
    return joined(plain(before, "$muted"), (number, "$strong bold"), plain(behind, "$muted"))


def _segments(progress: Progress, width: int) -> Content:
    if not progress.total:
        return joined(("─" * width, "$rule"))
    pieces: list[tuple[str, str] | str] = []
    begin = 0
    for part in range(1, progress.total + 1):
        end = round(part * (width + 2) / progress.total) - 2
        done = part <= progress.number
        pieces += [(("═" if done else "─") * (end - begin), "$accent" if done else "$rule"), "  "]
        begin = end + 2
    return joined(*pieces[:-1])


class Title(Part):
    """What the screen is about, with a note at the right end."""

    def __init__(self, text: str, note: Content | str = "") -> None:
        super().__init__()
        self.text, self.note = text, note

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the row."""
        del height
        note = plain(self.note, "$muted") if isinstance(self.note, str) else self.note
        return [title_line(plain(self.text, "$accent bold"), note, width)]


class Foot(Part):
    """What can be done now: at most five keys, F1 at the right edge; the last ones give way."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__()
        self.keys = tuple(keys)

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the row."""
        del height
        t = self.app.t
        right = next((key_hint(key, t) for key in self.keys if key.key == "F1"), EMPTY)
        left = EMPTY
        for key in [key for key in self.keys if key.key != "F1"][: 4 if right else 5]:
            more = joined(left, "   " if left else "", key_hint(key, t))
            if more.cell_length + (2 if right else 0) + right.cell_length <= width:
                left = more
        return [justified(left, right, width) if right else pad(left, width)]


class Outline(Part):
    """The steps of the walk, next to the page where the window is wide."""

    def __init__(self, entries: Sequence[OutlineEntry]) -> None:
        super().__init__()
        self.entries = tuple(entries)

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return a row for each step, and an empty one behind it."""
        del height
        lines: list[Content] = []
        for entry in self.entries:
            is_here = entry.state is State.WORKING
            sign = joined(("► ", "$accent bold")) if is_here else symbol_of(entry.state, self.app.look)
            lines += [
                cut(joined(sign, plain(entry.title, "$strong bold" if is_here else "$muted")), width),
                EMPTY,
            ]
        return lines


class Text(Part, BodyPart):
    """Blocks of a page, one below the other.

    Attributes:
        before: What is above the first of them.
        at: How far it is scrolled where it has too few rows; None to follow the marked click.
    """

    def __init__(self, blocks: Sequence[Block], before: object) -> None:
        super().__init__()
        self.blocks, self.before = tuple(blocks), before
        self.gap = gap_between(before, self.blocks[0])
        self.at: int | None = None

    def show_blocks(self, blocks: Sequence[Block]) -> None:
        """Show other blocks."""
        self.blocks = tuple(blocks)

    def scroll_text(self, rows: int) -> None:
        """Scroll by so many rows."""
        self.at = max(0, (self.at or 0) + rows)
        self.refresh()

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the blocks, or as much of them as there is room for."""
        lines: list[Content] = []
        before = self.before
        for block in self.blocks:
            if lines and keeps_gap(gap_between(before, block), self.squeeze):
                lines.append(EMPTY)
            lines += block_lines(block, self.app.look, width)
            before = block
        if height is None or len(lines) <= height:
            return lines
        wanted = next((at for at, line in enumerate(lines) if line.plain.startswith("► ")), -1)
        begin, end = window(len(lines), height, wanted if self.at is None else -1, self.at or 0)
        return scrolled(lines, begin, end, self.app.t)


def gap_between(before: object, block: Block) -> Gap:
    """Return the empty row between two blocks."""
    if not needs_gap(before, block):
        return Gap.NONE
    return Gap.RESULT if isinstance(before, Result) else Gap.BLOCK


class Message(Part, BodyPart):
    """The card, the one place that speaks: a headline with its code at the right edge, then what to do."""

    def __init__(self, labels: Iterable[str]) -> None:
        super().__init__()
        self.labels = tuple(labels)
        self.card: Card | None = None

    def show_card(self, card: Card | None, *, is_quiet: bool = False) -> None:
        """Show a card, or nothing; ``is_quiet`` gives what only explains a field a grey bar."""
        self.card = card
        for state in State:
            self.set_class(card is not None and card.state is state, f"-{state}")
        self.set_class(is_quiet, "-quiet")

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the card; in few rows, of its headline the first sentence, and of the rest what fits."""
        card = self.card
        if card is None:
            return []
        lines = self._lines(width, card)
        if height is None or len(lines) <= height:
            return lines
        first, stop, _ = card.headline.partition(". ")
        lines = self._lines(width, card._replace(headline=first + stop.rstrip()))
        if len(lines) <= height:
            return lines
        last = lines[height - 1]
        return [*lines[: height - 1], joined(last.rstrip()[: width - 2], " …")]

    def _lines(self, width: int, card: Card) -> list[Content]:
        look = self.app.look
        lines: list[Content] = []
        if card.headline:
            word = word_of(card.state, look.t) if card.state not in {State.GOOD, State.WORKING} else ""
            headline = plain(card.headline, "$strong bold")
            head = joined(
                symbol_of(card.state, look), (f"{word}  " if word else "", "$strong bold"), headline
            )
            room = width - (len(card.code) + 2 if card.code else 0)
            for number, line in enumerate(wrap(head, room)):
                lines.append(justified(line, plain(card.code if not number else ""), width))
        for said in card.lines:
            if isinstance(said, CheckRow):
                lines += wrap(joined(symbol_of(said.state, look), plain(said.text)), width)
            else:
                lines += wrap(with_labels(plain(said), self.labels), width)
        return lines


class Aside(Part):
    """The first topics of the help, as many as a tall window has room for."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.room = 0

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return as many topics as fit into the rows that are left."""
        del height
        page, look = self.page, self.app.look
        lines: list[Content] = []
        code = page.card.code if page.card else ""
        for topic in page.help if page.progress.number or not page.progress.total else ():
            if code and topic.title.startswith(code):
                continue
            more = ([EMPTY] if lines else []) + topic_lines(topic.title, topic.body, look, width)
            if len(lines) + len(more) > self.room - 2:
                break
            lines += more
        head = rule(plain(look.t("If something is wrong"), "$strong bold"), EMPTY, width)
        return [head, *lines] if lines else []


class TooSmall(Part):
    """What is shown while the window is too small for anything else."""

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return what the window must be."""
        t = self.app.t
        said = t(
            "It is {columns} x {rows}. It must be at least {least_columns} x {least_rows}.",
            columns=self.app.size.width,
            rows=self.app.size.height,
            least_columns=60,
            least_rows=15,
        )
        texts = (
            EMPTY,
            plain(t("The window is too small"), "$accent bold"),
            EMPTY,
            plain(said),
            plain(t("Make it larger, and the wizard continues where you were. Nothing is lost.")),
            EMPTY,
            plain(t("If it cannot be larger, quit, and start with:")),
            EMPTY,
            plain("  tripletex-wizard --plain", "$value"),
        )
        room = max(height or 1, 1) - 1
        lines = [line for text in texts for line in wrap(text, max(width, 10))][:room]
        lines += [EMPTY] * (room - len(lines))
        return [*lines, key_hint(Key("Ctrl+Q", t("quit")), t)]


class Box(Widget):
    """A question in a box: what is to be known, and the answers."""

    WIDTH: Final = 56
    DEFAULT_CSS = """
    Box {
        layout: vertical;
        border: solid $accent;
        border-title-color: $accent;
        border-title-style: bold;
        padding: 1 2;
    }
    """

    def rows_in(self, width: int) -> int:
        """Return how many rows it takes, border and padding included."""
        return 4 + sum(child.get_content_height(self.size, self.size, width - 6) for child in self.children)


_LABEL: Final = re.compile(r"\*\*(.+?)\*\*")


def labels_of(page: Page) -> tuple[str, ...]:
    """Return the labels of Tripletex and Finale that a page names, the longest first."""
    found: set[str] = set()
    for block in page.body:
        if isinstance(block, Clicks):
            found.update(label for click in block.items for label in _LABEL.findall(click.text))
        elif isinstance(block, FinaleForm):
            found.update((block.dialog, block.tab, *(field.label for field in block.fields)))
    return tuple(sorted(found - {""}, key=len, reverse=True))
