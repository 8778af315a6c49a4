"""Writes to the terminal itself while the full screen has stepped aside."""

import asyncio
import os
import sys


async def until_enter(text: str) -> None:
    """Write a text to the terminal and wait for Enter, while signals are still heard.

    Textual draws on standard error, so that is where the terminal is.
    """
    if sys.__stderr__ is None or sys.__stdin__ is None:
        return
    sys.__stderr__.write(text)
    sys.__stderr__.flush()
    loop = asyncio.get_running_loop()
    entered = asyncio.Event()
    descriptor = sys.__stdin__.fileno()

    def read() -> None:
        # A line, or the end of the input; either will do.
        os.read(descriptor, 1024)
        entered.set()

    loop.add_reader(descriptor, read)
    try:
        await entered.wait()
    finally:
        loop.remove_reader(descriptor)
