"""Puts the new key into its store before anything can go wrong, and takes it out when it was for nothing."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from wizard.actions.context import AppContext
from wizard.actions.places import located, store_of
from wizard.actions.rotate.journal import RotationPage
from wizard.actions.rotate.members import Member, may_mean
from wizard.actions.rotate.state import RotationState
from wizard.config import read_config
from wizard.domain.key import KeyReading
from wizard.domain.reference import Reference
from wizard.domain.secret import Secret
from wizard.findings import Finding, codes
from wizard.flow.answers import HeldKey
from wizard.secrets import Store, entry_name


async def keep(state: RotationState, reading: KeyReading, secret: Secret) -> HeldKey | Finding:
    """Store a key under its own name, and note first where it is going to be.

    In that order there is no moment in which a key lies in a store and nobody knows of it.
    """
    store = state.context.store(state.answers.store or "keyring")
    name = entry_name(state.answers.environment, reading.number, secret)
    reference = store.reference(name)
    if state.is_rehearsal:
        state.rehearsed = secret
        return HeldKey(reference, reading.number, len(secret), secret.fingerprint)
    former = state.page
    owned = await _is_new_there(state, store, reference)
    held = HeldKey(reference, reading.number, len(secret), secret.fingerprint, owned=owned)
    page = RotationPage(
        state.group.old, held, tuple(member.path.absolute() for member in state.group.members)
    )
    try:
        state.journal.write(page)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return codes.NOT_WRITTEN.found(path=str(error.filename), reason=reason)
    kept = await store.put(name, secret)
    if isinstance(kept, Finding):
        _restore(state, page, former)
        return kept
    state.page = page
    if former is not None and former.new.reference != reference:
        await _take_out(state.context, former)
    return held


def _restore(state: RotationState, page: RotationPage, former: RotationPage | None) -> None:
    """Note the key that was held before, when another one could not be stored."""
    if former is None:
        state.journal.erase(page)
        return
    with suppress(OSError):
        state.journal.write(former)


async def _is_new_there(state: RotationState, store: Store, reference: Reference) -> bool:
    """Whether this rotation puts the key there, in this run or in the one that did not end."""
    former = state.page or state.unfinished
    if former is not None and former.new.reference == reference:
        return former.new.owned
    return not isinstance(await store.get(reference), Secret)


async def throw_away(state: RotationState, page: RotationPage) -> None:
    """Forget a rotation, and the key that it stored unless a config needs it."""
    await _take_out(state.context, page)
    state.journal.erase(page)


async def _take_out(context: AppContext, page: RotationPage) -> None:
    kind = store_of(page.new.reference, context)
    if page.new.owned and kind and user_of(page.new.reference, page.paths) is None:
        await context.store(kind).delete(page.new.reference)


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
    """Return a config that refers to a place, now or as its previous key, as the files stand now."""
    return next((path for path in paths if _refers(path, reference)), None)


def _refers(path: Path, reference: Reference) -> bool:
    reading = read_config(path)
    config = reading.config
    if config is None:
        return may_mean(reading, reference)
    references = (config.employee_token, config.previous)
    return reference in {located(each, path) for each in references if each is not None}
