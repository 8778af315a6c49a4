"""Programs that the wizard starts: what they are given, and the token that one prints."""

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
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NewType

from wizard.domain import redaction
from wizard.domain.key import holds_token
from wizard.domain.redaction import mask
from wizard.domain.reference import CommandReference, Reference, describe
from wizard.domain.secret import Secret
from wizard.files.reading import CONFIG_LIMIT, decode, decode_leniently, read_regular, reason_of
from wizard.files.toml import parse_toml
from wizard.findings import Finding, codes
from wizard.secrets.hardening import callers_umask
from wizard.secrets.store import Store

_LARGEST: Final = 64 * 1024
_LONGEST_DEATH: Final = 1.0  # seconds; a process that waits for a network disk cannot be killed
_GRACE: Final = 0.5
"""Seconds in which output may still arrive once a command has ended: a child of its own may hold it open."""
_COMPLAINT_LINES: Final = 20

_PACKED: Final = re.compile(r"[A-Za-z0-9+/_-]{32,}={0,2}")
_DEEPEST: Final = 3
"""Times that something may be packed in base64 and still be recognised."""

_log: Final = logging.getLogger(__name__)


ChildEnviron = NewType("ChildEnviron", dict[str, str])
"""An environment without tokens of Tripletex: all that programs are given."""


def child_environ(
    environ: Mapping[str, str], *, named: Iterable[str] = (), passed: Iterable[str] = ()
) -> ChildEnviron:
    """Return the environment for a program that the wizard starts: without tokens of Tripletex.

    Args:
        environ: The environment of this program.
        named: Variables that a config or the defaults name as the place of a token: never given.
        passed: Variables that trusted defaults let through although a value looks like a token, as the
            role id of a vault does.
    """
    withheld, let_through = frozenset(named), frozenset(passed)
    return ChildEnviron(
        {
            name: value
            for name, value in environ.items()
            if name not in withheld and (name in let_through or not _gives_token_away(name, value))
        }
    )


def variables_named_in(configs: Iterable[Path]) -> frozenset[str]:
    """Return the variables that configs name as the place of a token."""
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


def _gives_token_away(name: str, value: str) -> bool:
    return (name.startswith("TRIPLETEX_") and "TOKEN" in name) or _holds_token(value, _DEEPEST)


def _holds_token(value: str, depth: int) -> bool:
    """Whether a value contains a key: among other text, in JSON, or packed in base64."""
    if holds_token(value):
        return True
    return depth > 0 and any(_holds_token(text, depth - 1) for text in _unpacked(value))


def _unpacked(value: str) -> Iterator[str]:
    unfolded = "".join(value.split())  # tools fold base64 after 64 or 76 signs
    for packed in {*_PACKED.findall(value), *_PACKED.findall(unfolded)}:
        bare = packed.rstrip("=").replace("-", "+").replace("_", "/")
        with suppress(binascii.Error):
            yield base64.b64decode(bare + "=" * (-len(bare) % 4)).decode("latin-1")


class CommandSource:
    """Runs a command without a shell and takes the first line of its output.

    It runs in the config's own folder, so that relative paths mean there what they mean for ``file``.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        deadline: float,
        passed: Iterable[str] = (),
        named: Iterable[str] = (),
    ) -> None:
        """Take what the command gets.

        Args:
            environ: The environment, which it gets without the tokens.
            deadline: How long it may take, in seconds.
            passed: Variables that it gets whatever they look like.
            named: Variables that it never gets, besides those that the config names.
        """
        self._environ = environ
        self._passed = frozenset(passed)
        self._named = frozenset(named)
        self._deadline = deadline

    async def get(self, reference: CommandReference, config_path: Path | None) -> Secret | Finding:
        """Return the first line that the command prints.

        Without a config it is the user's own command line, or the site, that names the command.
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
    """Run a program without a shell, and return what it prints, or why it failed.

    It runs in a session of its own, so that it neither draws on the wizard's screen nor leaves a part of
    itself behind. What it says on standard error may quote the token: it is logged with tokens masked if
    the user wants to know more, and thrown away otherwise.

    Args:
        words: The program and its arguments.
        environ: The environment that it gets.
        deadline: Seconds after which it is killed.
        folder: Where it runs; None for the current folder.
        given: What it reads from standard input; None for nothing.
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
    complaints = mask(process.complaints.decode("utf-8", "replace")).splitlines()
    for line in complaints[:_COMPLAINT_LINES]:
        _log.debug("%s: %s", program, line)
    if process.status:
        reason = signal.Signals(-process.status).name if process.status < 0 else f"exit {process.status}"
        return codes.COMMAND_FAILED.found(program=program, reason=reason)
    return bytes(process.output)


@dataclass(frozen=True, slots=True)
class _Start:
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
        # A start that is interrupted would leave the command's children running.
        transport, process = await asyncio.shield(starting)
        await asyncio.wait({process.exited})  # which outlives being cancelled here
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
    """Collects the beginning of what a process prints and forgets the rest."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.output = bytearray()
        self.complaints = bytearray()
        self.status = 0
        self.exited: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        kept = self.output if fd == 1 else self.complaints
        kept += data[: _LARGEST - len(kept)]

    def process_exited(self) -> None:
        """Return when the process has ended; its children may still have its output open."""
        self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Come when the process has ended and its output is closed."""
        if not self.ended.done():
            self.ended.set_result(None)


def _existing(path: Path) -> Path:
    """Return a folder made absolute, or the nearest one on the way to it that exists."""
    named = Path(os.path.abspath(path))  # resolve() would follow links
    return next((each for each in (named, *named.parents) if each.is_dir()), named)


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
