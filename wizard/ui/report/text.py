"""The text report: the worst results first, and one block for each cause."""

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, TextIO

from wizard.checks.results import FileResult
from wizard.domain.excerpt import Excerpt, excerpts_of
from wizard.domain.legible import encodable, visible
from wizard.domain.setup import Setup, format_org_number
from wizard.findings import Code, Finding, Phrase, Severity, Verdict
from wizard.text import Texts
from wizard.ui.report import finding_word, status_width, status_word
from wizard.ui.report.forms import JsonReport, JunitReport, PrometheusReport, Report

WIDTH: Final = 79
FEW: Final = 3
"""How many configs of a block are listed without ``-v``."""
_MANY: Final = 10
"""How many findings with the same code in one config are shown; of more, only a few are."""

_COMMAND: Final = re.compile(r"`[^`]*`")
_GLUE: Final = "\0"
"""Replaces spaces in a command, to keep it on one line. Text for display never contains it."""


class Style(StrEnum):
    """An escape code for the style of text (ECMA-48, 8.3.117)."""

    STRONG = "1"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    CYAN = "36"


STYLES: Final = {
    "valid": Style.GREEN,
    "warning": Style.YELLOW,
    "invalid": Style.RED,
    "unknown": Style.YELLOW,
}

Piece = str | tuple[str, Style]


def _style_of(finding: Finding) -> Style:
    match finding.severity:
        case Severity.ERROR:
            return Style.YELLOW if finding.code.is_unknown else Style.RED
        case Severity.WARNING:
            return Style.YELLOW
        case Severity.INFO:
            return Style.CYAN


class ReportWriter:
    """Writes lines to a stream, with or without colour, and with control characters escaped."""

    def __init__(self, out: TextIO, *, colour: bool = False) -> None:
        self._out = out
        self._colour = colour

    @property
    def encoding(self) -> str | None:
        """The encoding of the stream."""
        return self._out.encoding

    def line(self, *pieces: Piece) -> None:
        """Write a line that consists of pieces, which may have a style."""
        text = "".join(self._set(self._shown(piece), piece) for piece in pieces)
        self._out.write(text.rstrip() + "\n")

    def wrapped(self, *pieces: Piece, indent: int, hang: int = 0) -> None:
        """Write text wrapped at ``WIDTH`` columns.

        Args:
            pieces: The text. Only the first piece may have a style.
            indent: The indentation of all lines.
            hang: The additional indentation of all lines but the first.
        """
        shown = [self._shown(piece) for piece in pieces]
        text = _COMMAND.sub(lambda match: match[0].replace(" ", _GLUE), "".join(shown))
        broken = textwrap.wrap(
            text,
            WIDTH,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hang),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, line in enumerate(each.replace(_GLUE, " ") for each in broken):
            if number == 0 and line.startswith(shown[0], indent):
                rest = line[indent + len(shown[0]) :]
                self._out.write(f"{' ' * indent}{self._set(shown[0], pieces[0])}{rest}\n")
            else:
                self._out.write(f"{line}\n")

    def headed(self, status: str, t: Texts, *pieces: Piece, width: int) -> None:
        """Write a line that begins with the word for a status, in a column of the given width."""
        self.line((status_word(status, t).ljust(width), STYLES[status]), "  ", *pieces)

    def finding(self, finding: Finding, t: Texts, *, shown: set[str] | None = None) -> None:
        """Write a finding and its advice, unless the advice is in ``shown``, to which it is added."""
        word = f"{finding_word(finding, t)} {finding.code.id}"
        self.wrapped((word, _style_of(finding)), f": {finding.message(t)}", indent=2, hang=2)
        self.advice(finding, t, indent=4, shown=shown)

    def findings(self, findings: Sequence[Finding], t: Texts, *, most: int = _MANY) -> None:
        """Write findings by code. Of more than ``most`` with the same code, only a few are written."""
        shown: set[str] = set()
        for code in dict.fromkeys(finding.code for finding in findings):
            alike = [finding for finding in findings if finding.code is code]
            some = alike if len(alike) <= most else alike[:FEW]
            for finding in some:
                self.finding(finding, t, shown=shown)
            if rest := len(alike) - len(some):
                self.line("    ", t("and {n} more", n=rest))

    def advice(self, finding: Finding, t: Texts, *, indent: int = 4, shown: set[str] | None = None) -> None:
        """Write the advice and the request id of a finding, unless they are in ``shown``.

        Nobody asks Tripletex about a warning, so its request id is left to JSON.
        """
        hint = finding.hint(t)
        if hint and hint not in (shown or ()):
            self.wrapped(hint, indent=indent)
        if finding.is_error and finding.request_id and finding.request_id not in (shown or ()):
            self.wrapped(t("Tripletex's request id: {request}", request=finding.request_id), indent=indent)
        if shown is not None:
            shown.update({hint, finding.request_id or ""})

    def _shown(self, piece: Piece) -> str:
        text = piece if isinstance(piece, str) else piece[0]
        return encodable(visible(text), self.encoding)

    def _set(self, shown: str, piece: Piece) -> str:
        return f"\x1b[{piece[1]}m{shown}\x1b[0m" if isinstance(piece, tuple) and self._colour else shown


