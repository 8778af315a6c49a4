"""The store that consists of the site's commands."""

import re
from typing import Final

from wizard.domain import redaction
from wizard.domain.key import Secret
from wizard.domain.reference import CommandReference, Reference, describe
from wizard.domain.setup import Environment
from wizard.findings import Finding, Phrase, codes
from wizard.secrets.programs import Commands
from wizard.secrets.store import Store, entry_name
from wizard.text import N_

ENTRY: Final = "{entry}"
"""The placeholder in a site's commands for the name of an entry, such as ``production-2147628461``."""


class CommandStore(Store):
    """A store that consists of a command to store a key and one to print it. Keys cannot be deleted."""

    def __init__(
        self, store_command: tuple[str, ...], read_command: tuple[str, ...], commands: Commands
    ) -> None:
        """Set the commands.

        Args:
            store_command: Stores the key that it reads from standard input; ``{entry}`` is replaced.
            read_command: Prints the key. Configs refer to this command.
            commands: Runs them.
        """
        self._store_command = store_command
        self._read_command = read_command
        self._commands = commands

    async def probe(self) -> Finding | None:
        """Check that both programs exist. A test entry is not stored, because it could not be deleted."""
        for program, *_ in (self._store_command, self._read_command):
            if self._commands.find(program) is None:
                return codes.PROGRAM_MISSING.found(program=program)
        return None

    async def put(self, name: str, secret: Secret) -> CommandReference | Finding:
        """Store a key and read it back.

        An existing entry is never overwritten. It is fine if it holds the same key, and an error otherwise.
        """
        redaction.register(secret)
        reference = self.reference(name)
        existing = await self._commands.read(reference, None)
        if isinstance(existing, Secret):
            return reference if existing == secret else codes.ENTRY_TAKEN.found(reference=describe(reference))
        if existing.code not in _NO_ENTRY:
            return existing
        words = filled(self._store_command, name)
        done = await self._commands.run(words, given=f"{secret.reveal()}\n".encode())
        if isinstance(done, Finding):
            has_run = self._commands.find(words[0]) is not None
            return _may_be_stored(done, reference, name) if has_run else done
        stored = await self._commands.read(reference, None)
        if stored == secret:
            return reference
        found = stored if isinstance(stored, Finding) else codes.STORE_LOSES.found(backend=words[0])
        return _may_be_stored(found, reference, name)

    async def name_for(self, environment: Environment, number: int | None, key: Secret) -> str:
        """Return the name that the site expects; ``put`` refuses if another key has it."""
        return entry_name(environment, number, key)

    def reference(self, name: str) -> CommandReference:
        """Return the command that prints the key stored under a name."""
        return CommandReference(filled(self._read_command, name))

    async def get(self, reference: Reference) -> Secret | Finding:
        """Return the key that the command prints."""
        if not isinstance(reference, CommandReference):
            raise TypeError(describe(reference))
        return await self._commands.read(reference, None)

    async def _remove(self, reference: Reference) -> Finding | None:
        """Return a finding, since keys in the site's store are not deleted."""
        return codes.NOT_OURS.found(reference=describe(reference))


_NO_ENTRY: Final = frozenset({codes.COMMAND_FAILED, codes.SECRET_EMPTY})
"""Findings of the read command that mean that there is no such entry."""


def _may_be_stored(finding: Finding, reference: CommandReference, name: str) -> Finding:
    """Return a finding with the advice where the key may be, since the command to store it has run."""
    place = f"{describe(reference)} ({_entry(name)})"
    advice = Phrase(N_("The key may be in {place} all the same. It is safe to try again."), place=place)
    return finding.with_values(advice=advice)


def _entry(name: str) -> str:
    return name.replace("/", "-")


def filled(command: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return the command with ``{entry}`` replaced, for a name such as ``production/2147628461``."""
    return tuple(word.replace(ENTRY, _entry(name)) for word in command)


def name_in(command: tuple[str, ...], read_command: tuple[str, ...]) -> str | None:
    """Return the name of the entry that a command reads, or None if it is not the site's read command."""
    placeholder = re.escape(ENTRY)
    pattern = re.escape("\0".join(read_command)).replace(placeholder, "(?P<entry>[^\0]+)", 1)
    found = re.fullmatch(pattern.replace(placeholder, "(?P=entry)"), "\0".join(command))
    entry = found and found.groupdict().get("entry")
    return entry.replace("-", "/", 1) if entry else None
