"""Changes the key of a config atomically, and verifies the result."""

import asyncio
from dataclasses import dataclass
from datetime import date

from wizard.config.editing import EditRefused, diff, save, set_key
from wizard.config.reading import read_config
from wizard.context import seen_from
from wizard.domain.key import Secret
from wizard.domain.reference import Reference
from wizard.files.atomic import Busy, reentrant_file_lock, why_not_written
from wizard.files.reading import reason_of
from wizard.findings import Finding, codes
from wizard.rotation.members import Member
from wizard.rotation.state import RotationState
from wizard.secrets.resolver import Resolver


def changed_text(
    member: Member,
    *,
    employee_token: Reference,
    number: int | None,
    installed: date | None,
    previous: Reference | None,
    company_id: int | None = None,
) -> str | Finding:
    """Return the text of a config with another key, or a finding if it cannot be edited."""
    try:
        return set_key(
            member.text,
            employee_token=employee_token,
            key_id=number,
            installed=installed,
            previous=previous,
            company_id=company_id,
        )
    except EditRefused:
        return codes.NOT_EDITABLE.found()


@dataclass(frozen=True, slots=True)
class Written:
    """The result of writing a config.

    Attributes:
        is_there: Whether the file has the new text, which it also has if restoring the old text failed.
        trouble: The finding if writing failed.
    """

    is_there: bool
    trouble: Finding | None = None


async def write_key(resolver: Resolver, member: Member, text: str, secret: Secret | None) -> Written:
    """Write a config and read the key by its reference. If that fails, restore the old text.

    If ``secret`` is None, the key is not read.
    """
    try:
        with reentrant_file_lock(member.path):
            return await _write_key(resolver, member, text, secret)
    except (Busy, OSError) as error:
        return Written(False, why_not_written(member.path, error))


async def _write_key(resolver: Resolver, member: Member, text: str, secret: Secret | None) -> Written:
    try:
        save(member.path, text)
    except OSError as error:
        return Written(False, codes.NOT_WRITTEN.found(path=str(member.path), reason=reason_of(error)))
    except EditRefused:
        return Written(False, codes.NOT_EDITABLE.found())
    unreadable = None if secret is None else await read_back(resolver, member, secret)
    if unreadable is None:
        return Written(True)
    try:
        save(member.path, member.text)
    except OSError as error:
        return Written(True, codes.NOT_WRITTEN.found(path=str(member.path), reason=reason_of(error)))
    return Written(False, unreadable)


async def read_back(resolver: Resolver, member: Member, secret: Secret) -> Finding | None:
    """Read the key by the config's reference. Return a finding if it is not the tested one."""
    config = read_config(member.path).config
    if config is None:
        return codes.CHANGED_MEANWHILE.found()
    found = await resolver.resolve(
        config.employee_token, config_path=member.path, environment=config.environment
    )
    if isinstance(found, Finding):
        return found
    return None if found == secret else codes.CHANGED_MEANWHILE.found()


async def preview(state: RotationState) -> None:
    """Compute the changes to the configs, and block configs that cannot be edited."""
    state.texts.clear()
    state.differences.clear()
    for member in state.waiting:
        await asyncio.sleep(0)  # so that thousands of configs do not freeze the screen
        text = text_with_new_key(state, member)
        if isinstance(text, Finding):
            state.blocked[member.path] = (text,)
        else:
            state.texts[member.path] = text
            state.differences.append(diff(member.text, text, member.path))


def text_with_new_key(state: RotationState, member: Member) -> str | Finding:
    """Return the text of a config with the new key, or a finding if it cannot be edited."""
    key = state.new_key
    if key is None:
        raise ValueError("there is no new key")
    return changed_text(
        member,
        employee_token=seen_from(member.path, key.reference, state.context),
        number=key.number,
        installed=state.context.today,
        previous=member.config.employee_token,
        company_id=state.new_company.id if state.new_company else None,
    )
