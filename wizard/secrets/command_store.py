"""Keys in a place of the site's own: a password vault, reached through two commands."""

import shutil
from collections.abc import Iterable, Mapping
from typing import Final

from wizard.domain import redaction
from wizard.domain.reference import CommandReference, Reference, describe
from wizard.domain.secret import Secret
from wizard.findings import Finding, codes
from wizard.secrets.commands import CommandSource, child_environ, run_command
from wizard.secrets.store import Store

ENTRY: Final = "{entry}"
"""What a site writes where the name of an entry belongs, such as ``production-2147628461``."""


class CommandStore(Store):
    """One command puts a key away, another one prints it. Nothing is ever deleted there."""

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
        """Take both commands.

        Args:
            store_command: Gets the key and a newline on standard input; ``{entry}`` is replaced.
            read_command: Prints the key; it is what configs refer to.
            environ: The environment that both get, less its tokens.
            passed: Variables that both get whatever they look like.
            named: Variables that neither ever gets.
            deadline: How long each may take, in seconds: it may ask a server.
        """
        self._store_command = store_command
        self._read_command = read_command
        self._environ = child_environ(environ, named=named, passed=passed)
        self._source = CommandSource(environ, deadline, passed, named)
        self._deadline = deadline

    async def probe(self) -> Finding | None:
        """Look whether both programs are there. A dummy could never be taken away again."""
        for program, *_ in (self._store_command, self._read_command):
            if shutil.which(program, path=self._environ.get("PATH")) is None:
                return codes.PROGRAM_MISSING.found(program=program)
        return None

    async def put(self, name: str, secret: Secret) -> CommandReference | Finding:
        """Put a key away, read it back and compare.

        It is read first: the same key there is left alone, and so is another one, which is a refusal.
        """
        redaction.register(secret)
        reference = self.reference(name)
        there = await self._source.get(reference, None)
        if isinstance(there, Secret):
            return reference if there == secret else codes.ENTRY_TAKEN.found(reference=describe(reference))
        if there.code not in _NOT_THERE:
            return there
        words = filled(self._store_command, name)
        done = await run_command(words, self._environ, self._deadline, given=f"{secret.reveal()}\n".encode())
        if isinstance(done, Finding):
            return done
        kept = await self._source.get(reference, None)
        if isinstance(kept, Finding):
            return kept
        return reference if kept == secret else codes.STORE_LOSES.found(backend=words[0])

    def reference(self, name: str) -> CommandReference:
        """Return the command that prints the key of a name."""
        return CommandReference(filled(self._read_command, name))

    async def get(self, reference: Reference) -> Secret | Finding:
        """Return what the command of a reference prints."""
        if not isinstance(reference, CommandReference):
            raise TypeError(describe(reference))
        return await self._source.get(reference, None)

    async def _remove(self, reference: Reference) -> Finding | None:
        """Refuse: the place is the site's own."""
        return codes.NOT_OURS.found(reference=describe(reference))


_NOT_THERE: Final = frozenset({codes.COMMAND_FAILED, codes.SECRET_EMPTY})
"""What reading says of an entry that is not there; other trouble means that nobody can tell."""


def filled(command: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return a command for the entry of a name such as ``production/2147628461``."""
    entry = name.replace("/", "-")
    return tuple(word.replace(ENTRY, entry) for word in command)


def name_in(command: tuple[str, ...], read_command: tuple[str, ...]) -> str | None:
    """Return the name whose key a command prints, if it is the site's read command."""
    if len(command) != len(read_command):
        return None
    names = set()
    for word, pattern in zip(command, read_command, strict=True):
        before, has_entry, after = pattern.partition(ENTRY)
        if not has_entry:
            if word != pattern:
                return None
            continue
        if not (word.startswith(before) and word.endswith(after) and len(word) > len(before + after)):
            return None
        names.add(word[len(before) : len(word) - len(after)])
    return names.pop().replace("-", "/", 1) if len(names) == 1 else None
