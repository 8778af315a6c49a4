"""Changes single settings in the text of a config and leaves everything else unchanged.

This uses tomlkit, but only the ``body`` of its containers: the list of items in the order of the text. It
has everything that the text consists of, including the separate parts of a table that is defined in several
places. The comment of a removed setting is kept on a separate line.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Comment, InlineTable, Item, Key, SingleKey, Table, Trivia, Whitespace

from wizard.config.fields import CONFIG, KIND_NAMES, Names, Value, encode
from wizard.config.syntax import BOM, EditRefused, Span, parse_syntax
from wizard.domain.reference import ReferenceTable

_INDENT: Final = "    "


class Draft:
    """The text of a config that is being changed."""

    def __init__(self, text: str) -> None:
        """Parse the text.

        Raises:
            EditRefused: If tomlkit would not reproduce it.
        """
        self._bom = BOM if text.startswith(BOM) else ""
        plain = text.removeprefix(BOM)
        self._has_crlf = 0 < plain.count("\n") == plain.count("\r\n")
        plain = plain.replace("\r\n", "\n") if self._has_crlf else plain
        self._had_last_newline = plain.endswith("\n")
        plain += "" if self._had_last_newline else "\n"
        try:
            self._document = tomlkit.parse(plain)
        except (TOMLKitError, ValueError):
            raise EditRefused from None
        # tomlkit loses the space after a date in an inline table, but must not lose anything else.
        if tomlkit.dumps(self._document).replace(" ", "") != plain.replace(" ", ""):
            raise EditRefused

    @property
    def text(self) -> str:
        """The current text."""
        plain = tomlkit.dumps(self._document)
        plain = plain if self._had_last_newline else plain.removesuffix("\n")
        return self._bom + (plain.replace("\n", "\r\n") if self._has_crlf else plain)

    def put(self, path: Names, value: Value) -> None:
        """Set a value, in place or next to related settings.

        Raises:
            EditRefused: If the existing item is not a value.
        """
        parts = self._parts(path[:-1])
        present = [(part, at) for part in parts for at in part.positions(path[-1])]
        items = [part.body[at][1] for part, at in present]
        if not present:
            _insert(parts or [self._new_table(path[:-1])], path, value)
        elif isinstance(value, dict) and all(isinstance(item, Table | InlineTable) for item in items):
            _put_reference([_Part.of(item) for item in items], path, value)
        elif len(present) == 1 and not isinstance(items[0], Table | AoT):
            ((part, at),) = present
            part.body[at] = part.body[at][0], _in_place_of(items[0], value)
        else:
            raise EditRefused

    def drop(self, path: Names) -> None:
        """Remove a setting, and its table if that is then empty."""
        for part in self._parts(path[:-1]):
            for at in reversed(part.positions(path[-1])):
                _take_out(part, at)
        for part in self._parts(path[:-2]) if path[:-1] else []:
            for at in reversed(part.positions(path[-2])):
                item = part.body[at][1]
                if isinstance(item, Table) and not _Part.of(item).has_content:
                    _take_out(part, at)

    def _parts(self, path: Names) -> list["_Part"]:
        """Return every part of a table."""
        parts = [_Part(self._document.body)]
        for name in path:
            parts = [_Part.of(part.body[at][1]) for part in parts for at in part.positions(name)]
        return parts

    def _new_table(self, path: Names) -> "_Part":
        if len(path) != 1:
            raise EditRefused
        table = tomlkit.table()
        table.trivia.indent = "\n"
        self._document.body.append((SingleKey(path[0]), table))
        return _Part.of(table)


@dataclass(frozen=True, slots=True)
class _Part:
    """One of the parts of a table, which TOML allows to be defined in several places.

    Attributes:
        body: The items in order: names with values, comments and whitespace.
        is_inline: Whether it is an inline table.
    """

    body: list[tuple[Key | None, Item]]
    is_inline: bool = False

    @classmethod
    def of(cls, item: Item) -> Self:
        """Return the part for a tomlkit table.

        Raises:
            EditRefused: If the item is not a table.
        """
        if not isinstance(item, Table | InlineTable):
            raise EditRefused
        if isinstance(item, Table) and item.is_super_table():
            # It has no header in the text, but tomlkit copies the comment of the table below.
            item.trivia.comment_ws = item.trivia.comment = ""
        return cls(item.value.body, isinstance(item, InlineTable))

    @property
    def has_content(self) -> bool:
        return any(key or item.as_string().strip() for key, item in self.body)

    def positions(self, name: str) -> list[int]:
        return [at for at, (key, _) in enumerate(self.body) if key and key.key == name]

    def tidy(self) -> None:
        """Normalise whitespace in an inline table. Other tables are left as they are."""
        if self.is_inline:
            self.body[:] = [(key, item) for key, item in self.body if key]
            for _, item in self.body:
                item.trivia.indent, item.trivia.trail = " ", ""
            if self.body:
                self.body[-1][1].trivia.trail = " "


# Replacing a value


def _in_place_of(former: Item, value: Value) -> Item:
    """Return a value formatted like the former one: quotation marks, line breaks in a list, comment."""
    written = former.as_string()
    if isinstance(value, date) and written.startswith(("'", '"')):
        value = value.isoformat()
    if (
        isinstance(value, str)
        and written[:1] == "'" != written[1:2]
        and value.isprintable()
        and "'" not in value
    ):
        item: Item = tomlkit.string(value, literal=True)
    elif isinstance(value, list) and "\n" in written:
        item = tomlkit.value(_revised(written, value))
    else:
        item = tomlkit.value(encode(value))
    for name in ("indent", "comment_ws", "comment", "trail"):
        setattr(item.trivia, name, getattr(former.trivia, name))
    return item


def _put_reference(parts: list[_Part], path: Names, value: ReferenceTable) -> None:
    """Change the kind and value of an existing reference, in whichever syntax it is written."""
    ((kind, inner),) = value.items()
    present = [(part, at) for part in parts for name in KIND_NAMES for at in part.positions(name)]
    if not present:
        _insert(parts, (*path, kind), inner)
        return
    part, at = present[0]
    key, former = part.body[at]
    if key and key.key != kind:
        key = SingleKey(kind, sep=key.sep, original=key.as_string().replace(key.key, kind))
    part.body[at] = key, _in_place_of(former, inner)


def _revised(written: str, texts: list[str]) -> str:
    """Return the TOML of a multi-line list with other strings, keeping its comments."""
    source = f"x = {written}".encode()
    syntax = parse_syntax(source)
    former: dict[str, tuple[str, str]] = {}  # each string as TOML, and the comment on its line
    lines: list[tuple[str, str]] = []  # a string, or a comment on a separate line
    opening, last, line_of_last = "[", "", 0
    for span in sorted((*syntax.items.values(), *syntax.comments), key=lambda span: span.start):
        written_item, line = _text_at(source, span), source.count(b"\n", 0, span.start)
        if not written_item.startswith("#"):
            last, line_of_last = str(tomlkit.value(written_item).unwrap()), line
            former[last] = written_item, ""
            lines.append((last, ""))
        elif last and line == line_of_last:
            former[last] = former[last][0], f" {written_item}"
        elif line == 0:
            opening += f" {written_item}"
        else:
            lines.append(("", written_item))
    kept = [text for text in former if text in texts]
    if kept != [text for text in texts if text in former]:
        kept = []  # the order differs: keep only the comments, followed by all strings
    added = [text for text in texts if text not in kept]
    indent, mark = _style(written)
    result, after_last = [opening], 1
    for text, comment in lines:
        if text in kept:
            result.append(f"{indent}{former[text][0]},{former[text][1]}")
            after_last = len(result)
        elif remark := comment or ("" if text in added else former[text][1].strip()):
            result.append(f"{indent}{remark}")
    at = after_last if kept else len(result)
    new = [former.get(text, (f"'{text}'" if mark == "'" else encode(text), "")) for text in added]
    result[at:at] = [f"{indent}{string},{remark}" for string, remark in new]
    return "\n".join([*result, "]"])


def _style(written: str) -> tuple[str, str]:
    """Return the indentation and quotation mark of the first string in a list."""
    first = re.search(r"^([ \t]*)(['\"])", written, re.MULTILINE)
    return (first[1], first[2]) if first else (_INDENT, '"')


def _text_at(source: bytes, span: Span) -> str:
    return source[span.start : span.end].decode()


# Adding a setting


def _insert(parts: list[_Part], path: Names, value: Value) -> None:
    """Add a setting after the one that precedes it in ``CONFIG``, or at the top."""
    order = _order(path[:-1])
    before = order[: order.index(path[-1])]
    siblings = [(part, at) for name in reversed(before) for part in parts for at in part.positions(name)[-1:]]
    part, at = siblings[0] if siblings else (parts[0], -1)
    # It must be above the first header, or it would belong to that table.
    is_header = [isinstance(item, Table | AoT) and key and not key.is_dotted() for key, item in part.body]
    at = min(at + 1, is_header.index(True) if True in is_header else len(part.body))
    item = tomlkit.value(encode(value))
    item.trivia.indent = _indent_of(part.body[max(at - 1, 0)][1]) if part.body else ""
    item.trivia.trail = "\n"
    part.body.insert(at, (SingleKey(path[-1]), item))
    part.tidy()


def _indent_of(item: Item) -> str:
    while isinstance(item, Table) and item.value.body:
        item = item.value.body[0][1]
    return "" if isinstance(item, Whitespace | AoT) else item.trivia.indent.rpartition("\n")[2]


def _order(table: Names) -> list[str]:
    """Return the names of the settings of a table, in the order of ``CONFIG``."""
    field = CONFIG
    for name in table:
        field = next(setting for setting in field.fields if setting.name == name)
    return [setting.name for setting in field.fields]


# Removing a setting


def _take_out(part: _Part, at: int) -> None:
    """Remove an item, but keep its comments on separate lines."""
    item = part.body[at][1]
    comments = _comments(item)
    if isinstance(item, Table) and not comments and not _ends_with_space(item):
        _drop_empty_line(part.body, at)
    indent = _indent_of(item)
    part.body[at : at + 1] = [(None, Comment(Trivia(indent, "", comment, "\n"))) for comment in comments]
    part.tidy()


def _ends_with_space(table: Table) -> bool:
    return bool(table.value.body) and isinstance(table.value.body[-1][1], Whitespace)


def _drop_empty_line(body: list[tuple[Key | None, Item]], at: int) -> None:
    """Remove the empty line above a header."""
    while at and isinstance(table := body[at - 1][1], Table):
        body, at = table.value.body, len(table.value.body)
    if at and isinstance(space := body[at - 1][1], Whitespace):
        body[at - 1] = None, Whitespace(re.sub(r"[ \t]*\n\Z", "", space.s))


def _comments(item: Item) -> list[str]:
    if isinstance(item, AoT):
        return [comment for table in item.body for comment in _comments(table)]
    own = [item.trivia.comment] if item.trivia.comment else []
    written = item.as_string()
    if "#" not in written:
        return own
    source = (written if isinstance(item, Table) else f"x = {written}").encode()
    inside = [_text_at(source, span) for span in parse_syntax(source).comments]
    return own + inside if isinstance(item, Table) else inside + own
