"""Runs other programs in an environment without tokens.

They are the commands that print or store a key, and the site's hook.
"""

import asyncio
import base64
import binascii
import logging
import os
import re
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from wizard.domain.key import Secret, holds_token
from wizard.domain.legible import one_line
from wizard.domain.redaction import mask
from wizard.domain.reference import CommandReference, describe
from wizard.files.reading import (
    CONFIG_LIMIT,
    decode,
    decode_leniently,
    parse_toml,
    read_regular,
    reason_of,
)
from wizard.findings import Finding, Phrase, Term, codes
from wizard.secrets.hardening import callers_umask
from wizard.text import N_

_MOST_KEPT: Final = 64 * 1024
_LONGEST_TOKEN: Final = 4096
_KILL_TIMEOUT: Final = 1.0
"""Seconds to wait for a killed program to exit. One that waits for a network disk cannot be killed."""
_GRACE: Final = 0.5
"""Seconds to wait for the end of the output after a program has exited. A child may keep the pipe open."""
_MOST_LOGGED_LINES: Final = 20
_MOST_SHOWN: Final = 600
"""How many characters of the end of the hook's output are shown."""
_NOTHING: Final = N_("no output")
HOOK_DEADLINE: Final = 120.0
"""The timeout of the hook in seconds. It may copy files to other machines."""

_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{32,}={0,2}")
_HEXADECIMAL: Final = re.compile(r"(?:[0-9A-Fa-f]{2}:?){32,}")
_MOST_LAYERS: Final = 3
"""How many layers of base64 or hexadecimal are decoded in search of a token."""

_log: Final = logging.getLogger(__name__)


class Commands:
    """Runs the commands that configs and the site's defaults name.

    They run without a shell and with no tokens in their environment.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        named: Iterable[str] = (),
        passed: Iterable[str] = (),
        deadline: float = 30.0,
    ) -> None:
        """Set the environment and the timeout.

        Args:
            environ: The environment of this program.
            named: Variables that the defaults refer to for a token. They are removed, as are those that a
                config refers to.
            passed: Variables that are not removed although their value looks like a token, such as the role
                id of a vault.
            deadline: The timeout in seconds. Commands may contact a server.
        """
        self._environ = environ
        self._named = frozenset(named)
        self._passed = frozenset(passed)
        self._deadline = deadline

    def find(self, program: str) -> str | None:
        """Return the path of a program, or None if there is no such program."""
        return shutil.which(program, path=self._environ.get("PATH"))

    async def read(self, reference: CommandReference, config_path: Path | None) -> Secret | Finding:
        """Return the first line that a command prints.

        It runs in the folder of the config, so that relative paths are resolved as they are for ``file``.
        ``config_path`` is None if the command is from the command line or the site's defaults.
        """
        output = await self.run(reference.command, config_path)
        if isinstance(output, Finding):
            return output
        first_line = decode_leniently(output).partition("\n")[0].strip()
        return Secret(first_line) if first_line else codes.SECRET_EMPTY.found(reference=describe(reference))

    async def run(
        self, words: Sequence[str], config_path: Path | None = None, given: bytes | None = None
    ) -> bytes | Finding:
        """Run a command and return its output, or a finding if it failed.

        Its standard error may quote the token, so it is discarded, or logged with tokens masked if debug
        logging is on.

        Args:
            words: The program and its arguments.
            config_path: The config that names the command.
            given: The standard input; None for no input.
        """
        environ = self._environ_for([config_path] if config_path else [])
        folder = config_path and _existing(config_path.parent)
        errors = PIPE if _log.isEnabledFor(logging.DEBUG) else DEVNULL
        try:
            ended = await _run(words, environ, self._deadline, stderr=errors, folder=folder, given=given)
        except TimeoutError:
            return codes.COMMAND_SILENT.found(program=words[0], seconds=f"{self._deadline:g}")
        for line in mask(ended.errors.decode("utf-8", "replace")).splitlines()[:_MOST_LOGGED_LINES]:
            _log.debug("%s: %s", words[0], line)
        if ended.failure:
            return codes.COMMAND_FAILED.found(program=words[0], reason=ended.failure)
        return ended.output

    async def run_hook(
        self, command: Sequence[str], configs: Sequence[Path], *, deadline: float = HOOK_DEADLINE
    ) -> Finding | None:
        """Run the site's hook with the configs as arguments. Return a finding if it failed."""
        arguments = (*command, *(str(path.absolute()) for path in configs))
        environ = self._environ_for(configs)
        try:
            failure, output, _ = await _run(arguments, environ, deadline, stderr=STDOUT, keeps_end=True)
        except TimeoutError:
            failure, output = f"> {deadline:g} s", b""
        if not failure:
            return None
        if len(output) == _MOST_KEPT:
            output = output[_LONGEST_TOKEN:]  # it may begin with half a token, which would not be masked
        words = one_line(mask(output.decode(errors="replace")))
        shown = words if len(words) <= _MOST_SHOWN else f"… {words[-_MOST_SHOWN:]}"
        return codes.HOOK_FAILED.found(program=command[0], reason=failure, output=shown or Term(_NOTHING))

    def _environ_for(self, configs: Iterable[Path]) -> dict[str, str]:
        """Return the environment without tokens, and without the variables that configs refer to."""
        withheld = self._named | _variables_named_in(configs)
        return {
            name: value
            for name, value in self._environ.items()
            if name not in withheld and (name in self._passed or not _may_be_token(name, value))
        }


