"""TOML and unified diffs as lines for the screen, quietly coloured."""

import re
from typing import Final

from textual.content import Content

from wizard.domain.legible import visible
from wizard.ui.tui.look import Look

_TOML: Final = re.compile(
    r"(?P<comment>#.*)|(?P<string>\"(?:\\.|[^\"\\])*\"|'[^']*')"
    r"|(?P<table>^\s*\[[^\]\"']*\]+)|(?P<key>[A-Za-z0-9_-]+(?=\s*=))"
)
_TOML_STYLES: Final = {"comment": "$muted", "string": "$strong", "table": "bold $accent", "key": "$accent"}


def document_lines(text: str, look: Look, width: int, *, is_diff: bool) -> list[Content]:
    """Return a document's lines; one that is too long continues in the next row, after a symbol."""
    coloured = _diff_line if is_diff else _toml_line
    return [
        piece
        for line in text.splitlines()
        for piece in _folded(coloured(visible(line.expandtabs(4))), look, width)
    ]


def _toml_line(line: str) -> Content:
    content = Content(line)
    for found in _TOML.finditer(line):
        content = content.stylize(_TOML_STYLES[found.lastgroup or ""], *found.span())
    return content


def _diff_line(line: str) -> Content:
    # The character at the start of the line says the same as the colour.
    match line[:1], line[:3]:
        case _, "+++" | "---":
            return Content.styled(line, "bold")
        case "+", _:
            return Content.styled(line, "$good")
        case "-", _:
            return Content.styled(line, "$bad")
        case "@", _:
            return Content.styled(line, "$muted")
        case _:
            return Content(line)


def _folded(line: Content, look: Look, width: int) -> list[Content]:
    sign = Content.styled(f"{look.signs.continued} ", "$muted")
    pieces: list[Content] = []
    while line.cell_length > width - (sign.cell_length if pieces else 0):
        head, *_ = line.fold(width - (sign.cell_length if pieces else 0))
        # Between words where there are some: a comment is a sentence.
        end = head.plain.rstrip().rfind(" ") + 1
        head = line[:end] if end > len(head) // 2 else head
        pieces.append(sign + head if pieces else head)
        line = line[len(head) :]
    return [*pieces, sign + line if pieces else line]
