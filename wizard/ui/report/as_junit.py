"""The report that continuous integration reads: JUnit's XML, one test case for each config.

A config that is wrong is a ``failure``. One that could not be checked is an ``error``: in JUnit's
words a test that could not be carried out. It is not ``skipped``, which would leave the run green
although nothing was proven. Warnings and notes stand in ``system-out`` and change nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape  # xml.sax.saxutils does the same, and imports urllib for it
from typing import Final, TextIO

from wizard.actions.results import FileResult
from wizard.findings import Finding, Verdict
from wizard.text import Texts
from wizard.ui.legible import visible
from wizard.ui.report.base import Report
from wizard.ui.wording import finding_word

_TOOL: Final = "tripletex-wizard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that was checked.

    Attributes:
        name: What it is called; unique in a report.
        command: The command that checked it.
        file: The file to go to, if it is one.
    """

    name: str
    command: str
    verdict: Verdict
    findings: Sequence[Finding] = ()
    file: str | None = None


class JunitReport(Report):
    """Holds the cases back as text, because the totals stand before them."""

    def __init__(self, out: TextIO, t: Texts) -> None:
        super().__init__(out, t)
        self._cases: list[str] = []

    def _take(self, result: FileResult) -> None:
        case = Case(
            name=result.path,
            command="validate",
            verdict=result.status,
            findings=result.findings,
            file=result.path,
        )
        self._cases.append(case_text(case, self._t))

    def finish(self) -> None:
        """Write the whole document."""
        summary = self.summary
        write_suite(self._out, "validate", self._cases, failures=summary.invalid, errors=summary.unknown)


def write_suite(out: TextIO, command: str, cases: Sequence[str], *, failures: int, errors: int) -> None:
    """Write a document with one suite. Only ASCII, so that no encoding can break it."""
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}"'
    out.write('<?xml version="1.0" encoding="utf-8"?>\n')
    out.write(f'<testsuites name="{_TOOL}" {counts}>\n')
    out.write(f'  <testsuite name="{_TOOL} {command}" {counts} skipped="0">\n')
    out.writelines(cases)
    out.write("  </testsuite>\n</testsuites>\n")


def case_text(case: Case, t: Texts) -> str:
    """Return one test case as XML."""
    errors = [finding for finding in case.findings if finding.is_error]
    notes = [finding for finding in case.findings if not finding.is_error]
    about = _attributes(classname=f"{_TOOL}.{case.command}", name=case.name, file=case.file)
    lines = [f"    <testcase{about}>"]
    if case.verdict is not Verdict.VALID:
        tag = "failure" if case.verdict is Verdict.INVALID else "error"
        # What is definitely wrong gives the case its message, wherever it stands.
        first = min(errors, key=lambda finding: finding.code.is_unknown, default=None)
        about = _attributes(type=first.code.id, message=first.message(t)) if first else ""
        lines.append(f"      <{tag}{about}>{_told(errors, case, t)}</{tag}>")
    if notes:
        lines.append(f"      <system-out>{_told(notes, case, t)}</system-out>")
    lines.append("    </testcase>")
    return "\n".join(lines).encode("ascii", "xmlcharrefreplace").decode() + "\n"


def _told(findings: Iterable[Finding], case: Case, t: Texts) -> str:
    """Return findings as lines of text."""
    lines: list[str] = []
    for finding in findings:
        place = f"{case.name}:{finding.place.line}:{finding.place.column}: " if finding.place else ""
        lines.append(f"{place}{finding_word(finding, t)} {finding.code.id}: {finding.message(t)}")
        lines.append(t("Advice: {hint}", hint=finding.hint(t)))
        if finding.request_id:
            lines.append(t("Tripletex's request id: {request}", request=finding.request_id))
    return escape("\n".join(map(visible, lines)), quote=False)


def _attributes(**values: str | None) -> str:
    return "".join(
        f' {name}="{escape(visible(value))}"' for name, value in values.items() if value is not None
    )
