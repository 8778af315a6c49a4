"""Reports for people, programs, continuous integration and monitoring.

This module has the words for verdicts, statuses and severities, which are the same in all of them.
"""

from typing import Final

from wizard.findings import Finding, Severity
from wizard.text import N_, Texts

_STATUSES: Final = {
    "valid": N_("OK"),
    "warning": N_("WARNING"),
    "invalid": N_("WRONG"),
    "unknown": N_("UNKNOWN"),
}

_SEVERITIES: Final = {
    Severity.ERROR: N_("error"),
    Severity.WARNING: N_("warning"),
    Severity.INFO: N_("note"),
}


def status_word(status: str, t: Texts) -> str:
    """Return the word for a verdict, or for the status of a check."""
    return t(_STATUSES[status])


def status_width(t: Texts, *, with_warning: bool = False) -> int:
    """Return the length of the longest of these words, to align columns."""
    return max(len(t(word)) for status, word in _STATUSES.items() if with_warning or status != "warning")


def finding_word(finding: Finding, t: Texts) -> str:
    """Return the word for the severity of a finding. An unknown is not called an error."""
    if finding.is_error and finding.code.is_unknown:
        return t("could not be checked")
    return t(_SEVERITIES[finding.severity])
