"""The configs of a rotation: those that use the key to replace, or already the new one."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wizard.config.discovery import find_configs
from wizard.config.reading import Reading, read_config
from wizard.context import AppContext
from wizard.domain.key import Secret
from wizard.findings import Finding
from wizard.rotation.journal import SavedRotation, find_rotation
from wizard.rotation.keys import KeyIdentity, Member, is_key_of, may_mean


@dataclass(frozen=True, slots=True)
class Group:
    """The configs of a rotation.

    Attributes:
        old: The key to replace.
        members: The configs that use it, and those that an unfinished run has already changed.
        broken: Invalid configs, which may use it.
        others: The number of configs in the folder that use another key.
        saved: The journal of an unfinished run.
        refused: Findings about configs that could not be locked.
    """

    old: KeyIdentity
    members: tuple[Member, ...]
    broken: tuple[Reading, ...] = ()
    others: int = 0
    saved: SavedRotation | None = None
    refused: Mapping[Path, Finding] = field(default_factory=dict)

    @property
    def first(self) -> Member:
        """The first config, whose application and environment are used for all."""
        return self.members[0]


class SeveralKeys(Exception):
    """The configs use several keys."""


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
        NothingFound: If a path does not exist, or the folder contains no config.
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
    """Choose the configs of a rotation.

    Args:
        candidates: The configs from the command line, at least one of which is valid.
        context: Provides stores, folders, clock and network.
        pasted: The new key, if it is already known.
        dry_run: Whether to ignore unfinished runs.

    Raises:
        SeveralKeys: If it is ambiguous which key to replace.
    """
    named = candidates.given or candidates.found
    saved = None if dry_run else find_rotation(context.state_folder, named)
    new = {member for member in candidates.every if saved and member.key.is_same(saved.new_identity)}
    if pasted is not None:
        new |= {member for member in candidates.every if is_key_of(member, pasted, context)}
    if saved is None and new.issuperset(named) and not all(member.previous for member in named):
        # There is no sign of a rotation to this key, so it is the key in use.
        new.clear()
    waiting = [member for member in named if member not in new]
    old = waiting[0].key if waiting else named[0].previous or named[0].key
    if not all(member.key.is_same(old) for member in waiting):
        raise SeveralKeys

    def belongs(member: Member) -> bool:
        key = member.previous if member in new else member.key
        return key is None or key.is_same(old)

    joined = [member for member in candidates.found if belongs(member)]
    members = tuple(dict.fromkeys((*candidates.given, *joined)))
    # One that could not be read has no text.
    suspect = [each for each in candidates.suspect if each.text is None or may_mean(each, old.reference)]
    broken = (*candidates.broken, *suspect)
    return Group(old, members, broken, len(candidates.every) - len(members), saved)
