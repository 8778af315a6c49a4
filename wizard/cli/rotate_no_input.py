"""``rotate --no-input``: the same walk, answered from flags, and the summary at its end."""

import sys
from argparse import Namespace

from wizard.actions.rotate.gathering import is_of_page
from wizard.actions.rotate.proving import unique
from wizard.actions.rotate.run import RotateRun
from wizard.actions.rotate.tally import findings_of, unread
from wizard.cli.async_main import run_in_order
from wizard.cli.streams import put, say
from wizard.domain.exits import Exit, UsageError, exit_for
from wizard.domain.secret import Secret
from wizard.findings import Finding, StepId
from wizard.flow.known import ANEW, RESUME
from wizard.flow.questions import (
    AskSecret,
    Choose,
    Chosen,
    Continue,
    Pasted,
    Progress,
    Question,
    Reply,
    Review,
)
from wizard.flow.rotation.asking import LATER, PROVE
from wizard.flow.rotation.wording import delete_line, others_line
from wizard.text import Texts
from wizard.ui.report.rotation import write_fates, write_findings


def rotate_without_questions(run: RotateRun, options: Namespace, t: Texts, pasted: Secret | None) -> Exit:
    """Run a rotation from its flags, print how it went, and return the exit code.

    Raises:
        UsageError: something that must be known was not given; nothing was changed.
    """
    try:
        findings = run_in_order(_answer_all(run, options, t, pasted))
    except BaseException:
        write_findings(run.state.left_keys, sys.stderr, t)
        raise
    conclude(run, t, findings)
    return exit_for(findings)


async def _answer_all(
    run: RotateRun, options: Namespace, t: Texts, pasted: Secret | None
) -> tuple[Finding, ...]:
    findings: list[Finding] = []

    def report(progress: Progress) -> None:
        if options.verbose and isinstance(told := progress(t), str):
            say(told)

    while not run.is_finished:
        question = run.question(t)
        if isinstance(question, Review) and run.state.is_rehearsal:
            put("".join(run.state.differences))
            break
        if question.step is StepId.CLIENT_ACCESS or (question.step is StepId.STORAGE and findings):
            # Nobody is there to accept the list, or another place than the one that does not work.
            break
        outcome = await run.submit(_reply(run, question, options, t, pasted), report)
        findings += [finding for finding in outcome.findings if finding not in findings]
        if not outcome.moved:
            break
    return unique((*findings, *run.state.trouble))


def _reply(run: RotateRun, question: Question, options: Namespace, t: Texts, pasted: Secret | None) -> Reply:
    match question:
        case Choose(step=StepId.ROTATE_START):
            page = run.state.unfinished
            is_same = pasted is None or (page is not None and is_of_page(page, pasted))
            return Chosen(RESUME if is_same else ANEW)
        case Choose(step=StepId.STORAGE):
            raise UsageError(t("Missing with --no-input: {flags}", flags="--store"))
        case Choose(step=StepId.ROTATE_OLD_KEY):
            return Chosen(PROVE if options.prove_old_dead else LATER)
        case AskSecret(step=StepId.CREATE_KEY) if pasted is not None:
            return Pasted(pasted)
        case AskSecret(step=StepId.CREATE_KEY, held=None):
            raise UsageError(t("Missing with --no-input: {flags}", flags="--employee-token-file"))
        case _:
            return Continue()


def conclude(run: RotateRun, t: Texts, findings: tuple[Finding, ...]) -> None:
    """Print how a rotation went: the table to standard output, the rest to standard error."""
    state = run.state
    fates = (*state.fates.values(), *unread(state.group.broken))
    told = findings_of(fates)
    others = unique((*findings, *state.left_keys))
    write_findings([finding for finding in others if finding not in told], sys.stderr, t)
    has_begun = state.flow.current in {StepId.ROTATE_TABLE, StepId.FINALE, StepId.ROTATE_OLD_KEY}
    if has_begun:
        write_fates(fates, sys.stdout, t)
    elif state.is_rehearsal:
        say(t("Nothing was written (--dry-run)."))
    elif findings:
        say(t("Nothing was changed."))
    if state.group.others:
        say(others_line(state.group.others, t))
    if not has_begun:
        return
    if state.old_is_dead:
        say(t("The old key is blocked."))
    elif state.is_complete:
        say(t("Enter the new key in Finale too, before you delete the old one."))
        say(delete_line(state.in_use, state.key_name, t))