@dataclass(slots=True)
class _Entry:
    """A config in a block."""

    path: str
    about: str
    key: str
    findings: tuple[Finding, ...]
    excerpts: tuple[Excerpt | None, ...] = ()


@dataclass(slots=True)
class _Block:
    """Configs with the same findings, except for the values in the messages."""

    rank: int
    entries: list[_Entry] = field(default_factory=list)

    def has_one_message(self, t: Texts) -> bool:
        messages = {
            tuple((finding.message(t), finding.hint(t)) for finding in entry.findings)
            for entry in self.entries
        }
        return len(messages) == 1


_INVALID, _UNKNOWN, _WARNED, _NOTED, _GOOD = range(5)
_STATUS: Final = ("invalid", "unknown", "warning", "valid", "valid")


class TextReport(Report):
    """A report as text, with one block for each cause, the worst first. Valid configs are counted."""

    def __init__(
        self,
        out: TextIO,
        t: Texts,
        *,
        colour: bool = False,
        is_quiet: bool = False,
        is_verbose: bool = False,
    ) -> None:
        """Create an empty report.

        Args:
            out: The output stream.
            t: The language.
            colour: Whether to use colour, which is never the only difference.
            is_quiet: Whether to leave out valid configs, and the totals if all are valid.
            is_verbose: Whether to list every config.
        """
        super().__init__(out, t)
        self._writer = ReportWriter(out, colour=colour)
        self._is_quiet = is_quiet
        self._few = None if is_verbose else FEW
        self._blocks: dict[tuple[object, ...], _Block] = {}
        self._shown: set[str] = set()

    def _add(self, result: FileResult) -> None:
        rank = _rank(result)
        if self._is_quiet and rank >= _NOTED:
            return
        findings = tuple(sorted(result.findings, key=_rank_of))
        block = self._blocks.setdefault((rank, *by_cause(findings)), _Block(rank))
        entry = _Entry(result.path, _about(result, self._t), _key(result, self._t), findings)
        if len(block.entries) < FEW and result.text:
            # The lines are extracted now, so that the text of thousands of files is not kept.
            entry.excerpts = excerpts_of(result.text, findings, self._writer.encoding)
        block.entries.append(entry)

    def finish(self) -> None:
        """Write the blocks and the totals."""
        t = self._t
        has_blocks = bool(self._blocks)
        for block in sorted(self._blocks.values(), key=lambda block: block.rank):
            if block.rank == _GOOD:
                self._write_good(block)
            elif len(block.entries) == 1 or (len(block.entries) <= FEW and not block.has_one_message(t)):
                for entry in block.entries:
                    self._write_one(block.rank, entry)
            else:
                self._write_several(block)
        if has_blocks:
            self._writer.line()
        if has_blocks or not self._is_quiet:
            warned = sum(len(block.entries) for block in self._blocks.values() if block.rank == _WARNED)
            self._writer.wrapped(_totals(self.counts, warned, t), indent=0)

    @property
    def _indent(self) -> int:
        return status_width(self._t, with_warning=True) + 2

    def _head(self, rank: int, *pieces: Piece) -> None:
        width = status_width(self._t, with_warning=True)
        self._writer.headed(_STATUS[rank], self._t, *pieces, width=width)

    def _write_good(self, block: _Block) -> None:
        if self._few is None or len(block.entries) == 1:
            for entry in block.entries:
                self._head_of(block.rank, entry)
        else:
            count = len(block.entries)
            self._head(block.rank, (self._t.plural("{n} config", "{n} configs", count), Style.STRONG))

    def _head_of(self, rank: int, entry: _Entry) -> None:
        about = ", ".join(filter(None, (entry.about, entry.key)))
        self._head(rank, (entry.path, Style.STRONG), f"  {about}" if about else "")

    def _write_one(self, rank: int, entry: _Entry) -> None:
        self._head_of(rank, entry)
        excerpts = entry.excerpts or (None,) * len(entry.findings)
        left_out: Counter[Code] = Counter()
        kinds = Counter(finding.code for finding in entry.findings)
        seen: Counter[Code] = Counter()
        for finding, shown in zip(entry.findings, excerpts, strict=True):
            seen[finding.code] += 1
            if self._few is not None and kinds[finding.code] > _MANY and seen[finding.code] > self._few:
                left_out[finding.code] += 1
                continue
            self._write_message(rank, finding)
            if finding.position is not None:
                # In a format that editors and terminals recognise as a link.
                self._writer.line(" " * self._indent, f"--> {_located(entry.path, finding)}")
            if shown is not None and finding.position is not None:
                number = str(finding.position.line)
                margin = " " * self._indent
                self._writer.line(margin, f"{number} | ", shown.line)
                self._writer.line(margin, f"{' ' * len(number)} | ", (shown.mark, Style.STRONG))
            self._writer.advice(finding, self._t, indent=self._indent, shown=self._shown)
        for code, rest in left_out.items():
            more = self._t("and {n} more (-v lists them)", n=rest)
            self._writer.wrapped(f"{code.id} {more}", indent=self._indent)

    def _write_several(self, block: _Block) -> None:
        t, entries = self._t, block.entries
        keys = sorted({entry.key for entry in entries if entry.key})
        count = t.plural("{n} config", "{n} configs", len(entries))
        if len(keys) == 1 and all(entry.key for entry in entries):
            about = f"  {keys[0]}"
        else:
            about = "  " + t.plural("{n} key", "{n} keys", len(keys)) if keys else ""
        self._head(block.rank, (count, Style.STRONG), about)
        is_same = block.has_one_message(t)
        shown = entries[:1] if is_same else entries[: self._few]
        causes = [(entry, by_cause(entry.findings)) for entry in shown]
        for cause in causes[0][1]:
            has_one_hint = len({found[cause][0].hint(t) for _, found in causes}) == 1
            for entry, found in causes:
                finding, *alike = found[cause]
                self._write_message(block.rank, finding, "" if is_same else f"{entry.path}: ", len(alike))
                if not has_one_hint:
                    self._writer.advice(finding, t, indent=self._indent, shown=self._shown)
            if has_one_hint:
                self._writer.advice(causes[0][1][cause][0], t, indent=self._indent, shown=self._shown)
        named = [_located(entry.path, entry.findings[0]) for entry in entries[: self._few]] if is_same else []
        rest = len(entries) - len(entries[: self._few])
        more = [t("and {n} more (-v lists them)", n=rest)] if rest else []
        if self._few is None:
            for name in named:
                self._writer.wrapped(name, indent=self._indent)
        elif named or more:
            self._writer.wrapped(", ".join([*named, *more]), indent=self._indent)

    def _write_message(self, rank: int, finding: Finding, before: str = "", more: int = 0) -> None:
        word = "" if _rank_of(finding) == rank else f"{finding_word(finding, self._t)} "
        code = (f"{word}{finding.code.id}", _style_of(finding))
        after = f" {self._t('and {n} more', n=more)}" if more else ""
        self._writer.wrapped(code, f" {before}{finding.message(self._t)}{after}", indent=self._indent)


