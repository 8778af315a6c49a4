"""Changes configs to another key, atomically and one by one, and checks them afterwards."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Final

from wizard.config.editing import diff
from wizard.config.reading import read_config
from wizard.context import is_own, seen_from
from wizard.domain.key import Secret
from wizard.domain.reference import describe
from wizard.findings import Finding, Verdict, codes, verdict
from wizard.rotation.journal import erase_rollback, erase_rotation, save_rotation
from wizard.rotation.keys import Member, users_of
from wizard.rotation.state import RotationState
from wizard.rotation.writing import (
    ConfigOutcome,
    Outcome,
    changed_text,
    not_changed,
    read_back,
    unread,
    write_config,
)
from wizard.secrets.resolver import Resolver
from wizard.walk.journal import LEFT_TO_FIX, RememberedConfig, remember_configs

_MOST_REPORTS: Final = 20
"""How many progress messages are shown, since there may be thousands of configs."""


def _with_new_key(state: RotationState, member: Member) -> str | Finding:
    """Return the text of a config with the new key, or a finding if it cannot be edited."""
    key, config = state.key, member.config
    if key is None:
        raise ValueError("there is no new key")
    wanted = replace(
        config,
        employee_token=seen_from(member.path, key.reference, state.context),
        key_id=key.number,
        installed=state.context.today,
        previous=config.employee_token,
        company_id=(state.new.company and state.new.company.id) or config.company_id,
    )
    return changed_text(member, wanted)


async def preview(state: RotationState) -> None:
    """Compute the new texts of the configs, and block configs that cannot be edited."""
    state.texts.clear()
    for member in state.waiting if state.key else ():
        await asyncio.sleep(0)  # so that thousands of configs do not freeze the screen
        text = _with_new_key(state, member)
        if isinstance(text, Finding):
            state.blocked[member.path] = (text,)
        else:
            state.texts[member.path] = text


def differences(state: RotationState) -> Iterator[str]:
    """Yield the change to each config as a unified diff."""
    for member in state.group.members:
        if member.path in state.texts:
            yield diff(member.text, state.texts[member.path], member.path)


async def change_configs(state: RotationState) -> None:
    """Change the remaining configs, check all that use the new key, and run the site's command.

    The command is only run if all is well. This can be repeated after a failure; configs that have already
    been changed are then only checked.
    """
    state.has_carried_out = True
    erase_rollback(state.context.state_folder, state.waiting)
    await _change_all(state)
    _note_earlier_keys(state)
    await _check_again(state)
    state.waits = ""
    hook = state.context.defaults.hook
    state.hook_trouble = None
    if hook and (state.has_changed or state.was_resumed) and state.is_complete:
        state.show_progress(state.t("Running the site's command {program} …", program=hook[0]))
        state.hook_trouble = await state.context.run_hook([member.path for member in state.group.members])
    _finish_journal(state)
    _remember(state)


async def _change_all(state: RotationState) -> None:
    trouble = await state.store_now() if state.waiting else None
    secret = trouble or await state.new_secret()
    resolver = state.context.resolver()
    total = len(state.group.members)
    for number, member in enumerate(state.group.members, start=1):
        if state.outcomes[member.path].is_on_new_key or member.path in state.group.refused:
            continue
        if (blocked := state.blocked.get(member.path)) is not None:
            state.outcomes[member.path] = not_changed(member.path, blocked)
        elif isinstance(secret, Finding):
            state.set_outcome(member, Outcome.FAILED, (secret,))
        else:
            if number % max(1, total // _MOST_REPORTS) == 0:
                path = member.path
                state.show_progress(
                    state.t("Changing {number} of {total}: {path} …", number=number, total=total, path=path)
                )
            state.outcomes[member.path] = await _change(state, resolver, member, secret)


async def _change(state: RotationState, resolver: Resolver, member: Member, secret: Secret) -> ConfigOutcome:
    """Change a config unless its key has been changed since it was read. Its text may have been."""
    path, reading = member.path, read_config(member.path)
    now = Member.of(reading, path, state.context)
    if now is None:
        (outcome,) = unread([reading])
        return outcome
    if state.new_identity is not None and now.key.is_same(state.new_identity):
        # This run wrote it, but was cancelled before it had read the key.
        return ConfigOutcome(path, Outcome.MOVED)
    if not now.key.is_same(member.key):
        return ConfigOutcome(path, Outcome.FAILED, (codes.CHANGED_MEANWHILE.found(),))
    text = _reviewed(state, member, now)
    if isinstance(text, Finding):
        return ConfigOutcome(path, Outcome.FAILED, (text,))
    return await write_config(resolver, now, text, secret)


def _reviewed(state: RotationState, member: Member, now: Member) -> str | Finding:
    """Return the reviewed text, or make the same change again if the file has been edited since."""
    shown = state.texts.get(member.path)
    return shown if shown is not None and now.text == member.text else _with_new_key(state, now)


def _note_earlier_keys(state: RotationState) -> None:
    """Report the keys before the previous one that no config refers to any more."""
    paths = [member.path for member in state.group.members]
    for member in state.group.members:
        earlier, outcome = member.previous, state.outcomes[member.path].outcome
        if outcome is not Outcome.MOVED or earlier is None or not is_own(earlier.reference, state.context):
            continue
        left = codes.EARLIER_KEY_LEFT.found(reference=describe(earlier.reference))
        if left not in state.unused_keys and not any(users_of(paths, earlier, state.context)):
            state.unused_keys.append(left)


async def _check_again(state: RotationState) -> None:
    """Check all configs that use the new key, with one log-on."""
    if not state.moved:
        return
    secret = await state.new_secret()
    resolver = state.context.resolver()
    state.show_progress(state.t("Checking again …"))
    async with state.probe(secret) as probe:
        for member in state.moved:
            outcome = state.outcomes[member.path].outcome
            unreadable = await read_back(resolver, member, secret) if isinstance(secret, Secret) else secret
            if unreadable is not None:
                state.set_outcome(member, outcome, (unreadable,))
            elif isinstance(probe, Finding):
                is_agreed = state.accepts_untested and probe.code is codes.CONSUMER_TOKEN_MISSING
                state.set_outcome(member, outcome, () if is_agreed else (probe,))
            else:
                worse = await state.worse_errors(probe, member)
                state.set_outcome(member, outcome, state.without_accepted(worse))


def _finish_journal(state: RotationState) -> None:
    """Delete the journal of a complete rotation, or keep it for configs that this run did not include."""
    saved, folder = state.saved, state.context.state_folder
    if saved is None or not state.is_complete or state.hook_trouble is not None:
        return
    done = {member.path.absolute() for member in state.group.members}
    others = [path for path in saved.paths if path not in done]
    if left := tuple(users_of(others, saved.old, state.context, only_in_use=True)):
        with suppress(OSError):
            save_rotation(folder, replace(saved, paths=left))
    else:
        erase_rotation(folder, saved)
        state.saved = None


def _remember(state: RotationState) -> None:
    """Remember the results of checking the changed configs, for the menu."""
    company = state.new.company if state.new.clients is None else None
    about, at = company.name if company else None, state.context.now()
    remembered = []
    for member in state.moved:
        found = state.outcomes[member.path].findings
        config = RememberedConfig.of(member.path, about, verdict(found), found, at)
        # What the user has accepted is not among the findings.
        if not found and state.accepts_untested:
            config = config._replace(said=Verdict.UNKNOWN.value)
        elif not found and state.has_accepted:
            config = config._replace(said=LEFT_TO_FIX)
        remembered.append(config)
    remember_configs(state.context.state_folder, remembered)
