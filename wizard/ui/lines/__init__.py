"""The line-by-line face: for screen readers, serial lines and terminals that can do little.

No redrawing, no colour, no escape sequences: what was written stays written. It asks the same
questions as the full screen and hands in the same replies.
"""

import asyncio
import sys
from contextlib import nullcontext
from functools import partial
from typing import TextIO

from wizard.domain.exits import Exit
from wizard.flow.conversation import Conversation
from wizard.text import Language, Texts
from wizard.ui.lines.desk import Desk
from wizard.ui.lines.dialogue import Dialogue
from wizard.ui.lines.keyboard import keyboard
from wizard.ui.lines.output import Output
from wizard.ui.lines.work import Ended, Work

__all__ = ["run_lines"]


def run_lines(
    conversation: Conversation,
    language: Language,
    *,
    stdin: TextIO | None = None,
    stdout: TextIO | None = None,
    runner: asyncio.Runner | None = None,
) -> int:
    """Hold a conversation line by line; questions and answers alike stand on ``stdout``.

    To be called in the main thread, where signals arrive. The terminal is as before at the end,
    whatever the end was.

    Args:
        conversation: What is asked; it is told everything that is answered.
        language: The language to begin in.
        stdin: A terminal, or a stream with one answer per line; ``sys.stdin`` unless given.
        stdout: Where the dialogue is written; ``sys.stdout`` unless given.
        runner: The event loop on which the conversation works, when others use it too.

    Returns:
        0 when everything was answered, 130 when the person left, 2 when the input ended before,
        128 and the number of the signal that ended it.
    """
    reader, out = keyboard(stdin or sys.stdin), Output(stdout or sys.stdout)
    desk = Desk(reader, out, Texts(language))
    owned = asyncio.Runner() if runner is None else nullcontext(runner)
    try:
        with Work(reader.restore) as work, owned as loop, reader.hushed():
            return Dialogue(conversation, desk, partial(work.run, loop)).run()
    except KeyboardInterrupt:
        out.line()
        return Exit.INTERRUPTED
    except Ended as ended:
        return int(ended.code or 0)
