"""Rotations that did not come to their end, so that a second run can finish them. Never a secret."""

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wizard.domain.environment import Environment
from wizard.domain.held import HeldKey
from wizard.domain.reference import reference_in
from wizard.files.atomic import make_private_folder, write_atomically
from wizard.files.reading import LIST_LIMIT, read_regular
from wizard.rotation.members import KeyIdentity, Member
from wizard.walk.journal import encode

_VERSION = 1


@dataclass(frozen=True, slots=True)
class RotationPage:
    """What is noted, before the new key is stored: from which key to which, and for which configs."""

    old: KeyIdentity
    new: HeldKey
    paths: tuple[Path, ...]

    @property
    def new_identity(self) -> KeyIdentity:
        """The new key as configs refer to it."""
        return replace(self.old, reference=self.new.reference, number=self.new.number)

    def concerns(self, member: Member) -> bool:
        """Whether a config is still to be moved, or was moved by the run that did not end."""
        is_moved = member.key.is_same(self.new_identity) and member.path.absolute() in self.paths
        return is_moved or member.key.is_same(self.old)


class RotationJournal:
    """The pages of all unfinished rotations of a user; without a folder nothing is noted."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder / "rotations" if folder else None

    def find(self, members: Iterable[Member]) -> RotationPage | None:
        """Return the page about any of the configs. One that cannot be read is none."""
        pages = [page for page in map(_read, self._files()) if page is not None]
        return next((page for member in members for page in pages if page.concerns(member)), None)

    def latest(self) -> RotationPage | None:
        """Return the page that was written last and whose configs are still there."""
        found = [(file.stat().st_mtime, page) for file in self._files() if (page := _read(file)) is not None]
        found = [each for each in found if any(path.exists() for path in each[1].paths)]
        return max(found, key=lambda each: each[0])[1] if found else None

    def write(self, page: RotationPage) -> None:
        """Note a page, in place of the former one about the same old key.

        Raises:
            OSError: the folder cannot be written to.
        """
        if self._folder is None:
            return
        make_private_folder(self._folder)
        write_atomically(self._path(page.old), json.dumps(_encode(page), indent=1).encode(), mode=0o600)

    def erase(self, page: RotationPage) -> None:
        """Take a page away. One that stays against all odds only offers to finish what is finished."""
        if self._folder is not None:
            with suppress(OSError):
                self._path(page.old).unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.json")) if self._folder else []

    def _path(self, old: KeyIdentity) -> Path:
        about = json.dumps(_encode_identity(old), sort_keys=True)
        return (self._folder or Path()) / f"{hashlib.sha256(about.encode()).hexdigest()[:16]}.json"


def _read(path: Path) -> RotationPage | None:
    try:
        noted = json.loads(read_regular(path, LIST_LIMIT))
        return _decode(noted) if noted["version"] == _VERSION else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _encode(page: RotationPage) -> dict[str, Any]:
    new = page.new
    return {
        "version": _VERSION,
        "old": _encode_identity(page.old),
        "new": {
            "reference": encode(new.reference),
            "number": new.number,
            "length": new.length,
            "fingerprint": new.fingerprint,
            "owned": new.owned,
        },
        "paths": [str(path) for path in page.paths],
    }


def _decode(noted: dict[str, Any]) -> RotationPage:
    old, new = noted["old"], noted["new"]
    return RotationPage(
        KeyIdentity(
            Environment(old["environment"]),
            old["base_url"],
            reference_in(old["reference"]),
            old["number"],
        ),
        HeldKey(**{**new, "reference": reference_in(new["reference"])}),
        tuple(Path(path) for path in noted["paths"]),
    )


def _encode_identity(identity: KeyIdentity) -> dict[str, Any]:
    return {
        "environment": str(identity.environment),
        "base_url": identity.base_url,
        "reference": encode(identity.reference),
        "number": identity.number,
    }
