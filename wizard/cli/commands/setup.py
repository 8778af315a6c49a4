"""``setup``: the first-time set-up, with a face or without questions."""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from wizard.checks.outcomes import CheckLine, line_of
from wizard.cli.dispatch import run_in_order
from wizard.cli.faces import has_left, show_walk, tell_kept
from wizard.cli.flags import ASK, answers_from, given_key, require_home, save_answers, with_answers
from wizard.cli.streams import put, say, tell_finding
from wizard.context import AppContext
from wizard.domain.exits import Exit, UsageError, exit_for
from wizard.domain.key import read_key
from wizard.domain.legible import command_line
from wizard.domain.secret import Secret
from wizard.domain.setup import Setup
from wizard.files.reading import reason_in
from wizard.findings import Finding, StepId, Verdict, verdict
from wizard.paths import expanded
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.setup.writing import would_change
from wizard.site import SiteDefaults
from wizard.text import N_, Texts
from wizard.walk.engine import drive
from wizard.walk.page import Chosen, Continue, Page, Pasted, Reply, TextField


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Carry the command out."""
    options = with_answers(options, t)
    answers = answers_from(options, t, defaults)
    target = Path(expanded(options.config)) if options.config else None
    _refuse_answers_path(options, t)
    if options.no_input:
        refuse_incomplete(options, t, answers, target)
    elif options.dry_run or options.employee_token_file:
        raise UsageError(t("This flag also needs --no-input."))
    elif options.format != "text":
        raise UsageError(t("--format json goes with --no-input."))
    context = AppContext.of_this_machine(defaults)
    if not (options.no_input and options.employee_token_ref):
        require_home(context, t)
    _refuse_name(target, t)
    # References in an answers file are resolved like those in a config, and a key goes to the address in it;
    # and through a config that is not trusted nobody would read the key, so none is written there.
    named = [target] if target is not None else []
    if options.answers is not None and (answers.key_reference or answers.consumer_token or answers.base_url):
        named.append(Path(expanded(options.answers)))
    for path in named:
        if refusal := context.trust.refusal(path):
            tell_finding(refusal, t)
            return exit_for([refusal])
    walk = SetupWalk(
        context,
        answers,
        t,
        target=target,
        is_offline=options.offline,
        may_overwrite=options.overwrite,
        asks_nobody=options.no_input,
        dry_run=options.dry_run,
    )
    key = given_key(options, t) if options.no_input else None
    if target is not None and not walk.has_begun_writing:
        _refuse_target(target, options, answers, t, key)
    if options.no_input:
        code: int = set_up_without_questions(walk, t, key, wants_json=options.format == "json")
    else:
        code = conclude_conversation(walk, show_walk(walk, options, t, defaults))
    return _save_answers(walk, options) or code


def _refuse_name(target: Path | None, t: Texts) -> None:
    """Refuse a name that no file can have as a wrong command line, before a key is asked about."""
    try:
        _ = target and target.lstat()
    except FileNotFoundError:
        return
    except NotADirectoryError:
        said = t("{path} cannot be written: what it would be in is no folder.", path=target)
        raise UsageError(said) from None


def _refuse_target(target: Path, options: Namespace, answers: Answers, t: Texts, key: Secret | None) -> None:
    if answers.is_for_several:
        if os.path.exists(target) and not os.path.isdir(target):
            raise UsageError(
                t("{path} is not a folder. Several config files are written into a folder.", path=target)
            )
        return
    if os.path.isdir(target):
        raise UsageError(
            t("{path} is a folder. Name a file to write, such as {path}/finale.toml", path=target)
        )
    if os.path.exists(target) and not options.overwrite:
        number = read_key(key.reveal(), answers.environment).number if key else None
        if options.no_input and not would_change(target, answers, number):
            return
        raise UsageError(
            t(
                "{path} exists already. To change the key: {command} "
                "To replace the file: add --overwrite (a backup is kept).",
                path=target,
                command=command_line("tripletex-wizard", "rotate", target),
            )
        )


def _refuse_answers_path(options: Namespace, t: Texts) -> None:
    """Refuse a place for the answers before anything is asked, rather than at the end."""
    if options.save_answers is None:
        return
    path = Path(expanded(options.save_answers))
    if options.config and path == Path(expanded(options.config)):
        raise UsageError(t("{path} cannot be both the config file and the answers file.", path=path))
    if os.path.isdir(path) or not os.path.isdir(path.parent):
        raise UsageError(
            t("{path} cannot be written: it is a folder, or its folder does not exist.", path=path)
        )
    if os.path.exists(path) and not options.overwrite:
        raise UsageError(t("{path} exists already. To replace it, add --overwrite.", path=path))


def _save_answers(walk: SetupWalk, options: Namespace) -> int:
    """Save the answers of a set-up that came to its end; return what that adds to the exit code."""
    state = walk.state
    if options.save_answers is None or not state.written or not (walk.is_finished or options.no_input):
        return Exit.DONE
    path = Path(expanded(options.save_answers))
    try:
        save_answers(path, state.answers, state.t, may_overwrite=options.overwrite)
    except OSError as error:
        say(state.t("{path} could not be written: {reason}.", path=path, reason=reason_in(error, state.t)))
        return Exit.USAGE
    say(state.t("The answers are saved in {path}", path=path))
    return Exit.DONE


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
            hint = finding.hint(t)
            is_said = hint in told or (len(alike) > _MANY and finding is not alike[0])
            tell_finding(finding, t, with_hint=not is_said)
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


def refuse_incomplete(options: Namespace, t: Texts, answers: Answers, target: Path | None) -> None:
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


def set_up_without_questions(
    walk: SetupWalk, t: Texts, key: Secret | None, *, wants_json: bool = False
) -> Exit:
    """Answer every page with what was given or is proposed, and return the exit code."""
    try:
        page = run_in_order(drive(walk, t, _Flags(walk, t, key)))
    except BaseException:
        tell_left_keys(walk, t)
        raise
    state = walk.state
    would_write = page.step == StepId.REVIEW and state.dry_run
    if would_write and not wants_json:
        put(walk.document(t))
    tell_checks(walk, t)
    found = state.check_findings if state.results else (*state.trouble, *state.desk.proof)
    found = (*found, *(each for each in state.trouble if each not in found))
    if wants_json:
        _write_changes(walk, t, found, would_write=would_write)
    return conclude(walk, t, found)


def _write_changes(walk: SetupWalk, t: Texts, found: Sequence[Finding], *, would_write: bool) -> None:
    """Write which configs were changed, and what the checks say about each; of one that is everything."""
    from wizard.ui.report.changes import Change, write_changes  # one of two forms

    state = walk.state
    if would_write:
        paths = {document.path: document.is_changed for document in state.documents()}
    else:
        paths = {path: path not in state.unchanged for path in state.written} or {state.path: False}
    if len(paths) == 1:
        rows = [Change(path=str(path), changed=is_new, findings=found) for path, is_new in paths.items()]
        write_changes(rows, sys.stdout, t, wanted="json")
        return
    about = {path: [each for each in found if path.stem in map(str, each.values.values())] for path in paths}
    common = [each for each in found if not any(each in named for named in about.values())]
    rows = [
        Change(path=str(path), changed=is_new, findings=about[path], status=verdict((*about[path], *common)))
        for path, is_new in paths.items()
    ]
    write_changes(rows, sys.stdout, t, wanted="json", others=common)


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


class _Flags:
    """Replies to the pages of a set-up."""

    def __init__(self, walk: SetupWalk, t: Texts, key: Secret | None) -> None:
        self._walk = walk
        self._t = t
        self._key = key
        # It is asked for again if it was refused. No other key is used in its place.
        self._store = walk.state.answers.store
        self._has_chosen = self._has_agreed = False

    def __call__(self, page: Page) -> Reply | None:
        """Return the reply to a page; None stops there."""
        state = self._walk.state
        match page.step:
            case StepId.STORAGE:
                return self._storage(page)
            case StepId.CREATE_KEY:
                return self._create_key()
            case StepId.CLIENT_ACCESS:
                return Chosen("anyway")
            case StepId.REVIEW:
                return self._review(page)
            case StepId.SETUP:
                return None if state.trouble else Chosen(page.marked)
        return Chosen(page.marked) if page.choices else Continue()

    def _storage(self, page: Page) -> Reply | None:
        if isinstance(page.answer, TextField):
            flags = self._t("--store or --employee-token-ref")
            raise UsageError(self._t("Missing with --no-input: {flags}", flags=flags))
        if self._store is not None and self._has_chosen:
            return None
        if self._store is not None:
            self._has_chosen = True
            return Chosen(self._store)
        why = [f"{each.message(self._t)} {each.hint(self._t)}" for _, each in self._walk.state.stores if each]
        missing = self._t("Missing with --no-input: {flags}", flags="--store")
        raise UsageError("\n".join([missing, *why]))

    def _create_key(self) -> Reply | None:
        state = self._walk.state
        if self._key is not None:
            key, self._key = self._key, None
            return Pasted(key)
        if state.trouble or state.key_verdict is Verdict.INVALID:
            return None
        return Continue()

    def _review(self, page: Page) -> Reply | None:
        state = self._walk.state
        if state.dry_run:
            return None
        wrong = [each for each in state.check_findings if each.is_error and not each.code.is_unknown]
        if any(finding.step in {StepId.CREATE_KEY, StepId.SETUP} for finding in wrong):
            # A config with this key could never work: nothing is written.
            return None
        if self._has_agreed and state.trouble:
            return None
        self._has_agreed = True
        return Chosen("anyway") if page.choices else Continue()
