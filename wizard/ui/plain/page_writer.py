"""Writes pages as lines of text, without colour, escape sequences or redrawing."""

import re
import shutil
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TextIO

from wizard.domain.legible import encodable, visible
from wizard.guide import without_markup
from wizard.text import Texts
from wizard.walk import pages
from wizard.walk.pages import Card, Page, State
from wizard.walk.words import numbers_unbroken, state_word

_WIDEST: Final = 79
_NARROWEST: Final = 40
LETTERS: Final = {"Ctrl+R": "r", "F3": "v", "F4": "g", "F6": "f", "PgDn": "n"}
"""The letters that correspond to keys of the full screen."""
_KEYS: Final = {**LETTERS, "F1": "?"}
_KEY_NAME: Final = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in _KEYS))
_ONLY_ON_SCREEN: Final = re.compile(r"\bF5\b")
_SETTLED = {State.GOOD, State.BAD, State.UNKNOWN, State.WARNING}


class Output:
    """Writes wrapped lines to a stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        columns = shutil.get_terminal_size().columns if stream.isatty() else _WIDEST
        self.width = max(_NARROWEST, min(_WIDEST, columns - 1))

    def line(self, text: str = "", indent: str = "", hang: str | None = None) -> None:
        """Write text, wrapped between words.

        Args:
            text: The text, in which control characters are escaped.
            indent: A prefix for the first line.
            hang: A prefix for the other lines; by default spaces of the length of ``indent``.
        """
        lines = textwrap.wrap(
            numbers_unbroken(visible(text)),
            self.width,
            initial_indent=indent,
            subsequent_indent=" " * len(indent) if hang is None else hang,
            # So that paths and commands can be copied.
            break_long_words=False,
            break_on_hyphens=False,
        )
        self._write("\n".join(lines).replace("\N{NO-BREAK SPACE}", " ") + "\n")

    def block(self, text: str) -> None:
        """Write several lines without wrapping them."""
        self._write(visible(text, keep="\n\t").rstrip("\n") + "\n")

    def prompt(self, text: str) -> None:
        """Write a prompt without a line break."""
        self._write(f"{visible(text)} > ".lstrip())

    def _write(self, text: str) -> None:
        self._stream.write(encodable(text, self._stream.encoding))
        self._stream.flush()


def word_for(state: State, t: Texts) -> str:
    """Return the word for a state, also for that of a note."""
    return t("NOTE") if state is State.RESTING else state_word(state, t)


@dataclass(slots=True)
class PageWriter:
    """Writes pages. If the same page is written again, only new parts are written.

    The other fields are what has been written of the page, and which of its parts are still to be written.
    """

    out: Output
    _page: tuple[str, str, str] | None = None
    _rows: list[str] = field(default_factory=list)
    _card: Card | None = None
    _is_introduced: bool = False
    _has_rest: bool = False
    _has_after: bool = False

    def write(self, page: Page, t: Texts) -> None:
        """Write a page, or what is new on it."""
        name = (page.step, page.part, t.language)
        if name != self._page:
            self._page, self._rows, self._card = name, [], None
            self._is_introduced, self._has_after = False, True
            self._head(page)
        self._introduce(page, t)
        if self._has_rest and not page.is_busy and page.card is not None:
            self._card, self._has_rest = page.card, False
            self._write_card(page.card, t)
            self.out.line()
            self._blocks(page.body[page.body.index(pages.Slot.CARD) + 1 :], t)
            if page.answer is None and not page.choices:
                self.out.line()
        rests = page.card is not None and page.card.state is State.RESTING and not page.card.code
        self._progress(page, t)
        if self._has_after and not page.is_busy:
            self._has_after = False
            self._after(page, t)
        if not page.is_busy and page.card is not None and page.card != self._card:
            self._card = page.card
            self._write_card(page.card, t)
            if rests and page.answer is None and not page.choices:
                self.out.line()

    def _introduce(self, page: Page, t: Texts) -> None:
        """Write the note and the body, unless they depend on what the page is busy with."""
        depends = pages.Slot.CARD in page.body or isinstance(page.answer, pages.Table | pages.SearchList)
        if self._is_introduced or (page.is_busy and depends):
            return
        self._is_introduced = True
        if page.note:
            self.out.line(_note_of(page))
        self._body(page, t)

    def again(self) -> None:
        """Make the next call write the whole page, even if it is the same."""
        self._page = None

    def forget_checks(self) -> None:
        """Make the next call write the checks and the card, since they are about another reply."""
        self._rows, self._card = [], None

    def help(self, topics: tuple[pages.Topic, ...], t: Texts) -> None:
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
            self.out.line(f"{spoken(label)}: {page.title}" if label and page.progress.total else page.title)

    def _body(self, page: Page, t: Texts) -> None:
        is_joined = _is_joined(page)
        # The text after the card refers to the card, so it is written after it.
        self._has_rest = pages.Slot.CARD in page.body
        end = page.body.index(pages.Slot.CARD) if self._has_rest else len(page.body)
        former = self._blocks(page.body[is_joined:end], t, page.body[0] if is_joined else None)
        if former is not None and not isinstance(former, pages.Rule):
            self.out.line()

    def _blocks(self, blocks: tuple[object, ...], t: Texts, former: object = None) -> object:
        """Write blocks, and return the last of them."""
        for block in blocks:
            if isinstance(block, pages.Slot | pages.CheckRows | pages.Drawing):
                continue
            if former is not None and not _belong_together(former, block):
                self.out.line()
            if isinstance(block, pages.FinaleForm) and isinstance(former, pages.Clicks):
                _form(self.out, block, t, indent="   ")
            else:
                self._block(block, t)
            former = block
        return former

    def _after(self, page: Page, t: Texts) -> None:
        for block in page.after:
            if not isinstance(block, pages.Bar):
                self._block(block, t)

    def _block(self, block: object, t: Texts) -> None:
        write = _BLOCKS.get(type(block))
        if write is not None:
            write(self.out, block, t)

    def _progress(self, page: Page, t: Texts) -> None:
        """Write the checks that have finished, and during work what the card says about it."""
        for block in page.body:
            for row in block.rows if isinstance(block, pages.CheckRows) else ():
                if row.state in _SETTLED and self._is_new(row):
                    self._row(row, t)
        if page.is_busy and page.card is not None:
            for line in page.card.lines:
                if isinstance(line, pages.CheckRow) and self._is_new(line):
                    self.out.line(line.text if line.state is State.WORKING else f"{line.text}.")

    def _is_new(self, row: pages.CheckRow) -> bool:
        """Return whether a row has not been written yet, and note that it is now."""
        if row.text in self._rows:
            return False
        self._rows.append(row.text)
        return True

    def _row(self, row: pages.CheckRow, t: Texts) -> None:
        word = word_for(row.state, t)
        self.out.line(row.text, indent=f"{word:<{state_width(t)}}")

    def _write_card(self, card: Card, t: Texts) -> None:
        word = word_for(card.state, t) if card.state is not State.RESTING else ""
        code = f" ({card.code})" if card.code else ""
        lines = [line for line in card.lines if not _ONLY_ON_SCREEN.search(str(line))]
        indent = "  " if card.headline or isinstance(next(iter(lines), None), pages.CheckRow) else ""
        if card.headline:
            headline = _ended(spoken(card.headline)) if word else spoken(card.headline)
            self.out.line(f"{word}{code}: {headline}" if word else f"{headline}{code}")
        elif lines and isinstance(first := lines[0], pages.CheckRow):
            lines.pop(0)
            self.out.line(f"{word_for(first.state, t)}: {_ended(first.text)}")
        for line in lines:
            # Line breaks are only for the full screen.
            said = line.text if isinstance(line, pages.CheckRow) else " ".join(line.split())
            self.out.line(spoken(said), indent=indent)
        if card.click is not None:
            self.out.line(t("This is about point {number}.", number=card.click), indent=indent)


def spoken(text: str) -> str:
    """Return a text adapted to line by line: with letters instead of keys, and commas instead of «·»."""
    return _KEY_NAME.sub(lambda found: _KEYS[found[0]], text).replace(" · ", ", ")


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!", "…", ":")) else f"{text}."


def _note_of(page: Page) -> str:
    note = spoken(f"{page.note[:1].upper()}{page.note[1:]}")
    if _is_joined(page):
        first = page.body[0]
        return f"{note}. {without_markup(first.text)}" if isinstance(first, pages.Paragraph) else note
    return f"{note}:" if page.body and isinstance(page.body[0], pages.Clicks) else note


def _is_joined(page: Page) -> bool:
    """Return whether the note and the first sentence are written on the same line."""
    return bool(page.note and page.body and page.answer is None and isinstance(page.body[0], pages.Paragraph))


def _belong_together(former: object, block: object) -> bool:
    if isinstance(former, pages.Rule | pages.Result):
        return True
    if isinstance(former, pages.Paragraph) and isinstance(block, pages.Clicks | pages.Bullets):
        return former.text.endswith(":")
    return {type(former), type(block)} == {pages.Clicks, pages.FinaleForm}


def state_width(t: Texts) -> int:
    """Return the width of the column of state words."""
    return max(len(word_for(state, t)) for state in _SETTLED) + 2


def _clicks(out: Output, block: pages.Clicks, _t: Texts) -> None:
    for number, click in enumerate(block.items, start=block.first):
        out.line(without_markup(click.text), indent=f"{number}. ")


def _sides(out: Output, block: pages.Sides, t: Texts) -> None:
    for side in (block.left, block.right):
        out.line(f"{side.title}:")
        _clicks(out, pages.Clicks(side.items), t)


def _facts(out: Output, block: pages.Facts, _t: Texts, indent: str = "") -> None:
    width = max((len(label) for label, _ in block.rows), default=0) + 3
    for label, value in block.rows:
        out.line(spoken(value) or "-", indent=indent + f"{label}:".ljust(width))


def _form(out: Output, block: pages.FinaleForm, t: Texts, indent: str = "") -> None:
    rows = tuple(
        (each.label, f"{each.value} ({each.note})" if each.value and each.note else each.value or each.note)
        for each in block.fields
    )
    _facts(out, pages.Facts(rows), t, indent)


def _comparison(out: Output, block: pages.Comparison, _t: Texts) -> None:
    label = max(len(row[0]) for row in block.rows) + 3
    old = max(len(block.old_title), *(len(row[1]) for row in block.rows)) + 2
    out.block(f"{'':<{label}}{block.old_title:<{old}}{block.new_title}")
    for name, before, after in block.rows:
        out.block(f"{name + ':':<{label}}{before:<{old}}{after}")


def _files(out: Output, block: pages.Files, _t: Texts) -> None:
    for name, about in block.rows:
        out.line(f"{name}, {spoken(about)}" if about else name, indent="- ")


def _result(out: Output, block: pages.Result, t: Texts) -> None:
    word = word_for(block.state, t) if block.state is not State.GOOD else ""
    out.line(f"{word}: {block.text}" if word else block.text)


def _bullets(out: Output, block: pages.Bullets, _t: Texts) -> None:
    for item in block.items:
        # The spaces align a column, which is useless in speech.
        out.line(re.sub(r" {2,}", ": ", without_markup(item)), indent="- ")


_BLOCKS: dict[type, Callable[[Output, Any, Texts], None]] = {
    pages.Heading: lambda out, block, _: out.line(block.text),
    pages.Paragraph: lambda out, block, _: out.line(spoken(without_markup(block.text))),
    pages.Bullets: _bullets,
    pages.Clicks: _clicks,
    pages.Sides: _sides,
    pages.Facts: _facts,
    pages.Rule: lambda out, block, _: out.line(f"{block.title}:"),
    pages.Comparison: _comparison,
    pages.FinaleForm: _form,
    pages.Drawing: lambda *_: None,
    pages.Bar: lambda out, block, _: out.line(f"{block.text} {block.done}/{block.total}"),
    pages.Result: _result,
    pages.Files: _files,
}
