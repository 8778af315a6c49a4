"""Which key a config refers to, and which configs refer to a key."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wizard.config.discovery import NothingFound, find_configs
from wizard.config.reading import Config, Reading, read_config
from wizard.context import AppContext, is_entry_of, located, number_in
from wizard.domain.key import Secret, read_key
from wizard.domain.reference import (
    CommandReference,
    FileReference,
    KeyringReference,
    Reference,
    reference_value,
)
from wizard.domain.setup import Environment
from wizard.files.reading import LIST_LIMIT, read_regular
from wizard.walk.journal import remembered_configs


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


def is_key_of(member: Member, secret: Secret, context: AppContext) -> bool:
    """Return whether a config refers to a key, by number or by the name of its entry."""
    environment = member.config.environment
    reading = read_key(secret.reveal(), environment)
    if reading.secret is None:
        return False
    if reading.number is not None and reading.number == member.key.number:
        return True
    return is_entry_of(member.key.reference, environment, reading.number, reading.secret, context)


def may_mean(reading: Reading, reference: Reference) -> bool:
    """Return whether an invalid config may refer to a key."""
    value = reference_value(reference)[1]
    return reading.text is not None and isinstance(value, str) and Path(value).name in reading.text


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
        with suppress(NothingFound):
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
