"""``rotate --no-input``: the same walk, answered from flags, and the summary at its end."""

import sys
from argparse import Namespace

from wizard.cli.async_main import run_in_order
from wizard.cli.streams import put, say
from wizard.domain.exits import Exit, UsageError, exit_for
from wizard.domain.legible import command_line
from wizard.domain.reference import describe
from wizard.domain.secret import Secret
from wizard.findings import Finding, StepId
from wizard.rotation.ending import LATER, PROVE
from wizard.rotation.members import is_of_page
from wizard.rotation.start import FRESH, RESUME, kind_in_use
from wizard.rotation.tally import delete_line, findings_of, others_line, unread
from wizard.rotation.walk import RotationWalk
from wizard.text import Texts
from wizard.ui.progress import Progress
from wizard.ui.report.changes import ChangeFormat, write_fates, write_findings
from wizard.walk.engine import drive, unique
from wizard.walk.page import Chosen, Continue, Page, Pasted, Reply


def rotate_without_questions(walk: RotationWalk, options: Namespace, t: Texts, pasted: Secret | None) -> Exit:
    """Run a rotation from its flags, print how it went, and return the exit code.

    Raises:
        UsageError: something that must be known was not given; nothing was changed.
    """
    told: list[str] = []

    progress = Progress(sys.stderr, 0, t)

    def on_change() -> None:
        waits = walk.state.waits
        if waits and not options.verbose:
            progress.tell(lambda _: waits)
        elif waits and waits not in told:
            told.append(waits)
            say(waits)

    try:
        with progress:
            page = run_in_order(drive(walk, t, _Answers(walk, options, t, pasted), on_change))
    except BaseException:
        write_findings(walk.state.left_keys, sys.stderr, t)
        raise
    state = walk.state
    would_write = page.step == StepId.ROTATE_REVIEW and state.dry_run
    if would_write and options.format == "text":
        put("".join(state.differences))
    findings = found_in(walk)
    conclude(walk, t, findings, wanted=options.format, would_write=would_write)
    return exit_for(findings)


def found_in(walk: RotationWalk) -> tuple[Finding, ...]:
    """Return everything that keeps a rotation from being complete."""
    state = walk.state
    key = () if state.has_carried_out and state.goes_unproven else state.desk.proof
    obstacles = () if state.has_accepted else state.obstacles
    return tuple(unique((*state.trouble, *key, *obstacles, *state.failures)))


class _Answers:
    """Replies to the pages of a rotation."""

    def __init__(self, walk: RotationWalk, options: Namespace, t: Texts, pasted: Secret | None) -> None:
        self._walk = walk
        self._options = options
        self._t = t
        self._pasted = pasted

    def __call__(self, page: Page) -> Reply | None:
        """Return the reply to a page; None stops there."""
        state = self._walk.state
        match page.step:
            case StepId.ROTATE_START if state.unfinished is not None:
                pasted = self._pasted
                is_same = pasted is None or is_of_page(state.unfinished, pasted)
                return Chosen(RESUME if is_same else FRESH)
            case StepId.STORAGE if (wish := state.wish or kind_in_use(state)) is not None:
                # No other place is taken than the one that was asked for, or that holds the key in use.
                trouble = next((each for kind, each in state.stores if kind == wish and each), None)
                state.say(*([trouble] if trouble else []))
                return None
            case StepId.STORAGE:
                place = describe(state.group.old.reference)
                command = command_line("tripletex-wizard", "rotate", "--in-place", state.path)
                missing = self._t("Missing with --no-input: {flags}", flags="--store")
                kept = self._t(
                    "The key is in {place}, where this program cannot put another one. "
                    "If you replace it there: {command}",
                    place=place,
                    command=command,
                )
                raise UsageError(f"{missing}\n{kept}")
            case StepId.CREATE_KEY:
                return self._create_key()
            case StepId.ROTATE_REVIEW:
                # Nobody is there to accept that something is missing.
                return None if page.choices or state.dry_run else Continue()
            case StepId.ROTATE_END:
                return self._end()
        return Continue()

    def _create_key(self) -> Reply | None:
        state = self._walk.state
        if self._pasted is not None and state.page is None:
            pasted, self._pasted = self._pasted, None
            return Pasted(pasted)
        if state.key is None and not state.trouble:
            flags = "--employee-token-file"
            raise UsageError(self._t("Missing with --no-input: {flags}", flags=flags))
        is_bad = any(finding.is_error for finding in state.desk.proof)
        return None if state.trouble or is_bad else Continue()

    def _end(self) -> Reply | None:
        state = self._walk.state
        if not state.is_complete or state.trouble:
            return None
        return Chosen(PROVE if self._options.prove_old_dead and not state.old_is_dead else LATER)


def conclude(
    walk: RotationWalk,
    t: Texts,
    findings: tuple[Finding, ...],
    *,
    wanted: ChangeFormat = "text",
    would_write: bool = False,
) -> None:
    """Print how a rotation went: the table to standard output, the rest to standard error."""
    state = walk.state
    fates = (*state.fates.values(), *unread(state.group.broken))
    told = findings_of(fates)
    others = unique((*findings, *state.left_keys))
    write_findings([finding for finding in others if finding not in told], sys.stderr, t)
    if state.has_carried_out or wanted == "json":
        would_change = {str(path) for path in state.texts} if would_write else set()
        others = [finding for finding in findings if finding not in told]
        write_fates(fates, sys.stdout, t, wanted=wanted, would_change=would_change, others=others)
    if not state.has_carried_out and state.dry_run:
        say(t("Nothing was written (--dry-run)."))
    elif not state.has_carried_out and findings:
        say(t("Nothing was changed."))
    if state.group.others:
        say(others_line(state.group.others, t))
    if not state.has_carried_out:
        return
    if state.old_is_dead:
        say(t("The old key is blocked."))
    elif state.is_complete:
        say(t("Enter the new key in Finale too, before you delete the old one."))
        say(delete_line(state.in_use.number, state.key_name, t))
