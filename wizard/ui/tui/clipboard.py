"""Sends a text to the clipboard of the terminal, wherever that is: the other end of an SSH connection.

The sequence is OSC 52, as xterm describes it (invisible-island.net/xterm/ctlseqs). No terminal says
whether it took it.
"""

import asyncio
import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Final

from wizard.ui.tui.theme import ASCII_TERMINALS

_TMUX_TIMEOUT: Final = 2.0
"""Seconds for tmux, which runs on this machine."""

_SCREEN_PIECE: Final = 250
"""Characters that GNU screen passes on at a time; it drops a longer string (its MAXSTR was 256)."""

_TMUX_ENVIRON: Final = ("PATH", "TMUX", "TMUX_PANE", "LANG", "LC_ALL", "LC_CTYPE")


def has_clipboard(environ: Mapping[str, str]) -> bool:
    """Whether there may be a clipboard at all: a console and a serial terminal have none."""
    return environ.get("TERM", "") not in ASCII_TERMINALS


async def send_to_clipboard(text: str, environ: Mapping[str, str], write: Callable[[str], None]) -> None:
    """Send a text, which is never a secret, to the clipboard.

    tmux drops the sequence unless it was told to let it through, but takes a text from its own
    client and hands it on. Where that fails, the sequence is sent in both forms that tmux knows.

    Args:
        text: What is to be copied.
        environ: Where it is seen whether there is a tmux or a screen in between.
        write: Writes to the terminal.
    """
    if not (environ.get("TMUX") and await _load_into_tmux(text, environ)):
        write("".join(_sequences(text, environ)))


def _sequences(text: str, environ: Mapping[str, str]) -> Iterator[str]:
    plain = f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"
    term = environ.get("TERM", "")
    if environ.get("STY"):
        # GNU screen passes on what is in a device control string, and nothing else.
        yield from (
            f"\x1bP{plain[at : at + _SCREEN_PIECE]}\x1b\\" for at in range(0, len(plain), _SCREEN_PIECE)
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
