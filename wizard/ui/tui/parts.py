"""The widgets that only display something."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from wizard.ui.tui.blocks import Gap, block_lines, gap_between, symbol_of, topic_lines, with_literals
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
    visible_range,
    with_labels,
    wrap,
)
from wizard.walk import pages
from wizard.walk.words import state_word

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp
    from wizard.ui.tui.screen import FramedScreen


class BodyPart:
    """Layout settings of a widget in the body.

    Attributes:
        gap: The kind of the empty rows before it.
        empty_rows: The number of empty rows before it.
        min_rows: The rows reserved for it, so that nothing moves when its content grows.
        squeeze: The highest kind of empty row that has been removed.
    """

    gap = Gap.BLOCK
    empty_rows = 1
    min_rows = 0
    squeeze = Gap.NONE


class Part(Static):
    """A ``Static`` whose lines depend on its width, and on what its screen shows."""

    app: "WizardApp"
    screen: "FramedScreen"

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the lines for a width, at most ``height`` of them."""
        raise NotImplementedError

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines, without Textual's cache."""
        del container, viewport
        return len(self.lines(width, None))

    def render(self) -> Lines:
        """Return the lines as a visual."""
        return Lines(self.lines)


class PageHeader(Part):
    """The header: product names, badge and progress."""

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return one line, or two if there is room."""
        is_full, badge = height != 1, self.screen.page.badge
        progress = self.screen.page.progress
        name = "Visma Finale" if is_full else "Finale"
        left = joined(("Tripletex", "$strong bold"), (" → ", "$accent"), (name, "$strong bold"))
        if badge:
            begin, end = ("[", "]") if self.app.is_ascii else ("▐", "▌")
            left = joined(left, "  ", (begin, "$doubt"), (badge, "$badge bold"), (end, "$doubt"))
        label = _progress_label(progress)
        if is_full:
            return [justified(left, label, width), _segments(progress, width)]
        done = min(progress.number, progress.total)
        segments = "═" * done + "─" * (progress.total - done)
        return [justified(left, joined(label, (f"  {segments}" if segments else "", "$accent")), width)]


def _progress_label(progress: pages.Progress) -> Content:
    """Return a label such as "Step 2 of 6", with the number highlighted."""
    before, number, after = progress.label.partition(f" {progress.number} ")
    if not progress.number or not number:
        return plain(progress.label, "$muted")
    return joined(plain(before, "$muted"), (number, "$strong bold"), plain(after, "$muted"))


def _segments(progress: pages.Progress, width: int) -> Content:
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
    """The title, with a note at the right edge."""

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the line."""
        del height
        title, note = self.screen.title_and_note()
        return [title_line(plain(title, "$accent bold"), plain(note, "$muted"), width)]


class PageFooter(Part):
    """The footer: up to five keys, with F1 at the right edge. Keys that do not fit are left out."""

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the line."""
        del height
        t, keys = self.app.t, self.screen.keys()
        right = next((key_hint(key, t) for key in keys if key.key == "F1"), EMPTY)
        left = EMPTY
        for key in [key for key in keys if key.key != "F1"][: 4 if right else 5]:
            more = joined(left, "   " if left else "", key_hint(key, t))
            if more.cell_length + (2 if right else 0) + right.cell_length <= width:
                left = more
        return [justified(left, right, width) if right else pad(left, width)]


class Outline(Part):
    """The steps of the walk, shown beside the page in a wide window."""

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
        before: What is above the first block.
        scroll_row: The first visible line if not all fit; None to follow the marked instruction.
    """

    def __init__(self, blocks: Sequence[pages.Block], before: object) -> None:
        super().__init__()
        self.blocks, self.before = tuple(blocks), before
        self.gap = gap_between(before, self.blocks[0])
        self.scroll_row: int | None = None

    def scroll_text(self, rows: int) -> None:
        """Scroll by a number of rows."""
        self.scroll_row = max(0, (self.scroll_row or 0) + rows)
        self.refresh()

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the lines of the blocks, or a visible range of them."""
        lines: list[Content] = []
        before = self.before
        for block in self.blocks:
            if lines and gap_between(before, block) > self.squeeze:
                lines.append(EMPTY)
            lines += block_lines(block, self.app.look, width)
            before = block
        if height is None or len(lines) <= height:
            return lines
        wanted = next((row for row, line in enumerate(lines) if line.plain.startswith("► ")), -1)
        begin, end = visible_range(
            len(lines), height, wanted if self.scroll_row is None else -1, self.scroll_row or 0
        )
        return scrolled(lines, begin, end, self.app.t)


class Message(Part, BodyPart):
    """The card: a headline with its code at the right edge, then what to do about it."""

    def show_state(self, card: pages.Card | None, *, is_quiet: bool) -> None:
        """Colour the card by its state. ``is_quiet`` makes its bar grey if it only explains a field."""
        for state in pages.State:
            self.set_class(card is not None and card.state is state, f"-{state}")
        self.set_class(is_quiet, "-quiet")

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the lines of the card, without its last sentences if rows are short; F1 has all of them."""
        card = self.screen.card
        if card is None:
            return []
        lines = self._lines(width, card)
        if height is None or len(lines) <= height:
            return lines
        first, stop, _ = card.headline.partition(". ")
        card = card._replace(headline=first + stop.rstrip())
        lines = self._lines(width, card)
        while len(lines) > height and (fewer := _shortened(card.lines)):
            card = card._replace(lines=fewer)
            lines = self._lines(width, card)
        if len(lines) <= height:
            return lines
        last = lines[height - 1]
        return [*lines[: height - 1], joined(last.rstrip()[: width - 2], " …")]

    def _lines(self, width: int, card: pages.Card) -> list[Content]:
        look, labels = self.app.look, labels_of(self.screen.page)
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
                lines += wrap(with_labels(text, labels), width)
        return lines


_SENTENCE: Final = re.compile(r"(?<!\b\w\.)(?<!\b\w\w\.)(?<!\bavd\.)(?<=[.?!]) (?=[A-ZÆØÅ«%])")
"""The space between two sentences, not that in a name such as «Demo AS avd. Øst»."""


def _shortened(texts: tuple[str | pages.CheckRow, ...]) -> tuple[str | pages.CheckRow, ...]:
    """Return the lines of a card without the last sentence."""
    *others, last = texts or ("",)
    sentences = [] if isinstance(last, pages.CheckRow) else _SENTENCE.split(last)[:-1]
    return (*others, " ".join(sentences)) if sentences else tuple(others)


class Aside(Part):
    """The first help topics, shown below the card in a tall window.

    Attributes:
        room: The number of rows that are free.
    """

    room = 0

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return as many topics as fit."""
        del height
        page, look = self.screen.page, self.app.look
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
    """The message shown while the window is too small for a page."""

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the message, with a key to quit in the last line."""
        t = self.app.t
        sizes = t(
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


class Box(Widget):
    """A box with a question: an explanation and the choices."""

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
        """Return the height, including border and padding."""
        return 4 + sum(child.get_content_height(self.size, self.size, width - 6) for child in self.children)


_LABEL: Final = re.compile(r"\*\*(.+?)\*\*")


def labels_of(page: pages.Page) -> tuple[str, ...]:
    """Return the labels of Tripletex and Finale that a page mentions, longest first."""
    found: set[str] = set()
    for block in page.body:
        if isinstance(block, pages.Clicks):
            found.update(label for click in block.items for label in _LABEL.findall(click.text))
        elif isinstance(block, pages.FinaleForm):
            found.update((block.dialog, block.tab, *(field.label for field in block.fields)))
    return tuple(sorted(found - {""}, key=len, reverse=True))
