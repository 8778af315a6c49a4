"""The table at the end of a rotation, a rollback or a finished rotation, and what to do next."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, TextIO

from wizard.findings import Finding, Verdict, verdict
from wizard.rotation.tally import FATES, ConfigFate, Fate
from wizard.text import N_, Texts
from wizard.ui.report.changes import Change, ChangeFormat, write_changes
from wizard.ui.report.text import ReportWriter

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
    wanted: ChangeFormat = "text",
    would_change: Collection[str] = (),
    others: Sequence[Finding] = (),
) -> None:
    """Write what became of each config, and why.

    Args:
        fates: The configs in their order.
        out: Where it is written.
        t: The language.
        labels: What the fates are called.
        wanted: The form.
        would_change: The configs that a dry run would have changed.
        others: What concerns no config in particular; only JSON has it.
    """
    rows = [
        Change(
            path=fate.path,
            changed=fate.fate is Fate.MOVED or fate.path in would_change,
            label=labels[fate.fate],
            findings=fate.findings,
            status=_status_of(fate, would_write=fate.path in would_change),
        )
        for fate in fates
    ]
    write_changes(rows, out, t, wanted=wanted, others=others)


def write_findings(findings: Sequence[Finding], out: TextIO, t: Texts, *, colour: bool = False) -> None:
    """Write what concerns no config in particular."""
    writer = ReportWriter(out, colour=colour)
    told: set[str] = set()
    for finding in findings:
        writer.finding(finding, t, told=told)


def _status_of(fate: ConfigFate, *, would_write: bool) -> Verdict:
    if fate.fate in {Fate.WAITING, Fate.NOT_CHECKED} and not would_write:
        return Verdict.UNKNOWN
    return verdict(fate.findings)
