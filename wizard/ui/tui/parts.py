"""The widgets that only display something."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from textual.content import Content, Span
from textual.geometry import Region, Size
from textual.widget import Widget

from wizard.ui.face import SMALLEST
from wizard.ui.tui.blocks import Gap, blocks_lines, gap_between, symbol_of, topic_lines, with_literals
from wizard.ui.tui.content import (
    EMPTY,
    Lines,
    cut,
    joined,
    justified,
    key_hint,
    plain,
    rule,
    scrolled,
    wrap,
)
from wizard.walk import pages
from wizard.walk.words import state_word

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp
    from wizard.ui.tui.frame import FramedScreen
    from wizard.ui.tui.layout import Grid


class BodyPart(Widget):
    """A widget of the body.

    Attributes:
        gap: The kind of the empty row before it.
    """

    gap = Gap.BLOCK


class FramePart(Widget):
    """A widget around the body."""

    def place_in(self, grid: "Grid") -> Region | None:
        """Return where it is, or None if it is not shown."""
        raise NotImplementedError


class Part(Widget):
    """A widget whose lines depend on its width, and on what its screen shows."""

    app: "WizardApp"
    screen: "FramedScreen"

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the lines for a width, at most ``height`` of them."""
        raise NotImplementedError

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines."""
        del container, viewport
        return len(self.lines(width, None))

    def render(self) -> Lines:
        """Return the lines as a visual."""
        return Lines(self.lines)


class Outline(Part, FramePart):
    """The steps of the walk, shown beside the page in a wide window."""

    WIDTH: Final = 26

    def place_in(self, grid: "Grid") -> Region | None:
        """Return the columns at the left of the page."""
        left, top = grid.left - self.WIDTH - 2, 3 + grid.margin
        return Region(left, top, self.WIDTH, 2 * len(self.screen.page.outline)) if grid.has_outline else None

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return a line for each step, each followed by an empty one."""
        del height
        lines: list[Content] = []
        for entry in self.screen.page.outline:
            is_here = entry.state is pages.State.WORKING
            symbol = joined(("► ", "$accent bold")) if is_here else symbol_of(entry.state, self.app.look)
            lines += [
                cut(joined(symbol, plain(entry.title, "$strong bold" if is_here else "$muted")), width),
                EMPTY,
            ]
        return lines


class Text(Part, BodyPart):
    """Consecutive blocks of a page.

    Attributes:
        squeeze: The highest kind of empty row that has been removed between the blocks.
        scroll_row: The first visible line if not all fit; None to follow the marked instruction.
    """

    squeeze = Gap.NONE

    def __init__(self, blocks: tuple[pages.Block, ...], before: object) -> None:
        super().__init__()
        self.blocks = blocks
        self.gap = gap_between(before, blocks[0])
        self.scroll_row: int | None = None

    def scroll_text(self, rows: int) -> None:
        """Scroll by a number of rows."""
        self.scroll_row = max(0, (self.scroll_row or 0) + rows)
        self.refresh()

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the lines of the blocks, or a visible range of them."""
        lines = blocks_lines(self.blocks, self.app.look, width, self.squeeze)
        if height is None or len(lines) <= height:
            return lines
        wanted = next((row for row, line in enumerate(lines) if line.plain.startswith("► ")), None)
        top = self.scroll_row
        return scrolled(lines, height, wanted if top is None else None, top or 0, self.app.t)


class Message(Part, BodyPart):
    """The card: a headline with its code at the right edge, then what to do about it."""

    def show_card(self, card: pages.Card | None, *, has_field: bool) -> None:
        """Colour the card by its state. Its bar is grey if it only explains the field."""
        for state in pages.State:
            self.set_class(card is not None and card.state is state, f"-{state}")
        self.set_class(has_field and card is not None and card.state is pages.State.RESTING, "-quiet")

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the lines of the card, without some of its sentences if rows are short; F1 has all."""
        card = self.screen.card
        if card is None:
            return []
        lines = self._lines(width, card)
        if height is None or len(lines) <= height:
            return lines
        first, stop, _ = card.headline.partition(". ")
        card = card._replace(headline=first + stop.rstrip())
        lines = self._lines(width, card)
        for fewer in _shortened(card.lines):
            if len(lines) <= height:
                break
            lines = self._lines(width, card._replace(lines=fewer))
        if len(lines) <= height:
            return lines
        last = lines[height - 1]
        return [*lines[: height - 1], joined(last.rstrip()[: width - 2], " …")]

    def _lines(self, width: int, card: pages.Card) -> list[Content]:
        look, labels = self.app.look, _labels_of(self.screen.page)
        lines: list[Content] = []
        if card.headline:
            word = (
                state_word(card.state, look.t)
                if card.state not in {pages.State.GOOD, pages.State.WORKING}
                else ""
            )
            headline = plain(card.headline, "$strong bold")
            head = joined(
                symbol_of(card.state, look), (f"{word}  " if word else "", "$strong bold"), headline
            )
            room = width - (len(card.code) + 2 if card.code else 0)
            for number, line in enumerate(wrap(head, room)):
                lines.append(justified(line, plain(card.code if not number else ""), width))
        for number, item in enumerate(card.lines):
            if isinstance(item, pages.CheckRow):
                lines += wrap(joined(symbol_of(item.state, look), plain(item.text)), width)
            else:
                is_named = card.state is pages.State.GOOD and not number
                text = with_literals(item, name_first=True) if is_named else plain(item)
                lines += wrap(_with_labels(text, labels), width)
        return lines


