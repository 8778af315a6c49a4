"""The moment of truth: every config is given the new key, one by one, and checked again."""

from typing import Final

from wizard.config.reading import read_config
from wizard.context import is_own
from wizard.domain.reference import describe
from wizard.domain.secret import Secret
from wizard.findings import Finding, Verdict, codes, verdict
from wizard.rotation.hook import run_hook
from wizard.rotation.keeping import settle, store_now, user_of
from wizard.rotation.members import Member
from wizard.rotation.proving import errors_of, new_errors
from wizard.rotation.state import RotationState
from wizard.rotation.tally import Fate
from wizard.rotation.writing import read_back, text_with_new_key, write_key
from wizard.text import Texts
from wizard.walk.remembered import RememberedConfig, remember_configs

_MOST_REPORTS: Final = 20
"""Lines about configs that are changed: a screen shows them all, and there may be thousands."""


async def carry_out(state: RotationState) -> None:
    """Move what waits, check everything that is moved, and run the site's command once all is well.

    Doing it again does the rest: what is moved already is left alone and only checked.
    """
    state.has_carried_out = True
    await _move_all(state)
    await _check_again(state)
    state.waits = ""
    hook = state.context.defaults.hook
    is_wanted = state.has_changed or state.was_taken_up
    state.hook_trouble = None
    if hook and is_wanted and state.is_complete:
        state.work_on(state.t("Running the site's command {program} …", program=hook[0]))
        paths = [member.path for member in state.group.members]
        state.hook_trouble = await run_hook(hook, paths, state.context.child_environ(paths))
    settle(state)
    _remember(state)


def _remember(state: RotationState) -> None:
    """Note for the menu how the configs that were moved came out of the check."""
    company = state.new_company if state.new_clients is None else None
    about = (company.name if company else None) or ""
    at = state.context.now().isoformat(timespec="seconds")
    remember_configs(
        state.context.state_folder,
        (
            RememberedConfig(
                str(member.path.absolute()), about, verdict(state.fates[member.path].findings).value, at
            )
            for member in state.moved
        ),
    )


async def _move_all(state: RotationState) -> None:
    trouble = await store_now(state) if state.waiting else None
    secret = trouble or await state.new_secret()
    total = len(state.group.members)
    for number, member in enumerate(state.group.members, start=1):
        if state.fates[member.path].is_on_new_key or member.path in state.refused:
            continue
        if (blocked := state.blocked.get(member.path)) is not None:
            is_open = verdict(blocked) is Verdict.UNKNOWN
            state.tell(member, Fate.NOT_CHECKED if is_open else Fate.FAILED, blocked)
        elif isinstance(secret, Finding):
            state.tell(member, Fate.FAILED, (secret,))
        else:
            if number % max(1, total // _MOST_REPORTS) == 0:
                state.work_on(_changing(number, total, member, state.t))
            await _move(state, member, secret)


def _changing(number: int, total: int, member: Member, t: Texts) -> str:
    return t("Changing {number} of {total}: {path} …", number=number, total=total, path=member.path)


async def _move(state: RotationState, member: Member, secret: Secret) -> None:
    reading = read_config(member.path)
    now = Member.of(reading, member.path, state.context)
    if now is None:
        state.tell(member, Fate.FAILED, (finding for finding in reading.findings if finding.is_error))
    elif state.new_identity is not None and now.key.is_same(state.new_identity):
        state.tell(member, Fate.ALREADY_MOVED)
    elif not now.key.is_same(member.key):
        state.tell(member, Fate.FAILED, (codes.CHANGED_MEANWHILE.found(),))
    elif isinstance(text := _reviewed(state, member, now), Finding):
        state.tell(member, Fate.FAILED, (text,))
    else:
        written = await write_key(state.resolver, now, text, secret)
        fate = Fate.MOVED if written.is_there else Fate.FAILED
        state.tell(member, fate, (written.trouble,) if written.trouble else ())
        _note_left_over(state, now)


def _reviewed(state: RotationState, member: Member, now: Member) -> str | Finding:
    """Return the text that was shown; where the file has other changes since, the same change to those."""
    shown = state.texts.get(member.path)
    return shown if shown is not None and now.text == member.text else text_with_new_key(state, now)


def _note_left_over(state: RotationState, member: Member) -> None:
    """Report the key before the previous one, which no config names any more."""
    earlier = member.previous
    if earlier is None or not is_own(earlier.reference, state.context):
        return
    if user_of(earlier.reference, (each.path for each in state.group.members)) is None:
        state.left_over.append(codes.EARLIER_KEY_LEFT.found(reference=describe(earlier.reference)))


async def _check_again(state: RotationState) -> None:
    """Check every config that uses the new key, as its file is now, with one log-on."""
    if not state.moved:
        return
    secret = await state.new_secret()
    state.work_on(state.t("Checking again …"))
    async with state.probe(secret) as probe:
        for member in state.moved:
            fate = state.fates[member.path].fate
            unreadable = (
                await read_back(state.resolver, member, secret) if isinstance(secret, Secret) else secret
            )
            if unreadable is not None:
                state.tell(member, fate, (unreadable,))
            elif isinstance(probe, Finding):
                is_agreed = state.goes_unproven and probe.code is codes.CONSUMER_TOKEN_MISSING
                state.tell(member, fate, () if is_agreed else (probe,))
            else:
                worse = new_errors(await errors_of(probe, member), state.complaints.get(member.path, ()))
                state.tell(member, fate, state.without_accepted(worse))
