"""The table at the end of a rotation, a rollback or a finished rotation, and what to do next."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TextIO

from wizard.findings import Finding, Verdict, verdict
from wizard.flow.rotation.answers import ConfigFate, Fate
from wizard.flow.rotation.wording import FATES
from wizard.text import N_, Texts
from wizard.ui.report.text import STYLES, ReportWriter
from wizard.ui.wording import verdict_width, verdict_word

Labels = Mapping[Fate, str]

ROLLED_BACK: Final[Labels] = {**FATES, Fate.MOVED: N_("changed back")}
FINISHED: Final[Labels] = {
    **FATES,
    Fate.MOVED: N_("finished"),
    Fate.ALREADY_MOVED: N_("nothing to finish"),
}


def write_fates(
    fates: Iterable[ConfigFate],
    out: TextIO,
    t: Texts,
    *,
    labels: Labels = FATES,
    colour: bool = False,
) -> None:
    """Write what became of each config, and why.

    Args:
        fates: The configs in their order.
        out: Where it is written.
        t: The language.
        labels: What the fates are called.
        colour: Whether text is coloured.
    """
    writer = ReportWriter(out, colour=colour)
    rows = list(fates)
    told: set[str] = set()
    width = max((len(t(labels[row.fate])) for row in rows), default=0)
    for row in rows:
        said = _verdict_of(row)
        word = verdict_word(said, t).ljust(verdict_width(t))
        writer.line((word, STYLES[said]), f"  {t(labels[row.fate]).ljust(width)}  {row.path}")
        for finding in row.findings:
            writer.finding(finding, t, told=told)


def write_findings(findings: Sequence[Finding], out: TextIO, t: Texts, *, colour: bool = False) -> None:
    """Write what concerns no config in particular."""
    writer = ReportWriter(out, colour=colour)
    told: set[str] = set()
    for finding in findings:
        writer.finding(finding, t, told=told)


def _verdict_of(row: ConfigFate) -> Verdict:
    if row.fate in {Fate.WAITING, Fate.NOT_CHECKED}:
        return Verdict.UNKNOWN
    return verdict(row.findings)
