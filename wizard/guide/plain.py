"""The guide's Markdown as plain text: for the line face, for paper and for ``guide``."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Final

from wizard.guide.page import Bullets, Clicks, FinaleForm, GuideBlock, Heading, Paragraph, Sides

_NEXT_ITEM: Final = re.compile(r"\n(?=\d+\. |- )")
_ITEM_MARK: Final = re.compile(r"\d+\. |- |")
_LINE_END: Final = re.compile(r" *\n *")
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


def plain_text(markdown: str, width: int = 78) -> str:
    """Return guide Markdown wrapped to a width, without marks: ``**Label**`` becomes «Label».

    Only what the guide's ``README.md`` allows is understood. Items hang under their number. A label,
    a command or a word that is longer than the width keeps a line of its own: it is to be copied.
    """
    return "\n\n".join(_paragraph(text, width) for text in markdown.strip().split("\n\n"))


def items_of(markdown: str) -> Iterator[str]:
    """Yield every item and paragraph in one line, without the number or dash before it."""
    for paragraph in markdown.strip().split("\n\n"):
        for item in _NEXT_ITEM.split(paragraph):
            yield _LINE_END.sub(" ", _ITEM_MARK.sub("", item, count=1))


def _paragraph(text: str, width: int) -> str:
    if text.startswith("#"):
        heading, _, rest = text.partition("\n")
        return f"{heading.lstrip('# ')}\n{_paragraph(rest, width)}"
    return "\n".join(_item(item, width) for item in _NEXT_ITEM.split(text))


def _item(text: str, width: int) -> str:
    mark = _ITEM_MARK.match(text)[0]  # type: ignore[index]  # matches an empty mark as well
    return _wrapped(_LINE_END.sub(" ", text[len(mark) :]), width, mark)


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
