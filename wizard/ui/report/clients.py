"""Reports of the clients that an office key has access to, and those that are missing."""

import csv
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal, TextIO

from wizard.checks.outcomes import FIGURES, CheckId
from wizard.checks.results import ClientReport, ClientRow
from wizard.domain.legible import encodable, visible
from wizard.domain.setup import format_org_number
from wizard.text import N_, Texts
from wizard.ui.report import status_width, status_word
from wizard.ui.report.forms import Json, dump, finding_document, write_document
from wizard.ui.report.text import FEW, ReportWriter

ClientFormat = Literal["text", "json", "csv"]

_WORST_FIRST: Final = ("invalid", "unknown", "warning", "valid")
_NOTES: Final = {
    "invalid": N_("no figures"),
    "unknown": N_("figures not checked"),
    "warning": N_("not all figures"),
}
_FORMULA_STARTS: Final = ("=", "+", "-", "@")
"""Characters with which a spreadsheet formula begins (OWASP, CSV injection)."""


def write_clients(
    report: ClientReport, wanted: ClientFormat, out: TextIO, t: Texts, *, colour: bool = False
) -> None:
    """Write a list of clients, with missing ones and those without figures first.

    Args:
        report: The clients in any order, and the findings, which CSV does not include.
        wanted: The format.
        out: The output stream.
        t: The language.
        colour: Whether to colour text.
    """
    rows = sorted(report.rows, key=_rank)
    match wanted:
        case "text":
            _write_text(report, rows, ReportWriter(out, colour=colour), t)
        case "json":
            _write_json(report, rows, out, t)
        case "csv":
            _write_csv(report, rows, out, t)


def _rank(row: ClientRow) -> tuple[bool, int, str, str]:
    return row.is_reached, _WORST_FIRST.index(row.status), (row.name or "").casefold(), row.org_number or ""


def _write_text(report: ClientReport, rows: Sequence[ClientRow], writer: ReportWriter, t: Texts) -> None:
    width = status_width(t, with_warning=report.with_figures)
    for row in rows:
        number = format_org_number(row.org_number or "–").ljust(len("000 000 000"))
        name = row.name or (t("a company without a name") if row.is_reached else t("no access"))
        note = _note(row, t) if row.figures is not None else ""
        line = f"{number}  {name}: {note}" if note else f"{number}  {name}"
        writer.headed(row.status, t, line, width=width)
    if rows:
        writer.line()
    writer.findings(report.findings, t, most=FEW)  # the rows show the clients that they are about
    reached = sum(row.is_reached for row in rows)
    missing = len(rows) - reached
    counts = [t.plural("{n} client with access", "{n} clients with access", reached)]
    if missing:
        counts.append(t("{n} without access", n=missing))
    if refused := sum(row.is_reached and row.status == "invalid" for row in rows):
        counts.append(t("{n} without figures", n=refused))
    if rows or not report.findings:
        writer.line(f"{', '.join(counts)}.")


def _note(row: ClientRow, t: Texts) -> str:
    if row.status == "warning" and row.figure(CheckId.BALANCES) == "warning":
        return t("nothing has been posted")
    return t(_NOTES[row.status]) if row.status in _NOTES else ""


def _write_json(report: ClientReport, rows: Sequence[ClientRow], out: TextIO, t: Texts) -> None:
    reached = sum(row.is_reached for row in rows)
    clients = (dump(_client_document(row, report), out.encoding) for row in rows)
    found = (dump(finding_document(finding, t), out.encoding) for finding in report.findings)
    write_document(
        out,
        {"summary": {"reached": reached, "missing": len(rows) - reached}},
        {"clients": clients, "findings": found},
    )


def _client_document(row: ClientRow, report: ClientReport) -> Json:
    document: dict[str, Json] = {
        "name": row.name,
        "org_number": row.org_number,
        "reached": row.is_reached,
    }
    if report.with_figures:
        document["figures"] = row.status if row.is_reached else None
        document |= {check.value: row.figure(check) for check in FIGURES}
    return document


def _write_csv(report: ClientReport, rows: Sequence[ClientRow], out: TextIO, t: Texts) -> None:
    """Write a table for a spreadsheet. Programs should use JSON.

    The separator is a semicolon, which spreadsheets expect in countries with a decimal comma.
    """
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    columns = [t("Org. number"), t("Client"), t("Reached")]
    if report.with_figures:
        columns += [t("Figures"), t("Chart of accounts"), t("Balances"), t("Transactions")]
    writer.writerow(columns)
    for row in rows:
        cells = [row.org_number or "", row.name or "", t("yes") if row.is_reached else t("no")]
        if report.with_figures:
            statuses = (row.status if row.is_reached else None, *(row.figure(check) for check in FIGURES))
            cells += ["" if status is None else status_word(status, t) for status in statuses]
        writer.writerow([_without_formula(encodable(visible(cell), out.encoding)) for cell in cells])


def _without_formula(cell: str) -> str:
    """Escape a cell that a spreadsheet would treat as a formula."""
    # Full-width characters and leading spaces are treated as formulas as well.
    begin = unicodedata.normalize("NFKC", cell.lstrip())
    return f"'{cell}" if begin.startswith(_FORMULA_STARTS) else cell
