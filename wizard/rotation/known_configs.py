"""The configs that may depend on a stored key, as far as this user's files show."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wizard.config import NoConfigs, PathMissing, find_configs, read_config
from wizard.context import AppContext
from wizard.domain.reference import (
    CommandReference,
    FileReference,
    KeyringReference,
    Reference,
    reference_value,
)
from wizard.files.reading import LIST_LIMIT, read_regular
from wizard.rotation.members import KeyIdentity, Member, may_mean
from wizard.walk.remembered import remembered_configs


@dataclass(frozen=True, slots=True)
class KnownConfigs:
    """Configs in some folders and below them, the remembered ones, and those of unfinished runs.

    Attributes:
        folders: Where it was looked for them. Configs in other places may exist.
    """

    context: AppContext
    folders: tuple[Path, ...]
    paths: tuple[Path, ...]

    @classmethod
    def near(cls, paths: Iterable[Path], context: AppContext) -> "KnownConfigs":
        """Return the configs in the folders of the given ones, where links lead as well, and below.

        Those in the folder where new ones are written count as well.
        """
        ends = [end for path in paths for end in (path.absolute(), path.resolve())]
        folders = dict.fromkeys(end.parent for end in ends)
        return cls._below((*folders, *cls._apart(context.config_folder, folders)), context)

    @classmethod
    def of_user(cls, context: AppContext) -> "KnownConfigs":
        """Return the configs in the folder where new ones are written."""
        return cls._below([context.config_folder], context)

    @staticmethod
    def _apart(folder: Path, others: Iterable[Path]) -> tuple[Path, ...]:
        is_apart = folder.is_dir() and not any(folder.is_relative_to(other) for other in others)
        return (folder,) if is_apart else ()

    @classmethod
    def _below(cls, folders: Iterable[Path], context: AppContext) -> "KnownConfigs":
        searched = tuple(folders)
        found = dict.fromkeys(_noted(context.state_folder))
        found |= dict.fromkeys(Path(each.path) for each in remembered_configs(context.state_folder))
        for folder in searched:
            with suppress(NoConfigs, PathMissing):
                found |= dict.fromkeys(find_configs([folder]))
        return cls(context, searched, tuple(found))

    def users_of(self, key: KeyIdentity) -> list[Path]:
        """Return the configs that refer to a key, in use or as the previous one."""
        return [path for path in self.paths if self._refers(path, key)]

    def _refers(self, path: Path, key: KeyIdentity) -> bool:
        reading = read_config(path)
        member = Member.of(reading, path, self.context)
        if member is None:
            return may_mean(reading, key.reference)
        return any(
            each is not None and (each.is_same(key) or _leads_to(each.reference, key.reference))
            for each in (member.key, member.previous)
        )


def _leads_to(reference: Reference, place: Reference) -> bool:
    """Whether a reference comes to a place: also for another address, by a link, or by a command."""
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
    """Give the configs of set-ups and rotations that did not come to their end."""
    for page in sorted(state_folder.glob("*/*.json")):
        with suppress(OSError, ValueError, TypeError, AttributeError, RecursionError):
            noted = json.loads(read_regular(page, LIST_LIMIT))
            noted = noted.get("page", noted)
            for path in (*noted.get("paths", ()), *noted.get("written", ())):
                if Path(path).exists():
                    yield Path(path)
