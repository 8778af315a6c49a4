"""A finding as lines for the screen: symbol and word, what is wrong, what to do, where to go."""

from collections.abc import Iterable

from textual.content import Content

from wizard.domain.legible import visible
from wizard.findings import Finding, StepId, Verdict
from wizard.flow.questions import CheckLine
from wizard.guide import load_step
from wizard.ui.tui.guide_text import hanging, with_code
from wizard.ui.tui.look import Look, Mark
from wizard.ui.wording import verdict_width


def finding_lines(finding: Finding, look: Look, width: int, *, way_out: str = "") -> list[Content]:
    """Return a finding's lines; ``way_out`` names the key that leads to the step that fixes it."""
    mark = look.of_finding(finding)
    indent = Content("  ")
    said = Content.assemble((visible(finding.message(look.t)), "$strong"), (f"  {finding.code.id}", "$muted"))
    lines = marked(mark, said, width)
    if hint := visible(finding.hint(look.t)):
        lines += hanging(with_code(hint, "$ink", look, hold=width - indent.cell_length), width, indent)
    if finding.request_id:
        number = look.t("Tripletex's request id: {request}", request=visible(finding.request_id))
        lines += hanging(Content.styled(number, "$muted"), width, indent)
    if way_out:
        lines += hanging(Content.styled(way_out, "bold $accent"), width, indent)
    return lines


def marked(mark: Mark, said: Content, width: int) -> list[Content]:
    """Return a text that begins with a symbol and its word."""
    said = Content.styled(f"{mark.word}: ", f"bold {mark.style}") + said
    return hanging(said, width, Content.styled(f"{mark.sign} ", f"bold {mark.style}"))


def message_lines(
    findings: Iterable[Finding],
    look: Look,
    width: int,
    *,
    mending_step: StepId | None,
    said: Content,
    is_settled: bool,
) -> list[Content]:
    """Return all that is to be said of a reply that did not lead on.

    Args:
        findings: What was found.
        look: The language and the symbols.
        width: In cells.
        mending_step: The step that F4 leads to; named at the first finding that it fixes.
        said: A sentence that the face itself has to say.
        is_settled: Whether Enter continues although something was found.
    """
    t = look.t
    way_out = (
        t("F4 goes to “{title}”", title=load_step(mending_step, t.language).title) if mending_step else ""
    )
    lines: list[Content] = []
    settled = ""
    for finding in findings:
        is_mended = finding.step == mending_step
        lines += finding_lines(finding, look, width, way_out=way_out if is_mended else "")
        way_out = "" if is_mended else way_out
        settled = t("Enter goes on all the same.") if is_settled else ""
    for sentence in (Content.styled(way_out, "bold $accent"), said, Content.styled(settled, "$ink")):
        lines += hanging(sentence, width, Content()) if sentence else []
    return lines


def waiting_lines(told: list[str], look: Look, width: int) -> list[Content]:
    """Return what is running, and below it what was shown before."""
    t = look.t
    doing = visible(told[-1]).rstrip(" .…") if told else t("One moment")
    now = Content.assemble((f"{doing} …", "bold $strong"), (f"  ({t('Esc cancels')})", "$muted"))
    lines = hanging(now, width, Content())
    for text in told[:-1]:
        lines += hanging(Content.styled(visible(text), "$muted"), width, Content())
    return lines


def note_lines(notes: Iterable[str], look: Look, width: int) -> list[Content]:
    """Return what has been found so far, one sentence to a line; what begins with a blank belongs above."""
    dot = Content.styled(f"{look.signs.dot} ", "$accent")
    return [
        line
        for note in notes
        for line in hanging(
            Content(visible(note.strip())), width, Content("    ") if note[:1] == " " else dot
        )
    ]


def check_lines(checks: Iterable[CheckLine], look: Look, width: int) -> list[Content]:
    """Return the results of checks, each with what was found and Tripletex's request number."""
    words = verdict_width(look.t)
    lines: list[Content] = []
    for check in checks:
        mark = look.of_verdict(check.verdict)
        first = Content.styled(f"{mark.sign} {mark.word:<{words}}  ", f"bold {mark.style}")
        lines += hanging(Content(visible(check.text)), width, first)
        indent = Content("  ")
        for finding in check.findings:
            lines += [indent + line for line in _beneath(finding, check.verdict, look, width - 2)]
        if check.request_id and all(finding.request_id is None for finding in check.findings):
            number = look.t("Tripletex's request id: {request}", request=visible(check.request_id))
            lines += hanging(Content.styled(number, "$muted"), width, indent)
    return lines


def _beneath(finding: Finding, said_above: Verdict, look: Look, width: int) -> list[Content]:
    said = Content.assemble((visible(finding.message(look.t)), "$strong"), (f"  {finding.code.id}", "$muted"))
    # Where the check's own line has said that something is the matter, repeating it is only noise.
    is_said = finding.is_error and said_above is not Verdict.VALID
    lines = hanging(said, width, Content()) if is_said else marked(look.of_finding(finding), said, width)
    hint = with_code(visible(finding.hint(look.t)), "$ink", look, hold=width)
    lines += hanging(hint, width, Content())
    if finding.request_id:
        number = look.t("Tripletex's request id: {request}", request=visible(finding.request_id))
        lines += hanging(Content.styled(number, "$muted"), width, Content())
    return lines
