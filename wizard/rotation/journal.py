"""The journals of unfinished rotations."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from wizard.domain.key import Secret, read_key
from wizard.domain.reference import HeldKey
from wizard.rotation.keys import KeyIdentity, Member
from wizard.walk.journal import delete_journal, encode, load_journal, save_journal


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
