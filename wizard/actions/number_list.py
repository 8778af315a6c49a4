"""Reads a list of organisation numbers as people keep them: lines, CSV from Excel, or TOML."""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wizard.domain.org_number import normalise_org_number, parse_org_number
from wizard.findings import Finding, Place

_LARGEST = 4 * 1024 * 1024
_DELIMITERS = ";,\t|"


@dataclass(frozen=True, slots=True)
class NumberList:
    """The numbers in the order of the file, each once, and what could not be read."""

    numbers: tuple[str, ...]
    findings: tuple[Finding, ...]


def read_numbers(path: Path) -> NumberList:
    """Read a list; a header, names beside the numbers and blank lines are all right.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(_LARGEST)
    text = _decoded(data)
    cells = _toml_cells(text) if path.suffix == ".toml" else _csv_cells(text)
    numbers: dict[str, None] = {}
    findings = []
    for place, cell in cells:
        number = parse_org_number(cell)
        if isinstance(number, Finding):
            findings.append(number.at(place))
        else:
            numbers[number] = None
    return NumberList(tuple(numbers), tuple(findings))


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel on a Norwegian Windows calls CSV.
        return data.decode("cp1252", errors="replace")


def _csv_cells(text: str) -> Iterator[tuple[Place, str]]:
    """Yield the cell of each line that is meant to be a number: nine digits, or nearly so."""
    lines = text.splitlines()
    delimiter = max(_DELIMITERS, key=lambda sign: sum(sign in line for line in lines))
    for number, row in enumerate(csv.reader(lines, delimiter=delimiter), 1):
        cells = [cell.strip() for cell in row if cell.strip() and not cell.lstrip().startswith("#")]
        meant = [cell for cell in cells if normalise_org_number(cell)]
        # A line of one cell with digits in it is a number gone wrong; a header has none.
        if not meant and len(cells) == 1 and any(sign.isdigit() for sign in cells[0]):
            meant = cells
        if meant:
            yield Place(number, 1), meant[0]


def _toml_cells(text: str) -> Iterator[tuple[Place, str]]:
    try:
        document = tomllib.loads(text)
    except ValueError:
        return
    finale = document.get("finale")
    holders = [document, finale if isinstance(finale, dict) else {}]
    for holder in holders:
        clients = holder.get("clients")
        if isinstance(clients, list):
            yield from ((Place(1, 1), str(client)) for client in clients)
