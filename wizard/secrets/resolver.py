"""Reads the token that a reference stands for: the one place that tells the kinds apart."""

from collections.abc import Mapping
from pathlib import Path
from typing import assert_never

from wizard.domain import redaction
from wizard.domain.reference import (
    CommandReference,
    EnvReference,
    FileReference,
    KeyringReference,
    Reference,
)
from wizard.domain.secret import Secret
from wizard.findings import Finding
from wizard.secrets.command_source import CommandSource
from wizard.secrets.env_source import EnvSource
from wizard.secrets.file_source import FileSource
from wizard.secrets.keyring_store import KeyringStore


class Resolver:
    """Reads tokens wherever they lie. Never blocks the event loop, and may be used from any."""

    def __init__(
        self, *, environ: Mapping[str, str], deadline: float = 3.0, command_deadline: float = 30.0
    ) -> None:
        """Take the environment and the patience.

        Args:
            environ: The environment variables: some hold tokens, and commands get the others.
            deadline: How long a keyring or a disk may take, in seconds.
            command_deadline: How long a command may take, in seconds: it may ask a server.
        """
        self._keyring = KeyringStore(environ=environ, deadline=deadline)
        self._env = EnvSource(environ)
        self._files = FileSource(environ, deadline)
        self._commands = CommandSource(environ, command_deadline)

    async def resolve(self, reference: Reference, *, config_path: Path | None) -> Secret | Finding:
        """Return the token, or why it cannot be had.

        Args:
            reference: What the config says.
            config_path: The config, whose folder relative paths begin at; None for a reference from
                the command line, which begins at the current folder.
        """
        token = await self._read(reference, config_path)
        if isinstance(token, Secret):
            redaction.register(token)
        return token

    async def _read(self, reference: Reference, config_path: Path | None) -> Secret | Finding:
        match reference:
            case KeyringReference():
                return await self._keyring.get(reference)
            case FileReference():
                return await self._files.get(reference, config_path)
            case EnvReference():
                return await self._env.get(reference)
            case CommandReference():
                return await self._commands.get(reference, config_path)
            case _:
                assert_never(reference)
