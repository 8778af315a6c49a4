"""The guide's Markdown as lines for the screen, with items that hang under their number."""

import re
from collections.abc import Iterator
from typing import Final

from textual.content import Content

from wizard.ui.tui.look import Look

_HEADING: Final = re.compile(r"#+ (?P<text>.*)")
_ITEM: Final = re.compile(r"(?P<mark>\d+\.|-) +(?P<text>.*)")
_MARKS: Final = re.compile(r"`(?P<code>[^`]*)`|\*\*(?P<label>.+?)\*\*|\\(?P<escaped>[!-/:-@\[-`{-~])")

_IN_GROUPS: Final = re.compile(r"(?<=\d) (?=\d{3}\b)")

_HELD: Final = "\N{BRAILLE PATTERN BLANK}"
"""Stands for a blank where no line may be broken; every kind of blank is one to break at."""


def guide_lines(markdown: str, look: Look, width: int) -> list[Content]:
    """Return the lines of a guide, wrapped to a width in cells.

    Understands what ``README.md`` in the guide's folder allows: paragraphs, headings, numbered and
    unnumbered items, labels in bold and code.
    """
    lines: list[Content] = []
    for mark, text in _paragraphs(markdown):
        match mark:
            case "":
                lines += wrapped(inline(text, look, hold=width), width) if text else [Content()]
            case "#":
                lines += wrapped(inline(text, look, hold=width).stylize("bold $strong"), width)
            case _:
                first = Content.styled(f"{mark:>3} ", "$accent")
                lines += hanging(inline(text, look, hold=width - first.cell_length), width, first)
    return lines


def inline(text: str, look: Look, *, hold: int) -> Content:
    """Return a piece of Markdown with its labels and code set off, without the marks.

    A label or a command of up to ``hold`` cells is not to be broken: it is looked for, or copied.
    """
    pieces: list[Content] = []
    end = 0
    for mark in _MARKS.finditer(text):
        pieces.append(Content(text[end : mark.start()]))
        if (label := mark["label"]) is not None:
            pieces.append(inline(_held(label, hold), look, hold=hold).stylize("bold $strong"))
        elif (code := mark["code"]) is not None:
            pieces.append(Content.styled(_held(code, hold), look.code))
        else:
            pieces.append(Content(mark["escaped"]))
        end = mark.end()
    return Content("").join([*pieces, Content(text[end:])])


def with_code(text: str, style: str, look: Look, *, hold: int) -> Content:
    """Return a sentence with what stands between backticks set off, without the marks.

    Of that, what takes up to ``hold`` cells is not to be broken.
    """
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return Content.styled(text, style)
    pieces[1::2] = [_held(code, hold) for code in pieces[1::2]]
    return Content.assemble(*((piece, look.code if at % 2 else style) for at, piece in enumerate(pieces)))


def _held(text: str, hold: int) -> str:
    return text.replace(" ", _HELD) if len(text) <= hold else text


def wrapped(text: Content, width: int) -> list[Content]:
    """Return a text wrapped to a width; a number with its digits in groups is not broken."""
    held = Content(_IN_GROUPS.sub(_HELD, text.plain), [*text.spans])
    return [Content(line.plain.replace(_HELD, " "), [*line.spans]) for line in held.wrap(width)]


def hanging(text: Content, width: int, first: Content) -> list[Content]:
    """Return a text wrapped to a width, its lines standing under the first word after ``first``."""
    indent = first.cell_length
    head, *rest = wrapped(text, max(width - indent, 8)) or [Content()]
    return [first + head, *(Content(" " * indent) + line for line in rest)]


def _paragraphs(markdown: str) -> Iterator[tuple[str, str]]:
    """Yield mark and text of everything that is wrapped by itself; a blank line has neither."""
    mark, words = "", ""
    for line in markdown.strip().splitlines():
        stripped = line.strip()
        heading, item = _HEADING.fullmatch(stripped), _ITEM.fullmatch(stripped)
        if stripped and words and not (heading or item):
            words = f"{words} {stripped}"
            continue
        if words:
            yield mark, words
        mark, words = "", ""
        if heading:
            yield "#", heading["text"]
        elif item:
            mark, words = item["mark"], item["text"]
        elif stripped:
            words = stripped
        else:
            yield "", ""
    if words:
        yield mark, words
