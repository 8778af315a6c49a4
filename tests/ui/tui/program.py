"""The full screen as a program of its own, for tests on a real terminal.

Its last line tells the exit code, and whether the terminal is as it was before.
"""

import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn

from tests.ui.tui.scripted import ScriptedWalk, choices, keys, never_end
from wizard.cli.dispatch import _is_limit, report_error
from wizard.findings import StepId
from wizard.guide import load_page
from wizard.text import Texts
from wizard.ui.tui import show_full_screen
from wizard.walk.pages import (
    Card,
    CheckRow,
    CheckRows,
    Copy,
    Leave,
    Page,
    Pasted,
    Progress,
    Reply,
    SecretField,
    State,
    TextField,
)

LEAVE = Leave("Avslutte?", ("Alt er lagret.",), choices("stay", "quit"))
WELCOME = Page(
    step="welcome",
    title="Velkommen",
    progress=Progress(0, 6, "Før du begynner"),
    body=load_page(StepId.WELCOME, "nb").body,
    enter="begynn",
    keys=keys("Enter begynn, Ctrl+Q avslutt"),
    leave=LEAVE,
)
KEY = replace(
    WELCOME,
    step="key",
    title="Lag API-nøkkel",
    body=load_page(StepId.CREATE_KEY, "nb", application="VismaFinale", key_name="Visma Finale").body,
    answer=SecretField("Lim inn API-nøkkelen"),
    card=Card(State.RESTING, lines=("Nøkkelen vises ikke.",)),
)
RUNNING = (CheckRow(State.GOOD, "Nøkkelen er godtatt"), CheckRow(State.WORKING, "Leser kontoplanen …"))
REVIEW = replace(WELCOME, step="review", title="Se over", body=(CheckRows(RUNNING),), is_busy=True)
TEXT = replace(WELCOME, step="text", title="Skriv noe", answer=TextField("Skriv her"))
COPIES = (Copy("kopier %ORGNR%", "%ORGNR%"), Copy("kopier VismaFinale", "VismaFinale"))
LAST = replace(WELCOME, step="finale", title="Fyll inn i Finale", leave=None)


async def hold(walk: ScriptedWalk, reply: Reply) -> None:
    """Show what a walk shows of a key: its length, never itself."""
    if isinstance(reply, Pasted):
        secret = reply.text
        length, fingerprint = len(secret.reveal().strip()), secret.fingerprint
        answer = SecretField("API-nøkkel", State.GOOD)._replace(length=length, fingerprint=fingerprint)
        walk.show(replace(KEY, answer=answer, card=Card(State.GOOD, "Nøkkelen virker")))
        walk.at -= 1


async def find_no_room(walk: ScriptedWalk, reply: Reply) -> None:
    del walk, reply
    raise RuntimeError("can't start new thread")


async def crash(walk: ScriptedWalk, reply: Reply) -> None:
    del walk
    break_down(reply.text.reveal() if isinstance(reply, Pasted) else "")


def break_down(canary: str) -> NoReturn:
    raise RuntimeError(f"the canary is {canary}")


class Broken(ScriptedWalk):
    """Fails before anything is shown."""

    def page(self, t: Texts) -> Page:
        raise RuntimeError("no page")


SCRIPTS: dict[str, Callable[[], ScriptedWalk]] = {
    "all": lambda: ScriptedWalk([WELCOME, KEY, LAST]),
    "secret": lambda: ScriptedWalk([KEY, LAST], hold),
    "endless": lambda: ScriptedWalk([WELCOME, LAST], never_end),
    "typed": lambda: ScriptedWalk([TEXT, LAST]),
    "last": lambda: ScriptedWalk([LAST], left_behind="Tripletex er koblet til Visma Finale\n\n  Selskap"),
    "review": lambda: ScriptedWalk([REVIEW, LAST]),
    "copies": lambda: ScriptedWalk([replace(WELCOME, copies=COPIES)]),
    "broken": lambda: Broken([WELCOME]),
    "full": lambda: ScriptedWalk([WELCOME], find_no_room),
    "crash": lambda: ScriptedWalk([KEY], crash),
}


def main() -> int:
    before = termios.tcgetattr(sys.stdin)
    walk = SCRIPTS[sys.argv[1]]()
    try:
        code = show_full_screen(walk, "nb", is_limit=_is_limit)
    except RuntimeError as error:
        code = report_error(error, Texts("nb"))
    replies = [reply.text.fingerprint if isinstance(reply, Pasted) else reply for reply in walk.replies]
    # A terminal that has gone has no modes, and nobody to read this.
    with suppress(termios.error, OSError):
        is_restored = termios.tcgetattr(sys.stdin) == before
        print(f"replies: {replies}\nended with {code}, restored: {is_restored}")  # noqa: T201 - the test reads it
    return code


if __name__ == "__main__":
    sys.exit(main())
