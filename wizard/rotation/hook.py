"""The site's own command, run when configs have been given another key."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, STDOUT
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from wizard.domain.legible import one_line
from wizard.domain.redaction import mask
from wizard.files.reading import reason_of
from wizard.findings import Finding, Term, codes
from wizard.secrets.commands import ChildEnviron
from wizard.secrets.hardening import callers_umask
from wizard.text import N_

DEADLINE: Final = 120.0
"""Seconds until the command is ended: it may copy files to other machines."""
_MOST_KEPT: Final = 16384
_LONGEST_TOKEN: Final = 4096
_MOST_TOLD: Final = 600
"""Characters of its output that are told: the end, where errors stand."""
_LAST_WORDS: Final = 1.0
"""Seconds for what is still in the pipe; a daemon that it left behind may hold the pipe open."""
_NOTHING: Final = N_("no output")


async def run_hook(
    command: Sequence[str],
    paths: Sequence[Path],
    environ: ChildEnviron,
    *,
    deadline: float = DEADLINE,
) -> Finding | None:
    """Run a command without a shell, with the configs as its further arguments; None when it ended well.

    It gets the given environment (that of ``AppContext.child_environ``), no input, and a session of its
    own, so that it can be ended with all it started.
    """
    program = command[0]
    arguments = (*command, *(str(path.absolute()) for path in paths))
    try:
        async with asyncio.timeout(deadline):
            status, output = await _run(arguments, environ)
    except TimeoutError:
        return _failed(program, f"> {deadline:g} s", b"")
    except OSError as error:
        return _failed(program, reason_of(error), b"")
    except ValueError as error:  # a NUL in a word
        return _failed(program, str(error), b"")
    if status == 0:
        return None
    return _failed(program, f"signal {-status}" if status < 0 else f"exit {status}", output)


async def _run(arguments: Sequence[str], environ: ChildEnviron) -> tuple[int, bytes]:
    loop = asyncio.get_running_loop()
    transport, output = await loop.subprocess_exec(
        _Output,
        *arguments,
        stdin=DEVNULL,
        stderr=STDOUT,
        env=environ,
        start_new_session=True,
        umask=callers_umask(),
    )
    try:
        # Waited for in this way, it is still to come when the wait is cancelled.
        await asyncio.wait({output.exited})
        await asyncio.wait({output.ended}, timeout=_LAST_WORDS)
    except asyncio.CancelledError:  # by the user or by the deadline
        with suppress(ProcessLookupError):
            os.killpg(transport.get_pid(), signal.SIGKILL)
        await asyncio.wait({output.exited}, timeout=_LAST_WORDS)
        raise
    finally:
        transport.close()
    return transport.get_returncode() or 0, output.end


class _Output(asyncio.SubprocessProtocol):
    """Keeps the end of what a process prints, and lets it print as much as it likes."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._kept = bytearray()
        self.exited: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()

    @property
    def end(self) -> bytes:
        """The end of the output; without the beginning of what was cut, which may be half a token."""
        return bytes(self._kept[_LONGEST_TOKEN:] if len(self._kept) == _MOST_KEPT else self._kept)

    def pipe_data_received(self, fd: int, data: bytes) -> None:  # noqa: ARG002 - asyncio's signature
        self._kept += data
        del self._kept[:-_MOST_KEPT]

    def process_exited(self) -> None:
        """Return when the process has ended; its children may still have its output open."""
        if not self.exited.done():
            self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Come when the process has ended and its output is closed."""
        if not self.ended.done():
            self.ended.set_result(None)


def _failed(program: str, reason: str, output: bytes) -> Finding:
    words = one_line(mask(output.decode(errors="replace")))
    told = words if len(words) <= _MOST_TOLD else f"… {words[-_MOST_TOLD:]}"
    return codes.HOOK_FAILED.found(program=program, reason=reason, output=told or Term(_NOTHING))
