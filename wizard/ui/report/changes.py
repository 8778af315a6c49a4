"""What a command has changed: a row for each config, for people; one document, for programs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TextIO

from wizard.findings import Finding, Verdict, verdict
from wizard.rotation.tally import FATES, ConfigFate, Fate
from wizard.text import N_, Texts
from wizard.ui.report import verdict_width, verdict_word
from wizard.ui.report.forms import Json, dump, finding_document, write_document
from wizard.ui.report.text import STYLES, ReportWriter

ChangeFormat = Literal["text", "json"]

UNCHANGED: Final = N_("unchanged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one config.

    Attributes:
        changed: Whether it was written; of a dry run, whether it would have been.
        label: The same in words, as a message id.
        status: What the checks say; None to sum up the findings.
    """

    path: str
    changed: bool
    label: str = ""
    findings: Sequence[Finding] = ()
    status: Verdict | None = None

    @property
    def verdict(self) -> Verdict:
        """The status, or the findings summed up."""
        return self.status or verdict(list(self.findings))


def write_changes(
    rows: Iterable[Change],
    out: TextIO,
    t: Texts,
    *,
    wanted: ChangeFormat = "text",
    colour: bool = False,
    others: Sequence[Finding] = (),
) -> None:
    """Write what became of each config, and why.

    Args:
        rows: The configs in their order.
        out: Where it is written.
        t: The language.
        wanted: The form.
        colour: Whether text is coloured.
        others: What concerns no config in particular; text leaves it to standard error.
    """
    rows = list(rows)
    if wanted == "json":
        _write_json(rows, others, out, t)
        return
    writer = ReportWriter(out, colour=colour)
    told: set[str] = set()
    width = max((len(t(row.label)) for row in rows), default=0)
    for row in rows:
        word = verdict_word(row.verdict, t)
        label = t(row.label).ljust(width)
        writer.headed(word, STYLES[row.verdict], verdict_width(t), f"{label}  {row.path}")
        for finding in row.findings:
            writer.finding(finding, t, told=told)


def _write_json(rows: Sequence[Change], others: Sequence[Finding], out: TextIO, t: Texts) -> None:
    def found(findings: Sequence[Finding]) -> list[Json]:
        return [finding_document(finding, t) for finding in findings]

    configs = (
        dump(
            {
                "path": row.path,
                "changed": row.changed,
                "status": row.verdict.value,
                "findings": found(row.findings),
            },
            out.encoding,
        )
        for row in rows
    )
    values: dict[str, Json] = {"changed": any(row.changed for row in rows), "findings": found(others)}
    write_document(out, values, {"configs": configs})


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
