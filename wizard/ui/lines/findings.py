"""Findings and checks as sentences, and the steps that mend them."""

from collections.abc import Iterable

from wizard.findings import Finding
from wizard.flow.questions import CheckLine
from wizard.guide import load_step
from wizard.ui.lines.desk import Desk
from wizard.ui.wording import finding_word, verdict_width, verdict_word


def tell_findings(findings: Iterable[Finding], desk: Desk, indent: str = "") -> None:
    """Write what was found and what to do about it."""
    t, out = desk.t, desk.out
    for finding in findings:
        word = finding_word(finding, t)
        out.line(
            f"{word[:1].upper()}{word[1:]} ({finding.code.id}): {finding.message(t)}",
            indent,
            hang=f"{indent}  ",
        )
        if hint := finding.hint(t):
            out.line(t("Advice: {hint}", hint=hint), f"{indent}  ")
        if finding.request_id:
            out.line(t("Tripletex's request id: {request}", request=finding.request_id), f"{indent}  ")


def tell_check(line: CheckLine, desk: Desk) -> None:
    """Write the result of one check, and what was found by it."""
    word = verdict_word(line.verdict, desk.t).ljust(verdict_width(desk.t))
    desk.out.line(line.text, indent=f"{word}  ")
    tell_findings(line.findings, desk, indent=" " * (len(word) + 2))
    if line.request_id and all(finding.request_id != line.request_id for finding in line.findings):
        desk.out.line(
            desk.t("Tripletex's request id: {request}", request=line.request_id), " " * (len(word) + 2)
        )


def tell_mends(desk: Desk) -> None:
    """Write which keys lead to the steps that mend."""
    for number, step in enumerate(desk.mends, start=1):
        key = "g" if len(desk.mends) == 1 else f"g{number}"
        title = load_step(step, desk.t.language).title
        desk.out.line(desk.t("{key}: go to “{title}” and fix it there", key=key, title=title))
