"""Gives one config another key: one atomic write, looked at again right after."""

import asyncio
from dataclasses import dataclass
from datetime import date

from wizard.config.editing import diff, save, set_key
from wizard.config.model import EditRefused
from wizard.config.reading import read_config
from wizard.context import seen_from
from wizard.domain.reference import Reference
from wizard.domain.secret import Secret
from wizard.files.atomic import Busy, hold_here, why_not_written
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
    """Return the text of a config with another key; only the lines that must change do."""
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
    """What came of a write.

    Attributes:
        is_there: Whether the file says what it should; it may, although its former text was to be put back.
    """

    is_there: bool
    trouble: Finding | None = None


async def write_key(resolver: Resolver, member: Member, text: str, secret: Secret | None) -> Written:
    """Write a config and read the key through it; if that fails, the former text is put back.

    Without a key, which could not be read before either, it is only written.
    """
    try:
        with hold_here(member.path):
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
    """Read the key as users of the config will; None if it is the one that was tested."""
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
    """Work out what would change; a config that cannot be changed is kept from being moved."""
    state.texts.clear()
    state.differences.clear()
    for member in state.waiting:
        await asyncio.sleep(0)  # thousands of configs must not freeze a screen
        text = text_with_new_key(state, member)
        if isinstance(text, Finding):
            state.blocked[member.path] = (text,)
        else:
            state.texts[member.path] = text
            state.differences.append(diff(member.text, text, member.path))


def text_with_new_key(state: RotationState, member: Member) -> str | Finding:
    """Return what a config says once it has the new key."""
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
