"""``setup``: sets up a connection, interactively or from flags."""

import os
import stat
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from wizard.checks.outcomes import CheckOutcome, line_of
from wizard.cli.dispatch import ended_early, print_resume_hint, run_async, show_walk
from wizard.cli.flags import ASK, answers_from, key_from_flags, require_home, save_answers, with_answers
from wizard.cli.streams import print_findings, print_message, write_output
from wizard.context import AppContext
from wizard.domain.exits import Exit, UsageError, exit_for
from wizard.domain.key import Secret, read_key
from wizard.domain.legible import command_line
from wizard.domain.setup import Setup
from wizard.files.reading import reason_in
from wizard.findings import Finding, StepId, Verdict, verdict
from wizard.setup.answers import Answers
from wizard.setup.documents import would_change
from wizard.setup.state import SetupState
from wizard.setup.walk import SetupWalk
from wizard.site import SiteDefaults
from wizard.text import N_, Texts
from wizard.ui.report import status_width, status_word
from wizard.walk.engine import drive
from wizard.walk.pages import Anyway, Chosen, Continue, Page, Pasted, Reply, TextField


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Run the command and return the exit code."""
    options = with_answers(options, t)
    answers = answers_from(options, t, defaults)
    target = Path(options.config) if options.config else None
    _check_answers_path(options, t)
    if options.no_input:
        _check_complete(options, t, answers, target)
    elif options.dry_run or options.employee_token_file:
        raise UsageError(t("This flag also needs --no-input."))
    elif options.format != "text":
        raise UsageError(t("--format json needs --no-input."))
    context = AppContext.of_this_machine(defaults)
    if not (options.no_input and options.employee_token_ref):
        require_home(context, t)
    _check_name(target, t)
    # An answers file has references that will be resolved and an address that the key is sent to, so it is
    # checked like a config. A config that is not trusted would not be read, so it is not written either.
    named = [target] if target is not None else []
    if options.answers is not None and (answers.key_reference or answers.consumer_token or answers.base_url):
        named.append(Path(options.answers))
    for path in named:
        if refusal := context.trust.refusal(path):
            print_findings([refusal], t)
            return exit_for([refusal])
    walk = SetupWalk(
        context,
        answers,
        t,
        target=target,
        is_offline=options.offline,
        may_overwrite=options.overwrite,
        no_input=options.no_input,
        dry_run=options.dry_run,
        resumes=options.resumes or None,
    )
    key = key_from_flags(options, t) if options.no_input else None
    if target is not None and not walk.has_begun_writing:
        _check_target(target, options, answers, t, key)
    if options.no_input:
        code: int = set_up_no_input(walk, key, wants_json=options.format == "json")
    else:
        code = print_interactive_summary(walk, show_walk(walk, options, t, defaults))
    return _save_answers(walk, options) or code


def _check_name(target: Path | None, t: Texts) -> None:
    """Report a path that cannot be written as a usage error, before asking for a key."""
    if target is None:
        return
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise UsageError(t("{path} cannot be written: its parent is not a folder.", path=target)) from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise UsageError(t("{path} cannot be written: it is not a regular file.", path=target))


def _check_target(target: Path, options: Namespace, answers: Answers, t: Texts, key: Secret | None) -> None:
    if answers.is_for_several:
        if os.path.exists(target) and not os.path.isdir(target):
            raise UsageError(
                t("{path} is not a folder. Several config files are written into a folder.", path=target)
            )
        return
    if os.path.isdir(target):
        raise UsageError(
            t("{path} is a folder. Give a file to write, such as {path}/finale.toml", path=target)
        )
    if os.path.exists(target) and not options.overwrite:
        number = read_key(key.reveal(), answers.environment).number if key else None
        if options.no_input and not would_change(target, answers, number):
            return
        raise UsageError(
            t(
                "{path} already exists.\nTo change the key: {command}\n"
                "To replace the file: add --overwrite (a backup is kept).",
                path=target,
                command=command_line("tripletex-wizard", "rotate", target),
            )
        )


def _check_answers_path(options: Namespace, t: Texts) -> None:
    """Report a path that the answers cannot be written to before asking anything, rather than at the end."""
    if options.save_answers is None:
        return
    path = Path(options.save_answers)
    if options.config and os.path.realpath(path) == os.path.realpath(options.config):
        raise UsageError(t("{path} cannot be both the config file and the answers file.", path=path))
    if os.path.isdir(path) or not os.path.isdir(path.parent):
        raise UsageError(
            t("{path} cannot be written: it is a folder, or its folder does not exist.", path=path)
        )
    if os.path.exists(path) and not options.overwrite:
        raise UsageError(t("{path} already exists. To replace it, add --overwrite.", path=path))


def _save_answers(walk: SetupWalk, options: Namespace) -> int:
    """Save the answers of a completed set-up. Return an exit code if that failed."""
    state = walk.state
    if options.save_answers is None or not state.written or not (walk.is_finished or options.no_input):
        return Exit.DONE
    path = Path(options.save_answers)
    try:
        save_answers(path, state.answers, state.t, may_overwrite=options.overwrite)
    except OSError as error:
        print_message(
            state.t("{path} could not be written: {reason}.", path=path, reason=reason_in(error, state.t))
        )
        return Exit.USAGE
    print_message(state.t("The answers are saved in {path}", path=path))
    return Exit.DONE


_MOST_SHOWN = 3
"""How many similar checks, findings or files are printed if there are many."""
_MANY = 10

T = TypeVar("T")


def _print_checks(state: SetupState) -> None:
    """Print the outcomes of the checks, but only a few of many similar ones."""
    t = state.t
    alike: dict[object, list[CheckOutcome]] = {}
    for result in state.results:
        alike.setdefault((result.check, result.status), []).append(result)
    width = status_width(t, with_warning=True)
    for some in alike.values():
        for result in _shown_part(some):
            print_message(f"{status_word(result.status, t):<{width}}  {line_of(result, t)}")
        _print_rest(some, t, " " * (width + 2))


def _shown_part(alike: Sequence[T]) -> Sequence[T]:
    return alike if len(alike) <= _MANY else alike[:_MOST_SHOWN]


def _print_rest(alike: Sequence[object], t: Texts, indent: str = "") -> None:
    if rest := len(alike) - len(_shown_part(alike)):
        print_message(indent + t("and {n} more", n=rest))


def _print_summary(state: SetupState, findings: tuple[Finding, ...]) -> Exit:
    """Print the findings and the files that were written, and return the exit code."""
    t = state.t
    print_findings(findings, t)
    if state.dry_run:
        print_message(t("Nothing was written (--dry-run)."))
    elif not state.written:
        print_message(t("Nothing was written."))
    else:
        _print_written(state)
        if state.is_offline:
            print_message(t("Not checked against Tripletex (--offline)."))
        elif verdict(findings) is Verdict.UNKNOWN:
            is_tested = state.key_verdict is Verdict.VALID
            print_message(
                t("Not everything could be checked against Tripletex.")
                if is_tested
                else t("The key was not tested against Tripletex.")
            )
    print_findings(state.left_keys, t)
    return _exit_of(state, findings)


def _exit_of(state: SetupState, findings: tuple[Finding, ...]) -> Exit:
    """Return the exit code. With ``--offline``, unknown findings do not count once the config is written."""
    if state.is_offline and state.written:
        findings = tuple(each for each in findings if not each.code.is_unknown)
    return exit_for(findings)


def print_interactive_summary(walk: SetupWalk, code: int) -> int:
    """Print the summary of an interactive set-up in the language that was last chosen.

    Args:
        walk: The set-up.
        code: The exit code of the interface.

    Returns:
        The exit code of the program.
    """
    state = walk.state
    if walk.is_finished and state.written:
        for path in state.written:
            _warn_about_name(path, state.t)
        for path in state.backups:
            print_message(state.t("A backup of the previous file is in {path}", path=path))
        print_findings(state.left_keys, state.t)
        return _exit_of(state, state.check_findings)
    if ended_early(code):
        _print_written(state)
        print_findings(state.left_keys, state.t)
        if state.is_saved:
            print_resume_hint(state.t)
    return code


def _warn_about_name(path: Path, t: Texts) -> None:
    """Print a warning if commands that search a folder would not find a file with this name."""
    if path.suffix != ".toml":
        print_message(t("Its name does not end in .toml, so commands that search a folder will not find it."))


def _print_written(state: SetupState) -> None:
    """Print the files that were written, and their backups."""
    t, unchanged = state.t, set(state.unchanged)
    for text, paths in (
        (N_("Written: {path}"), [path for path in state.written if path not in unchanged]),
        (N_("Unchanged: {path}"), [path for path in state.written if path in unchanged]),
        (N_("A backup of the previous file is in {path}"), list(state.backups)),
    ):
        for path in _shown_part(paths):
            print_message(t(text, path=path))
            if path in state.written:
                _warn_about_name(path, t)
        _print_rest(paths, t)


def _check_complete(options: Namespace, t: Texts, answers: Answers, target: Path | None) -> None:
    """Check that no question is left open.

    Raises:
        UsageError: If a required flag is missing.
    """
    if missing := _missing(options, answers, target, t):
        raise UsageError(t("Missing with --no-input: {flags}", flags=", ".join(missing)))
    if options.store == ASK:
        raise UsageError(t("--store ask cannot be used with --no-input. Use keyring or file."))
    if options.employee_token_ref and options.employee_token_file:
        raise UsageError(t("Give --employee-token-file or --employee-token-ref, not both."))


def set_up_no_input(walk: SetupWalk, key: Secret | None, *, wants_json: bool = False) -> Exit:
    """Run a set-up with replies from flags and the proposed choices, and return the exit code."""
    state = walk.state
    try:
        page = run_async(drive(walk, state.t, _Flags(state, key)))
    except BaseException:
        print_findings(state.left_keys, state.t)
        raise
    would_write = page.step == StepId.REVIEW and state.dry_run
    if would_write and not wants_json:
        write_output(walk.document(state.t))
    _print_checks(state)
    found = state.check_findings if state.results else (*state.trouble, *state.key_findings)
    found = (*found, *(each for each in state.trouble if each not in found))
    if wants_json:
        _write_changes(state, found, would_write=would_write)
    return _print_summary(state, found)


def _write_changes(state: SetupState, found: Sequence[Finding], *, would_write: bool) -> None:
    """Write a report of the configs with their findings. If there is only one config, it has all findings."""
    from wizard.ui.report.changes import Change, write_changes  # one of two forms

    if would_write:
        paths = {document.path: document.is_changed for document in state.documents()}
    else:
        paths = {path: path not in state.unchanged for path in state.written} or {state.path: False}
    common: Sequence[Finding] = ()
    about = dict.fromkeys(paths, found)
    if len(paths) > 1:
        about = {path: [f for f in found if path.stem in map(str, f.values.values())] for path in paths}
        common = [each for each in found if not any(each in named for named in about.values())]
    rows = [
        Change(str(path), is_new, verdict((*about[path], *common)), about[path])
        for path, is_new in paths.items()
    ]
    write_changes(rows, sys.stdout, state.t, others=common)


def _missing(options: Namespace, answers: Answers, target: Path | None, t: Texts) -> list[str]:
    missing = []
    if target is None:
        missing.append(t("CONFIG"))
    if answers.setup is None:
        missing.append("--setup")
    if answers.setup is Setup.BUREAU_CLIENT and not answers.wanted_clients:
        missing.append("--org-number")
    if not options.employee_token_file and not options.employee_token_ref:
        missing.append("--employee-token-file")
    return missing


class _Flags:
    """Replies to the pages of a set-up."""

    def __init__(self, state: SetupState, key: Secret | None) -> None:
        self._state = state
        self._t = state.t
        self._key = key
        # If the store fails, the step is shown again. No other store is used instead.
        self._store = state.answers.store
        self._has_chosen = self._has_agreed = False

    def __call__(self, page: Page) -> Reply | None:
        """Return the reply to a page, or None to stop."""
        state = self._state
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
        why = [f"{each.message(self._t)} {each.hint(self._t)}" for _, each in self._state.stores if each]
        missing = self._t("Missing with --no-input: {flags}", flags="--store")
        raise UsageError("\n".join([missing, *why]))

    def _create_key(self) -> Reply | None:
        state = self._state
        if self._key is not None:
            key, self._key = self._key, None
            return Pasted(key)
        if state.key is not None and state.key_verdict is Verdict.INVALID:
            return None if _is_useless(state.key_findings) else Anyway()
        return None if state.trouble else Continue()

    def _review(self, page: Page) -> Reply | None:
        state = self._state
        if state.dry_run:
            return None
        if _is_useless(state.check_findings):
            return None
        if self._has_agreed and state.trouble:
            return None
        self._has_agreed = True
        return Chosen("anyway") if page.choices else Continue()


def _is_useless(findings: Iterable[Finding]) -> bool:
    """Return whether a config with this key cannot work, so that none is written."""
    return any(
        finding.is_error and not finding.code.is_unknown and finding.step in {StepId.CREATE_KEY, StepId.SETUP}
        for finding in findings
    )
