"""The stores that the wizard itself keeps keys in, and the only way to delete a key from one.

The rule: a stored key that may still be alive is never deleted. A key is dead only if Tripletex
refuses it in a run in which the key in use logs on with the same consumer token; anything else is
unknown, and unknown counts as alive. The one exception is a person who gives the key's number.
"""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final, Literal

from wizard.domain.environment import Environment
from wizard.domain.reference import Reference, describe, reference_value
from wizard.domain.secret import Secret
from wizard.findings import Finding, codes

GONE: Final = frozenset({codes.NOT_IN_KEYRING, codes.SECRET_FILE_MISSING})
"""What ``get`` says of an entry that does not exist."""

_REFUSED_AS_DEAD: Final = frozenset({codes.KEY_REJECTED})
_KEY_NAME: Final = re.compile(
    r"(?:production|test|sandbox)/(?P<key>(?P<number>\d+)(?:-[0-9a-f]{4}-[0-9a-f]{2})?|[0-9a-f]{4}-[0-9a-f]{2})"
)


@dataclass(frozen=True, slots=True)
class LogOn:
    """What Tripletex answered when a key was tried.

    Attributes:
        endpoint: The base URL that was asked.
        finding: Why the key did not log on; None if it did.
    """

    key: Secret
    consumer_token: Secret
    endpoint: str
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class ProofOfDeath:
    """Evidence that Tripletex no longer accepts a key. Only ``from_log_ons`` makes one."""

    key: Secret
    _token: object = field(repr=False)

    def __post_init__(self) -> None:
        if self._token is not _PROVEN:
            raise TypeError("only ProofOfDeath.from_log_ons can prove that a key is dead")

    @classmethod
    def from_log_ons(cls, tried: LogOn, in_use: LogOn) -> "ProofOfDeath | None":
        """Return the proof that the first key is dead; None if it may be alive.

        Another application's consumer token makes Tripletex refuse every key. A refusal proves
        something only if the key in use logs on with the same consumer token, at the same address.
        """
        if tried.finding is None or tried.finding.code not in _REFUSED_AS_DEAD or in_use.finding is not None:
            return None
        is_comparable = (tried.consumer_token, tried.endpoint) == (in_use.consumer_token, in_use.endpoint)
        return cls(tried.key, _PROVEN) if is_comparable and tried.key != in_use.key else None


_PROVEN: Final = object()


@dataclass(frozen=True, slots=True)
class ForcedByNumber:
    """The person's own word that a key is to be deleted, alive or not: its number, or its fingerprint."""

    number: str


Evidence = ProofOfDeath | ForcedByNumber


class Store(ABC):
    """A place for keys. Entries are immutable: a stored key is never overwritten.

    Every method may be called from any event loop and never blocks it.
    """

    @property
    @abstractmethod
    def kind(self) -> Literal["keyring", "file", "command"]:
        """The kind of reference that the store gives out."""

    @abstractmethod
    async def probe(self) -> Finding | None:
        """Test the store with a random value: set, get, compare, delete. None means good."""

    @abstractmethod
    async def put(self, name: str, secret: Secret) -> Reference | Finding:
        """Store a key under a name, read it back and compare.

        An entry that exists already is fine if it holds the same key, and left alone if it does not.
        """

    @abstractmethod
    def reference(self, name: str) -> Reference:
        """Return the reference to the entry with a name, whether or not it exists."""

    @abstractmethod
    async def get(self, reference: Reference) -> Secret | Finding:
        """Return the key behind a reference of this store."""

    async def delete(self, reference: Reference, evidence: Evidence) -> Finding | None:
        """Delete a key on evidence that nothing can depend on it. Nothing else deletes a stored key.

        Returns:
            None if the key is gone, also if it never was there; else why it is still there.

        Raises:
            ValueError: the number is not that of the key.
        """
        if isinstance(evidence, ForcedByNumber):
            if evidence.number not in ways_to_name(reference):
                raise ValueError(f"{describe(reference)} is not number {evidence.number}")
            return await self._remove(reference)
        stored = await self.get(reference)
        if isinstance(stored, Finding):
            return None if stored.code in GONE else stored
        if stored != evidence.key:
            return codes.CHANGED_MEANWHILE.found()
        return await self._remove(reference)

    @abstractmethod
    async def _remove(self, reference: Reference) -> Finding | None:
        """Remove an entry. Called by ``delete`` alone."""

    async def name_for(self, environment: Environment, number: int | None, key: Secret) -> str:
        """Return the name for a key's entry: ``production/2147628461``.

        If another key has that name, the fingerprint is appended. A paste that was damaged on the
        way has the number of the right key, and stays: it must not block the right one.
        """
        name = entry_name(environment, number, key)
        stored = await self.get(self.reference(name))
        is_taken = isinstance(stored, Secret) and stored != key and number is not None
        return f"{name}-{key.fingerprint}" if is_taken else name


def entry_name(environment: Environment, key_number: int | None, secret: Secret) -> str:
    """Return the usual name of a key's entry: ``production/2147628461``.

    A key of the form used before 2022 has no number and goes by its fingerprint.
    """
    return f"{environment}/{secret.fingerprint if key_number is None else key_number}"


def is_key_name(name: str) -> bool:
    """Whether the wizard gives such names to keys; a consumer token has another."""
    return _KEY_NAME.fullmatch(name) is not None


def number_in_name(name: str) -> int | None:
    """Return the number of the key that is stored under a name, as far as the name says it."""
    found = _KEY_NAME.fullmatch(name)
    return int(found["number"]) if found and found["number"] else None


def ways_to_name(reference: Reference) -> frozenset[str]:
    """Return what a person may call a stored key: its number, its fingerprint, or both as in the entry."""
    value = reference_value(reference)[1]
    found = _KEY_NAME.fullmatch("/".join(PurePath(value).parts[-2:])) if isinstance(value, str) else None
    return frozenset(filter(None, (found["key"], found["number"]))) if found else frozenset()
