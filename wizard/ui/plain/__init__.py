"""The line-by-line face: for screen readers, serial lines and terminals that can do little.

No redrawing, no colour, no escape sequences: what was written stays written. It shows the same
pages as the full screen and hands in the same replies.
"""

import asyncio
import sys
from contextlib import nullcontext
from functools import partial
from typing import TextIO

from wizard.domain.exits import Exit
from wizard.text import Language, Texts
from wizard.ui.plain.console import Console
from wizard.ui.plain.dialogue import Dialogue
from wizard.ui.plain.keyboard import keyboard
from wizard.ui.plain.output import Output
from wizard.ui.plain.work import Ended, Work
from wizard.walk.page import Shown

__all__ = ["run_plain"]


def run_plain(
    walk: Shown,
    language: Language,
    *,
    stdin: TextIO | None = None,
    stdout: TextIO | None = None,
    runner: asyncio.Runner | None = None,
) -> int:
    """Show a walk line by line; questions and answers are both on ``stdout``.

    To be called in the main thread, where signals arrive. The terminal is as before at the end,
    whatever the end was.

    Args:
        walk: What is asked; it gets every answer.
        language: The language to begin in.
        stdin: A terminal, or a stream with one answer per line; ``sys.stdin`` unless given.
        stdout: Where the dialogue is written; ``sys.stdout`` unless given.
        runner: The event loop on which the walk works, when others use it too.

    Returns:
        0 when everything was answered, 130 when the person left, 2 when the input ended before,
        128 and the number of the signal that ended it.
    """
    reader, out = keyboard(stdin or sys.stdin), Output(stdout or sys.stdout)
    console = Console(reader, out, Texts(language))
    owned = asyncio.Runner() if runner is None else nullcontext(runner)
    try:
        with Work(reader.restore) as work, owned as loop, reader.hushed():
            return Dialogue(walk, console, partial(work.run, loop)).run()
    except KeyboardInterrupt:
        out.line()
        return Exit.INTERRUPTED
    except Ended as ended:
        return int(ended.code or 0)
