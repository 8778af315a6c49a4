"""What goes to the terminal: no more than has changed; and what it shows when the screen is left."""

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
    """The cells that are different from those on the screen.

    Textual sends every row of a widget again when one of its cells has changed, and the whole screen when
    another is pushed. Over a slow line that is seen.
    """

    def __init__(self, was: list[Strip], now: list[Strip]) -> None:
        self._rows = [
            (y, *_difference(old, new), new)
            for y, (old, new) in enumerate(zip_longest(was[: len(now)], now))
            if old != new
        ]

    def render_segments(self, console: Console) -> str:
        """Return what is to be written."""
        return "".join(
            Control.move_to(begin, y).segment.text + strip.crop(begin, end).render(console)
            for y, begin, end, strip in self._rows
            if begin < end
        )


def _difference(was: Strip | None, now: Strip) -> tuple[int, int]:
    """Return the columns between which two rows differ."""
    if was is None or was.cell_length != now.cell_length:
        return 0, now.cell_length
    cells = [[(cell, style) for text, style, _ in strip for cell in text] for strip in (was, now)]
    if any(len(row) != now.cell_length for row in cells):
        return 0, now.cell_length
    differing = [at for at, (one, other) in enumerate(zip(*cells, strict=True)) if one != other]
    return (differing[0], differing[-1] + 1) if differing else (0, 0)


def clearing_driver(driver: type[Driver]) -> type[Driver]:
    """Return a driver that clears before it leaves the full screen.

    In GNU screen, mosh and tmux there may be no alternate screen to leave, and what is printed afterwards
    would be mixed with what was drawn.
    """

    class ClearingDriver(driver):  # type: ignore[misc, valid-type]
        def stop_application_mode(self) -> None:
            self.write(_CLEAR)
            super().stop_application_mode()

    return ClearingDriver


async def show_until_enter(text: str) -> None:
    """Write a text to the terminal and wait for Enter, while signals are still heard.

    Textual draws on standard error, so that is the terminal. Nothing is echoed, since a user who marks a text
    with the mouse may paste a key before going back.
    """
    if sys.__stderr__ is None or sys.__stdin__ is None:
        return
    from wizard.ui.plain.keyboard import without_echo  # noqa: PLC0415 - few people print a step

    sys.__stderr__.write(text)
    sys.__stderr__.flush()
    loop = asyncio.get_running_loop()
    entered = asyncio.Event()
    descriptor = sys.__stdin__.fileno()

    def read() -> None:
        typed = b""
        # The end of the input will do as well, and a terminal that is gone.
        with suppress(OSError):
            typed = os.read(descriptor, 4096)
        if not typed or not _ENTER.isdisjoint(typed):
            entered.set()

    modes = termios.tcgetattr(descriptor)
    termios.tcsetattr(descriptor, termios.TCSANOW, without_echo(modes))
    loop.add_reader(descriptor, read)
    try:
        await entered.wait()
    finally:
        loop.remove_reader(descriptor)
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, modes)
