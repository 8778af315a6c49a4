"""Lines and columns of settings, for messages."""

from bisect import bisect_right
from itertools import accumulate

from wizard.config.flaw import Flaw, Path
from wizard.config.syntax import Span, parse_syntax
from wizard.findings import Position


class Positions:
    """Finds the positions of things in one text, which has no BOM."""

    def __init__(self, text: str) -> None:
        self._source = text.encode()
        self._syntax = parse_syntax(self._source)
        self._lines = [0, *accumulate(len(line) + 1 for line in self._source.split(b"\n"))]
        self._names: dict[Path, Span] = {}
        self._values: dict[Path, Span] = dict(self._syntax.items)
        for table in self._syntax.tables:
            self._add_names(table.path, table.names)
        for pair in self._syntax.pairs:
            self._add_names(pair.path, pair.names)
            self._values.setdefault(pair.path, pair.value)

    def place_of(self, flaw: Flaw) -> Position | None:
        """Return where a flaw is to be shown, or None when no place in the file is meant.

        A table that is spread over several lines has no one place for its value: its name serves.
        """
        path = flaw.path
        span = None if flaw.is_name else self._values.get(path)
        span = span or self._names.get(path) or self._values.get(path)
        return self.place_at(span.start) if span else None

    def comments(self) -> list[tuple[Position, str]]:
        """Return every comment, without its ``#``, and its position."""
        return [
            (self.place_at(span.start), self._source[span.start + 1 : span.end].decode())
            for span in self._syntax.comments
        ]

    def place_at(self, byte: int) -> Position:
        """Return the line and the column, in code points, of a byte."""
        line = bisect_right(self._lines, byte)
        return Position(line, len(self._source[self._lines[line - 1] : byte].decode()) + 1)

    def _add_names(self, path: Path, names: tuple[Span, ...]) -> None:
        plain = [index for index, part in enumerate(path) if isinstance(part, str)]
        for end, span in zip(reversed(plain), reversed(names), strict=False):
            self._names.setdefault(path[: end + 1], span)