def _rank(result: FileResult) -> int:
    if result.status is Verdict.INVALID:
        return _INVALID
    if result.status is Verdict.UNKNOWN:
        return _UNKNOWN
    if result.has_warning:
        return _WARNED
    return _NOTED if result.findings else _GOOD


_ByCause = dict[tuple[object, ...], list[Finding]]


def by_cause(findings: Iterable[Finding]) -> _ByCause:
    """Group findings by code and advice, ignoring their other values."""
    groups: _ByCause = {}
    for finding in findings:
        advice = finding.values.get("advice")
        kind = advice.text if isinstance(advice, Phrase) else advice
        groups.setdefault((finding.code.id, finding.severity, kind), []).append(finding)
    return groups


def _rank_of(finding: Finding) -> int:
    match finding.severity:
        case Severity.ERROR:
            return _UNKNOWN if finding.code.is_unknown else _INVALID
        case Severity.WARNING:
            return _WARNED
        case Severity.INFO:
            return _NOTED


def _located(path: str, finding: Finding) -> str:
    return f"{path}:{finding.position.line}:{finding.position.column}" if finding.position else path


def _about(result: FileResult, t: Texts) -> str:
    if result.setup is Setup.BUREAU_SHARED:
        return t("shared by all clients")
    if (company := result.company) is None:
        return ""
    return company.name or (format_org_number(company.org_number) if company.org_number else "")


def _key(result: FileResult, t: Texts) -> str:
    return t("key {number}", number=result.key.id) if result.key and result.key.id else ""


def _totals(counts: Counter[Verdict], warned: int, t: Texts) -> str:
    invalid, unknown, good = counts[Verdict.INVALID], counts[Verdict.UNKNOWN], counts[Verdict.VALID] - warned
    parts = (
        (invalid, t.plural("{n} error", "{n} errors", invalid)),
        (unknown, t("{n} unknown", n=unknown)),
        (warned, t.plural("{n} warning", "{n} warnings", warned)),
        (good, t("{n} in order", n=good)),
    )
    files = t.plural("{n} config", "{n} configs", counts.total())
    shown = ", ".join(text for count, text in parts if count)
    return f"{files}: {shown}." if shown else f"{files}."


ReportFormat = Literal["text", "json", "junit", "prometheus"]


def new_report(
    wanted: ReportFormat,
    out: TextIO,
    t: Texts,
    *,
    colour: bool = False,
    is_quiet: bool = False,
    is_verbose: bool = False,
) -> Report:
    """Return an empty report of ``validate``. ``add`` results to it, then call ``finish``.

    Args:
        wanted: The format.
        out: The output stream.
        t: The language of messages and hints.
        colour: Whether to colour text.
        is_quiet: Whether text leaves out valid configs. The other formats are always complete.
        is_verbose: Whether text lists every config.
    """
    match wanted:
        case "json":
            return JsonReport(out, t)
        case "junit":
            return JunitReport(out, t)
        case "prometheus":
            return PrometheusReport(out, t)
        case "text":
            return TextReport(out, t, colour=colour, is_quiet=is_quiet, is_verbose=is_verbose)
