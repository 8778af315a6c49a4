"""``rotate`` and ``rollback``: replace the key of one or more configs, or go back to the previous one."""

import os
import sys
from argparse import Namespace
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Final

from wizard.cli.dispatch import ended_early, print_resume_hint, run_async, show_walk
from wizard.cli.flags import check_store, key_from_flags, require_home
from wizard.cli.parser import is_bare
from wizard.cli.streams import print_findings, print_message, write_output
from wizard.config.discovery import NothingFound
from wizard.config.reading import Reading
from wizard.context import AppContext
from wizard.domain.exits import Exit, UsageError, exit_for
from wizard.domain.key import Secret
from wizard.domain.legible import command_line
from wizard.domain.reference import describe
from wizard.files.locks import lock_all
from wizard.findings import Finding, StepId, unique, verdict
from wizard.rotation.changing import differences
from wizard.rotation.ending import LATER, PROVE
from wizard.rotation.journal import erase_rollback, load_rollback
from wizard.rotation.keys import KeyIdentity, Member
from wizard.rotation.members import Candidates, SeveralKeys, gather, read_candidates
from wizard.rotation.state import RotationState
from wizard.rotation.walk import RotationWalk, kind_in_use, others_line
from wizard.rotation.writing import ConfigOutcome, Outcome, Results, findings_of, unread
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.ui.progress import Progress
from wizard.ui.report.changes import FINISHED, RECORDED, ROLLED_BACK, ChangeFormat, Labels, write_outcomes
from wizard.walk.engine import drive
from wizard.walk.journal import RememberedConfig, remember_configs
from wizard.walk.pages import Chosen, Continue, Page, Pasted, Reply
from wizard.walk.words import FRESH, RESUME

