"""The exit codes of the program, which are the same in every interface."""

from collections.abc import Iterable
from enum import IntEnum

from wizard.findings import Cause, Finding, Verdict, verdict


class Exit(IntEnum):
    """The exit codes.

    If a signal ended the program, the exit code is ``128 + number``, as in shells (``signal_exit``).
    """

    DONE = 0
    WRONG = 1
    """Something is certainly wrong."""
    USAGE = 2
    """The command line is invalid or cannot be carried out."""
    UNKNOWN = 3
    """Nothing is known to be wrong, but Tripletex did not answer, or there is no consumer token."""
    MACHINE = 4
    """Nothing is known to be wrong, but this machine prevented the check."""
    CRASHED = 70
    """The program crashed because of a bug."""
    INTERRUPTED = 130
    """The user interrupted the program."""


_WORST_FIRST = (Exit.INTERRUPTED, Exit.CRASHED, Exit.USAGE, Exit.WRONG, Exit.MACHINE, Exit.UNKNOWN)


def worst(codes: Iterable[Exit]) -> Exit:
    """Return the most severe exit code: 1 before 4 before 3."""
    seen = set(codes)
    return next((code for code in _WORST_FIRST if code in seen), Exit.DONE)


def exit_for(findings: Iterable[Finding]) -> Exit:
    """Return the exit code for findings."""
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
    """The command line cannot be carried out. The message is in the user's language."""


class Terminated(Exception):
    """A signal asked the program to end, and it has cleaned up."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = signal_exit(number)
