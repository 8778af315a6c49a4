"""Writes a page line by line: the same words in the same order as on a screen, without drawing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wizard.guide import without_marks
from wizard.text import Texts
from wizard.ui.plain.console import Output
from wizard.walk.page import (
    Bar,
    Bullets,
    Card,
    CheckRow,
    CheckRows,
    Clicks,
    Comparison,
    Drawing,
    Facts,
    Files,
    FinaleForm,
    Heading,
    Page,
    Paragraph,
    Result,
    Rule,
    Sides,
    Slot,
    State,
    Topic,
)

_SETTLED = {State.GOOD, State.BAD, State.UNKNOWN, State.WARNING}


def word_of(state: State, t: Texts) -> str:
    """Return the word that begins a result."""
    return {
        State.GOOD: t("OK"),
        State.BAD: t("ERROR"),
        State.UNKNOWN: t("UNKNOWN"),
        State.WARNING: t("WARNING"),
        State.RESTING: t("NOTE"),
    }.get(state, "")


def readable(markdown: str) -> str:
    """Return a text with its marks as one reads it in plain text."""
    return without_marks(markdown)


@dataclass(slots=True)
class Teller:
    """Writes pages, and of a page that changes only what was not written yet."""

    out: Output
    _page: tuple[str, str, str] = ("", "", "")
    _told_after: tuple[str, str, str] = ("", "", "")
    _rows: list[str] = field(default_factory=list)
    _card: Card | None = None

    def tell(self, page: Page, t: Texts) -> None:
        """Write what is new."""
        name, told = (page.step, page.part, t.language), self._told_after
        if name != self._page:
            self._page, self._rows, self._card = name, [], None
            self._head(page)
            self._body(page, t)
        self._progress(page, t)
        if name != told and not page.is_busy:
            self._after(page, t)
        if not page.is_busy and page.card is not None and page.card != self._card:
            self._card = page.card
            self._tell_card(page.card, t)

    def again(self) -> None:
        """Have the next page written from its beginning, whatever it is."""
        self._page = self._told_after = ("", "", "")

    def after_a_reply(self) -> None:
        """Have the checks and the card written again: they are about another reply."""
        self._rows, self._card = [], None

    def help(self, topics: tuple[Topic, ...], t: Texts) -> None:
        """Write the help of a page."""
        for topic in topics:
            self.out.line()
            if topic.title:
                self.out.line(topic.title)
            for block in topic.body:
                self._block(block, t)

    def _head(self, page: Page) -> None:
        self.out.line()
        label = page.progress.label
        if page.progress.number == 0 and page.progress.total:
            self.out.line(label)
        else:
            self.out.line(f"{label}: {page.title}" if label and page.progress.total else page.title)
        if page.note:
            self.out.line(f"{page.note[:1].upper()}{page.note[1:]}")

    def _body(self, page: Page, t: Texts) -> None:
        former: object = None
        for block in page.body:
            if isinstance(block, Slot | CheckRows):
                continue
            if former is not None and not isinstance(former, Rule | Result):
                self.out.line()
            self._block(block, t)
            former = block
        if former is not None:
            self.out.line()

    def _after(self, page: Page, t: Texts) -> None:
        self._told_after = (page.step, page.part, t.language)
        for block in page.after:
            if not isinstance(block, Bar):
                self._block(block, t)

    def _block(self, block: object, t: Texts) -> None:
        tell = _BLOCKS.get(type(block))
        if tell is not None:
            tell(self.out, block, t)

    def _progress(self, page: Page, t: Texts) -> None:
        """Write the checks that have finished, and what is running."""
        rows = [row for block in page.body if isinstance(block, CheckRows) for row in block.rows]
        if page.is_busy and page.card is not None:
            rows += [line for line in page.card.lines if isinstance(line, CheckRow)]
        for row in rows:
            is_new = row.text not in self._rows
            if row.state in _SETTLED and is_new:
                self._rows.append(row.text)
                self._row(row, t)
            elif row.state is State.WORKING and is_new and page.card is not None:
                self._rows.append(row.text)
                self.out.line(row.text)

    def _row(self, row: CheckRow, t: Texts) -> None:
        word = word_of(row.state, t)
        code = f" ({row.code})" if row.code else ""
        self.out.line(f"{row.text}{code}", indent=f"{word:<{width_of_words(t)}}")

    def _tell_card(self, card: Card, t: Texts) -> None:
        word = word_of(card.state, t) if card.state is not State.RESTING else ""
        code = f" ({card.code})" if card.code else ""
        lines = list(card.lines)
        if card.headline:
            self.out.line(f"{word}{code}: {card.headline}" if word else f"{card.headline}{code}")
        elif lines and isinstance(first := lines[0], CheckRow):
            lines.pop(0)
            self.out.line(f"{word_of(first.state, t)}: {first.text}")
        indent = "  " if card.headline or len(lines) < len(card.lines) else ""
        for line in lines:
            # A break in it is for a screen.
            self.out.line(line.text if isinstance(line, CheckRow) else " ".join(line.split()), indent=indent)
        if card.click is not None:
            self.out.line(t("This is about point {number}.", number=card.click), indent=indent)


def width_of_words(t: Texts) -> int:
    """Return how wide the column of words is."""
    return max(len(word_of(state, t)) for state in _SETTLED) + 2


def _clicks(out: Output, block: Clicks, _t: Texts) -> None:
    for number, click in enumerate(block.items, start=block.first):
        out.line(readable(click.text), indent=f"{number}. ")


def _sides(out: Output, block: Sides, t: Texts) -> None:
    for side in (block.left, block.right):
        out.line(f"{side.title}:")
        _clicks(out, Clicks(side.items), t)


def _facts(out: Output, block: Facts, _t: Texts) -> None:
    width = max((len(label) for label, _ in block.rows), default=0) + 3
    for label, value in block.rows:
        out.line(value or "-", indent=f"{label}:".ljust(width))


def _form(out: Output, block: FinaleForm, t: Texts) -> None:
    rows = tuple(
        (each.label, f"{each.value} ({each.note})" if each.value and each.note else each.value or each.note)
        for each in block.fields
    )
    _facts(out, Facts(rows), t)


def _comparison(out: Output, block: Comparison, _t: Texts) -> None:
    label = max(len(row[0]) for row in block.rows) + 3
    old = max(len(block.old_title), *(len(row[1]) for row in block.rows)) + 2
    out.block(f"{'':<{label}}{block.old_title:<{old}}{block.new_title}")
    for name, before, after in block.rows:
        out.block(f"{name + ':':<{label}}{before:<{old}}{after}")


def _files(out: Output, block: Files, _t: Texts) -> None:
    for name, about in block.rows:
        out.line(f"{name}, {about}" if about else name, indent="- ")


def _result(out: Output, block: Result, t: Texts) -> None:
    word = word_of(block.state, t) if block.state is not State.GOOD else ""
    out.line(f"{word}: {block.text}" if word else block.text)


def _bullets(out: Output, block: Bullets, _t: Texts) -> None:
    for item in block.items:
        out.line(readable(item), indent="- ")


_BLOCKS: dict[type, Callable[[Output, Any, Texts], None]] = {
    Heading: lambda out, block, _: out.line(block.text),
    Paragraph: lambda out, block, _: out.line(readable(block.text)),
    Bullets: _bullets,
    Clicks: _clicks,
    Sides: _sides,
    Facts: _facts,
    Rule: lambda out, block, _: out.line(f"{block.title}:"),
    Comparison: _comparison,
    FinaleForm: _form,
    Drawing: lambda *_: None,
    Bar: lambda out, block, _: out.line(f"{block.text} {block.done}/{block.total}"),
    Result: _result,
    Files: _files,
}
