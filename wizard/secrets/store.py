"""The places where the wizard itself may keep a key, and what entries are called there."""

from typing import Literal, Protocol

from wizard.domain.environment import Environment
from wizard.domain.reference import Reference
from wizard.domain.secret import Secret
from wizard.findings import Finding


class Store(Protocol):
    """A place for keys. Entries are immutable: a stored key is never overwritten.

    Every method may be called from any event loop and never blocks it.
    """

    @property
    def kind(self) -> Literal["keyring", "file"]:
        """The kind of reference that the store gives out."""
        ...

    async def probe(self) -> Finding | None:
        """Let the store prove itself with a dummy: set, get, compare, delete. None is good."""
        ...

    async def put(self, name: str, secret: Secret) -> Reference | Finding:
        """Keep a key under a name, read it back and compare.

        A key that already lies there is fine when it is the same, and left alone when it is another.
        """
        ...

    def reference(self, name: str) -> Reference:
        """Return what a key kept under a name would be referred to by; nothing is kept."""
        ...

    async def get(self, reference: Reference) -> Secret | Finding:
        """Return the key that a reference from this store stands for."""
        ...

    async def delete(self, reference: Reference) -> Finding | None:
        """Forget a key. None means that it is gone, also when it never was there."""
        ...


def entry_name(environment: Environment, key_number: int | None, secret: Secret) -> str:
    """Return the name of a key's entry: ``production/2147628461``.

    A key of the form used before 2022 has no number and goes by its fingerprint.
    """
    return f"{environment}/{secret.fingerprint if key_number is None else key_number}"