_MOST_KEYS: Final = 20


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Run the command and return the exit code."""
    context = AppContext.of_this_machine(defaults)
    if options.command == "rollback":
        return _roll_back(options, t, context)
    asks = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    if asks and is_bare(options, t):
        from wizard.cli.commands.menu import pick  # only needed without arguments

        return pick("rotate", options, t, defaults)
    _check_flags(options, t)
    check_store(options, defaults, t)
    require_home(context, t)
    candidates = _candidates(options.configs, options.all, context, t)
    if not candidates.every:
        outcomes = unread((*candidates.broken, *candidates.suspect))
        write_outcomes(outcomes, sys.stdout, t, wanted=options.format)
        return exit_for(findings_of(outcomes))
    if options.in_place:
        return _record(options, t, context, candidates)
    if options.finish:
        return _finish(options, t, context, candidates)
    return _rotate(options, t, defaults, context, candidates)


def _check_flags(options: Namespace, t: Texts) -> None:
    if not options.configs and not options.all:
        raise UsageError(t("Give a config file, or a folder with --all."))
    if options.force is not None and not options.finish:
        raise UsageError(t("--force can only be used with --finish."))
    if options.finish and (options.employee_token_file or options.store):
        raise UsageError(t("--finish needs no new key: leave out --employee-token-file and --store."))
    if options.in_place and (options.finish or options.employee_token_file or options.store):
        raise UsageError(
            t("--in-place does not move the key: leave out --finish, --employee-token-file and --store.")
        )
    if options.format != "text" and not (options.no_input or options.in_place or options.finish):
        raise UsageError(t("--format json needs --no-input."))
    needs_no_input = options.dry_run or options.employee_token_file or options.prove_old_dead
    if needs_no_input and not (options.no_input or options.finish or options.in_place):
        raise UsageError(t("This flag also needs --no-input."))


def _candidates(names: list[str], folder: str | None, context: AppContext, t: Texts) -> Candidates:
    """Read the configs that are given on the command line.

    Raises:
        UsageError: If a path does not exist or is a folder.
    """
    paths = [Path(name) for name in names]
    for path in paths:
        if os.path.isdir(path):
            raise UsageError(
                t(
                    "{path} is a folder. For every config in it that uses the key: {flags}",
                    path=path,
                    flags=command_line("--all", path),
                )
            )
    try:
        return read_candidates(paths, Path(folder) if folder else None, context)
    except NothingFound as error:
        raise UsageError(error.message(t)) from None


def _check_one_key(members: Sequence[Member], command: str, folder: str | None, t: Texts) -> None:
    """Check that all configs use the same key.

    Raises:
        UsageError: If they do not. The message has a command for each key.
    """
    keys: list[list[Member]] = []
    for member in members:
        users = next((each for each in keys if each[0].key.is_same(member.key)), None)
        if users is None:
            keys.append([member])
        else:
            users.append(member)
    if len(keys) <= 1:
        return
    commands = []
    for users in keys[:_MOST_KEYS]:
        # With --all, one config says which key is meant.
        named = ("--all", folder, users[0].path) if folder else [each.path for each in users]
        commands.append(command_line("tripletex-wizard", command, *named))
    rest = len(keys) - len(commands)
    more = [t("and {n} more", n=rest)] if rest else []
    several = t("The config files use {n} different keys. Take one key at a time:", n=len(keys))
    raise UsageError("\n".join([several, *(f"  {line}" for line in (*commands, *more))]))


def _is_half_rolled_back(members: Sequence[Member]) -> bool:
    """Return whether some configs use the previous key of others, which use theirs.

    Rolling back only some of the configs leaves them so. Rolling all of them back would swap those again.
    """
    pairs = {(member.key, member.previous) for member in members if member.previous}
    return any(
        key.is_same(other_previous) and previous.is_same(other_key)
        for (key, previous), (other_key, other_previous) in combinations(pairs, 2)
    )


def _rotate(
    options: Namespace, t: Texts, defaults: SiteDefaults, context: AppContext, candidates: Candidates
) -> int:
    pasted = key_from_flags(options, t)
    try:
        group = gather(candidates, context, pasted, dry_run=options.dry_run)
    except SeveralKeys:
        _check_one_key(candidates.given or candidates.found, "rotate", options.all, t)
        raise
    paths = [member.path for member in group.members]
    with lock_all(paths, context.trust.refusal, dry_run=options.dry_run) as refused:
        if len(refused) == len(paths):
            findings = list(refused.values())
            print_findings(findings, t)
            if options.format == "json":
                held = [ConfigOutcome(path, Outcome.NOT_CHECKED, (why,)) for path, why in refused.items()]
                write_outcomes(held, sys.stdout, t, wanted="json")
            return exit_for(findings)
        # The first config is used for all of them, so it must not be one that is skipped.
        members = tuple(sorted(group.members, key=lambda member: member.path in refused))
        walk = RotationWalk(
            context,
            replace(group, members=members, refused=refused),
            t,
            store=options.store,
            dry_run=options.dry_run,
            stores_last=options.no_input,
            # The menu is only shown again after the configs have been unlocked.
            parent=options.go_back,
            resumes=options.resumes,
        )
        if options.no_input:
            return _run_no_input(walk, options, pasted)
        return _run_interactive(walk, options, t, defaults)


def _run_interactive(walk: RotationWalk, options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    code = show_walk(walk, options, t, defaults)
    state = walk.state
    if not walk.is_finished:
        if ended_early(code):
            _print_interrupted(state)
        return code
    print_findings(state.left_keys, state.t)
    return exit_for(found_in(walk))


def _print_interrupted(state: RotationState) -> None:
    """Print which keys no config uses, and that the run can be resumed, if so."""
    print_findings(state.left_keys, state.t)
    if state.saved is not None:
        print_resume_hint(state.t)


def _record(options: Namespace, t: Texts, context: AppContext, candidates: Candidates) -> int:
    from wizard.rotation.finish import record_in_place  # a command of its own

    paths = [member.path for member in candidates.every]
    with Progress(sys.stderr, len(paths), t) as progress:
        work = record_in_place(context, paths, dry_run=options.dry_run, advance=progress.advance)
        results = run_async(work)
    if not options.dry_run:
        _remember(results.outcomes, context)
    return _write_results(results, (*candidates.broken, *candidates.suspect), RECORDED, options, t)


def _write_results(
    results: Results, broken: Iterable[Reading], labels: Labels, options: Namespace, t: Texts
) -> Exit:
    """Write the results of a command other than a rotation, and return the exit code."""
    outcomes = [*results.outcomes, *unread(broken)]
    listed = outcomes
    if options.dry_run:
        _write_dry_run(results.differences, options, t)
        print_message(t("Nothing was written (--dry-run)."))
        if options.format == "text":
            # The others are in the differences.
            listed = [each for each in outcomes if each.findings]
    write_outcomes(listed, sys.stdout, t, labels=labels, wanted=options.format, others=results.notices)
    print_findings(results.notices, t)
    return exit_for([*findings_of(outcomes), *results.notices])


def _write_dry_run(differences: Iterable[str], options: Namespace, t: Texts) -> None:
    """Write the changes that were not made: the first in full, and only the paths of the others."""
    if options.format == "text":
        first, *others = [*differences] or [""]
        write_output(first)
        if options.verbose:
            write_output("".join(others))
        elif others:
            more = t.plural(
                "{n} more config changes in the same way (-v shows how):",
                "{n} more configs change in the same way (-v shows how):",
                len(others),
            )
            paths = [each.partition("\n")[0].removeprefix("--- ") for each in others]
            write_output("".join(f"{line}\n" for line in (more, *(f"  {path}" for path in paths))))


def _remember(outcomes: Iterable[ConfigOutcome], context: AppContext) -> None:
    remember_configs(
        context.state_folder,
        (
            RememberedConfig.of(each.path, "", verdict(each.findings), each.findings, context.now())
            for each in outcomes
        ),
    )


def _finish(options: Namespace, t: Texts, context: AppContext, candidates: Candidates) -> int:
    from wizard.rotation.finish import finish  # a command of its own

    members = candidates.given or tuple(member for member in candidates.found if member.previous)
    if candidates.given:
        mine = [member.key for member in candidates.given]
        members += tuple(
            m for m in candidates.found if m.previous and any(m.key.is_same(key) for key in mine)
        )
    paths = [member.path for member in members]
    with lock_all(paths, context.trust.refusal, dry_run=options.dry_run) as refused:
        results = run_async(finish(context, members, refused, force=options.force, dry_run=options.dry_run))
    if options.force is not None and all(each.outcome is Outcome.ALREADY_MOVED for each in results.outcomes):
        raise UsageError(t("No config file here has key no. {key} as its previous key.", key=options.force))
    return _write_results(results, candidates.broken, FINISHED, options, t)


def _roll_back(options: Namespace, t: Texts, context: AppContext) -> int:
    from wizard.rotation.finish import roll_back  # a command of its own

    if not options.configs and not options.all:
        raise UsageError(t("Give a config file, or a folder with --all."))
    candidates = _candidates(options.configs, options.all, context, t)
    saved = load_rollback(context.state_folder)
    done = saved.done(candidates.every) if saved else frozenset()
    members = _to_roll_back(candidates, done, options.all)
    if saved is None or not saved.is_about(members):
        done, members = frozenset(), _to_roll_back(candidates, (), options.all)
        if options.all or _is_half_rolled_back(members):
            named = candidates.given or tuple(each for each in candidates.found if each.previous)
            _check_one_key(named, "rollback", options.all, t)
    if not members and not candidates.broken:
        raise UsageError(t("No config file in {path} has a previous key.", path=options.all))
    paths = [member.path for member in members]
    with lock_all(paths, context.trust.refusal) as refused, Progress(sys.stderr, len(paths), t) as progress:
        results = run_async(roll_back(context, members, refused, progress.advance, done=done))
    code = _write_results(results, candidates.broken, ROLLED_BACK, options, t)
    if not results.findings or not results.changed:
        # Only now, because a run that is killed before it has said what it did is repeated.
        erase_rollback(context.state_folder, members)
    return code


def _to_roll_back(candidates: Candidates, done: Collection[Path], folder: str | None) -> tuple[Member, ...]:
    """Return the given configs, and those in the folder with the same key.

    ``done`` are those that an interrupted rollback has changed. The key that they had before it counts.
    """
    if folder is None:
        return candidates.given

    def former(member: Member) -> KeyIdentity:
        return (member.path in done and member.previous) or member.key

    found = [member for member in candidates.found if member.previous]
    named = [*candidates.given, *found][:1]
    return candidates.given + tuple(
        member for member in found if all(former(member).is_same(former(each)) for each in named)
    )


def _run_no_input(walk: RotationWalk, options: Namespace, pasted: Secret | None) -> Exit:
    """Run a rotation with replies from flags, print the summary and return the exit code.

    Raises:
        UsageError: If a required flag is missing. Nothing was changed.
    """
    state, t = walk.state, walk.state.t
    printed: list[str] = []
    progress = Progress(sys.stderr, 0, t)

    def on_change() -> None:
        waits = state.waits
        if waits and not options.verbose:
            progress.tell(lambda _: waits)
        elif waits and waits not in printed:
            printed.append(waits)
            print_message(waits)

    try:
        with progress:
            page = run_async(drive(walk, t, _Flags(state, options, pasted), on_change))
    except BaseException:
        _print_interrupted(state)
        raise
    would_write = page.step == StepId.ROTATE_REVIEW and state.dry_run
    if would_write:
        _write_dry_run(differences(state), options, t)
    findings = found_in(walk)
    _print_summary(state, findings, wanted=options.format, would_write=would_write)
    return exit_for(findings)


def found_in(walk: RotationWalk) -> tuple[Finding, ...]:
    """Return all findings that keep a rotation from being complete."""
    state = walk.state
    key = () if state.has_carried_out and state.accepts_untested else state.key_findings
    obstacles = () if state.has_accepted else state.obstacles
    return tuple(unique((*state.trouble, *key, *obstacles, *state.failures)))


class _Flags:
    """Replies to the pages of a rotation."""

    def __init__(self, state: RotationState, options: Namespace, pasted: Secret | None) -> None:
        self._state = state
        self._options = options
        self._t = state.t
        self._pasted = pasted

    def __call__(self, page: Page) -> Reply | None:
        """Return the reply to a page, or None to stop."""
        state = self._state
        match page.step:
            case StepId.ROTATE_START if state.unfinished is not None:
                pasted = self._pasted
                is_same = pasted is None or state.unfinished.has_stored(pasted)
                return Chosen(RESUME if is_same else FRESH)
            case StepId.STORAGE if (wish := state.requested_store or kind_in_use(state)) is not None:
                # Only use the store that was requested, or the one with the key in use.
                trouble = next((each for kind, each in state.stores if kind == wish and each), None)
                state.report(*([trouble] if trouble else []))
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
                # Choices mean that the user would have to accept that something is missing.
                return None if page.choices or state.dry_run else Continue()
            case StepId.ROTATE_END:
                return self._end()
        return Continue()

    def _create_key(self) -> Reply | None:
        state = self._state
        if self._pasted is not None and state.saved is None:
            pasted, self._pasted = self._pasted, None
            return Pasted(pasted)
        if state.key is None and not state.trouble:
            flags = "--employee-token-file"
            raise UsageError(self._t("Missing with --no-input: {flags}", flags=flags))
        is_bad = any(finding.is_error for finding in state.key_findings)
        return None if state.trouble or is_bad else Continue()

    def _end(self) -> Reply | None:
        state = self._state
        if not state.is_complete or state.trouble:
            return None
        return Chosen(PROVE if self._options.prove_old_dead and not state.old_is_dead else LATER)


def _print_summary(
    state: RotationState, findings: tuple[Finding, ...], *, wanted: ChangeFormat, would_write: bool
) -> None:
    """Print the summary of a rotation: the table to standard output, the rest to standard error."""
    t = state.t
    in_table = findings_of(state.every_outcome)
    others = unique((*findings, *state.left_keys))
    print_findings([finding for finding in others if finding not in in_table], t)
    if state.has_carried_out or wanted == "json":
        would_change = state.texts.keys() if would_write else ()
        others = [finding for finding in findings if finding not in in_table]
        outcomes: Sequence[ConfigOutcome] = state.every_outcome
        if not state.has_carried_out:
            # What stopped the run is what the checks say about each config that was to be changed.
            outcomes = [
                replace(each, findings=tuple(others)) if each.outcome is Outcome.WAITING else each
                for each in outcomes
            ]
            others = []
        write_outcomes(outcomes, sys.stdout, t, wanted=wanted, would_change=would_change, others=others)
    if not state.has_carried_out and state.dry_run:
        print_message(t("Nothing was written (--dry-run)."))
    elif not state.has_carried_out and findings:
        print_message(t("Nothing was changed."))
    if state.group.others:
        print_message(others_line(state.group.others, t))
    if not state.has_carried_out:
        return
    if state.old_is_dead:
        print_message(t("The old key is blocked."))
    elif state.is_complete:
        print_message(t("Enter the new key in Finale too, before you delete the old one."))
        print_message(_delete_line(state.in_use.number, state.key_name, t))


def _delete_line(number: int | None, new_name: str, t: Texts) -> str:
    """Return which key to delete in Tripletex, so that nobody deletes the wrong one."""
    if number is None:
        return t("To delete in Tripletex: the key before «{name}», which is the new one.", name=new_name)
    return t(
        "To delete in Tripletex: key no. {number}, probably named «Visma Finale». «{name}» is the new one.",
        number=number,
        name=new_name,
    )
