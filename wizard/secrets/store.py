"""The interface of the stores that keys are kept in, and the only way to delete a key.

A stored key that may still work is never deleted. A key is considered dead only if Tripletex refuses it in
a run in which the key in use logs on with the same consumer token. The only exception is a user who gives
the number of the key.
"""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final, NamedTuple

from wizard.domain.key import Secret
from wizard.domain.reference import Reference, describe, reference_value
from wizard.domain.setup import Environment
from wizard.findings import Finding, codes

GONE: Final = frozenset({codes.NOT_IN_KEYRING, codes.SECRET_FILE_MISSING})
"""Findings of ``get`` that mean that the entry does not exist."""

_REFUSED_AS_DEAD: Final = frozenset({codes.KEY_REJECTED})
_KEY_NAME: Final = re.compile(
    r"(?:production|test|sandbox)/(?P<key>(?P<number>\d+)(?:-[0-9a-f]{4}-[0-9a-f]{2})?|[0-9a-f]{4}-[0-9a-f]{2})"
)


class LogOn(NamedTuple):
    """The result of logging on with a key.

    Attributes:
        endpoint: The base URL.
        finding: Why logging on failed; None if it succeeded.
    """

    key: Secret
    consumer_token: Secret
    endpoint: str
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class ProofOfDeath:
    """Evidence that Tripletex no longer accepts a key. Only ``from_log_ons`` creates one."""

    key: Secret
    _token: object = field(repr=False)

    def __post_init__(self) -> None:
        if self._token is not _PROVEN:
            raise TypeError("only ProofOfDeath.from_log_ons can prove that a key is dead")

    @classmethod
    def from_log_ons(cls, tried: LogOn, in_use: LogOn) -> "ProofOfDeath | None":
        """Return the proof that the first key is dead, or None if it may still work.

        With another application's consumer token, Tripletex refuses every key. So a refusal is only a proof
        if the key in use logs on with the same consumer token at the same address.
        """
        if tried.finding is None or tried.finding.code not in _REFUSED_AS_DEAD or in_use.finding is not None:
            return None
        is_comparable = (tried.consumer_token, tried.endpoint) == (in_use.consumer_token, in_use.endpoint)
        return cls(tried.key, _PROVEN) if is_comparable and tried.key != in_use.key else None


_PROVEN: Final = object()


@dataclass(frozen=True, slots=True)
class ForcedByNumber:
    """The user's confirmation to delete a key even if it still works: its number or fingerprint."""

    number: str


Evidence = ProofOfDeath | ForcedByNumber


class Store(ABC):
    """A store of keys, which never overwrites an entry.

    The methods may be called from any event loop and do not block it.
    """

    @abstractmethod
    async def probe(self) -> Finding | None:
        """Write, read and delete a random value. Return None if that worked."""

    @abstractmethod
    async def put(self, name: str, secret: Secret) -> Reference | Finding:
        """Store a key under a name and read it back.

        An existing entry is fine if it holds the same key, and an error otherwise.
        """

    @abstractmethod
    def reference(self, name: str) -> Reference:
        """Return the reference to the entry with a name, whether or not it exists."""

    @abstractmethod
    async def get(self, reference: Reference) -> Secret | Finding:
        """Return the key that a reference of this store points to."""

    async def delete(self, reference: Reference, evidence: Evidence) -> Finding | None:
        """Delete a key that is proven dead, or that the user has confirmed. No other code deletes keys.

        Returns:
            None if the key is gone or never existed, or a finding if it still exists.

        Raises:
            ValueError: If the confirmed number is not that of the key.
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
        """Remove an entry. Only to be called by ``delete``."""

    async def name_for(self, environment: Environment, number: int | None, key: Secret) -> str:
        """Return the name for a key's entry, such as ``production/2147628461``.

        If another key has that name, the fingerprint is appended. A key that was damaged when it was pasted
        has the same number as the right one, and must not keep it from being stored.
        """
        name = entry_name(environment, number, key)
        stored = await self.get(self.reference(name))
        is_taken = isinstance(stored, Secret) and stored != key and number is not None
        return f"{name}-{key.fingerprint}" if is_taken else name


def entry_name(environment: Environment, key_number: int | None, secret: Secret) -> str:
    """Return the usual name of a key's entry, such as ``production/2147628461``.

    Keys from before 2022 have no number, so the fingerprint is used instead.
    """
    return f"{environment}/{secret.fingerprint if key_number is None else key_number}"


def is_key_name(name: str) -> bool:
    """Return whether a name is that of a key's entry, as opposed to a consumer token."""
    return _KEY_NAME.fullmatch(name) is not None


def number_in_name(name: str) -> int | None:
    """Return the number of a key from the name of its entry, or None if it has none."""
    found = _KEY_NAME.fullmatch(name)
    return int(found["number"]) if found and found["number"] else None


def ways_to_name(reference: Reference) -> frozenset[str]:
    """Return what identifies a stored key for ``ForcedByNumber``: its number, its fingerprint, or both."""
    value = reference_value(reference)[1]
    found = _KEY_NAME.fullmatch("/".join(PurePath(value).parts[-2:])) if isinstance(value, str) else None
    return frozenset(filter(None, (found["key"], found["number"]))) if found else frozenset()
