"""The full screen as a program of its own, for tests on a real terminal.

Its last line tells the exit code, and whether the terminal is as it was before.
"""

import asyncio
import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn

from tests.ui.scripted import ASK_SECRET, ASK_TEXT, CHOOSE, EVERY_KIND, LAST, READ, REVIEW, Scripted
from wizard.findings import StepId
from wizard.flow.questions import Copy, Outcome, Pasted, Question, Reply, Report
from wizard.text import Texts
from wizard.ui.tui import run_full_screen


async def never_end(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
    report(lambda _: "Working.")
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def crash(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
    canary = reply.text.reveal() if isinstance(reply, Pasted) else ""
    break_down(canary)


def break_down(canary: str) -> NoReturn:
    raise RuntimeError(f"the canary is {canary}")


COPIES = (
    Copy("", "/srv/demo.toml"),
    Copy("Check it", "tripletex-wizard validate /srv/demo.toml"),
)


class Broken(Scripted):
    """Fails before anything is shown."""

    def question(self, t: Texts) -> Question:
        raise RuntimeError("no question")


SCRIPTS: dict[str, Callable[[], Scripted]] = {
    "all": lambda: Scripted(EVERY_KIND),
    "secret": lambda: Scripted([ASK_SECRET, REVIEW]),
    "endless": lambda: Scripted([READ, REVIEW], {StepId.WELCOME: never_end}),
    "typed": lambda: Scripted([ASK_TEXT, CHOOSE, replace(ASK_TEXT, takes_several=True), LAST]),
    "copies": lambda: Scripted([replace(READ, copies=COPIES), LAST]),
    "last": lambda: Scripted([LAST]),
    "broken": lambda: Broken(EVERY_KIND),
    "crash": lambda: Scripted([ASK_SECRET], {StepId.CREATE_KEY: crash}),
}


def main() -> int:
    before = termios.tcgetattr(sys.stdin)
    conversation = SCRIPTS[sys.argv[1]]()
    code = run_full_screen(conversation, "en")
    replies = [
        reply.text.fingerprint if isinstance(reply, Pasted) else reply for reply in conversation.replies
    ]
    # A terminal that has gone has no modes, and nobody to read this.
    with suppress(termios.error, OSError):
        is_restored = termios.tcgetattr(sys.stdin) == before
        print(f"replies: {replies}\nended with {code}, restored: {is_restored}")  # noqa: T201 - the test reads it
    return code


if __name__ == "__main__":
    sys.exit(main())
