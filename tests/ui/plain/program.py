"""The line-by-line face as a program, for tests on a real terminal.

Its last line has the modes of the terminal at the start and the replies that the walk got, with the
fingerprint in place of a secret.
"""

import asyncio
import sys
import termios

from tests.ui.tui.scripted import ScriptedWalk, never_end
from wizard.ui.plain import run_plain
from wizard.walk.pages import Choice, Key, Page, Paragraph, Pasted, Progress, Reply, SecretField

NOWHERE = Progress(0, 0, "")
ENTER = (Key("Enter", "continue"),)
READ = Page(
    enter="continue",
    step="read",
    title="Read",
    progress=NOWHERE,
    keys=ENTER,
    body=(Paragraph("**Administrator** rights → five"),),
)
SECRET = Page(
    enter="continue", step="secret", title="Key", progress=NOWHERE, keys=ENTER, answer=SecretField("API key")
)
CHOOSE = Page(
    enter="continue",
    step="choose",
    title="Choose",
    progress=NOWHERE,
    keys=ENTER,
    choices=(Choice("a", "First"), Choice("b", "Second")),
    marked="b",
)
LAST = Page(enter="continue", step="last", title="The last page", progress=NOWHERE, keys=ENTER)


async def log_off(walk: ScriptedWalk, reply: Reply) -> None:
    say("Working.")
    try:
        await never_end(walk, reply)
    finally:
        say("Logged off.")


async def never_heed(walk: ScriptedWalk, reply: Reply) -> None:
    del walk, reply
    while True:
        say("Working.")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            say("Not yet.")


async def crash(walk: ScriptedWalk, reply: Reply) -> None:
    raise RuntimeError("broken world")


SCRIPTS = {
    "all": lambda: ScriptedWalk([READ, SECRET, CHOOSE, LAST]),
    "secret": lambda: ScriptedWalk([SECRET, LAST]),
    "choose": lambda: ScriptedWalk([CHOOSE, LAST]),
    "endless": lambda: ScriptedWalk([READ, LAST], log_off),
    "deaf": lambda: ScriptedWalk([READ, LAST], never_heed),
    "crash": lambda: ScriptedWalk([READ], crash),
}


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the test reads it


def told(reply: Reply) -> str:
    return reply.text.fingerprint if isinstance(reply, Pasted) else repr(reply)


def main() -> int:
    before = termios.tcgetattr(sys.stdin)
    walk = SCRIPTS[sys.argv[1]]()
    try:
        return run_plain(walk, "en")
    finally:
        say(f"restored: {termios.tcgetattr(sys.stdin) == before}")
        say(f"replies: {' '.join(map(told, walk.replies))}")


if __name__ == "__main__":
    sys.exit(main())
