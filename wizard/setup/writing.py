"""Writes the configs of a set-up, after storing the key if it is stored last."""

import os

from wizard.config.editing import save
from wizard.domain.setup import Setup
from wizard.files.atomic import make_private_folder
from wizard.files.locks import Busy, lock_all, reentrant_file_lock, why_not_written
from wizard.findings import Finding, Verdict, codes
from wizard.setup.documents import Document
from wizard.setup.state import SetupState
from wizard.walk.engine import Move, Then
from wizard.walk.journal import LEFT_TO_FIX, RememberedConfig, remember_configs


async def write_configs(state: SetupState) -> Move:
    """Write all configs or none, since half of those of an office are harder to correct."""
    changed = [document for document in state.documents() if document.is_changed]
    if taken := [document.path for document in changed if _must_not_replace(state, document)]:
        return state.report(*(codes.ALREADY_THERE.found(path=str(path)) for path in taken))
    try:
        for document in changed:
            make_private_folder(document.path.parent)
    except OSError as error:
        return state.report(why_not_written(document.path, error))
    # All are locked first, so that no key is stored if one of them cannot be written.
    with lock_all((document.path for document in changed), state.context.trust.refusal) as refused:
        trouble = next(iter(refused.values()), None) or await state.store_key()
        if trouble is not None:
            return state.report(trouble)
        for document in state.documents():
            trouble = _write(state, document)
            if trouble is not None:
                break
    remember(state)
    return state.report(trouble) if trouble else Then.NEXT


def _must_not_replace(state: SetupState, document: Document) -> bool:
    may = state.may_overwrite or state.replaces_files or state.has_written(document.path)
    return not may and os.path.exists(document.path)


def _write(state: SetupState, document: Document) -> Finding | None:
    is_ours = state.has_written(document.path)
    if not document.is_changed:
        if not is_ours:
            state.unchanged = (*state.unchanged, document.path)
            state.written = (*state.written, document.path)
        return None
    try:
        with reentrant_file_lock(document.path):
            backup = save(document.path, document.text, backup=not is_ours and os.path.exists(document.path))
    except (Busy, OSError) as error:
        return why_not_written(document.path, error)
    if backup is not None:
        state.backups = (*state.backups, backup)
    if not is_ours:
        state.written = (*state.written, document.path)
        state.unchanged = tuple(path for path in state.unchanged if path != document.path)
        state.save()
    return None


def remember(state: SetupState) -> None:
    """Remember the configs, for the menu and for deleting keys, except in the demo."""
    if state.is_demo or not state.written:
        return
    company = state.answers.company if state.setup is Setup.SINGLE_COMPANY else None
    about = company.name if company else None
    remembered = [
        RememberedConfig.of(path, about, state.check_verdict, state.check_findings, state.checked_at)
        for path in state.written
    ]
    if state.check_verdict is Verdict.INVALID:
        remembered = [each._replace(said=LEFT_TO_FIX) for each in remembered]
    remember_configs(state.context.state_folder, remembered)
