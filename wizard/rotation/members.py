"""The configs of a rotation, their keys and outcomes, and the journals of unfinished rotations."""

import json
import os
import resource
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from wizard.config.discovery import NoConfigs, PathMissing, find_configs
from wizard.config.reading import Config, Reading, read_config
from wizard.context import AppContext, is_entry_of, located, number_in
from wizard.domain.key import Secret, read_key
from wizard.domain.reference import (
    CommandReference,
    FileReference,
    HeldKey,
    KeyringReference,
    Reference,
    reference_value,
)
from wizard.domain.setup import Environment
from wizard.files.atomic import Busy, file_lock, why_not_written
from wizard.files.reading import LIST_LIMIT, read_regular
from wizard.findings import Finding
from wizard.secrets.trust import Trust
from wizard.text import N_
from wizard.walk.journal import delete_journal, encode, load_journal, remembered_configs, save_journal


@dataclass(frozen=True, slots=True)
class KeyIdentity:
    """The identity of a key, which can be compared without reading the key.

    Attributes:
        reference: The reference, independent of the folder of the config.
        number: The key's number in Tripletex, if known.
    """

    environment: Environment
    base_url: str | None
    reference: Reference
    number: int | None

    def is_same(self, other: "KeyIdentity") -> bool:
        """Return whether both are the same key, by reference or by number in the same environment."""
        if (self.environment, self.base_url) != (other.environment, other.base_url):
            return False
        return self.reference == other.reference or (self.number is not None and self.number == other.number)


@dataclass(frozen=True, slots=True)
class Member:
    """A valid config."""

    path: Path
    config: Config
    text: str
    key: KeyIdentity
    previous: KeyIdentity | None

    @classmethod
    def of(cls, reading: Reading, path: Path, context: AppContext) -> "Member | None":
        """Return a member for a config, or None if it is not valid."""
        config = reading.config
        if config is None or reading.text is None:
            return None

        def identity(reference: Reference, number: int | None) -> KeyIdentity:
            place = located(reference, path)
            known = number_in(place, context) if number is None else number
            return KeyIdentity(config.environment, config.base_url, place, known)

        previous = None if config.previous is None else identity(config.previous, None)
        return cls(path, config, reading.text, identity(config.employee_token, config.key_id), previous)


@dataclass(frozen=True, slots=True)
class Group:
    """The configs of a rotation.

    Attributes:
        old: The key to replace.
        members: The configs that use it, and those that an unfinished run has already changed.
        broken: Invalid configs, which may use it.
        others: The number of configs in the folder that use another key.
        saved: The journal of an unfinished run.
    """

    old: KeyIdentity
    members: tuple[Member, ...]
    broken: tuple[Reading, ...] = ()
    others: int = 0
    saved: "SavedRotation | None" = None

    @property
    def first(self) -> Member:
        """The first config, whose application and environment are used for all."""
        return self.members[0]


