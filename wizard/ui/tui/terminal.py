"""Output to the terminal: only the cells that have changed, and plain text outside the full screen."""

import asyncio
import os
import sys
import termios
from contextlib import suppress
from itertools import zip_longest
from typing import Final

from rich.console import Console
from rich.control import Control
from textual._compositor import CompositorUpdate
from textual.driver import Driver
from textual.strip import Strip

_CLEAR: Final = "\x1b[H\x1b[2J"
_ENTER: Final = frozenset(b"\r\n\x04")


class ChangedCells(CompositorUpdate):
    """An update with only the cells that differ from the previous frame.

    Textual sends a whole widget again when one cell changes, and the whole screen when another is pushed.
    That is visible over a slow connection.
    """

    def __init__(self, last: list[Strip], frame: list[Strip]) -> None:
        self._rows = [
            (y, *_difference(old, new), new)
            for y, (old, new) in enumerate(zip_longest(last[: len(frame)], frame))
            if old != new
        ]

    def render_segments(self, console: Console) -> str:
        """Return the output for the terminal."""
        return "".join(
            Control.move_to(begin, y).segment.text + strip.crop(begin, end).render(console)
            for y, begin, end, strip in self._rows
            if begin < end
        )


def _difference(old: Strip | None, new: Strip) -> tuple[int, int]:
    """Return the first column in which two rows differ, and the one after the last."""
    if old is None or old.cell_length != new.cell_length:
        return 0, new.cell_length
    cells = [[(cell, style) for text, style, _ in strip for cell in text] for strip in (old, new)]
    if any(len(row) != new.cell_length for row in cells):
        return 0, new.cell_length
    differing = [x for x, (before, after) in enumerate(zip(*cells, strict=True)) if before != after]
    return (differing[0], differing[-1] + 1) if differing else (0, 0)


def clearing_driver(driver: type[Driver]) -> type[Driver]:
    """Return a driver that clears the screen when it stops.

    GNU screen, mosh and tmux may have no alternate screen. Later output would be mixed with the last frame.
    """

    class ClearingDriver(driver):  # type: ignore[misc, valid-type]
        def stop_application_mode(self) -> None:
            self.write(_CLEAR)
            super().stop_application_mode()

    return ClearingDriver


async def show_until_enter(text: str) -> None:
    """Write a text to the terminal and wait for Enter without blocking signals.

    Textual draws on standard error, so that is the terminal. Echo is off because a user who selects text
    with the mouse may paste a token by mistake.
    """
    if sys.__stderr__ is None or sys.__stdin__ is None:
        return
    from wizard.ui.plain.keyboard import without_echo  # noqa: PLC0415 - rarely needed

    loop = asyncio.get_running_loop()
    entered = asyncio.Event()
    descriptor = sys.__stdin__.fileno()

    def read() -> None:
        typed = b""
        # End of file and a lost terminal count as Enter.
        with suppress(OSError):
            typed = os.read(descriptor, 4096)
        if not typed or not _ENTER.isdisjoint(typed):
            entered.set()

    modes = termios.tcgetattr(descriptor)
    termios.tcsetattr(descriptor, termios.TCSANOW, without_echo(modes))
    loop.add_reader(descriptor, read)
    try:
        sys.__stderr__.write(text)
        sys.__stderr__.flush()
        await entered.wait()
        # Enter was not echoed, so what is printed after the wizard would continue this line.
        with suppress(OSError):
            sys.__stderr__.write("\n")
            sys.__stderr__.flush()
    finally:
        loop.remove_reader(descriptor)
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, modes)