def _existing(path: Path) -> Path:
    """Return the absolute path of a folder, or its nearest parent that exists."""
    named = Path(os.path.abspath(path))  # resolve() would follow links
    return next((each for each in (named, *named.parents) if os.path.isdir(each)), named)


def _variables_named_in(configs: Iterable[Path]) -> frozenset[str]:
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
    return (name.startswith("TRIPLETEX_") and "TOKEN" in name) or _holds_token(value, _MOST_LAYERS)


def _holds_token(value: str, layers: int) -> bool:
    """Return whether a value contains a token, also inside other text, JSON, base64 or hexadecimal."""
    if holds_token(value):
        return True
    return layers > 0 and any(_holds_token(text, layers - 1) for text in _decoded(value))


def _decoded(value: str) -> Iterator[str]:
    unfolded = "".join(value.split())  # tools wrap base64 after 64 or 76 characters
    for encoded in {*_BASE64.findall(value), *_BASE64.findall(unfolded)}:
        bare = encoded.rstrip("=").replace("-", "+").replace("_", "/")
        with suppress(binascii.Error):
            yield base64.b64decode(bare + "=" * (-len(bare) % 4)).decode("latin-1")
    for encoded in _HEXADECIMAL.findall(unfolded):
        yield bytes.fromhex(encoded.replace(":", "")).decode("latin-1")


class _Ended(NamedTuple):
    """A program that has ended.

    Attributes:
        failure: Why it failed, such as ``exit 1``; empty if it did not.
        output: The first 64 KiB of its output, or the last.
        errors: The first 64 KiB of its standard error.
    """

    failure: str | Phrase
    output: bytes = b""
    errors: bytes = b""


async def _run(
    words: Sequence[str],
    environ: Mapping[str, str],
    deadline: float,
    *,
    stderr: int,
    folder: Path | None = None,
    given: bytes | None = None,
    keeps_end: bool = False,
) -> _Ended:
    """Run a program without a shell.

    It runs in a new session, so that it cannot draw on the wizard's screen and all of its processes can be
    killed.

    Raises:
        TimeoutError: If it did not end by the deadline. It has been killed.
    """

    async def start() -> tuple[asyncio.SubprocessTransport, _Process]:
        transport, process = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Process(keeps_end=keeps_end),
            *words,
            stdin=DEVNULL if given is None else PIPE,
            stderr=stderr,
            env=environ,
            cwd=folder,
            start_new_session=True,
            umask=callers_umask(),
        )
        pipe = transport.get_pipe_transport(0)
        if given is not None and isinstance(pipe, asyncio.WriteTransport):
            pipe.write(given)
            pipe.close()
        return transport, process

    starting = asyncio.create_task(start())
    try:
        async with asyncio.timeout(deadline):
            # If starting were interrupted, the program's children would be left running.
            transport, process = await asyncio.shield(starting)
            await asyncio.wait({process.exited})  # wait() does not cancel the future
            await asyncio.wait({process.ended}, timeout=_GRACE)
    except (asyncio.CancelledError, TimeoutError):
        await asyncio.wait({starting})
        if starting.exception() is None:
            transport, process = starting.result()
            with suppress(ProcessLookupError):
                os.killpg(transport.get_pid(), signal.SIGKILL)
            await asyncio.wait({process.exited}, timeout=_KILL_TIMEOUT)
            transport.close()
        raise
    except OSError as error:
        return _Ended(reason_of(error))
    except ValueError as error:  # a NUL in an argument
        return _Ended(str(error))
    status = transport.get_returncode() or 0
    transport.close()
    return _Ended(_failure(status), bytes(process.output), bytes(process.errors))


def _failure(status: int) -> str:
    if status >= 0:
        return f"exit {status}" if status else ""
    try:
        return signal.Signals(-status).name
    except ValueError:  # a real-time signal
        return f"signal {-status}"


class _Process(asyncio.SubprocessProtocol):
    """Collects the beginning or the end of the output of a process."""

    def __init__(self, *, keeps_end: bool) -> None:
        loop = asyncio.get_running_loop()
        self._dropped = slice(None, -_MOST_KEPT) if keeps_end else slice(_MOST_KEPT, None)
        self.output = bytearray()
        self.errors = bytearray()
        self.exited: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        buffer = self.output if fd == 1 else self.errors
        buffer += data
        del buffer[self._dropped]

    def process_exited(self) -> None:
        """Handle the exit of the process, whose children may still have its output open."""
        self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Handle the end of the process and its output."""
        del exc
        if not self.ended.done():
            self.ended.set_result(None)
