"""The summary at the end of a set-up, printed without a screen."""

from pathlib import Path

from wizard.checks.outcomes import line_of
from wizard.cli.faces import has_left, tell_kept
from wizard.cli.streams import say
from wizard.domain.exits import Exit, exit_for
from wizard.findings import Finding, Verdict, verdict
from wizard.setup.walk import SetupWalk
from wizard.text import Texts

_SIGNS = {Verdict.VALID: "ok", Verdict.INVALID: "!!", Verdict.UNKNOWN: "??"}


def tell_checks(walk: SetupWalk, t: Texts) -> None:
    """Print the results of the checks."""
    for result in walk.state.results:
        line = line_of(result, t)
        say(f"  {_SIGNS[line.verdict]}  {line.text}")


def conclude(walk: SetupWalk, t: Texts, findings: tuple[Finding, ...]) -> Exit:
    """Print what was found and what was written, and return the exit code."""
    state = walk.state
    _tell(findings, t)
    if state.dry_run:
        say(t("Nothing was written (--dry-run)."))
    elif not state.written:
        say(t("Nothing was written."))
    else:
        tell_written(walk, t)
        if state.is_offline:
            say(t("Not checked against Tripletex (--offline)."))
        elif verdict(findings) is Verdict.UNKNOWN:
            say(t("The key was not tested against Tripletex."))
    tell_left_keys(walk, t)
    return exit_of(walk, findings)


def exit_of(walk: SetupWalk, findings: tuple[Finding, ...]) -> Exit:
    """Return the exit code; what was not to be asked counts for nothing, once the config is written."""
    if walk.state.is_offline and walk.state.written:
        findings = tuple(each for each in findings if not each.code.is_unknown)
    return exit_for(findings)


def tell_left_keys(walk: SetupWalk, t: Texts) -> None:
    """Print which stored keys no config uses."""
    _tell(walk.state.left_keys, t)


def _tell(findings: tuple[Finding, ...], t: Texts) -> None:
    told = set()
    for finding in findings:
        say(f"{finding.code.id}  {finding.message(t)}")
        if (hint := finding.hint(t)) not in told:
            say(f"       {t('hint')}: {hint}")
        told.add(hint)


def conclude_conversation(walk: SetupWalk, code: int) -> int:
    """Print the result of a walk, in the language in which it ended, and return the exit code.

    Args:
        walk: The set-up.
        code: What the face returned.
    """
    state = walk.state
    if walk.is_finished and state.written:
        for path in state.written:
            tell_odd_name(path, state.t)
        for path in state.backups:
            say(state.t("A backup of the former file is in {path}", path=path))
        tell_left_keys(walk, state.t)
        return exit_of(walk, state.check_findings)
    if has_left(code):
        tell_written(walk, state.t)
        tell_left_keys(walk, state.t)
        if walk.is_kept:
            tell_kept(state.t)
    return code


def tell_odd_name(path: Path, t: Texts) -> None:
    """Warn of a name that commands which search a folder do not look for."""
    if path.suffix != ".toml":
        say(t("Its name does not end in .toml, so commands that search a folder pass over it."))


def tell_written(walk: SetupWalk, t: Texts) -> None:
    """Print which files were written, and where their backups are."""
    for path in walk.state.written:
        is_same = path in walk.state.unchanged
        say(t("Unchanged: {path}", path=path) if is_same else t("Written: {path}", path=path))
        tell_odd_name(path, t)
    for path in walk.state.backups:
        say(t("A backup of the former file is in {path}", path=path))
