"""Reports of what a command has changed, as text with a row for each config, or as JSON."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple, TextIO

from wizard.findings import Finding, Verdict, verdict
from wizard.rotation.writing import ConfigOutcome, Outcome
from wizard.text import N_, Texts
from wizard.ui.report import status_width
from wizard.ui.report.forms import Json, dump, finding_document, write_document
from wizard.ui.report.text import FEW, ReportWriter, by_cause

ChangeFormat = Literal["text", "json"]

_WORST_FIRST: Final = (Verdict.INVALID, Verdict.UNKNOWN, Verdict.VALID)
_MOST_NAMED: Final = 20
"""Up to this number, configs are listed one by one; otherwise only a few of those with findings are."""


class Change(NamedTuple):
    """The result for one config.

    Attributes:
        changed: Whether it was changed, or would have been without a dry run.
        status: The verdict of the checks.
        label: The result as a message id, for text.
    """

    path: str
    changed: bool
    status: Verdict
    findings: Sequence[Finding]
    label: str = ""


def _write_text(rows: list[Change], out: TextIO, t: Texts) -> None:
    writer = ReportWriter(out)
    shown: set[str] = set()
    width = max((len(t(row.label)) for row in rows), default=0)

    def write(row: Change, what: str) -> None:
        label = t(row.label).ljust(width)
        writer.headed(row.status, t, f"{label}  {what}", width=status_width(t))

    for group in _grouped(rows):
        named = group if len(group) <= _MOST_NAMED else group[:FEW] if group[0].findings else []
        if len(named) < len(group):
            write(group[0], t.plural("{n} config", "{n} configs", len(group)))
        for row in named:
            write(row, row.path)
            for finding in row.findings:
                writer.finding(finding, t, shown=shown)
        if named and len(named) < len(group):
            writer.line("  ", t("and {n} more (--format json lists them)", n=len(group) - len(named)))


def _grouped(rows: list[Change]) -> list[list[Change]]:
    """Return the rows in groups: one for each outcome and cause, worst first, or each on its own if few."""
    if len(rows) <= _MOST_NAMED:
        return [[row] for row in rows]
    groups: dict[tuple[object, ...], list[Change]] = {}
    for row in rows:
        groups.setdefault((row.status, row.label, *by_cause(row.findings)), []).append(row)
    return sorted(groups.values(), key=lambda group: _WORST_FIRST.index(group[0].status))


def write_changes(rows: Sequence[Change], out: TextIO, t: Texts, *, others: Sequence[Finding] = ()) -> None:
    """Write the result for each config as JSON, with ``others`` for what is not about a config."""

    def found(findings: Sequence[Finding]) -> list[Json]:
        return [finding_document(finding, t) for finding in findings]

    configs = (
        dump(
            {
                "path": row.path,
                "changed": row.changed,
                "status": row.status.value,
                "findings": found(row.findings),
            },
            out.encoding,
        )
        for row in rows
    )
    values: dict[str, Json] = {"changed": any(row.changed for row in rows), "findings": found(others)}
    write_document(out, values, {"configs": configs})


Labels = Mapping[Outcome, str]

OUTCOME_LABELS: Final[Labels] = {
    Outcome.WAITING: N_("not changed yet"),
    Outcome.MOVED: N_("changed"),
    Outcome.ALREADY_MOVED: N_("already changed"),
    Outcome.FAILED: N_("failed"),
    Outcome.NOT_CHECKED: N_("not checked"),
}
ROLLED_BACK: Final[Labels] = {
    **OUTCOME_LABELS,
    Outcome.MOVED: N_("changed back"),
    Outcome.ALREADY_MOVED: N_("already changed back"),
}
FINISHED: Final[Labels] = {
    **OUTCOME_LABELS,
    Outcome.MOVED: N_("finished"),
    Outcome.ALREADY_MOVED: N_("nothing to finish"),
}
RECORDED: Final[Labels] = {
    **OUTCOME_LABELS,
    Outcome.MOVED: N_("recorded"),
    Outcome.ALREADY_MOVED: N_("unchanged"),
    Outcome.FAILED: N_("not recorded"),
}


def write_outcomes(
    outcomes: Iterable[ConfigOutcome],
    out: TextIO,
    t: Texts,
    *,
    labels: Labels = OUTCOME_LABELS,
    wanted: ChangeFormat = "text",
    would_change: Collection[Path] = (),
    others: Sequence[Finding] = (),
) -> None:
    """Write the result for each config with its findings.

    Args:
        outcomes: The results in order.
        out: The output stream.
        t: The language.
        labels: The labels of the results.
        wanted: The format.
        would_change: The configs that would have been changed without a dry run.
        others: Findings that are not about a config. Only JSON includes them.
    """
    rows = [
        Change(
            str(outcome.path),
            outcome.outcome is Outcome.MOVED or outcome.path in would_change,
            _status_of(outcome, would_write=outcome.path in would_change),
            outcome.findings,
            labels[outcome.outcome],
        )
        for outcome in outcomes
    ]
    if wanted == "json":
        write_changes(rows, out, t, others=others)
    else:
        _write_text(rows, out, t)


def _status_of(outcome: ConfigOutcome, *, would_write: bool) -> Verdict:
    is_undecided = outcome.outcome is Outcome.NOT_CHECKED or (
        outcome.outcome is Outcome.WAITING and not outcome.findings
    )
    if is_undecided and not would_write:
        return Verdict.UNKNOWN
    return verdict(outcome.findings)
