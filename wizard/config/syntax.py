"""Parses TOML: its values with ``tomllib``, and the positions of its elements with tree-sitter.

The positions are needed for messages and for editing, but not to read a valid config.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from wizard.files.reading import endless_name, parse_toml, toml_problem
from wizard.findings import Finding, Position, Term, codes
from wizard.text import N_

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


BOM: Final = "\ufeff"
"""The byte order mark, which Windows editors add to UTF-8. It is not part of the first line."""


SettingPath = tuple[str | int, ...]
"""The path of a value from the top of the file: names, and indexes into lists."""

Document = dict[str, object]
"""A parsed TOML config that has not been validated."""


class EditRefused(Exception):
    """A text cannot be changed without affecting the rest of it. Nothing was written."""


class Flaw(NamedTuple):
    """A finding and the setting that it is about.

    Attributes:
        path: The setting; empty if the finding is not about a place in the file.
        is_name: Whether it is about the name of the setting rather than its value.
    """

    finding: Finding
    path: SettingPath = ()
    is_name: bool = False


_TOO_DEEP: Final = Term(N_("tables or lists are nested too deeply"))
_TOO_LONG: Final = Term(N_("a number has far too many digits"))
_NO_MORE_OF: Final = re.compile(r"Expected \"('{1,3})\" ")
_AT: Final = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)$")

# Strings and comments, in which brackets do not count, or a bracket. An unclosed string ends with its line
# or with the file.
_SKIPPED_OR_BRACKET: Final = re.compile(
    r"""\"{3}(?:[^\\]|\\.)*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?|\#[^\n]*+|[\[\]{}]""",
    re.DOTALL,
)
_DEEP: Final = 50
"""Levels of nested brackets. Python's recursion limit is higher, but depends on the call stack."""
_ENDLESS_NUMBER: Final = re.compile(r"[0-9_]{4301,}")


def load(text: str) -> Document | Finding:
    """Parse a text without BOM. Return the document, or a finding if it is not TOML."""
    found = codes.TOML_SYNTAX.found
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        return found(problem=toml_problem(message), position=_place_in_message(message, text))
    except RecursionError:
        endless = endless_name(text)
        deep = _deep_value(text) if endless is None else endless
        return found(problem=_TOO_DEEP, position=_place_of(deep, text))
    except ValueError:
        # Python refuses to read decimal numbers of more than 4,300 digits.
        number = _ENDLESS_NUMBER.search(text)
        return found(problem=_TOO_LONG, position=number and _place_of(number.start(), text))


def _deep_value(text: str) -> int:
    """Return the offset of the first value that is nested too deeply."""
    begin = depth = 0
    for found in _SKIPPED_OR_BRACKET.finditer(text):
        if found[0] in {"[", "{"}:
            begin = begin if depth else found.start()
            depth += 1
        elif found[0] in {"]", "}"}:
            depth = max(depth - 1, 0)
        if depth > _DEEP:
            break
    return begin


def _place_of(position: int, text: str) -> Position:
    return Position(text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position))


def _place_in_message(message: str, text: str) -> Position | None:
    at = _AT.search(message)
    if not at:
        return None
    if unclosed := _NO_MORE_OF.match(message):
        # tomllib reached the end without finding the closing mark, so the last mark is the opening one.
        return _place_of(text.rfind(unclosed[1]), text)
    # For the end of the file, point at the last line that is not empty.
    lines = (text if at[1] else text.rstrip(" \t\r\n")).split("\n")
    line = int(at[1] or len(lines))
    written = lines[line - 1]
    if message.startswith(("Cannot", "Duplicate")):
        # tomllib reports the end of the duplicate setting or table, not its start.
        return Position(line, len(written) - len(written.lstrip()) + 1)
    return Position(line, int(at[2] or len(written) + 1))


_NAME_TYPES: Final = frozenset({"bare_key", "quoted_key", "dotted_key"})


class Span(NamedTuple):
    """A range of the text, in bytes of UTF-8; ``end`` is the first byte after it."""

    start: int
    end: int


class Table(NamedTuple):
    """A ``[table]`` or ``[[table]]`` line.

    Attributes:
        path: The path of the table.
        names: The parts of its dotted name.
    """

    path: SettingPath
    names: tuple[Span, ...]


class Pair(NamedTuple):
    """A ``name = value``.

    Attributes:
        path: The path of the value from the top of the file.
        names: The parts of its dotted name; ``a.b`` has two.
        value: The range of the value.
    """

    path: SettingPath
    names: tuple[Span, ...]
    value: Span


@dataclass(slots=True)
class Syntax:
    """The elements of a text in order.

    Attributes:
        items: The items of all lists, by path.
    """

    tables: list[Table] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    items: dict[SettingPath, Span] = field(default_factory=dict)
    comments: list[Span] = field(default_factory=list)


def parse_syntax(source: bytes) -> Syntax:
    """Parse a text, which may contain syntax errors."""
    syntax = Syntax()
    lengths: dict[SettingPath, int] = {}
    for node in _parser().parse(source).root_node.children:
        if node.type == "comment":
            syntax.comments.append(_span(node))
        elif node.type == "pair":
            _add_pair(syntax, source, node, ())
        elif node.type in {"table", "table_array_element"}:
            _add_table(syntax, source, node, lengths)
    return syntax


