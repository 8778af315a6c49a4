"""The exit codes of the program, the same in every face, and how findings lead to one."""

from collections.abc import Iterable
from enum import IntEnum

from wizard.findings import Cause, Finding, Verdict, verdict


class Exit(IntEnum):
    """What a script learns from the end of a command.

    A signal that ended the program is ``128 + number``, as shells count (``signal_exit``).
    """

    DONE = 0
    WRONG = 1
    """Something is definitely wrong."""
    USAGE = 2
    """The command line cannot be carried out as given."""
    UNKNOWN = 3
    """Nothing is proven wrong, but Tripletex did not settle it, or there is no consumer token."""
    MACHINE = 4
    """Nothing is proven wrong, but this machine prevented the check."""
    CRASHED = 70
    """The program itself failed: a bug."""
    INTERRUPTED = 130
    """The user broke off."""


_WORST_FIRST = (Exit.INTERRUPTED, Exit.CRASHED, Exit.USAGE, Exit.WRONG, Exit.MACHINE, Exit.UNKNOWN)


def worst(codes: Iterable[Exit]) -> Exit:
    """Sum exit codes up: 1 wins over 4, and 4 over 3."""
    seen = set(codes)
    return next((code for code in _WORST_FIRST if code in seen), Exit.DONE)


def exit_for(findings: Iterable[Finding]) -> Exit:
    """Return the exit code that findings lead to."""
    errors = [finding for finding in findings if finding.is_error]
    match verdict(errors):
        case Verdict.VALID:
            return Exit.DONE
        case Verdict.INVALID:
            return Exit.WRONG
        case Verdict.UNKNOWN:
            is_local = any(finding.code.cause is Cause.MACHINE for finding in errors)
            return Exit.MACHINE if is_local else Exit.UNKNOWN


def signal_exit(number: int) -> int:
    """Return the exit code of a program that a signal ended."""
    return 128 + number


class UsageError(Exception):
    """The command line cannot be carried out; the sentence, in the user's language, says why."""


class Terminated(Exception):
    """A signal asked the program to end, and it has put things in order first."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = signal_exit(number)
