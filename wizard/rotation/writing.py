"""Writes a config with another key, and reports what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from wizard.config.editing import save, update
from wizard.config.reading import Config, Reading, read_config
from wizard.config.syntax import EditRefused
from wizard.domain.key import Secret
from wizard.files.locks import Busy, reentrant_file_lock, why_not_written
from wizard.findings import Finding, Verdict, codes, verdict
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

    path: Path
    outcome: Outcome = Outcome.WAITING
    findings: tuple[Finding, ...] = ()

    @property
    def is_on_new_key(self) -> bool:
        """Whether the config refers to the new key."""
        return self.outcome in {Outcome.MOVED, Outcome.ALREADY_MOVED}


def not_changed(path: Path, findings: Iterable[Finding]) -> ConfigOutcome:
    """Return the outcome for a config that must not be changed because of findings."""
    found = tuple(findings)
    is_open = verdict(found) is Verdict.UNKNOWN
    return ConfigOutcome(path, Outcome.NOT_CHECKED if is_open else Outcome.FAILED, found)


def unread(readings: Iterable[Reading]) -> tuple[ConfigOutcome, ...]:
    """Return outcomes for invalid configs, which may use the key."""
    return tuple(
        ConfigOutcome(reading.path, Outcome.FAILED, tuple(f for f in reading.findings if f.is_error))
        for reading in readings
        if reading.path is not None
    )


def findings_of(outcomes: Iterable[ConfigOutcome]) -> tuple[Finding, ...]:
    """Return the findings of all outcomes."""
    return tuple(finding for outcome in outcomes for finding in outcome.findings)


@dataclass
class Results:
    """The results for all configs.

    Attributes:
        outcomes: The outcome for each config.
        notices: Findings that are not about a config.
        differences: The changes as unified diffs.
    """

    outcomes: list[ConfigOutcome] = field(default_factory=list)
    notices: list[Finding] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def add(self, path: Path, outcome: Outcome, findings: Iterable[Finding] = ()) -> None:
        """Add the outcome for a config."""
        self.outcomes.append(ConfigOutcome(path, outcome, tuple(findings)))

    def add_failure(self, path: Path, *findings: Finding) -> None:
        """Add the outcome for a config that was not changed because of errors."""
        self.outcomes.append(not_changed(path, findings))

    @property
    def moved(self) -> list[Path]:
        """The configs that were changed, or would have been without a dry run."""
        return [each.path for each in self.outcomes if each.outcome is Outcome.MOVED]

    @property
    def changed(self) -> list[Path]:
        """The configs that have been changed, by this run or by an interrupted one."""
        return [each.path for each in self.outcomes if each.is_on_new_key]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings."""
        return (*findings_of(self.outcomes), *self.notices)


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
    path, outcome, findings = member.path, Outcome.FAILED, tuple[Finding, ...]()
    try:
        with reentrant_file_lock(path):
            if read_config(path).text != member.text:
                return ConfigOutcome(path, outcome, (codes.CHANGED_MEANWHILE.found(),))
            save(path, text)
            outcome = Outcome.MOVED
            if secret is not None and (unreadable := await read_back(resolver, member, secret)):
                save(path, member.text)
                outcome, findings = Outcome.FAILED, (unreadable,)
    except (Busy, OSError) as error:
        findings = (why_not_written(path, error),)
    except EditRefused:
        findings = (codes.NOT_EDITABLE.found(),)
    return ConfigOutcome(path, outcome, findings)


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
