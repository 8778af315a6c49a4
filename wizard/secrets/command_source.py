"""Tokens that a command prints: ``pass``, ``age -d``, a vault's client."""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from wizard.domain.reference import CommandReference, describe
from wizard.domain.secret import Secret
from wizard.findings import Finding, codes
from wizard.secrets.child_environ import without_tokens
from wizard.secrets.config_trust import existing, judge_trust

_LARGEST: Final = 64 * 1024
_LONGEST_DEATH: Final = 1.0  # seconds; a process that waits for a network disk cannot be killed


class CommandSource:
    """Runs a command without a shell and takes the first line of its output.

    It runs in the config's own folder, so that relative paths mean there what they mean for
    ``file``; in a session of its own, so that it neither draws on the wizard's screen nor leaves a
    part of itself behind; and with standard error thrown away, for that may quote the token.
    """

    def __init__(self, environ: Mapping[str, str], deadline: float) -> None:
        """Take the environment that the command gets, less its tokens, and the deadline in seconds."""
        self._environ = without_tokens(environ)
        self._deadline = deadline

    async def get(self, reference: CommandReference, config_path: Path | None) -> Secret | Finding:
        """Return the first line that the command prints.

        Without a config it is the user's own command line that names the command.
        """
        if config_path is not None and (finding := judge_trust(config_path)):
            return finding
        program = reference.command[0]
        try:
            async with asyncio.timeout(self._deadline):
                return await self._run(reference, config_path and existing(config_path.parent))
        except TimeoutError:
            return codes.COMMAND_SILENT.found(program=program, seconds=f"{self._deadline:g}")
        except OSError as error:
            return codes.COMMAND_FAILED.found(program=program, reason=error.strerror)
        except ValueError as error:  # a NUL in an argument
            return codes.COMMAND_FAILED.found(program=program, reason=str(error))

    async def _run(self, reference: CommandReference, folder: Path | None) -> Secret | Finding:
        starting = asyncio.create_task(self._start(reference, folder))
        try:
            # A start that is broken off would leave the command's own children behind.
            transport, output = await asyncio.shield(starting)
            await output.ended
        except asyncio.CancelledError:  # by the user or by the deadline
            transport, output = await starting
            with suppress(ProcessLookupError):
                os.killpg(transport.get_pid(), signal.SIGKILL)
            await asyncio.wait({output.exited}, timeout=_LONGEST_DEATH)
            transport.close()
            raise
        transport.close()
        if status := transport.get_returncode():
            reason = signal.Signals(-status).name if status < 0 else f"exit {status}"
            return codes.COMMAND_FAILED.found(program=reference.command[0], reason=reason)
        first_line = output.data.decode("utf-8-sig", "replace").partition("\n")[0].strip()
        return Secret(first_line) if first_line else codes.SECRET_EMPTY.found(reference=describe(reference))

    async def _start(
        self, reference: CommandReference, folder: Path | None
    ) -> tuple[asyncio.SubprocessTransport, "_Output"]:
        return await asyncio.get_running_loop().subprocess_exec(
            _Output,
            *reference.command,
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._environ,
            cwd=folder,
            start_new_session=True,
        )


class _Output(asyncio.SubprocessProtocol):
    """Collects the beginning of what a process prints and forgets the rest."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.data = bytearray()
        self.exited: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()

    def pipe_data_received(self, fd: int, data: bytes) -> None:  # noqa: ARG002 - asyncio's signature
        self.data += data[: _LARGEST - len(self.data)]

    def process_exited(self) -> None:
        """Come when the process has ended; children of it may still hold its output."""
        self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Come when the process has ended and its output is closed."""
        if not self.ended.done():
            self.ended.set_result(None)