class SeveralKeys(Exception):
    """The configs use several keys; ``paths`` has an example of each."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        super().__init__(", ".join(map(str, paths)))
        self.paths = paths


@dataclass(frozen=True, slots=True)
class Candidates:
    """The configs from the command line.

    Attributes:
        given: The configs that were given by path.
        found: The other configs in the folder.
        broken: Invalid configs that were given by path.
        suspect: Invalid configs in the folder.
    """

    given: tuple[Member, ...]
    found: tuple[Member, ...]
    broken: tuple[Reading, ...]
    suspect: tuple[Reading, ...]

    @property
    def every(self) -> tuple[Member, ...]:
        """All valid configs."""
        return self.given + self.found


def read_candidates(paths: Sequence[Path], folder: Path | None, context: AppContext) -> Candidates:
    """Read the given configs and those in the folder, without duplicates.

    Raises:
        PathMissing: If a path does not exist.
        NoConfigs: If the folder contains no config.
    """
    seen: set[Path] = set()

    def members(names: Iterable[Path]) -> tuple[tuple[Member, ...], tuple[Reading, ...]]:
        good, broken = [], []
        for path in names:
            real = Path(os.path.realpath(path))
            if real in seen:
                continue
            seen.add(real)
            reading = read_config(path)
            member = Member.of(reading, path, context)
            if member is None:
                broken.append(reading)
            else:
                good.append(member)
        return tuple(good), tuple(broken)

    given, broken = members(find_configs(paths))
    found, suspect = members(find_configs([folder])) if folder else ((), ())
    return Candidates(given, found, broken, suspect)


def gather(
    candidates: Candidates, context: AppContext, pasted: Secret | None, *, dry_run: bool = False
) -> Group:
    """Choose the configs of a rotation: those that use the key to replace, or already the new one.

    Args:
        candidates: The configs from the command line, at least one of which is valid.
        context: Provides stores, folders, clock and network.
        pasted: The new key, if it is already known.
        dry_run: Whether to ignore unfinished runs.

    Raises:
        SeveralKeys: If it is ambiguous which key to replace.
    """
    named = candidates.given or candidates.found
    saved = None if dry_run else RotationJournal(context.state_folder).find(named)
    new = {member for member in candidates.every if saved and member.key.is_same(saved.new_identity)}
    if pasted is not None:
        new |= {member for member in candidates.every if is_key_of(member, pasted, context)}
    if saved is None and new.issuperset(named) and not all(member.previous for member in named):
        # There is no sign of a rotation to this key, so it is the key in use.
        new.clear()
    waiting = [member for member in named if member not in new]
    old = waiting[0].key if waiting else named[0].previous or named[0].key
    strangers = [member for member in waiting if not member.key.is_same(old)]
    if strangers:
        raise SeveralKeys((waiting[0].path, strangers[0].path))

    def belongs(member: Member) -> bool:
        key = member.previous if member in new else member.key
        return key is None or key.is_same(old)

    joined = [member for member in candidates.found if belongs(member)]
    members = tuple(dict.fromkeys((*candidates.given, *joined)))
    # One that could not be read has no text.
    suspect = [each for each in candidates.suspect if each.text is None or may_mean(each, old.reference)]
    broken = (*candidates.broken, *suspect)
    return Group(old, members, broken, len(candidates.every) - len(members), saved)


def may_mean(reading: Reading, reference: Reference) -> bool:
    """Return whether an invalid config may refer to a key."""
    value = reference_value(reference)[1]
    return reading.text is not None and isinstance(value, str) and Path(value).name in reading.text


def is_key_of(member: Member, secret: Secret, context: AppContext) -> bool:
    """Return whether a config refers to a key, by number or by the name of its entry."""
    environment = member.config.environment
    reading = read_key(secret.reveal(), environment)
    if reading.secret is None:
        return False
    if reading.number is not None and reading.number == member.key.number:
        return True
    return is_entry_of(member.key.reference, environment, reading.number, reading.secret, context)


def is_saved_key(saved: "SavedRotation", pasted: Secret) -> bool:
    """Return whether a key is the one that an unfinished rotation has stored."""
    reading = read_key(pasted.reveal(), saved.old.environment)
    return reading.secret is not None and reading.secret.fingerprint == saved.new.fingerprint


@dataclass(frozen=True, slots=True)
class SavedRotation:
    """The journal of an unfinished rotation: the old and the new key, and the configs."""

    old: KeyIdentity
    new: HeldKey
    paths: tuple[Path, ...]

    @property
    def new_identity(self) -> KeyIdentity:
        """The identity of the new key."""
        return replace(self.old, reference=self.new.reference, number=self.new.number)

    def concerns(self, member: Member) -> bool:
        """Return whether the rotation includes a config, changed or not."""
        is_moved = member.key.is_same(self.new_identity) and member.path.absolute() in self.paths
        return is_moved or member.key.is_same(self.old)


class RotationJournal:
    """The journals of all unfinished rotations of a user. Without a folder, nothing is written."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder / "rotations" if folder else None

    def find(self, members: Iterable[Member]) -> SavedRotation | None:
        """Return the journal that includes any of the configs. Unreadable journals are ignored."""
        journals = [saved for saved in map(_read_journal, self._files()) if saved is not None]
        return next((saved for member in members for saved in journals if saved.concerns(member)), None)

    def latest(self) -> SavedRotation | None:
        """Return the latest journal whose configs still exist."""
        newest_first = sorted(self._files(), key=os.path.getmtime, reverse=True)
        journals = (saved for saved in map(_read_journal, newest_first) if saved is not None)
        return next((saved for saved in journals if any(map(os.path.exists, saved.paths))), None)

    def write(self, saved: SavedRotation) -> None:
        """Write a journal, replacing that for the same old key.

        Raises:
            OSError: If the folder cannot be written to.
        """
        if self._folder is not None:
            save_journal(self._path(saved.old), saved)

    def erase(self, saved: SavedRotation) -> None:
        """Delete a journal."""
        if self._folder is not None:
            delete_journal(self._path(saved.old))

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.json")) if self._folder else []

    def _path(self, old: KeyIdentity) -> Path:
        from hashlib import sha256  # noqa: PLC0415 - loads OpenSSL, which the first screen does without

        about = json.dumps(encode(old), sort_keys=True)
        return (self._folder or Path()) / f"{sha256(about.encode()).hexdigest()[:16]}.json"


def _read_journal(path: Path) -> SavedRotation | None:
    return load_journal(path, SavedRotation, flat_version=1)


