"""Reports for people, programs, continuous integration and monitoring.

Here are the words for what was found: the same in all of them, and readable without colour.
"""

from typing import Final

from wizard.findings import Finding, Severity, Verdict
from wizard.text import N_, Texts

_VERDICTS: Final = {
    Verdict.VALID: N_("OK"),
    Verdict.INVALID: N_("WRONG"),
    Verdict.UNKNOWN: N_("UNKNOWN"),
}

_SEVERITIES: Final = {
    Severity.ERROR: N_("error"),
    Severity.WARNING: N_("warning"),
    Severity.INFO: N_("note"),
}


def verdict_word(verdict: Verdict, t: Texts) -> str:
    """Return the word that begins a line about something that was checked."""
    return t(_VERDICTS[verdict])


def verdict_width(t: Texts) -> int:
    """Return how wide the widest of those words is, to align lines."""
    return max(len(t(word)) for word in _VERDICTS.values())


def finding_word(finding: Finding, t: Texts) -> str:
    """Return how much a finding matters; what could not be checked is never called an error."""
    if finding.is_error and finding.code.is_unknown:
        return t("could not be checked")
    return t(_SEVERITIES[finding.severity])
