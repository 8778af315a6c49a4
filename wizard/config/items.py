"""Changes a list that has a line for each text, so that the comments on these lines survive."""

import re
import tomllib
from collections.abc import Sequence
from typing import Final

from wizard.config.literals import encode_like
from wizard.config.syntax import Span

Edit = tuple[Span, str]
"""A stretch of a text, and what takes its place."""

_REST_OF_LINE: Final = re.compile(rb"(,?)[ \t]*(?:#[^\n]*)?\r?\n")


def revise_items(source: bytes, items: list[Span], texts: Sequence[str], newline: str) -> list[Edit] | None:
    """Return the edits, in the order of the text, that turn a list of texts into another.

    None when it cannot be done line by line: an item shares its line, or the order differs.
    """
    lines: dict[str, Span] = {}
    has_comma, indent, manner = True, "", '"'
    for item in items:
        start = source.rfind(b"\n", 0, item.start) + 1
        indent, manner = source[start : item.start].decode(), source[item.start : item.end].decode()
        rest = _REST_OF_LINE.match(source, item.end)
        text = tomllib.loads(f"item = {manner}")["item"]
        if indent.strip() or not rest or text in lines or not isinstance(text, str):
            return None
        lines[text] = Span(start, rest.end())
        has_comma = bool(rest[1])
    kept = [text for text in lines if text in texts]
    if not kept or kept != list(texts[: len(kept)]):
        return None
    edits = [(line, "") for text, line in lines.items() if text not in texts]
    if added := texts[len(kept) :]:
        last, end = items[-1].end, lines[next(reversed(lines))].end
        written = [f"{indent}{encode_like(text, manner, newline)},{newline}" for text in added]
        if not has_comma and not (edits and edits[-1][0].end == end):
            edits.append((Span(last, last), ","))
        edits.append((Span(end, end), "".join(written)))
    return edits
