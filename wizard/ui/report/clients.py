"""The clients that an office key has access to, and those that are missing."""

import csv
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal, TextIO

from wizard.checks.results import ClientRow
from wizard.domain.legible import encodable, visible
from wizard.domain.org_number import format_org_number
from wizard.findings import Finding, Verdict
from wizard.text import Texts
from wizard.ui.report.forms import dump, finding_document, write_document
from wizard.ui.report.text import ReportWriter, Style
from wizard.ui.wording import verdict_width, verdict_word

ClientFormat = Literal["text", "json", "csv"]

_ACTIVE: Final = ("=", "+", "-", "@")
"""What a cell begins with that a spreadsheet takes for a formula (OWASP, CSV injection)."""


def write_clients(
    rows: Iterable[ClientRow],
    findings: Sequence[Finding],
    wanted: ClientFormat,
    out: TextIO,
    t: Texts,
    *,
    colour: bool = False,
) -> None:
    """Write a list of clients, those that are missing first.

    Args:
        rows: The clients, in any order.
        findings: What was wrong, or why they could not be read; every format but CSV shows them.
        wanted: The form.
        out: Where it is written.
        t: The language.
        colour: Whether text is coloured.
    """
    ordered = sorted(
        rows, key=lambda row: (row.is_reached, (row.name or "").casefold(), row.org_number or "")
    )
    if wanted == "text":
        _write_text(ordered, findings, ReportWriter(out, colour=colour), t)
    else:
        _WRITERS[wanted](ordered, findings, out, t)


def _write_text(
    rows: Sequence[ClientRow], findings: Sequence[Finding], writer: ReportWriter, t: Texts
) -> None:
    for row in rows:
        said = Verdict.VALID if row.is_reached else Verdict.INVALID
        word = verdict_word(said, t).ljust(verdict_width(t))
        number = format_org_number(row.org_number or "–").ljust(len("000 000 000"))
        name = row.name or (t("a company without a name") if row.is_reached else t("no access"))
        writer.line((word, Style.GREEN if row.is_reached else Style.RED), f"  {number}  ", name)
    if rows:
        writer.line()
    for finding in findings:
        writer.finding(finding, t)
    reached = sum(row.is_reached for row in rows)
    missing = len(rows) - reached
    counts = [t.plural("{n} client with access", "{n} clients with access", reached)]
    if missing:
        counts.append(t("{n} without access", n=missing))
    if rows or not findings:
        writer.line(f"{', '.join(counts)}.")


def _write_json(rows: Sequence[ClientRow], findings: Sequence[Finding], out: TextIO, t: Texts) -> None:
    reached = sum(row.is_reached for row in rows)
    clients = (
        dump({"name": row.name, "org_number": row.org_number, "reached": row.is_reached}, out.encoding)
        for row in rows
    )
    found = (dump(finding_document(finding, t), out.encoding) for finding in findings)
    write_document(
        out,
        {"summary": {"reached": reached, "missing": len(rows) - reached}},
        {"clients": clients, "findings": found},
    )


def _write_csv(rows: Sequence[ClientRow], findings: Sequence[Finding], out: TextIO, t: Texts) -> None:  # noqa: ARG001
    """Write a table for a spreadsheet: programs are better served by JSON.

    Semicolons, because spreadsheets expect them where the comma is the decimal separator.
    """
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([t("Org. number"), t("Client"), t("Reached")])
    for row in rows:
        cells = (row.org_number or "", row.name or "", t("yes") if row.is_reached else t("no"))
        writer.writerow([_inert(encodable(visible(cell), out.encoding)) for cell in cells])


def _inert(cell: str) -> str:
    """Return a cell that a spreadsheet shows and does not compute."""
    # Full-width characters count too, and spaces before a character do not help.
    begin = unicodedata.normalize("NFKC", cell.lstrip())
    return f"'{cell}" if begin.startswith(_ACTIVE) else cell


_WRITERS: Final[Mapping[str, Callable[[Sequence[ClientRow], Sequence[Finding], TextIO, Texts], None]]] = {
    "json": _write_json,
    "csv": _write_csv,
}
