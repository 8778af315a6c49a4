"""The summary at the end of a set-up, printed without a screen."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from wizard.checks.outcomes import CheckLine, line_of
from wizard.cli.faces import has_left, tell_kept
from wizard.cli.streams import say
from wizard.domain.exits import Exit, exit_for
from wizard.findings import Finding, Verdict, verdict
from wizard.setup.walk import SetupWalk
from wizard.text import N_, Texts

_SIGNS = {Verdict.VALID: "ok", Verdict.INVALID: "!!", Verdict.UNKNOWN: "??"}


_MOST_TOLD = 3
"""Checks, findings or files alike that are written out where there are many; the others are counted."""
_MANY = 10

T = TypeVar("T")


def tell_checks(walk: SetupWalk, t: Texts) -> None:
    """Print the results of the checks; of a list of clients a few of each result."""
    lines = [(result.check, line_of(result, t)) for result in walk.state.results]
    alike: dict[object, list[CheckLine]] = {}
    for check, line in lines:
        alike.setdefault((check, line.verdict), []).append(line)
    for some in alike.values():
        for line in _few(some):
            say(f"  {_SIGNS[line.verdict]}  {line.text}")
        _tell_rest(some, t, "      ")


def _few(alike: Sequence[T]) -> Sequence[T]:
    return alike if len(alike) <= _MANY else alike[:_MOST_TOLD]


def _tell_rest(alike: Sequence[object], t: Texts, indent: str = "") -> None:
    if rest := len(alike) - len(_few(alike)):
        say(indent + t("and {n} more", n=rest))


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
    """Print findings, those of a kind together, and a few where there are many; JSON has them all."""
    told = set()
    for code in dict.fromkeys(finding.code for finding in findings):
        alike = [finding for finding in findings if finding.code is code]
        for finding in _few(alike):
            say(f"{finding.code.id}  {finding.message(t)}")
            hint = "" if len(alike) > _MANY and finding is not alike[0] else finding.hint(t)
            if hint and hint not in told:
                say(f"       {t('hint')}: {hint}")
            told.add(hint)
        _tell_rest(alike, t, "       ")


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
    state = walk.state
    written, unchanged = set(state.written), set(state.unchanged)
    same = [path for path in state.written if path in unchanged]
    new = [path for path in state.written if path not in unchanged]
    for text, paths in (
        (N_("Written: {path}"), new),
        (N_("Unchanged: {path}"), same),
        (N_("A backup of the former file is in {path}"), list(state.backups)),
    ):
        for path in _few(paths):
            say(t(text, path=path))
            if path in written:
                tell_odd_name(path, t)
        _tell_rest(paths, t)
