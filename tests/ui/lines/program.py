"""The line face as a program of its own, for tests on a real terminal.

Its last line tells what the terminal's modes were before, and the replies that the conversation
got, with a secret's fingerprint for the secret.
"""

import asyncio
import sys
import termios

from tests.ui.scripted import ASK_SECRET, CHOOSE, EVERY_KIND, READ, REVIEW, RUN_CHECKS, Scripted
from wizard.findings import StepId
from wizard.flow.questions import Outcome, Pasted, Reply, Report
from wizard.ui.lines import run_lines


async def never_end(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
    report(lambda _: "Working.")
    try:
        await asyncio.Event().wait()
    finally:
        report(lambda _: "Logged off.")
    raise AssertionError("unreachable")


async def never_heed(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
    while True:
        report(lambda _: "Working.")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            report(lambda _: "Not yet.")


async def crash(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
    raise RuntimeError("broken world")


SCRIPTS = {
    "all": lambda: Scripted(EVERY_KIND),
    "secret": lambda: Scripted([ASK_SECRET, REVIEW]),
    "choose": lambda: Scripted([CHOOSE, REVIEW]),
    "endless": lambda: Scripted([READ, REVIEW], {StepId.WELCOME: never_end}),
    "deaf": lambda: Scripted([READ, REVIEW], {StepId.WELCOME: never_heed}),
    "endless-checks": lambda: Scripted([RUN_CHECKS], {StepId.CHECK: never_end}),
    "crash": lambda: Scripted([READ], {StepId.WELCOME: crash}),
}


def told(reply: Reply) -> str:
    return reply.text.fingerprint if isinstance(reply, Pasted) else repr(reply)


def main() -> int:
    before = termios.tcgetattr(sys.stdin)
    conversation = SCRIPTS[sys.argv[1]]()
    try:
        return run_lines(conversation, "en", stdin=sys.stdin, stdout=sys.stdout)
    finally:
        print("restored:", termios.tcgetattr(sys.stdin) == before)  # noqa: T201 - the test reads it
        print("replies:", *map(told, conversation.replies))  # noqa: T201 - the test reads it


if __name__ == "__main__":
    sys.exit(main())