_SENTENCE: Final = re.compile(r"(?<!\b\w\.)(?<!\b\w\w\.)(?<!\bavd\.)(?<=[.?!]) (?=[A-ZÆØÅ«%])")
"""The space between two sentences, not that in a name such as «Demo AS avd. Øst»."""


def _shortened(texts: tuple[str | pages.CheckRow, ...]) -> Iterator[tuple[str | pages.CheckRow, ...]]:
    """Yield ever less of the lines of a card: without the last sentences, or with the last one only."""
    *others, last = texts or ("",)
    sentences = [] if isinstance(last, pages.CheckRow) else _SENTENCE.split(last)
    for count in range(len(sentences) - 1, 0, -1):
        yield (*others, " ".join(sentences[:count]))
    if len(sentences) > 1:
        yield (*others, sentences[-1])
    if others:
        yield tuple(others)
        yield from _shortened(tuple(others))


class Aside(Part, FramePart):
    """The first help topics, shown below the card in a tall window.

    Attributes:
        room: The number of rows that are free.
    """

    room = 0

    def place_in(self, grid: "Grid") -> Region | None:
        """Return the rows below the body, if a topic fits there."""
        self.room = grid.body + grid.room - grid.end - 1
        rows = len(self.lines(grid.measure, None)) if grid.is_tall else 0
        return Region(grid.left, grid.end + 1, grid.measure, rows) if 0 < rows <= self.room else None

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return as many topics as fit."""
        del height
        page, look = self.screen.page, self.app.look
        lines: list[Content] = []
        code = page.card.code if page.card else ""
        for topic in page.help if page.progress.number or not page.progress.total else ():
            if code and topic.title.startswith(code):
                continue
            more = ([EMPTY] if lines else []) + topic_lines(topic, look, width)
            if len(lines) + len(more) > self.room - 2:
                break
            lines += more
        head = rule(plain(look.t("If something is wrong"), "$strong bold"), EMPTY, width)
        return [head, *lines] if lines else []


class TooSmall(Part):
    """The message shown while the window is too small for a page."""

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the message, with a key to quit in the last line."""
        t = self.app.t
        sizes = t(
            "It is {columns} x {rows}. It must be at least {least_columns} x {least_rows}.",
            columns=self.app.size.width,
            rows=self.app.size.height,
            least_columns=SMALLEST.columns,
            least_rows=SMALLEST.lines,
        )
        texts = (
            EMPTY,
            plain(t("The window is too small"), "$accent bold"),
            EMPTY,
            plain(sizes),
            plain(t("Make it larger, and the wizard continues where you were. Nothing is lost.")),
            EMPTY,
            plain(t("If it cannot be larger, quit, and start with:")),
            EMPTY,
            plain("  tripletex-wizard --plain", "$value"),
        )
        room = max(height or 1, 1) - 1
        lines = [line for text in texts for line in wrap(text, max(width, 10))][:room]
        lines += [EMPTY] * (room - len(lines))
        return [*lines, key_hint(pages.Key("Ctrl+Q", t("quit")), t)]


_LABEL: Final = re.compile(r"\*\*(.+?)\*\*")


def _labels_of(page: pages.Page) -> tuple[str, ...]:
    """Return the labels of Tripletex and Finale that a page mentions, longest first."""
    found: set[str] = set()
    for block in page.body:
        if isinstance(block, pages.Clicks):
            found.update(label for click in block.items for label in _LABEL.findall(click.text))
        elif isinstance(block, pages.FinaleForm):
            found.update((block.dialog, block.tab, *(field.label for field in block.fields)))
    return tuple(sorted(found - {""}, key=len, reverse=True))


def _with_labels(content: Content, labels: tuple[str, ...]) -> Content:
    """Return a text with the labels of Tripletex and Finale highlighted."""
    text = content.plain
    for label in labels:
        at = text.find(label)
        while at >= 0:
            end = at + len(label)
            if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
                content = content.add_spans([Span(at, end, "$strong bold")])
            at = text.find(label, end)
    return content
