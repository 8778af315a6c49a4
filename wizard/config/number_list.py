"""Reads lists of organisation numbers: lines, CSV from a spreadsheet, or TOML.

No row is skipped silently. A row without a valid number is reported with its line, because a client that
is left out would not be checked.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from wizard.domain.setup import has_valid_check_digit, normalise_org_number, parse_org_number
from wizard.files.reading import LIST_LIMIT, decode_leniently, parse_toml, read_named
from wizard.findings import Finding, Position, Term
from wizard.text import N_

_DELIMITERS: Final = ";\t|,"
"""In order of preference: a comma may be part of a name, or a decimal point."""

_LONGEST_CELL: Final = 20
"""The maximum number of lines in a cell, beyond which its quotation mark is considered a stray one."""

_HEADER_ROWS: Final = 20
_SPREADSHEETS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
# «310000019.0», «310000019,00», «310 000 019,00», «310,000,019.0»: numbers as a spreadsheet formats them.
_DECIMALS: Final = re.compile(r"(\d{9}|\d{3}(?:[ '’.]\d{3}){2}|\d{3}(?:,\d{3}){2})[.,]0{1,6}")
_THOUSANDS: Final = re.compile(r"\d{3}([,'’])\d{3}\1\d{3}")
# «'310000019» and «="310000019"» make a spreadsheet treat a number as text.
_AS_TEXT: Final = re.compile(r"""=?["'’](.*?)["']?""")
_COMMENT: Final = re.compile(r"\s#.*", re.DOTALL)
_HEADER: Final = re.compile(
    r"(?:klient|kunde|client|customer)?(?:org|organisasjons|organi[sz]ation|foretaks)(?:nr|no|num|nummer|number)s?"
)
_SPACES: Final = re.compile(r" *")
_CLOSING: Final = re.compile(r'(?:[^"]|"")*+"(?!")')
"""The rest of a quoted cell after its opening quotation mark."""


class NotAList(Exception):
    """The file is not a list of organisation numbers; ``problem`` is a message id."""

    def __init__(self, problem: Term) -> None:
        super().__init__(problem)
        self.problem = problem


class NumberList(NamedTuple):
    """The numbers in the order of the file without duplicates, and findings about invalid rows."""

    numbers: tuple[str, ...]
    findings: tuple[Finding, ...]


class _Row(NamedTuple):
    """The cells of a row, and the line on which it begins."""

    line: int
    cells: tuple[str, ...]

    def cell(self, column: int) -> str:
        return self.cells[column] if column < len(self.cells) else ""

    @property
    def numbers(self) -> list[str]:
        """The cells that contain a valid organisation number."""
        return [cell for cell in self.cells if _is_number(cell)]

    @property
    def is_all_numbers(self) -> bool:
        return all(_is_number(cell) for cell in self.cells if cell)


def read_numbers(name: str | Path) -> NumberList:
    """Read a list, which may have a header, names next to the numbers, and empty lines.

    Raises:
        OSError: If the file cannot be read, is not a regular file, or is larger than 4 MiB.
        NotAList: If it is a spreadsheet or invalid TOML, or if the column is ambiguous.
    """
    data = read_named(name, LIST_LIMIT)
    if data.startswith(_SPREADSHEETS):
        raise NotAList(Term(N_("it is a spreadsheet; save it as CSV, and give that file")))
    text = decode_leniently(data)
    cells = _toml_cells(text) if str(name).lower().endswith(".toml") else _cells(text)
    numbers: dict[str, None] = {}
    findings = []
    for line, cell in cells:
        number = parse_org_number(_bare(cell))
        if isinstance(number, Finding):
            findings.append(number.at(Position(line, 1)))
        else:
            numbers[number] = None
    return NumberList(tuple(numbers), tuple(findings))


def _bare(cell: str) -> str:
    """Return a cell without comments and the formatting of a spreadsheet."""
    text = " ".join(_COMMENT.sub("", cell).split())
    if quoted := _AS_TEXT.fullmatch(text):
        text = quoted[1].strip()
    if decimal := _DECIMALS.fullmatch(text):
        text = decimal[1]
    return re.sub(r"[,'’]", "", text) if _THOUSANDS.fullmatch(text) else text.replace("'", " ")


def _is_number(cell: str) -> bool:
    digits = normalise_org_number(_bare(cell))
    return digits is not None and has_valid_check_digit(digits)


def _resembles_number(cell: str) -> bool:
    return re.fullmatch(r"\d{7,}", re.sub(r"[\s.,'\-]", "", _bare(cell))) is not None


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _cells(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the cell that should contain the number, for each row."""
    rows = _unwrapped(list(_rows(text)))
    for at, row in enumerate(rows[:_HEADER_ROWS]):
        named = [column for column, cell in enumerate(row.cells) if _is_header(cell)]
        if named and not any(map(_is_number, row.cells)):
            # Titles are allowed above a header, but numbers there are reported.
            yield from (
                (above.line, cell) for above in rows[:at] for cell in above.cells if _resembles_number(cell)
            )
            yield from _below_header(rows[at + 1 :], _choose_column(named, rows[at + 1 :]))
            return
    if all(row.is_all_numbers for row in rows):
        yield from ((row.line, cell) for row in rows for cell in row.cells if cell)
    else:
        yield from _without_header(rows)


def _unwrapped(rows: list[_Row]) -> list[_Row]:
    """Return the rows of a file in which each whole row is in quotation marks: ``"Orgnr;Navn"``."""
    delimiter = max(_DELIMITERS, key=lambda char: sum(char in row.cells[0] for row in rows))
    if not all(len(row.cells) == 1 and delimiter in row.cells[0] and not row.numbers for row in rows):
        return rows
    return [_Row(row.line, tuple(_record([row.cells[0]], 0, delimiter)[0])) for row in rows]


def _is_header(cell: str) -> bool:
    return _HEADER.fullmatch(re.sub(r"[^a-zæøå]", "", cell.casefold())) is not None


def _choose_column(named: list[int], rows: list[_Row]) -> int:
    """Return the first of the columns with a header for organisation numbers.

    Raises:
        NotAList: If another one has different numbers.
    """
    for column in named[1:]:
        pairs = ((row.cell(named[0]), row.cell(column)) for row in rows)
        if any(_is_number(second) and _bare(first) != _bare(second) for first, second in pairs):
            raise NotAList(
                Term(N_("two columns have a header for organisation numbers; remove the wrong one"))
            )
    return named[0]


def _below_header(rows: list[_Row], column: int) -> Iterator[tuple[int, str]]:
    for row in rows:
        if not _is_header(row.cell(column)):
            yield row.line, row.cell(column)


def _without_header(rows: list[_Row]) -> Iterator[tuple[int, str]]:
    column = _likeliest_column(rows)
    for at, row in enumerate(rows):
        cell = row.cell(column)
        if at == 0 and cell and not any(map(_has_digit, row.cells)):
            continue  # an unknown header
        if not _has_digit(cell) and len(row.numbers) == 1:
            cell = row.numbers[0]
        yield row.line, cell


def _likeliest_column(rows: list[_Row]) -> int:
    """Return the column with the most organisation numbers or, if there are none, the most cells with digits.

    Raises:
        NotAList: If another column has almost as many.
    """
    for is_meant in (_is_number, _has_digit):
        counts = Counter(
            column for row in rows for column, cell in enumerate(row.cells) if is_meant(cell)
        ).most_common(2)
        if counts:
            if is_meant is _is_number and len(counts) > 1 and counts[1][1] * 2 >= counts[0][1]:
                raise NotAList(
                    Term(N_("two columns contain organisation numbers; write “orgnr” above the right one"))
                )
            return counts[0][0]
    return 0


def _rows(text: str) -> Iterator[_Row]:
    """Yield the rows that are neither empty nor comments."""
    lines = _LINE_END.split(text)
    begin = 0
    delimiter = max(_DELIMITERS, key=lambda char: sum(char in line for line in lines))
    if lines[0].strip().lower().startswith("sep="):  # written by Excel
        begin, delimiter = 1, lines[0].strip()[4:5] or delimiter
    while begin < len(lines):
        line, length = lines[begin], 1
        if _is_number(line):
            cells = [line]
        else:
            cells, length = _record(lines, begin, delimiter)
        is_comment = _is_comment(line.lstrip(), cells)
        if any(cells) and not is_comment:
            yield _Row(begin + 1, tuple(cells))
        begin += 1 if is_comment else length


def _is_comment(line: str, cells: list[str]) -> bool:
    """Return whether a line is a comment, as opposed to a name or number that begins with ``#``.

    «#1 Bakeri AS;310000027» is a client, and so are the rows below a header of «#;Orgnr».
    """
    if not line.startswith("#") or cells[0] == "#":
        return False
    return line[1:2].isspace() or _is_number(cells[0][1:]) or not any(map(_is_number, cells[1:]))


def _record(lines: list[str], begin: int, delimiter: str) -> tuple[list[str], int]:
    """Return the cells of the record that begins on a line, and its number of lines.

    A quotation mark is ignored if it is not closed, or if the cell would span several rows with cells.
    """
    for length in range(1, min(_LONGEST_CELL, len(lines) - begin) + 1):
        cells = _split("\n".join(lines[begin : begin + length]), delimiter)
        if cells is not None and not any("\n" in cell and delimiter in cell for cell in cells):
            return [cell.strip() for cell in cells], length
        if cells is not None:
            break
    return [cell.strip().strip('"').strip() for cell in lines[begin].split(delimiter)], 1


def _split(record: str, delimiter: str) -> list[str] | None:
    """Return the cells of a CSV record, or None if a quotation mark is not closed."""
    cells, at = [], 0
    while True:
        start = spaces.end() if (spaces := _SPACES.match(record, at)) else at
        if record.startswith('"', start):
            closed = _CLOSING.search(record, start + 1)
            if closed is None:
                return None
            end = record.find(delimiter, closed.end())
            tail = record[closed.end() : end if end >= 0 else len(record)]
            cells.append(record[start + 1 : closed.end() - 1].replace('""', '"') + tail)
        else:
            end = record.find(delimiter, at)
            cells.append(record[at : end if end >= 0 else len(record)])
        if end < 0:
            return cells
        at = end + 1


def _toml_cells(text: str) -> Iterator[tuple[int, str]]:
    try:
        document = parse_toml(text)
    except (ValueError, RecursionError):
        raise NotAList(Term(N_("it is not TOML"))) from None
    finale = document.get("finale")
    for holder in (document, finale if isinstance(finale, dict) else {}):
        clients = holder.get("clients")
        if isinstance(clients, list):
            for client in clients:
                # tomllib has no line numbers; the first occurrence of the text is close enough.
                cell = str(client)
                yield text.count("\n", 0, max(text.find(cell), 0)) + 1, cell
