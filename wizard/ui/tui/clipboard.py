"""Copies a text to the clipboard of the user's terminal, also through SSH.

This uses the escape sequence OSC 52 (invisible-island.net/xterm/ctlseqs). Terminals do not report whether
they accepted it.
"""

import asyncio
import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Final

from wizard.ui.tui.theme import ASCII_TERMINALS

_TMUX_TIMEOUT: Final = 2.0
"""Seconds to wait for the tmux client."""

_SCREEN_PIECE: Final = 250
"""The longest control string that GNU screen passes on (its MAXSTR was 256)."""

_TMUX_ENVIRON: Final = ("PATH", "TMUX", "TMUX_PANE", "LANG", "LC_ALL", "LC_CTYPE")


def has_clipboard(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal may have a clipboard. Text consoles and serial terminals have none."""
    return environ.get("TERM", "") not in ASCII_TERMINALS


async def send_to_clipboard(text: str, environ: Mapping[str, str], write: Callable[[str], None]) -> None:
    """Copy a text to the clipboard. The text must not be a secret.

    By default tmux drops the sequence, but its client can set the clipboard. If that fails, the sequence is
    sent both plain and wrapped for tmux.

    Args:
        text: The text to copy.
        environ: The environment, which shows whether tmux or GNU screen is running.
        write: Writes to the terminal.
    """
    if not (environ.get("TMUX") and await _load_into_tmux(text, environ)):
        write("".join(_sequences(text, environ)))


def _sequences(text: str, environ: Mapping[str, str]) -> Iterator[str]:
    plain = f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"
    term = environ.get("TERM", "")
    if environ.get("STY"):
        # GNU screen passes on the contents of device control strings only.
        yield from (
            f"\x1bP{plain[start : start + _SCREEN_PIECE]}\x1b\\"
            for start in range(0, len(plain), _SCREEN_PIECE)
        )
        return
    yield plain
    if environ.get("TMUX") or term.startswith("tmux"):
        yield "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"


async def _load_into_tmux(text: str, environ: Mapping[str, str]) -> bool:
    process = None
    try:
        async with asyncio.timeout(_TMUX_TIMEOUT):
            process = await asyncio.create_subprocess_exec(
                "tmux",
                *("load-buffer", "-w", "-"),
                env={name: environ[name] for name in _TMUX_ENVIRON if name in environ},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            await process.communicate(text.encode())
            return process.returncode == 0
    except OSError:
        return False
    except TimeoutError:
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
        return False