def folders_near(paths: Iterable[Path], context: AppContext) -> tuple[Path, ...]:
    """Return the folders of configs and of the targets of links, and the config folder."""
    ends = [end for path in paths for end in (path.absolute(), Path(os.path.realpath(path)))]
    folders = tuple(dict.fromkeys(end.parent for end in ends))
    own = context.config_folder
    is_apart = os.path.isdir(own) and not any(own.is_relative_to(folder) for folder in folders)
    return (*folders, own) if is_apart else folders


def known_configs(folders: Iterable[Path], context: AppContext) -> list[Path]:
    """Return the configs in folders, the remembered configs, and those of unfinished runs."""
    found = [*_noted(context.state_folder)]
    found += (Path(each.path) for each in remembered_configs(context.state_folder))
    for folder in folders:
        with suppress(NoConfigs, PathMissing):
            found += find_configs([folder])
    return list(dict.fromkeys(found))


def users_of(
    paths: Iterable[Path], key: KeyIdentity, context: AppContext, *, only_in_use: bool = False
) -> Iterator[Path]:
    """Yield the configs that refer to a key, as the one in use or as the previous one.

    Invalid configs that may refer to it are included.

    Args:
        paths: The configs.
        key: The key.
        context: Provides the stores.
        only_in_use: Whether to leave out configs in which it is the previous key.
    """
    for path in paths:
        reading = read_config(path)
        member = Member.of(reading, path, context)
        if member is None:
            refers = may_mean(reading, key.reference)
        else:
            known = (member.key, None if only_in_use else member.previous)
            refers = any(
                each is not None and (each.is_same(key) or _leads_to(each.reference, key.reference))
                for each in known
            )
        if refers:
            yield path


def _leads_to(reference: Reference, place: Reference) -> bool:
    """Return whether a reference leads to a stored key, including through links and commands."""
    if reference == place:
        return True
    if not isinstance(place, FileReference | KeyringReference):
        return False
    match reference, place:
        case FileReference(path), FileReference(stored):
            return os.path.realpath(path) == os.path.realpath(stored)
        case CommandReference(command), _:
            return any(str(reference_value(place)[1]) in word for word in command)
        case _:
            return False


def _noted(state_folder: Path) -> Iterator[Path]:
    """Yield the configs of unfinished set-ups and rotations."""
    for journal in sorted(state_folder.glob("*/*.json")):
        with suppress(OSError, ValueError, TypeError, AttributeError, RecursionError):
            noted = json.loads(read_regular(journal, LIST_LIMIT))
            noted = noted.get("page", noted)
            for path in (*noted.get("paths", ()), *noted.get("written", ())):
                if os.path.exists(path):
                    yield Path(path)


_SPARE: Final = 256
"""The number of open files to reserve for other purposes."""


@contextmanager
def lock_all(
    paths: Iterable[Path], trust: Trust, *, dry_run: bool = False
) -> Iterator[Mapping[Path, Finding]]:
    """Lock configs while the block runs, except in a dry run.

    A config decides where keys are sent, so a config that others can change is refused.

    Every lock is an open file. If the system allows too few, the remaining configs are only locked while they
    are written.

    Yields:
        Findings about the configs that are not trusted or cannot be locked.
    """
    named = sorted(paths)
    refused = {path: finding for path in named if (finding := trust.refusal(path))}
    wanted = [] if dry_run else [path for path in named if path not in refused]
    most = _allow_open_files(len(wanted) + _SPARE) - _SPARE
    with ExitStack() as held:
        for number, path in enumerate(wanted):
            try:
                if number < most:
                    held.enter_context(file_lock(path))
                else:
                    with file_lock(path):
                        pass
            except (Busy, OSError) as error:
                refused[path] = why_not_written(path, error)
        yield refused


def _allow_open_files(wanted: int) -> int:
    """Raise the limit of open files, usually 1,024, and return the new limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    enough = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
        return enough
    return soft


class Outcome(StrEnum):
    """The outcome for a config."""

    WAITING = "waiting"
    MOVED = "moved"
    ALREADY_MOVED = "already moved"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


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


OUTCOME_LABELS: Final = {
    Outcome.WAITING: N_("not changed yet"),
    Outcome.MOVED: N_("changed"),
    Outcome.ALREADY_MOVED: N_("already changed"),
    Outcome.FAILED: N_("failed"),
    Outcome.NOT_CHECKED: N_("not checked"),
}


def unread(readings: Iterable[Reading]) -> tuple[ConfigOutcome, ...]:
    """Return outcomes for invalid configs, which may use the key."""
    return tuple(
        ConfigOutcome(str(reading.path), Outcome.FAILED, tuple(f for f in reading.findings if f.is_error))
        for reading in readings
    )


def findings_of(outcomes: Iterable[ConfigOutcome]) -> tuple[Finding, ...]:
    """Return the findings of all outcomes."""
    return tuple(finding for outcome in outcomes for finding in outcome.findings)
