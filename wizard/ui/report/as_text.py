"""The report that a person reads: a line for each file, below it what was found and what to do."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, TextIO

from wizard.actions.results import FileResult, Summary
from wizard.domain.org_number import format_org_number
from wizard.findings import Finding, Place, Severity, Verdict
from wizard.text import Texts
from wizard.ui.legible import encodable, visible
from wizard.ui.report.base import Report
from wizard.ui.report.excerpt import excerpt, lines_of, shows_lines
from wizard.ui.wording import finding_word, verdict_width, verdict_word


class Style(StrEnum):
    """How a piece of text is set off where colour is wanted (ECMA-48, 8.3.117)."""

    STRONG = "1"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    CYAN = "36"


_BY_VERDICT: Final = {
    Verdict.VALID: Style.GREEN,
    Verdict.INVALID: Style.RED,
    Verdict.UNKNOWN: Style.YELLOW,
}


class Pen:
    """Writes lines to a stream, in colour or not; nothing in them acts on the terminal."""

    def __init__(self, out: TextIO, *, colour: bool) -> None:
        self._out = out
        self._colour = colour

    @property
    def encoding(self) -> str | None:
        """The encoding of what is written on."""
        return self._out.encoding

    def line(self, *pieces: str | tuple[str, Style]) -> None:
        """Write a line put together from pieces, some of them with a style."""
        text = "".join(map(self._set, pieces)).rstrip()
        self._out.write(encodable(text, self._out.encoding) + "\n")

    def _set(self, piece: str | tuple[str, Style]) -> str:
        text, style = piece if isinstance(piece, tuple) else (piece, None)
        text = visible(text)
        return f"\x1b[{style}m{text}\x1b[0m" if style and self._colour else text


class TextReport(Report):
    """Streams each file as it comes; the totals stand last."""

    def __init__(self, out: TextIO, t: Texts, *, colour: bool = False, is_quiet: bool = False) -> None:
        """Begin a report.

        Args:
            out: Where it is written.
            t: The language.
            colour: Whether to colour words that can be told apart without.
            is_quiet: Whether to leave out the files that are in order, and the totals if all are.
        """
        super().__init__(out, t)
        self._pen = Pen(out, colour=colour)
        self._is_quiet = is_quiet
        self._is_spaced = True

    def _take(self, result: FileResult) -> None:
        if self._is_quiet and result.status is Verdict.VALID:
            return
        if result.findings and not self._is_spaced:
            self._pen.line()
        word = verdict_word(result.status, self._t).ljust(verdict_width(self._t))
        company = f"  {_company(result)}" if result.company else ""
        self._pen.line((word, _BY_VERDICT[result.status]), "  ", (result.path, Style.STRONG), company)
        # Once for all findings: there may be as many as lines.
        lines = lines_of(result.text) if result.text and shows_lines(result.findings) else ()
        for finding in result.findings:
            tell_finding(finding, self._pen, self._t)
            if finding.place is not None:
                self._tell_place(finding.place, result.path, lines)
            tell_hint(finding, self._pen, self._t)
        self._is_spaced = bool(result.findings)
        if result.findings:
            self._pen.line()

    def _tell_place(self, place: Place, path: str, lines: Sequence[str]) -> None:
        # In the form that editors and terminals make a link of.
        self._pen.line("    --> ", f"{path}:{place.line}:{place.column}")
        shown = excerpt(lines, place, self._pen.encoding)
        if shown is not None:
            number = str(place.line)
            self._pen.line(f"    {number} | ", shown.line)
            self._pen.line(f"    {' ' * len(number)} | ", (shown.mark, Style.STRONG))

    def finish(self) -> None:
        """Write the totals."""
        if self._is_quiet and self.summary.verdict is Verdict.VALID:
            return
        if not self._is_spaced:
            self._pen.line()
        self._pen.line(_totals(self.summary, self._t))


def tell_finding(finding: Finding, pen: Pen, t: Texts) -> None:
    """Write what was found."""
    style = {Severity.ERROR: Style.RED, Severity.WARNING: Style.YELLOW, Severity.INFO: Style.CYAN}
    is_unknown = finding.is_error and finding.code.is_unknown
    word = (f"{finding_word(finding, t)} {finding.code.id}", style[finding.severity])
    pen.line("  ", (word[0], Style.YELLOW) if is_unknown else word, ": ", finding.message(t))


def tell_hint(finding: Finding, pen: Pen, t: Texts) -> None:
    """Write what to do about it, and what Tripletex calls the request."""
    if hint := finding.hint(t):
        pen.line("    ", (t("advice:"), Style.CYAN), " ", hint)
    if finding.request_id:
        pen.line("    ", t("Tripletex's request id: {request}", request=finding.request_id))


def _company(result: FileResult) -> str:
    if result.company is None:
        return ""
    number = format_org_number(result.company.org_number) if result.company.org_number else ""
    if not result.company.name:
        return number
    return f"{result.company.name} ({number})" if number else result.company.name


def _totals(summary: Summary, t: Texts) -> str:
    parts = (
        (summary.valid, t("{n} in order", n=summary.valid)),
        (summary.invalid, t("{n} with errors", n=summary.invalid)),
        (summary.unknown, t("{n} could not be checked", n=summary.unknown)),
    )
    files = t.plural("{n} config", "{n} configs", summary.total)
    told = ", ".join(text for count, text in parts if count)
    return f"{files}: {told}." if told else f"{files}."
