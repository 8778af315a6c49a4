"""Guide pages as plain text: for the line-by-line face, for paper and for ``guide``."""

import re
import textwrap
from collections.abc import Iterable
from typing import Final

from wizard.guide.page import Bullets, Clicks, FinaleForm, GuideBlock, Heading, Paragraph, Sides

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
