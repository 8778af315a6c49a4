"""Writes a config with another key, and reports what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto

from wizard.config.editing import save, update
from wizard.config.reading import Config, Reading, read_config
from wizard.config.syntax import EditRefused
from wizard.domain.key import Secret
from wizard.files.locks import Busy, reentrant_file_lock, why_not_written
from wizard.findings import Finding, codes
from wizard.rotation.keys import Member
from wizard.secrets.resolver import Resolver


class Outcome(Enum):
    """The outcome for a config."""

    WAITING = auto()
    MOVED = auto()
    ALREADY_MOVED = auto()
    FAILED = auto()
    NOT_CHECKED = auto()


@dataclass(frozen=True, slots=True)
class ConfigOutcome:
    """The outcome for a config, with findings.

    Attributes:
        findings: Why it was not changed, or the findings of checking it after the change.
    """

    path: str
    outcome: Outcome = Outcome.WAITING
    findings: tuple[Finding, ...] = ()

    @property
    def is_on_new_key(self) -> bool:
        """Whether the config refers to the new key."""
        return self.outcome in {Outcome.MOVED, Outcome.ALREADY_MOVED}


def unread(readings: Iterable[Reading]) -> tuple[ConfigOutcome, ...]:
    """Return outcomes for invalid configs, which may use the key."""
    return tuple(
        ConfigOutcome(str(reading.path), Outcome.FAILED, tuple(f for f in reading.findings if f.is_error))
        for reading in readings
    )


def findings_of(outcomes: Iterable[ConfigOutcome]) -> tuple[Finding, ...]:
    """Return the findings of all outcomes."""
    return tuple(finding for outcome in outcomes for finding in outcome.findings)


def changed_text(member: Member, wanted: Config) -> str | Finding:
    """Return the text of a config with other settings, or a finding if it cannot be edited."""
    try:
        return update(member.text, wanted)
    except EditRefused:
        return codes.NOT_EDITABLE.found()


async def write_config(resolver: Resolver, member: Member, text: str, secret: Secret | None) -> ConfigOutcome:
    """Write a config and read the key by its reference. If that fails, restore the old text.

    If ``secret`` is None, the key is not read.
    """
    outcome = ConfigOutcome(str(member.path), Outcome.FAILED)
    try:
        with reentrant_file_lock(member.path):
            save(member.path, text)
            outcome = replace(outcome, outcome=Outcome.MOVED)
            unreadable = None if secret is None else await read_back(resolver, member, secret)
            if unreadable is not None:
                save(member.path, member.text)
                outcome = replace(outcome, outcome=Outcome.FAILED, findings=(unreadable,))
    except (Busy, OSError) as error:
        return replace(outcome, findings=(why_not_written(member.path, error),))
    except EditRefused:
        return replace(outcome, findings=(codes.NOT_EDITABLE.found(),))
    return outcome


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
