"""The report that programs read: exactly what ``report.schema.json`` describes."""

import codecs
import json
from collections.abc import Iterable, Mapping
from typing import Final, TextIO

from wizard import __version__
from wizard.actions.results import FileResult
from wizard.findings import Finding
from wizard.text import Texts
from wizard.ui.legible import is_hidden
from wizard.ui.report.base import Report

SCHEMA_VERSION: Final = 1

Json = str | int | bool | None | list["Json"] | dict[str, "Json"]


class JsonReport(Report):
    """Holds the results back as text, one line each, because the totals stand before them."""

    def __init__(self, out: TextIO, t: Texts) -> None:
        super().__init__(out, t)
        self._lines: list[str] = []

    def _take(self, result: FileResult) -> None:
        self._lines.append(dump(_result(result, self._t), self._out.encoding))

    def finish(self) -> None:
        """Write the whole document."""
        summary = self.summary
        counts: Json = {"valid": summary.valid, "invalid": summary.invalid, "unknown": summary.unknown}
        write_document(self._out, {"summary": counts}, {"results": self._lines})


def write_document(out: TextIO, values: Mapping[str, Json], lists: Mapping[str, Iterable[str]]) -> None:
    """Write a document with the head of every report, then values, then lists of dumped items."""
    head: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "tripletex-wizard", "version": __version__},
        **values,
    }
    out.write("{")
    out.writelines(f'\n  "{name}": {dump(value, out.encoding)},' for name, value in head.items())
    for place, (name, items) in enumerate(lists.items()):
        out.write(f'{"," if place else ""}\n  "{name}": [')
        number = 0
        for number, item in enumerate(items, start=1):
            out.write(f"{',' if number > 1 else ''}\n    {item}")
        out.write("\n  ]" if number else "]")
    out.write("\n}\n")


def dump(value: Json, encoding: str | None) -> str:
    """Return JSON on one line, in what an encoding carries and a terminal shows.

    Norwegian letters stand as they are in UTF-8. Everything that nobody would see, and every other
    letter in another encoding, is escaped as JSON allows: it reads back the same.
    """
    is_utf_8 = encoding is None or codecs.lookup(encoding).name == "utf-8"
    text = json.dumps(_sound(value), ensure_ascii=not is_utf_8)
    if text.isprintable():
        return text
    return "".join(json.dumps(sign)[1:-1] if is_hidden(sign) else sign for sign in text)


def finding_document(finding: Finding, t: Texts) -> Json:
    """Return a finding as it stands in every report."""
    return {
        "code": finding.code.id,
        "severity": finding.severity.value,
        "message": finding.message(t),
        "hint": finding.hint(t),
        "step": finding.step.value if finding.step else None,
        "line": finding.place.line if finding.place else None,
        "column": finding.place.column if finding.place else None,
        "request_id": finding.request_id,
    }


def _result(result: FileResult, t: Texts) -> Json:
    company = result.company
    return {
        "path": result.path,
        "status": result.status.value,
        "setup": result.setup.value if result.setup else None,
        "environment": result.environment.value if result.environment else None,
        "company": {"name": company.name, "org_number": company.org_number} if company else None,
        "findings": [finding_document(finding, t) for finding in result.findings],
    }


def _sound(value: Json) -> Json:
    """Write lone surrogates out: file names may hold them, strict readers of JSON refuse them."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case list():
            return [_sound(item) for item in value]
        case dict():
            return {name: _sound(item) for name, item in value.items()}
        case _:
            return value
