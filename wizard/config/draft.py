"""Changes single settings in a TOML text and leaves every other character where it is."""

from wizard.config.errors import EditRefused
from wizard.config.fields import CONFIG, KIND_NAMES, Names
from wizard.config.flaw import Path
from wizard.config.items import Edit, revise_items
from wizard.config.literals import ReferenceTable, Value, encode, encode_like
from wizard.config.reading import BOM
from wizard.config.syntax import Pair, Span, Table, parse_syntax


class Draft:
    """A text that is being changed.

    What was added is taken away again to the byte, so that going back gives the text one came from.
    """

    def __init__(self, text: str) -> None:
        self._bom = BOM if text.startswith(BOM) else ""
        self._newline = "\r\n" if "\r\n" in text else "\n"
        # Every line ends like the others while it is worked on.
        self._had_last_newline = text.endswith("\n")
        plain = text.removeprefix(BOM) + ("" if self._had_last_newline else self._newline)
        self._source = plain.encode()
        self._syntax = parse_syntax(self._source)

    @property
    def text(self) -> str:
        """The text as it is now."""
        plain = self._source.decode()
        return self._bom + (plain if self._had_last_newline else plain.removesuffix(self._newline))

    def put(self, path: Names, value: Value) -> None:
        """Give a setting a value, in its place or next to related settings.

        Raises:
            EditRefused: there is something else in its way.
        """
        if isinstance(value, dict) and self._put_reference(path, value):
            return
        if not (pair := self._pair(path)):
            self._insert(path, value)
        elif not (isinstance(value, list) and self._put_items(pair, value)):
            self._write(pair.value, encode_like(value, self._written(pair.value), self._newline))

    def drop(self, path: Names) -> None:
        """Remove a setting with its line, and its table if nothing else is in it."""
        while pair := next((pair for pair in self._syntax.pairs if _is_within(pair.path, path)), None):
            if pair.braces:
                self._take_from_braces(pair, pair.braces)
            else:
                self._write(self._lines(pair.names[0].start, pair.value.end), "")
        while table := next((table for table in self._syntax.tables if _is_within(table.path, path)), None):
            self._drop_header(table)
        self._drop_if_empty(path[:-1])

    # Where a setting is already

    def _put_reference(self, path: Names, value: ReferenceTable) -> bool:
        """Change kind and value in a reference that is there, be it in braces, dotted or a table."""
        pair = next(
            (pair for pair in self._syntax.pairs if pair.path[:-1] == path and pair.path[-1] in KIND_NAMES),
            None,
        )
        if not pair:
            return False
        ((kind, inner),) = value.items()
        # The value first: it comes after the name.
        self._write(pair.value, encode_like(inner, self._written(pair.value), self._newline))
        if pair.path[-1] != kind:
            mark = self._written(pair.names[-1])[0]
            self._write(pair.names[-1], f"{mark}{kind}{mark}" if mark in "\"'" else kind)
        return True

    def _put_items(self, pair: Pair, texts: list[str]) -> bool:
        """Take away and add lines in a list that has a line for each text."""
        spans = [span for path, span in self._syntax.items.items() if path[:-1] == pair.path]
        revised = revise_items(self._source, sorted(spans, key=lambda span: span.start), texts, self._newline)
        if revised is None:
            return False
        self._apply(revised)
        return True

    # Where it does not

    def _insert(self, path: Names, value: Value) -> None:
        parent, setting = path[:-1], f"{path[-1]} = {encode(value)}"
        if holder := self._pair(parent):
            self._add_to_braces(holder, setting)
        elif table := next((table for table in self._syntax.tables if table.path == parent), None):
            self._add_line(table, path, setting)
        elif dotted := self._dotted(parent):
            prefix = self._written(
                Span(dotted.names[0].start, dotted.names[len(parent) - len(dotted.table.path) - 1].end)
            )
            self._add_after(dotted, f"{prefix}.{setting}")
        else:
            end = len(self._source)
            self._write(Span(end, end), self._newline.join(["", f"[{'.'.join(parent)}]", setting, ""]))

    def _add_to_braces(self, holder: Pair, setting: str) -> None:
        if not self._written(holder.value).startswith("{"):
            raise EditRefused
        members = [pair for pair in self._syntax.pairs if pair.braces == holder.value]
        if members:
            end = members[-1].value.end
            self._write(Span(end, end), f", {setting}")
        else:
            self._write(holder.value, f"{{ {setting} }}")

    def _add_line(self, table: Table, path: Names, setting: str) -> None:
        """Add a line after the setting that precedes it in the table of settings, or at the top."""
        order = _order(path[:-1])
        lines = [pair for pair in self._syntax.pairs if pair.table is table and not pair.braces]
        for sibling in reversed(order[: order.index(path[-1])]):
            siblings = [pair for pair in lines if _is_within(pair.path, (*path[:-1], sibling))]
            if siblings:
                self._add_after(siblings[-1], setting)
                return
        at = self._lines(table.names[0].start, table.names[-1].end).end if table.names else 0
        self._write(Span(at, at), setting + self._newline)

    def _add_after(self, pair: Pair, setting: str) -> None:
        line = self._lines(pair.names[0].start, pair.value.end)
        indent = self._written(Span(line.start, pair.names[0].start))
        self._write(Span(line.end, line.end), f"{indent}{setting}{self._newline}")

    # What is taken away

    def _take_from_braces(self, pair: Pair, braces: Span) -> None:
        members = [member for member in self._syntax.pairs if member.braces == braces]
        index = members.index(pair)
        if index:
            gone = Span(members[index - 1].value.end, pair.value.end)
        elif len(members) > 1:
            gone = Span(pair.names[0].start, members[1].names[0].start)
        else:
            gone = Span(braces.start + 1, braces.end - 1)
        self._write(gone, "")

    def _drop_if_empty(self, path: Names) -> None:
        for index, table in enumerate(self._syntax.tables):
            if table.path != path or not table.names:
                continue
            following = self._syntax.tables[index + 1 :][:1]
            start = self._lines(table.names[0].start, table.names[-1].end).end
            end = self._lines(following[0].names[0].start, 0).start if following else len(self._source)
            has_subtable = any(_is_within(other.path, path) for other in following)
            if not has_subtable and not self._source[start:end].strip():
                self._drop_header(table)
                return

    def _drop_header(self, table: Table) -> None:
        """Remove the line of a table, and the empty line before it."""
        line = self._lines(table.names[0].start, table.names[-1].end)
        before = self._lines(line.start - 1, line.start - 1)
        is_blank = line.start > 0 and not self._source[before.start : before.end].strip()
        self._write(Span(before.start if is_blank else line.start, line.end), "")

    # The text itself

    def _pair(self, path: Names) -> Pair | None:
        return next((pair for pair in self._syntax.pairs if pair.path == path), None)

    def _dotted(self, parent: Names) -> Pair | None:
        """Return the last line that writes something in a table as ``table.name = …``."""
        found = [
            pair
            for pair in self._syntax.pairs
            if _is_within(pair.path, parent) and not pair.braces and len(pair.table.path) < len(parent)
        ]
        return found[-1] if found else None

    def _lines(self, start: int, end: int) -> Span:
        """Return the whole lines that contain something."""
        first = self._source.rfind(b"\n", 0, start) + 1
        return Span(first, self._source.index(b"\n", max(start, end)) + 1)

    def _written(self, span: Span) -> str:
        return self._source[span.start : span.end].decode()

    def _write(self, span: Span, text: str) -> None:
        self._apply([(span, text)])

    def _apply(self, edits: list[Edit]) -> None:
        for span, text in reversed(edits):
            self._source = self._source[: span.start] + text.encode() + self._source[span.end :]
        self._syntax = parse_syntax(self._source)


def _is_within(path: Path, ancestor: Path) -> bool:
    return path[: len(ancestor)] == ancestor


def _order(table: Names) -> list[str]:
    """Return the names of the settings in a table, in the order of the file."""
    field = CONFIG
    for name in table:
        field = next(setting for setting in field.fields if setting.name == name)
    return [setting.name for setting in field.fields]
