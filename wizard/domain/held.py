"""What a walk remembers: stored keys and the companies they belong to. Never a secret."""

from dataclasses import dataclass
from typing import Literal

from wizard.domain.reference import Reference

StoreKind = Literal["keyring", "file", "command"]
OwnPlace = Literal["command", "env"]
"""Where people may keep a key themselves; the wizard only refers to it."""


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key that is safe in its store.

    Attributes:
        reference: Where it is.
        number: Its number in Tripletex; None for the form used before 2022.
        length: How many characters it has.
        fingerprint: A short hash of it, to tell two keys apart.
        owned: Whether the wizard put it there.
    """

    reference: Reference
    number: int | None
    length: int
    fingerprint: str
    owned: bool = True


@dataclass(frozen=True, slots=True)
class FoundCompany:
    """The company that Tripletex says a key belongs to; ``id`` is Tripletex's number of it."""

    name: str | None
    org_number: str | None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A client that the key has access to."""

    name: str
    org_number: str | None
