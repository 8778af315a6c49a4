"""``setup --no-input``: the same walk, answered from flags; nothing is ever asked."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from wizard.cli.async_main import run_in_order
from wizard.cli.flags import ASK
from wizard.cli.streams import put
from wizard.cli.summary import conclude, tell_checks, tell_left_keys
from wizard.domain.exits import Exit, UsageError
from wizard.domain.secret import Secret
from wizard.domain.setup import Setup
from wizard.findings import Finding, StepId, Verdict, verdict
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.text import Texts
from wizard.ui.report.changes import Change, ChangeFormat, write_changes
from wizard.walk.engine import drive
from wizard.walk.page import Chosen, Continue, Page, Pasted, Reply, TextField


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


def carry_out(walk: SetupWalk, t: Texts, key: Secret | None, wanted: ChangeFormat = "text") -> Exit:
    """Answer every page with what was given or is proposed, and return the exit code."""
    try:
        page = run_in_order(drive(walk, t, _Answers(walk, t, key)))
    except BaseException:
        tell_left_keys(walk, t)
        raise
    state = walk.state
    would_write = page.step == StepId.REVIEW and state.dry_run
    if would_write and wanted == "text":
        put(walk.document(t))
    tell_checks(walk, t)
    found = state.check_findings if state.results else (*state.trouble, *state.desk.proof)
    found = (*found, *(each for each in state.trouble if each not in found))
    if wanted == "json":
        _write_changes(walk, t, found, would_write=would_write)
    return conclude(walk, t, found)


def _write_changes(walk: SetupWalk, t: Texts, found: Sequence[Finding], *, would_write: bool) -> None:
    """Write which configs were changed, and what the checks say about each; of one that is everything."""
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


class _Answers:
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
