"""Stores each key in a private file."""

import os
import pwd
from collections.abc import Callable
from pathlib import Path
from shlex import quote

from wizard.domain import redaction
from wizard.domain.key import Secret
from wizard.domain.reference import FileReference, Reference, describe
from wizard.files.atomic import create_exclusively, make_private_folder, sweep
from wizard.files.reading import file_failure, why_not_read
from wizard.findings import Finding, codes
from wizard.secrets.key_files import read_secret_file
from wizard.secrets.store import Store
from wizard.secrets.trust import Trust
from wizard.threads import DaemonCalls


class FileStore(Store):
    """Files with mode 0600 in a folder with mode 0700, one for every key."""

    def __init__(
        self,
        folder: Path,
        *,
        deadline: float = 10.0,
        trust: Trust | None = None,
    ) -> None:
        """Use a folder, which is created when the first key is stored.

        Args:
            folder: The folder of the files.
            deadline: The timeout for a slow disk, in seconds.
            trust: Checks the folder before a key is written to it.
        """
        self._trust = trust or Trust()
        self._folder = _absolute(folder)
        self._calls = DaemonCalls(deadline)

    async def probe(self) -> Finding | None:
        """Write, read and delete a random value."""
        self._calls.forget_hanging()
        dummy = Secret(os.urandom(44).hex())
        path = self._folder / f"probe-{dummy.fingerprint}"

        def prove() -> Finding | None:
            try:
                return self._keep(path, dummy)
            finally:
                path.unlink(missing_ok=True)

        # An error names the folder, not the file, whose name is random.
        return await self._in_time(self._folder, prove)

    async def put(self, name: str, secret: Secret) -> FileReference | Finding:
        """Write a key to a new file and read it back.

        Raises:
            ValueError: If the name is outside the folder.
        """
        redaction.register(secret)
        path = _absolute(self._folder / name)
        if not self._is_ours(path):
            raise ValueError(name)
        return await self._in_time(path, lambda: self._keep(path, secret)) or self.reference(name)

    def reference(self, name: str) -> FileReference:
        """Return the reference to the file for a name."""
        return FileReference(str(_absolute(self._folder / name)))

    async def get(self, reference: Reference) -> Secret | Finding:
        """Return the key in a file."""
        path = self._path(reference)
        try:
            return await self._calls.run(lambda: _read_stored(path))
        except TimeoutError as error:
            return why_not_read(path, error)

    async def _remove(self, reference: Reference) -> Finding | None:
        """Delete a key's file. Files outside the folder are left alone."""
        path = self._path(reference)
        if not self._is_ours(path):
            return codes.NOT_OURS.found(reference=describe(reference))

        def forget() -> None:
            path.unlink(missing_ok=True)
            sweep(path)  # a run that was killed while writing may have left a copy

        return await self._in_time(path, forget)

    def _keep(self, path: Path, secret: Secret) -> Finding | None:
        if owner := _other_owner(self._folder):
            return codes.RUN_AS_OWNER.found(folder=str(self._folder), owner=quote(owner))
        refusal = self._trust.refusal(path.parent)
        # A folder that cannot be read cannot be written to either, which is reported below.
        if refusal is not None and refusal.code is not codes.FILE_UNREADABLE:
            return refusal
        make_private_folder(path.parent)
        try:
            create_exclusively(path, f"{secret.reveal()}\n".encode())
            otherwise = codes.STORE_LOSES.found(backend=str(self._folder))
        except FileExistsError:
            otherwise = codes.ENTRY_TAKEN.found(reference=describe(FileReference(str(path))))
        kept = _read_stored(path)
        if isinstance(kept, Finding):
            return kept
        return None if kept == secret else otherwise

    async def _in_time(self, path: Path, change: Callable[[], Finding | None]) -> Finding | None:
        try:
            return await self._calls.run(change, finishes=True)
        except OSError as error:
            return file_failure(codes.NOT_WRITABLE, path, error)

    def _is_ours(self, path: Path) -> bool:
        return self._folder in path.parents

    def _path(self, reference: Reference) -> Path:
        if not isinstance(reference, FileReference):
            raise TypeError(describe(reference))
        return _absolute(Path(reference.path))


def _other_owner(folder: Path) -> str | None:
    """Return the owner of a folder if the user is root, whose files that owner could not read."""
    if os.geteuid() != 0:
        return None
    while not os.path.exists(folder) and folder != folder.parent:
        folder = folder.parent
    owner = folder.stat().st_uid
    if owner == 0:
        return None
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:  # an account on another machine
        return f"#{owner}"


def _read_stored(path: Path) -> Secret | Finding:
    return read_secret_file(FileReference(str(path)), None)


def _absolute(path: Path) -> Path:
    try:
        return Path(os.path.abspath(path))  # resolve() would follow links
    except FileNotFoundError:  # the working directory has been deleted
        return path
