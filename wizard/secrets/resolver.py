"""Reads the token that a reference points to."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, assert_never

from wizard.domain import redaction
from wizard.domain.key import Secret
from wizard.domain.reference import (
    CommandReference,
    EnvReference,
    FileReference,
    KeyringReference,
    Reference,
    describe,
)
from wizard.domain.setup import Environment
from wizard.files.reading import why_not_read
from wizard.findings import Finding, codes
from wizard.secrets.commands import name_in
from wizard.secrets.key_files import read_secret_file
from wizard.secrets.keyring_store import KeyringStore
from wizard.secrets.programs import Commands
from wizard.secrets.trust import Trust
from wizard.threads import DaemonCalls

_REAL: Final = (Environment.PRODUCTION, Environment.TEST)
_REAL_ENTRIES: Final = tuple(f"{environment}/" for environment in _REAL)
"""Prefixes of the entries that a config for the sandbox must not read."""


class Resolver:
    """Reads tokens without blocking the event loop.

    Anybody who can change a config decides what is read and where it is sent. So a config is checked before
    any of its references are resolved, and a config for the sandbox cannot refer to a real key.
    """

    def __init__(
        self,
        *,
        environ: Mapping[str, str],
        trust: Trust | None = None,
        key_folders: Iterable[Path] = (),
        read_command: tuple[str, ...] | None = None,
        commands: Commands | None = None,
        deadline: float = 3.0,
    ) -> None:
        """Set the environment and the timeouts.

        Args:
            environ: The environment variables.
            trust: Checks configs. The default has no exempt folders.
            key_folders: Current and former folders of the wizard's own key files.
            read_command: The command that prints keys from the site's store.
            commands: Runs commands. The default only removes tokens from their environment.
            deadline: The timeout for a keyring or a disk, in seconds.
        """
        self._environ = environ
        self._trust = trust or Trust()
        self._key_folders = tuple(key_folders)
        self._read_command = read_command
        self._keyring = KeyringStore(environ=environ, deadline=deadline)
        self._files = DaemonCalls(deadline)
        self._commands = commands or Commands(environ)

    async def resolve(
        self, reference: Reference, *, config_path: Path | None, environment: Environment
    ) -> Secret | Finding:
        """Return the token, or a finding if it cannot be read.

        Args:
            reference: The reference.
            config_path: The config, to whose folder paths are relative; None for a reference from the command
                line, which is relative to the current folder.
            environment: The environment that the token will be used in.
        """
        if refusal := self.refusal(reference, config_path=config_path, environment=environment):
            return refusal
        token = await self._read(reference, config_path)
        if isinstance(token, Secret):
            redaction.register(token)
        return token

    def refusal(
        self, reference: Reference, *, config_path: Path | None, environment: Environment
    ) -> Finding | None:
        """Return a finding if a config must not use a reference, neither to read nor to delete a token."""
        if config_path is not None and (refusal := self._trust.refusal(config_path)):
            return refusal
        if environment is Environment.SANDBOX and self._is_of_real_key(reference, config_path):
            return codes.NOT_FOR_SANDBOX.found(reference=describe(reference))
        return None

    def _is_of_real_key(self, reference: Reference, config_path: Path | None) -> bool:
        match reference:
            case KeyringReference(entry):
                return entry.startswith(_REAL_ENTRIES)
            case FileReference(path):
                folder = config_path.parent if config_path else Path()
                real = Path(os.path.realpath(folder / path))
                stored = [Path(os.path.realpath(each)) for each in self._key_folders]
                return any(real.is_relative_to(each / name) for each in stored for name in _REAL)
            case CommandReference(command) if self._read_command is not None:
                return (name_in(command, self._read_command) or "").startswith(_REAL_ENTRIES)
            case _:
                return False

    async def _read(self, reference: Reference, config_path: Path | None) -> Secret | Finding:
        match reference:
            case KeyringReference():
                return await self._keyring.get(reference)
            case FileReference():
                return await self._read_file(reference, config_path)
            case EnvReference():
                return self._read_variable(reference)
            case CommandReference():
                return await self._commands.read(reference, config_path)
            case _:
                assert_never(reference)

    async def _read_file(self, reference: FileReference, config_path: Path | None) -> Secret | Finding:
        """Read a file in a thread, since it may be on a network disk."""
        try:
            return await self._files.run(
                lambda: read_secret_file(reference, config_path, environ=self._environ)
            )
        except TimeoutError as error:
            return why_not_read(reference.path, error)

    def _read_variable(self, reference: EnvReference) -> Secret | Finding:
        value = self._environ.get(reference.name)
        if value is None:
            return codes.ENV_NOT_SET.found(name=reference.name)
        value = value.strip()
        return Secret(value) if value else codes.SECRET_EMPTY.found(reference=describe(reference))
