"""The configs of one rotation: those that use the key which is to be replaced."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.config import Config, Reading, find_configs, read_config
from wizard.context import AppContext, is_entry_of, located, number_in
from wizard.domain.environment import Environment
from wizard.domain.key import read_key
from wizard.domain.reference import Reference, reference_value
from wizard.domain.secret import Secret

if TYPE_CHECKING:
    from wizard.rotation.journal import RotationPage


@dataclass(frozen=True, slots=True)
class KeyIdentity:
    """What distinguishes keys without reading them.

    Attributes:
        reference: Where it is, as seen from any folder.
        number: Its number in Tripletex, if known.
    """

    environment: Environment
    base_url: str | None
    reference: Reference
    number: int | None

    def is_same(self, other: "KeyIdentity") -> bool:
        """Whether both are one key: it is in one place, or has one number in one environment."""
        if (self.environment, self.base_url) != (other.environment, other.base_url):
            return False
        return self.reference == other.reference or (self.number is not None and self.number == other.number)


@dataclass(frozen=True, slots=True)
class Member:
    """One config that was read and found good."""

    path: Path
    config: Config
    text: str
    key: KeyIdentity
    previous: KeyIdentity | None

    @classmethod
    def of(cls, reading: Reading, path: Path, context: AppContext) -> "Member | None":
        """Return the config as a member; None when it is not good."""
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
    """The configs that a rotation is about.

    Attributes:
        old: The key that is to be replaced.
        members: Those that use it, and those that were moved by a run that did not come to its end.
        broken: Configs that cannot be read, and so may use it.
        others: How many configs of the folder use another key.
    """

    old: KeyIdentity
    members: tuple[Member, ...]
    broken: tuple[Reading, ...] = ()
    others: int = 0

    @property
    def first(self) -> Member:
        """The config that speaks for all: its application, its environment."""
        return self.members[0]


class SeveralKeys(Exception):  # noqa: N818 - named by what is the case
    """The configs use different keys; ``paths`` are an example of each."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        super().__init__(", ".join(map(str, paths)))
        self.paths = paths


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the command line names, read.

    Attributes:
        given: The configs that were named themselves.
        found: The others in the folder.
        broken: What was named and is not good.
        suspect: What is in the folder and not good.
    """

    given: tuple[Member, ...]
    found: tuple[Member, ...]
    broken: tuple[Reading, ...]
    suspect: tuple[Reading, ...]

    @property
    def every(self) -> tuple[Member, ...]:
        """All that could be read, those that were named first."""
        return self.given + self.found


def read_candidates(paths: Sequence[Path], folder: Path | None, context: AppContext) -> Candidates:
    """Read the configs that were named, and those in the folder; none comes twice.

    Raises:
        PathMissing: a path does not exist.
        NoConfigs: the folder contains no config.
    """
    seen: set[Path] = set()

    def members(names: Iterable[Path]) -> tuple[tuple[Member, ...], tuple[Reading, ...]]:
        good, broken = [], []
        for path in names:
            real = path.resolve()
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


def choose_group(candidates: Candidates, is_new: Callable[[Member], bool]) -> Group:
    """Choose the configs that use one key, among them those that ``is_new`` says are moved already.

    Raises:
        SeveralKeys: more than one key could be meant.
        ValueError: there is no config at all.
    """
    named = candidates.given or candidates.found
    waiting = [member for member in named if not is_new(member)]
    if not named:
        raise ValueError("no config")
    old = waiting[0].key if waiting else named[0].previous or named[0].key
    strangers = [member for member in waiting if not member.key.is_same(old)]
    if strangers:
        raise SeveralKeys((waiting[0].path, strangers[0].path))

    def belongs(member: Member) -> bool:
        if is_new(member):
            return member.previous is None or member.previous.is_same(old)
        return member.key.is_same(old)

    joined = [member for member in candidates.found if belongs(member)]
    members = tuple(dict.fromkeys((*candidates.given, *joined)))
    broken = (
        *candidates.broken,
        *(reading for reading in candidates.suspect if may_mean(reading, old.reference)),
    )
    return Group(old, members, broken, len(candidates.every) - len(members))


def may_mean(reading: Reading, reference: Reference) -> bool:
    """Whether a file that is no good config might refer to a place when it is good again."""
    value = reference_value(reference)[1]
    return reading.text is not None and isinstance(value, str) and Path(value).name in reading.text


@dataclass(frozen=True, slots=True)
class Gathering:
    """The configs of a rotation, with the page of a run that did not come to its end."""

    group: Group
    page: "RotationPage | None"


def gather(
    candidates: Candidates, context: AppContext, pasted: Secret | None, *, dry_run: bool = False
) -> Gathering:
    """Choose the configs that a rotation is about.

    Args:
        candidates: What the command line names; at least one config among them.
        context: The outside world.
        pasted: The new key, where it is known from the beginning.
        dry_run: Whether earlier runs are left alone.

    Raises:
        SeveralKeys: more than one key could be meant.
    """
    named = candidates.given or candidates.found
    page = None if dry_run else _page_of(named, context)

    def is_new(member: Member) -> bool:
        if page is not None and member.key.is_same(page.new_identity):
            return True
        return pasted is not None and is_key_of(member, pasted, context)

    moved = [member for member in named if is_new(member)]
    if page is None and len(moved) == len(named) and not all(member.previous for member in moved):
        # Nothing shows that they were rotated to it: it simply is the key that they use.
        return Gathering(choose_group(candidates, lambda _: False), None)
    return Gathering(choose_group(candidates, is_new), page)


def is_key_of(member: Member, secret: Secret, context: AppContext) -> bool:
    """Whether a config refers to a key, by its number or by the name of its entry."""
    environment = member.config.environment
    reading = read_key(secret.reveal(), environment)
    if reading.secret is None:
        return False
    if reading.number is not None and reading.number == member.key.number:
        return True
    return is_entry_of(member.key.reference, environment, reading.number, reading.secret, context)


def is_of_page(page: "RotationPage", pasted: Secret) -> bool:
    """Whether a key is the one that an unfinished rotation has stored."""
    reading = read_key(pasted.reveal(), page.old.environment)
    return reading.secret is not None and reading.secret.fingerprint == page.new.fingerprint


def _page_of(members: Iterable[Member], context: AppContext) -> "RotationPage | None":
    from wizard.rotation.journal import RotationJournal  # noqa: PLC0415 - it is about members

    return RotationJournal(context.state_folder).find(members)
