"""The parts of a guide page: what the faces draw, whatever they draw it with; and a page as plain text.

Texts carry two marks, ``**Label**`` and `` `typed exactly so` ``, and a backslash before any other character
that Markdown would act on. ``page_text`` shows them without.
"""

import re
import textwrap
from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple


class Heading(NamedTuple):
    """A heading inside a longer text."""

    text: str


class Paragraph(NamedTuple):
    """Running text, to be wrapped; ``is_close`` if no empty row is before it."""

    text: str
    is_close: bool = False


class Bullets(NamedTuple):
    """A short list without an order."""

    items: tuple[str, ...]


class Click(NamedTuple):
    """One documented click.

    Attributes:
        name: What a finding calls it by; empty for most.
        is_marked: Whether a message is about it.
        short: The text for a terminal narrower than 80 columns.
    """

    text: str
    name: str = ""
    is_marked: bool = False
    short: str = ""


class Clicks(NamedTuple):
    """Numbered clicks; ``first`` is the number of the first, where a form interrupts them."""

    items: tuple[Click, ...]
    first: int = 1


class Side(NamedTuple):
    """The clicks in one generation of a menu."""

    title: str
    items: tuple[Click, ...]


class Sides(NamedTuple):
    """The same task in two generations of a menu, side by side where there is room."""

    left: Side
    right: Side


class FormField(NamedTuple):
    """A field of a dialog in Finale.

    Attributes:
        value: What is to be in it; empty if it stays empty.
        note: What is said next to it.
        is_typed: Whether the value is typed exactly so; otherwise it says what to put there.
    """

    label: str
    value: str
    note: str = ""
    is_typed: bool = False


class FinaleForm(NamedTuple):
    """A dialog in Finale; ``tab`` is empty if it has none."""

    dialog: str
    tab: str
    fields: tuple[FormField, ...]


GuideBlock = Heading | Paragraph | Bullets | Clicks | Sides | FinaleForm


class Topic(NamedTuple):
    """A part of the help."""

    title: str
    body: tuple[GuideBlock, ...]


class GuidePage(NamedTuple):
    """What a person reads on one step, in one language, for one set-up.

    Attributes:
        title: The step's name, short enough for the head of a screen.
        where: Where its clicks are made, at the right of the title; empty if there are none.
        body: What to do.
        card: What the page says while there is nothing else to say; a paragraph each.
        topics: The background, for F1; the first may have no title.
        checked: The day on which the text was last compared with its source.
        source: What the clicks were taken from; empty for a step that describes none.
    """

    title: str
    where: str
    body: tuple[GuideBlock, ...]
    card: tuple[str, ...]
    topics: tuple[Topic, ...]
    checked: date
    source: str

    @property
    def clicks(self) -> tuple[Click, ...]:
        """All numbered clicks, in order."""
        return tuple(click for block in self.body if isinstance(block, Clicks) for click in block.items)

    def number_of(self, name: str) -> int | None:
        """Return the number of the click with a name; None if this page has none."""
        numbered = (
            (number, click)
            for block in self.body
            if isinstance(block, Clicks)
            for number, click in enumerate(block.items, block.first)
        )
        return next((number for number, click in numbered if click.name == name), None)


_LABEL: Final = re.compile(r"\*\*(.+?)\*\*")
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
# textwrap breaks lines at ASCII spaces only, so this keeps a label or a command on one line.
_HOLD: Final = "\N{NO-BREAK SPACE}"


def page_text(blocks: Iterable[GuideBlock], width: int = 78) -> str:
    """Return blocks of a guide page as plain text, wrapped to a width; ``**Label**`` becomes «Label».

    Items hang under their number. A label, a command or a word that is longer than the width keeps a line of
    its own: it is to be copied.
    """
    return "\n\n".join(_block(block, width) for block in blocks)


def _block(block: GuideBlock, width: int) -> str:
    match block:
        case Paragraph(text):
            return _wrapped(text, width, "")
        case Heading(text):
            return without_marks(text)
        case Bullets(items):
            return "\n".join(_wrapped(item, width, "- ") for item in items)
        case Clicks(items, first):
            return "\n".join(
                _wrapped(click.text, width, f"{number}. ") for number, click in enumerate(items, first)
            )
        case Sides(left, right):
            return "\n\n".join(
                f"{side.title}:\n{_block(Clicks(side.items), width)}" for side in (left, right)
            )
        case FinaleForm(_, _, fields):
            return "\n".join(
                _wrapped(f"{row.label}: {row.value}{f' ({row.note})' if row.note else ''}", width, "   ")
                if row.value
                else _wrapped(f"{row.label}: {row.note}", width, "   ")
                for row in fields
            )


def _wrapped(text: str, width: int, mark: str) -> str:
    lines = textwrap.wrap(
        _held(text),
        width,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace(_HOLD, " ")


def without_marks(text: str) -> str:
    """Return a line of Markdown without its marks: ``**Label**`` becomes «Label»."""
    return _held(text).replace(_HOLD, " ")


def _held(text: str) -> str:
    """Return a line without its marks, with no-break spaces in labels and commands."""
    pieces = text.split("`")
    pieces[::2] = [_ESCAPED.sub(r"\1", _LABEL.sub(_label, piece)) for piece in pieces[::2]]
    pieces[1::2] = [piece.replace(" ", _HOLD) for piece in pieces[1::2]]
    return "".join(pieces)


def _label(found: re.Match[str]) -> str:
    return f"«{found[1].replace(' ', _HOLD)}»"
