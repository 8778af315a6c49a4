"""Reads a token from a command, and the store that consists of the site's commands."""

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from wizard.domain import redaction
from wizard.domain.key import Secret
from wizard.domain.reference import CommandReference, Reference, describe
from wizard.files.reading import decode_leniently
from wizard.findings import Finding, codes
from wizard.secrets.programs import child_environ, run_command, variables_named_in
from wizard.secrets.store import Store


class CommandSource:
    """Reads a token from the first line that a command prints.

    The command runs without a shell in the folder of the config, so that relative paths are resolved as
    they are for ``file``.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        deadline: float,
        passed: Iterable[str] = (),
        named: Iterable[str] = (),
    ) -> None:
        """Set the environment and deadline of the command.

        Args:
            environ: The environment, from which tokens are removed.
            deadline: The timeout in seconds.
            passed: Variables that are never removed.
            named: Variables that are always removed, as are those that the config refers to.
        """
        self._environ = environ
        self._passed = frozenset(passed)
        self._named = frozenset(named)
        self._deadline = deadline

    async def get(self, reference: CommandReference, config_path: Path | None) -> Secret | Finding:
        """Return the first line that the command prints.

        ``config_path`` is None if the command is from the command line or the site's defaults.
        """
        named = self._named | variables_named_in([config_path] if config_path else [])
        environ = child_environ(self._environ, named=named, passed=self._passed)
        folder = config_path and _existing(config_path.parent)
        output = await run_command(reference.command, environ, self._deadline, folder=folder)
        if isinstance(output, Finding):
            return output
        first_line = decode_leniently(output).partition("\n")[0].strip()
        return Secret(first_line) if first_line else codes.SECRET_EMPTY.found(reference=describe(reference))


def _existing(path: Path) -> Path:
    """Return the absolute path of a folder, or its nearest parent that exists."""
    named = Path(os.path.abspath(path))  # resolve() would follow links
    return next((each for each in (named, *named.parents) if os.path.isdir(each)), named)


ENTRY: Final = "{entry}"
"""The placeholder in a site's commands for the name of an entry, such as ``production-2147628461``."""


class CommandStore(Store):
    """A store that consists of a command to store a key and one to print it. Keys cannot be deleted."""

    kind: Final = "command"

    def __init__(
        self,
        store_command: tuple[str, ...],
        read_command: tuple[str, ...],
        *,
        environ: Mapping[str, str],
        passed: Iterable[str] = (),
        named: Iterable[str] = (),
        deadline: float = 30.0,
    ) -> None:
        """Set the commands and their environment.

        Args:
            store_command: Stores the key that it reads from standard input; ``{entry}`` is replaced.
            read_command: Prints the key. Configs refer to this command.
            environ: The environment of both, from which tokens are removed.
            passed: Variables that are never removed.
            named: Variables that are always removed.
            deadline: The timeout of each command in seconds. Commands may contact a server.
        """
        self._store_command = store_command
        self._read_command = read_command
        self._environ = child_environ(environ, named=named, passed=passed)
        self._source = CommandSource(environ, deadline, passed, named)
        self._deadline = deadline

    async def probe(self) -> Finding | None:
        """Check that both programs exist. A test entry is not stored, because it could not be deleted."""
        for program, *_ in (self._store_command, self._read_command):
            if shutil.which(program, path=self._environ.get("PATH")) is None:
                return codes.PROGRAM_MISSING.found(program=program)
        return None

    async def put(self, name: str, secret: Secret) -> CommandReference | Finding:
        """Store a key and read it back.

        An existing entry is never overwritten. It is fine if it holds the same key, and an error otherwise.
        """
        redaction.register(secret)
        reference = self.reference(name)
        existing = await self._source.get(reference, None)
        if isinstance(existing, Secret):
            return reference if existing == secret else codes.ENTRY_TAKEN.found(reference=describe(reference))
        if existing.code not in _NO_ENTRY:
            return existing
        words = filled(self._store_command, name)
        done = await run_command(words, self._environ, self._deadline, given=f"{secret.reveal()}\n".encode())
        if isinstance(done, Finding):
            return done
        stored = await self._source.get(reference, None)
        if isinstance(stored, Finding):
            return stored
        return reference if stored == secret else codes.STORE_LOSES.found(backend=words[0])

    def reference(self, name: str) -> CommandReference:
        """Return the command that prints the key stored under a name."""
        return CommandReference(filled(self._read_command, name))

    async def get(self, reference: Reference) -> Secret | Finding:
        """Return the key that the command prints."""
        if not isinstance(reference, CommandReference):
            raise TypeError(describe(reference))
        return await self._source.get(reference, None)

    async def _remove(self, reference: Reference) -> Finding | None:
        """Return a finding, since keys in the site's store are not deleted."""
        return codes.NOT_OURS.found(reference=describe(reference))


_NO_ENTRY: Final = frozenset({codes.COMMAND_FAILED, codes.SECRET_EMPTY})
"""Findings of the read command that mean that there is no such entry."""


def filled(command: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return the command with ``{entry}`` replaced, for a name such as ``production/2147628461``."""
    entry = name.replace("/", "-")
    return tuple(word.replace(ENTRY, entry) for word in command)


def name_in(command: tuple[str, ...], read_command: tuple[str, ...]) -> str | None:
    """Return the name of the entry that a command reads, or None if it is not the site's read command."""
    placeholder = re.escape(ENTRY)
    pattern = re.escape("\0".join(read_command)).replace(placeholder, "(?P<entry>[^\0]+)", 1)
    found = re.fullmatch(pattern.replace(placeholder, "(?P=entry)"), "\0".join(command))
    entry = found and found.groupdict().get("entry")
    return entry.replace("-", "/", 1) if entry else None
