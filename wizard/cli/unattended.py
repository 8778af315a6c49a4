"""``--no-input``: the same conversation, answered from flags; nothing is ever asked."""

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from wizard.actions.setup import SetupRun
from wizard.cli.conclusion import conclude, tell_check, tell_left_keys
from wizard.cli.given import ASK
from wizard.cli.running import run_in_order
from wizard.cli.streams import put
from wizard.domain.exits import Exit, UsageError
from wizard.domain.setup import Setup
from wizard.findings import Finding, StepId
from wizard.flow.answers import Answers
from wizard.flow.questions import (
    Again,
    AskText,
    CheckLine,
    Choose,
    Chosen,
    Continue,
    Picked,
    Progress,
    Question,
    Reply,
    Report,
    Review,
    RunChecks,
    Typed,
)
from wizard.text import Texts


def judge_given(options: Namespace, t: Texts, answers: Answers, target: Path | None) -> None:
    """Refuse a command line that leaves something to be asked.

    Raises:
        UsageError: something that must be known was not given.
    """
    if missing := _missing(options, answers, target):
        raise UsageError(t("Missing with --no-input: {flags}", flags=", ".join(missing)))
    if options.store == ASK:
        raise UsageError(t("--store ask needs somebody to ask. With --no-input, use keyring or file."))
    if options.employee_token_ref and options.employee_token_file:
        raise UsageError(t("Give --employee-token-file or --employee-token-ref, not both."))


def carry_out(run: SetupRun, t: Texts, replies: Mapping[StepId, Reply]) -> Exit:
    """Answer every question with what was given or is proposed, and return the exit code."""
    return run_in_order(_carry_out(run, t, replies))


def _missing(options: Namespace, answers: Answers, target: Path | None) -> list[str]:
    missing = []
    if target is None:
        missing.append("CONFIG")
    if answers.setup is None:
        missing.append("--setup")
    if answers.setup is Setup.BUREAU_CLIENT and not answers.wanted_clients:
        missing.append("--org-number")
    if not options.employee_token_file and not options.employee_token_ref:
        missing.append("--employee-token-file")
    return missing


async def _carry_out(run: SetupRun, t: Texts, replies: Mapping[StepId, Reply]) -> Exit:
    def report(progress: Progress) -> None:
        if isinstance(told := progress(t), CheckLine):
            tell_check(told)

    try:
        findings = await _answer_all(run, t, replies, report)
    except BaseException:
        tell_left_keys(run, t)
        raise
    return conclude(run, t, findings)


async def _answer_all(
    run: SetupRun, t: Texts, replies: Mapping[StepId, Reply], report: Report
) -> tuple[Finding, ...]:
    findings: tuple[Finding, ...] = ()
    if (store := run.state.answers.store) is not None:
        # It is asked for again if it was refused. No other key is used in its place.
        replies = {StepId.STORAGE: Chosen(store), **replies}
    while not run.is_finished:
        question = run.question(t)
        if isinstance(question, Review) and run.state.is_rehearsal:
            put(question.text)
            break
        reply = replies.get(question.step) or _default_reply(question, t)
        outcome = await run.submit(reply, report)
        if not outcome.moved and outcome.is_settled and question.step is not StepId.CHECK:
            outcome = replace(await run.submit(Continue(), report), findings=outcome.findings)
        findings += tuple(finding for finding in outcome.findings if finding not in findings)
        if question.step is StepId.CHECK:
            # The config is written as asked; the result is that of the checks.
            findings = run.state.check_findings
            break
        if not outcome.moved:
            break
    return findings


def _default_reply(question: Question, t: Texts) -> Reply:
    match question:
        case Choose(selected=str(value)):
            return Chosen(value)
        case Choose(step=StepId.STORAGE):
            why = [f"{finding.message(t)} {finding.hint(t)}" for finding in question.findings]
            why += [option.detail for option in question.options if not option.is_available]
            raise UsageError("\n".join([t("Missing with --no-input: {flags}", flags="--store"), *why]))
        case AskText(step=StepId.OWN_PLACE):
            raise UsageError(
                t("Missing with --no-input: {flags}", flags=t("--store or --employee-token-ref"))
            )
        case AskText(picked=picked) if picked:
            return Picked(picked)
        case AskText(text=text):
            return Typed(text)
        case RunChecks():
            return Again()
        case _:
            return Continue()
