"""Reads the token behind a reference: the one place that tells the kinds apart."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, assert_never

from wizard.domain import redaction
from wizard.domain.environment import Environment
from wizard.domain.reference import (
    CommandReference,
    EnvReference,
    FileReference,
    KeyringReference,
    Reference,
    describe,
)
from wizard.domain.secret import Secret
from wizard.files.reading import reason_of
from wizard.findings import Finding, codes
from wizard.secrets.commands import CommandSource, name_in
from wizard.secrets.daemon_calls import DaemonCalls
from wizard.secrets.key_files import read_secret_file
from wizard.secrets.keyring_store import KeyringStore
from wizard.secrets.trust import Trust

_REAL: Final = (Environment.PRODUCTION, Environment.TEST)
_REAL_ENTRIES: Final = tuple(f"{environment}/" for environment in _REAL)
"""Environments whose entries a sandbox config must never get at, and how those entries begin."""


class Resolver:
    """Reads tokens wherever they are kept. Never blocks the event loop, and may be used from any.

    A user who can change a config decides what is read and where it is sent. So it is checked before
    any reference in it is resolved, and a config of the sandbox never gets at a real key.
    """

    def __init__(
        self,
        *,
        environ: Mapping[str, str],
        trust: Trust | None = None,
        key_folders: Iterable[Path] = (),
        read_command: tuple[str, ...] | None = None,
        passed: Iterable[str] = (),
        named: Iterable[str] = (),
        deadline: float = 3.0,
        command_deadline: float = 30.0,
    ) -> None:
        """Take the environment and the patience.

        Args:
            environ: The environment variables: some contain tokens, and commands get the others.
            trust: Checks configs; without exempt folders if it is not given.
            key_folders: Where the wizard's own store keeps its files, or has kept them.
            read_command: What prints the keys in the site's own store.
            passed: Variables that commands get whatever they look like.
            named: Variables that commands never get, besides those that the config names.
            deadline: How long a keyring or a disk may take, in seconds.
            command_deadline: How long a command may take, in seconds: it may ask a server.
        """
        self._environ = environ
        self._trust = trust or Trust()
        self._key_folders = tuple(key_folders)
        self._read_command = read_command
        self._keyring = KeyringStore(environ=environ, deadline=deadline)
        self._files = DaemonCalls(deadline)
        self._commands = CommandSource(environ, command_deadline, passed, named)

    async def resolve(
        self, reference: Reference, *, config_path: Path | None, environment: Environment
    ) -> Secret | Finding:
        """Return the token, or why it cannot be had.

        Args:
            reference: What the config says.
            config_path: The config, whose folder relative paths begin at; None for a reference from
                the command line, which begins at the current folder.
            environment: Where the token is going to be used.
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
        """Return why a config may not have what it refers to: neither read nor deleted for it."""
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
                return await self._commands.get(reference, config_path)
            case _:
                assert_never(reference)

    async def _read_file(self, reference: FileReference, config_path: Path | None) -> Secret | Finding:
        """Read a file without ever blocking: it may be on a network disk."""
        try:
            return await self._files.run(
                lambda: read_secret_file(reference, config_path, environ=self._environ)
            )
        except TimeoutError as error:
            return codes.FILE_UNREADABLE.found(path=reference.path, reason=reason_of(error))

    def _read_variable(self, reference: EnvReference) -> Secret | Finding:
        value = self._environ.get(reference.name)
        if value is None:
            return codes.ENV_NOT_SET.found(name=reference.name)
        value = value.strip()
        return Secret(value) if value else codes.SECRET_EMPTY.found(reference=describe(reference))
