"""Exit codes: the only place that decides one."""

from enum import IntEnum

from wizard.findings import Verdict


class Exit(IntEnum):
    """What a script can tell from the end of a command."""

    DONE = 0
    WRONG = 1
    """Something is definitely wrong."""
    USAGE = 2
    """The command line cannot be carried out as given."""
    UNKNOWN = 3
    """Nothing is proven wrong, but something could not be checked."""
    INTERRUPTED = 130
    """The user broke off."""


_BY_VERDICT = {Verdict.VALID: Exit.DONE, Verdict.INVALID: Exit.WRONG, Verdict.UNKNOWN: Exit.UNKNOWN}


def exit_for(*verdicts: Verdict) -> Exit:
    """Sum verdicts up: wrong wins over unknown, which wins over done."""
    for verdict in (Verdict.INVALID, Verdict.UNKNOWN):
        if verdict in verdicts:
            return _BY_VERDICT[verdict]
    return Exit.DONE


class UsageError(Exception):
    """The command line cannot be carried out; the sentence, in the user's language, says why."""


class Terminated(Exception):  # noqa: N818 - what happened, not a fault
    """A signal asked the program to end, and it has put things in order first."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number
