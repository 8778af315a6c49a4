"""Stores keys in the keyring of the user's session."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from wizard.domain import redaction
from wizard.domain.key import Secret
from wizard.domain.reference import KeyringReference, Reference, describe
from wizard.findings import Finding, codes
from wizard.secrets.store import Store
from wizard.threads import DaemonCalls

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE: Final = "tripletex-wizard"


class KeyringStore(Store):
    """Stores keys as entries of the service ``tripletex-wizard``.

    A locked keyring may wait for a prompt on another screen, and a broken one may never answer. So every
    call has a timeout, and none keeps the program from exiting.
    """

    def __init__(
        self,
        backend: "KeyringBackend | None" = None,
        *,
        environ: Mapping[str, str] = os.environ,
        deadline: float = 3.0,
    ) -> None:
        """Use the given backend, or choose a safe one when it is first needed.

        Args:
            backend: A backend to use without checking whether it is safe.
            environ: The environment, in which ``PYTHON_KEYRING_BACKEND`` may be set.
            deadline: The timeout of each call, in seconds.
        """
        self._given = backend
        self._chosen = backend
        self._environ = environ
        self._calls = DaemonCalls(deadline)

    async def probe(self) -> Finding | None:
        """Write, read and delete a random value that is as long as a key."""
        self._calls.forget_hanging()
        self._chosen = self._given
        entry, dummy = f"probe/{os.urandom(4).hex()}", os.urandom(44).hex()

        def prove(backend: "KeyringBackend") -> Finding | None:
            backend.set_password(SERVICE, entry, dummy)
            if backend.get_password(SERVICE, entry) != dummy:
                return _loses(backend)
            backend.delete_password(SERVICE, entry)
            return None

        return await self._ask(prove)

    async def put(self, name: str, secret: Secret) -> KeyringReference | Finding:
        """Store a key under a name and read it back.

        The keyring is unlocked by a separate call, so that a prompt that is answered after the timeout does
        not store the key without the user knowing.
        """
        redaction.register(secret)
        value = secret.reveal()
        reference = self.reference(name)
        kept = await self._ask(lambda backend: backend.get_password(SERVICE, name))
        if isinstance(kept, Finding):
            return kept
        if kept is not None:
            taken = codes.ENTRY_TAKEN.found(reference=describe(reference))
            return reference if Secret(kept) == secret else taken

        def keep(backend: "KeyringBackend") -> Finding | None:
            backend.set_password(SERVICE, name, value)
            return None if backend.get_password(SERVICE, name) == value else _loses(backend)

        return await self._ask(keep, finishes=True) or reference

    def reference(self, name: str) -> KeyringReference:
        """Return the reference to the entry with a name."""
        return KeyringReference(name)

    async def get(self, reference: Reference) -> Secret | Finding:
        """Return the key in an entry."""
        entry = _entry(reference)
        kept = await self._ask(lambda backend: backend.get_password(SERVICE, entry))
        if isinstance(kept, Finding):
            return _seen_from_here(kept)
        if kept is None:
            return codes.NOT_IN_KEYRING.found(entry=entry)
        # It may have been stored by hand, with a line break.
        value = kept.strip()
        return Secret(value) if value else codes.SECRET_EMPTY.found(reference=describe(reference))

    async def _remove(self, reference: Reference) -> Finding | None:
        entry = _entry(reference)

        def forget(backend: "KeyringBackend") -> None:
            if backend.get_password(SERVICE, entry) is not None:
                backend.delete_password(SERVICE, entry)

        finding = await self._ask(forget)
        return finding and _seen_from_here(finding)

    async def _ask(self, question: "Callable[[KeyringBackend], T]", *, finishes: bool = False) -> T | Finding:
        def call() -> T | Finding:
            from wizard.secrets.keyring_backends import choose_backend, explain  # noqa: PLC0415 - slow

            backend = self._chosen or choose_backend(self._environ)
            if isinstance(backend, Finding):
                return backend
            self._chosen = backend
            try:
                return question(backend)
            except TimeoutError:
                raise
            except Exception as error:  # noqa: BLE001 - backends raise what their libraries raise
                return explain(error, backend)

        try:
            return await self._calls.run(call, finishes=finishes)
        except TimeoutError:
            return codes.STORE_SILENT.found(seconds=f"{self._calls.deadline:g}")


def _entry(reference: Reference) -> str:
    if not isinstance(reference, KeyringReference):
        raise TypeError(describe(reference))
    return reference.entry


def _loses(backend: "KeyringBackend") -> Finding:
    return codes.STORE_LOSES.found(backend=backend.name)


def _seen_from_here(finding: Finding) -> Finding:
    """Replace "there is no keyring" by "not from here", since the key may be in another session's keyring."""
    return codes.KEYRING_NOT_HERE.found() if finding.code is codes.NO_KEYRING else finding
