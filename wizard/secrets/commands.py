"""Runs programs that print or store a token, in an environment without tokens."""

import asyncio
import base64
import binascii
import logging
import os
import re
import shutil
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, NewType

from wizard.domain import redaction
from wizard.domain.key import Secret, holds_token
from wizard.domain.redaction import mask
from wizard.domain.reference import CommandReference, Reference, describe
from wizard.files.reading import CONFIG_LIMIT, decode, decode_leniently, parse_toml, read_regular, reason_of
from wizard.findings import Finding, codes
from wizard.secrets.hardening import callers_umask
from wizard.secrets.store import Store

_LARGEST: Final = 64 * 1024
_LONGEST_DEATH: Final = 1.0  # seconds; a process that waits for a network disk cannot be killed
_GRACE: Final = 0.5
"""Seconds to wait for the end of the output after a command has exited. A child may keep the pipe open."""
_MOST_LOGGED_LINES: Final = 20

_PACKED: Final = re.compile(r"[A-Za-z0-9+/_-]{32,}={0,2}")
_DUMPED: Final = re.compile(r"(?:[0-9A-Fa-f]{2}:?){32,}")
_DEEPEST: Final = 3
"""How many layers of base64 or hexadecimal are decoded in search of a token."""

_log: Final = logging.getLogger(__name__)


ChildEnviron = NewType("ChildEnviron", dict[str, str])
"""An environment for other programs, without Tripletex tokens."""


def child_environ(
    environ: Mapping[str, str], *, named: Iterable[str] = (), passed: Iterable[str] = ()
) -> ChildEnviron:
    """Return the environment for a program that the wizard starts, without Tripletex tokens.

    Args:
        environ: The environment of this program.
        named: Variables that a config or the defaults refer to for a token. They are removed.
        passed: Variables that the defaults allow although their value looks like a token, such as the role
            id of a vault.
    """
    withheld, let_through = frozenset(named), frozenset(passed)
    return ChildEnviron(
        {
            name: value
            for name, value in environ.items()
            if name not in withheld and (name in let_through or not _may_be_token(name, value))
        }
    )


def variables_named_in(configs: Iterable[Path]) -> frozenset[str]:
    """Return the environment variables that configs refer to."""
    names: set[str] = set()
    for path in configs:
        with suppress(OSError, ValueError, RecursionError):
            names.update(_variables_in(parse_toml(decode(read_regular(path, CONFIG_LIMIT)))))
    return frozenset(names)


def _variables_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(name := value.get("env"), str):
            yield name
        for each in value.values():
            yield from _variables_in(each)


def _may_be_token(name: str, value: str) -> bool:
    return (name.startswith("TRIPLETEX_") and "TOKEN" in name) or _holds_token(value, _DEEPEST)


def _holds_token(value: str, depth: int) -> bool:
    """Return whether a value contains a token, also inside other text, JSON or base64."""
    if holds_token(value):
        return True
    return depth > 0 and any(_holds_token(text, depth - 1) for text in _decoded(value))


def _decoded(value: str) -> Iterator[str]:
    unfolded = "".join(value.split())  # tools wrap base64 after 64 or 76 characters
    for packed in {*_PACKED.findall(value), *_PACKED.findall(unfolded)}:
        bare = packed.rstrip("=").replace("-", "+").replace("_", "/")
        with suppress(binascii.Error):
            yield base64.b64decode(bare + "=" * (-len(bare) % 4)).decode("latin-1")
    for dumped in _DUMPED.findall(unfolded):
        yield bytes.fromhex(dumped.replace(":", "")).decode("latin-1")


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


async def run_command(
    words: Sequence[str],
    environ: ChildEnviron,
    deadline: float,
    *,
    folder: Path | None = None,
    given: bytes | None = None,
) -> bytes | Finding:
    """Run a program without a shell and return its output, or a finding if it failed.

    It runs in a new session, so that it cannot draw on the wizard's screen and all of its processes can be
    killed. Its standard error may quote the token, so it is discarded, or logged with tokens masked if debug
    logging is on.

    Args:
        words: The program and its arguments.
        environ: The environment.
        deadline: Seconds after which it is killed.
        folder: The working directory; None for the current one.
        given: The standard input; None for no input.
    """
    program = words[0]
    try:
        async with asyncio.timeout(deadline):
            process = await _run(_Start(words, environ, folder, given))
    except TimeoutError:
        return codes.COMMAND_SILENT.found(program=program, seconds=f"{deadline:g}")
    except OSError as error:
        return codes.COMMAND_FAILED.found(program=program, reason=reason_of(error))
    except ValueError as error:  # a NUL in an argument
        return codes.COMMAND_FAILED.found(program=program, reason=str(error))
    errors = mask(process.errors.decode("utf-8", "replace")).splitlines()
    for line in errors[:_MOST_LOGGED_LINES]:
        _log.debug("%s: %s", program, line)
    if process.status:
        reason = signal.Signals(-process.status).name if process.status < 0 else f"exit {process.status}"
        return codes.COMMAND_FAILED.found(program=program, reason=reason)
    return bytes(process.output)


class _Start(NamedTuple):
    words: Sequence[str]
    environ: ChildEnviron
    folder: Path | None
    given: bytes | None

    async def __call__(self) -> "tuple[asyncio.SubprocessTransport, _Process]":
        transport, process = await asyncio.get_running_loop().subprocess_exec(
            _Process,
            *self.words,
            stdin=asyncio.subprocess.DEVNULL if self.given is None else asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE
            if _log.isEnabledFor(logging.DEBUG)
            else asyncio.subprocess.DEVNULL,
            env=self.environ,
            cwd=self.folder,
            start_new_session=True,
            umask=callers_umask(),
        )
        if self.given is not None:
            pipe = transport.get_pipe_transport(0)
            if isinstance(pipe, asyncio.WriteTransport):
                pipe.write(self.given)
                pipe.close()
        return transport, process


async def _run(start: _Start) -> "_Process":
    starting = asyncio.create_task(start())
    try:
        # If starting were interrupted, the command's children would be left running.
        transport, process = await asyncio.shield(starting)
        await asyncio.wait({process.exited})  # wait() does not cancel the future
        await asyncio.wait({process.ended}, timeout=_GRACE)
    except asyncio.CancelledError:  # by the user or by the deadline
        transport, process = await starting
        with suppress(ProcessLookupError):
            os.killpg(transport.get_pid(), signal.SIGKILL)
        await asyncio.wait({process.exited}, timeout=_LONGEST_DEATH)
        transport.close()
        raise
    process.status = transport.get_returncode() or 0
    transport.close()
    return process


class _Process(asyncio.SubprocessProtocol):
    """Collects the first 64 KiB of the output of a process."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.output = bytearray()
        self.errors = bytearray()
        self.status = 0
        self.exited: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        buffer = self.output if fd == 1 else self.errors
        buffer += data[: _LARGEST - len(buffer)]

    def process_exited(self) -> None:
        """Handle the exit of the process, whose children may still have its output open."""
        self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Handle the end of the process and its output."""
        del exc
        if not self.ended.done():
            self.ended.set_result(None)


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
