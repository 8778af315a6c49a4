"""The journals of unfinished rotations, and of the last rollback."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from wizard.domain.key import Secret, read_key
from wizard.domain.reference import HeldKey
from wizard.rotation.keys import KeyIdentity, Member
from wizard.walk.journal import delete_journal, encode, load_journal, newest_first, save_journal


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

    def has_stored(self, pasted: Secret) -> bool:
        """Return whether a key is the new key of the rotation."""
        reading = read_key(pasted.reveal(), self.old.environment)
        return reading.secret is not None and reading.secret.fingerprint == self.new.fingerprint


def find_rotation(folder: Path, members: Iterable[Member]) -> SavedRotation | None:
    """Return the unfinished rotation that includes any of the configs. Unreadable journals are ignored."""
    journals = [saved for saved in map(_load, sorted(_journals(folder))) if saved is not None]
    return next((saved for member in members for saved in journals if saved.concerns(member)), None)


def latest_rotation(folder: Path) -> SavedRotation | None:
    """Return the latest unfinished rotation, with those of its configs that still exist."""
    for path in newest_first(_journals(folder)):
        saved = _load(path)
        if saved is not None and (left := tuple(filter(os.path.exists, saved.paths))):
            return replace(saved, paths=left)
    return None


def save_rotation(folder: Path, saved: SavedRotation) -> None:
    """Write the journal of a rotation, replacing that for the same old key.

    Raises:
        OSError: If the folder cannot be written to.
    """
    save_journal(_path(folder, saved), saved)


def erase_rotation(folder: Path, saved: SavedRotation) -> None:
    """Delete the journal of a rotation."""
    delete_journal(_path(folder, saved))


def _journals(folder: Path) -> Iterator[Path]:
    return folder.glob("rotations/*.json")


def _load(path: Path) -> SavedRotation | None:
    return load_journal(path, SavedRotation, flat_version=1)


def _path(folder: Path, saved: SavedRotation) -> Path:
    from hashlib import sha256  # noqa: PLC0415 - loads OpenSSL, which the first screen does without

    about = json.dumps(encode(saved.old), sort_keys=True)
    return folder / "rotations" / f"{sha256(about.encode()).hexdigest()[:16]}.json"


@dataclass(frozen=True, slots=True)
class SavedRollback:
    """The journal of a rollback, which makes it safe to repeat one that was interrupted.

    A rollback swaps the two keys of a config, so the config does not say whether it has been changed.

    Attributes:
        paths: The configs.
        keys: The key that each goes back to; None if it has no previous key.
    """

    paths: tuple[Path, ...]
    keys: tuple[KeyIdentity | None, ...]

    @classmethod
    def of(cls, members: Sequence[Member]) -> Self:
        """Return the journal of a rollback that is about to begin."""
        paths = tuple(member.path.absolute() for member in members)
        return cls(paths, tuple(member.previous for member in members))

    def is_about(self, members: Iterable[Member]) -> bool:
        """Return whether a rollback of these configs is the same one."""
        return {member.path.absolute() for member in members} == set(self.paths)

    def done(self, members: Iterable[Member]) -> frozenset[Path]:
        """Return the configs that have already been changed."""
        keys = dict(zip(self.paths, self.keys, strict=True))
        wanted = ((member, keys.get(member.path.absolute())) for member in members)
        return frozenset(member.path for member, key in wanted if key is not None and member.key.is_same(key))


def load_rollback(folder: Path) -> SavedRollback | None:
    """Return the last rollback, if it was not finished."""
    return load_journal(_rollback(folder), SavedRollback)


def save_rollback(folder: Path, saved: SavedRollback) -> None:
    """Write the journal of a rollback. Errors are ignored, since going back is what matters most then."""
    with suppress(OSError):
        save_journal(_rollback(folder), saved)


def erase_rollback(folder: Path, members: Iterable[Member]) -> None:
    """Delete the journal of the last rollback if it includes any of the configs."""
    saved = load_rollback(folder)
    if saved is not None and not {member.path.absolute() for member in members}.isdisjoint(saved.paths):
        delete_journal(_rollback(folder))


def _rollback(folder: Path) -> Path:
    return folder / "rollbacks" / "last.json"
