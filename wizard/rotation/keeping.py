"""Puts the new key into its store, and notes the rotation, before anything can go wrong."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from wizard.config.reading import read_config
from wizard.context import key_left, located
from wizard.domain.reference import HeldKey, Reference
from wizard.domain.secret import Secret
from wizard.files.reading import reason_of
from wizard.findings import Finding, codes
from wizard.rotation.members import Member, RotationPage, may_mean
from wizard.rotation.state import RotationState
from wizard.secrets.file_store import FileStore
from wizard.secrets.store import Store


async def keep(state: RotationState, secret: Secret, number: int | None) -> HeldKey | Finding:
    """Store a key under its own name, and note first where it is going to be.

    In that order there is no moment in which a key is stored without a note of it.
    """
    if state.key_files is not None and state.chosen_store == "file":
        # Next to the key file that somebody has put there, and not in the folder of the wizard's own.
        store: Store = FileStore(state.key_files)
        name = f"{secret.fingerprint if number is None else number}.key"
    else:
        store = state.context.store(state.chosen_store or "keyring")
        name = await store.name_for(state.environment, number, secret)
    reference = store.reference(name)
    held = HeldKey(reference, number, len(secret), secret.fingerprint)
    if state.dry_run or state.stores_late:
        state.in_hand = secret
        return held
    former = state.page
    page = RotationPage(
        state.group.old, held, tuple(member.path.absolute() for member in state.group.members)
    )
    try:
        state.journal.write(page)
    except OSError as error:
        return codes.NOT_WRITTEN.found(path=str(error.filename), reason=reason_of(error))
    # A second paste or Esc cancels the question to Tripletex, never the storing.
    kept = await asyncio.shield(store.put(name, secret))
    if isinstance(kept, Finding):
        _restore(state, page, former)
        return kept
    state.page = page
    state.in_hand = None
    if former is not None and former.new.reference != reference:
        state.left_over.append(key_left(former.new.reference, state.context, held))
    return held


async def store_now(state: RotationState) -> Finding | None:
    """Store a key that was tested first, because a config is about to get it."""
    key = state.in_hand
    if key is None or state.dry_run:
        return None
    state.stores_late = False
    held = await keep(state, key, state.new_key.number if state.new_key else None)
    if isinstance(held, Finding):
        return held
    state.new_key = held
    return None


def _restore(state: RotationState, page: RotationPage, former: RotationPage | None) -> None:
    """Note the key that was stored before, if another one could not be stored."""
    if former is None:
        state.journal.erase(page)
        return
    with suppress(OSError):
        state.journal.write(former)


def discard(state: RotationState, page: RotationPage) -> None:
    """Forget an unfinished rotation. Its new key stays in its store."""
    state.journal.erase(page)
    state.left_over.append(key_left(page.new.reference, state.context))


def settle(state: RotationState) -> None:
    """Close the page of a complete rotation; configs that were no part of this run stay on it."""
    page = state.page
    if page is None or not state.is_complete or state.hook_trouble is not None:
        return
    done = {member.path.absolute() for member in state.group.members}
    left = tuple(path for path in page.paths if path not in done and _still_uses(state, path, page))
    if left:
        with suppress(OSError):
            state.journal.write(replace(page, paths=left))
    else:
        state.journal.erase(page)


def _still_uses(state: RotationState, path: Path, page: RotationPage) -> bool:
    reading = read_config(path)
    member = Member.of(reading, path, state.context)
    return member.key.is_same(page.old) if member else may_mean(reading, page.old.reference)


def user_of(reference: Reference, paths: Iterable[Path]) -> Path | None:
    """Return a config that refers to a place, as its key or its previous key, by the files now."""
    return next((path for path in paths if _refers(path, reference)), None)


def _refers(path: Path, reference: Reference) -> bool:
    reading = read_config(path)
    config = reading.config
    if config is None:
        return may_mean(reading, reference)
    references = (config.employee_token, config.previous)
    return reference in {located(each, path) for each in references if each is not None}
