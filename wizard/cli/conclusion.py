"""The summary at the end of a set-up, printed without a screen."""

from wizard.actions.lines import line_of
from wizard.actions.setup import SetupRun
from wizard.cli import say
from wizard.cli.faces import has_left, tell_kept
from wizard.domain.exits import Exit, exit_for
from wizard.findings import Finding, Verdict, verdict
from wizard.flow.questions import CheckLine
from wizard.text import Texts

_SIGNS = {Verdict.VALID: "ok", Verdict.INVALID: "!!", Verdict.UNKNOWN: "??"}


def tell_check(line: CheckLine) -> None:
    """Print the result of one check."""
    say(f"  {_SIGNS[line.verdict]}  {line.text}")


def conclude(run: SetupRun, t: Texts, findings: tuple[Finding, ...]) -> Exit:
    """Print what was found and what was written, and return the exit code."""
    state = run.state
    _tell(findings, t)
    if state.is_rehearsal:
        say(t("Nothing was written (--dry-run)."))
    elif not state.written:
        say(t("Nothing was written."))
    else:
        tell_written(run, t)
        if state.is_offline:
            say(t("Not checked against Tripletex (--offline)."))
        elif verdict(findings) is Verdict.UNKNOWN:
            say(t("The key was not tested against Tripletex."))
    tell_left_keys(run, t)
    return exit_for(findings)


def tell_left_keys(run: SetupRun, t: Texts) -> None:
    """Print which stored keys no config uses."""
    _tell(run.state.left_keys, t)


def _tell(findings: tuple[Finding, ...], t: Texts) -> None:
    for finding in findings:
        say(f"{finding.code.id}  {finding.message(t)}")
        say(f"       {t('hint')}: {finding.hint(t)}")


def conclude_conversation(run: SetupRun, code: int) -> int:
    """Print the result of a walk, in the language in which it ended, and return the exit code.

    Args:
        run: The set-up.
        code: What the face returned.
    """
    state = run.state
    if run.is_finished:
        for result in state.results:
            tell_check(line_of(result, state.t))
        return conclude(run, state.t, state.check_findings)
    if has_left(code):
        tell_written(run, state.t)
        tell_left_keys(run, state.t)
        if run.is_kept:
            tell_kept(state.t)
    return code


def tell_written(run: SetupRun, t: Texts) -> None:
    """Print which files were written, and where their backups are."""
    for path in run.state.written:
        say(t("Written: {path}", path=path))
    for path in run.state.backups:
        say(t("A backup of the former file is in {path}", path=path))