def _add_table(syntax: Syntax, source: bytes, node: "Node", lengths: dict[SettingPath, int]) -> None:
    name = next((child for child in node.children if child.type in _NAME_TYPES), None)
    if name is None:
        return
    names = tuple(_name_parts(name))
    path: SettingPath = ()
    for part in names:
        path = (*path, _text_of(source, part))
        # After [[a]], [a.b] belongs to the last item of a.
        if path in lengths and part is not names[-1]:
            path = (*path, lengths[path] - 1)
    if node.type == "table_array_element":
        lengths[path] = lengths.get(path, 0) + 1
        path = (*path, lengths[path] - 1)
    syntax.tables.append(Table(path, tuple(map(_span, names))))
    for child in node.children:
        if child.type == "comment":
            syntax.comments.append(_span(child))
        elif child.type == "pair":
            _add_pair(syntax, source, child, path)


def _add_pair(syntax: Syntax, source: bytes, node: "Node", path: SettingPath) -> None:
    # An explicit stack: lists can be nested deeper than Python's recursion limit.
    waiting: list[tuple[Node, SettingPath]] = [(node, path)]
    while waiting:
        node, path = waiting.pop()
        if node.type == "comment":
            syntax.comments.append(_span(node))
        elif node.type == "pair":
            children = node.children
            names = tuple(_name_parts(children[0]))
            path = (*path, *(_text_of(source, part) for part in names))
            values = [child for child in children[2:] if child.type != "comment"]
            if not values:
                continue
            syntax.pairs.append(Pair(path, tuple(map(_span, names)), _span(values[0])))
            waiting += [(child, path) for child in reversed(children[2:])]
        elif node.type == "inline_table":
            waiting += [(child, path) for child in reversed(node.children)]
        elif node.type == "array":
            _add_items(syntax, node, path, waiting)


def _add_items(
    syntax: Syntax, node: "Node", path: SettingPath, waiting: "list[tuple[Node, SettingPath]]"
) -> None:
    syntax.comments += [_span(child) for child in node.children if child.type == "comment"]
    items = [child for child in node.children if child.is_named and child.type != "comment"]
    for index, item in reversed(list(enumerate(items))):
        syntax.items[*path, index] = _span(item)
        waiting.append((item, (*path, index)))


def _name_parts(node: "Node") -> "Iterator[Node]":
    """Return the parts of a name, which tree-sitter nests: ``a.b.c`` is the dotted key ``a.b`` and ``c``."""
    parts = []
    while node.type == "dotted_key":
        parts.append(node.children[-1])
        node = node.children[0]
    parts.append(node)
    return reversed(parts)


def _text_of(source: bytes, part: "Node") -> str:
    written = source[part.start_byte : part.end_byte].decode("utf-8", "replace")
    if part.type == "bare_key":
        return written
    try:
        return next(iter(tomllib.loads(f"{written} = 0")))
    except ValueError:
        return written


def _span(node: "Node") -> Span:
    return Span(node.start_byte, node.end_byte)


@cache
def _parser() -> "Parser":
    import tree_sitter_toml  # noqa: PLC0415 - only needed for positions in messages, and for editing
    from tree_sitter import Language, Parser  # noqa: PLC0415

    return Parser(Language(tree_sitter_toml.language()))


class Positions:
    """Finds positions in a text without BOM."""

    def __init__(self, text: str) -> None:
        self._source = text.encode()
        self._syntax = parse_syntax(self._source)
        self._lines = [0, *accumulate(len(line) + 1 for line in self._source.split(b"\n"))]
        self._names: dict[SettingPath, Span] = {}
        self._values: dict[SettingPath, Span] = dict(self._syntax.items)
        for table in self._syntax.tables:
            self._add_names(table.path, table.names)
        for pair in self._syntax.pairs:
            self._add_names(pair.path, pair.names)
            self._values.setdefault(pair.path, pair.value)

    def place_of(self, flaw: Flaw) -> Position | None:
        """Return the position to show for a flaw, or None if it is not about a place in the file.

        The position of a table that spans several lines is that of its name.
        """
        path = flaw.path
        span = None if flaw.is_name else self._values.get(path)
        span = span or self._names.get(path) or self._values.get(path)
        return self.place_at(span.start) if span else None

    def comments(self) -> list[tuple[Position, str]]:
        """Return the position and text of every comment, without the ``#``."""
        return [
            (self.place_at(span.start), self._source[span.start + 1 : span.end].decode())
            for span in self._syntax.comments
        ]

    def place_at(self, byte: int) -> Position:
        """Return the position of a byte offset, with the column in code points."""
        line = bisect_right(self._lines, byte)
        return Position(line, len(self._source[self._lines[line - 1] : byte].decode()) + 1)

    def _add_names(self, path: SettingPath, names: tuple[Span, ...]) -> None:
        plain = [index for index, part in enumerate(path) if isinstance(part, str)]
        for end, span in zip(reversed(plain), reversed(names), strict=False):
            self._names.setdefault(path[: end + 1], span)
