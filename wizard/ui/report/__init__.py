"""Reports for people, programs, continuous integration and monitoring.

This module has the words for verdicts and severities, which are the same in all of them.
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
    """Return the word for a verdict."""
    return t(_VERDICTS[verdict])


def verdict_width(t: Texts) -> int:
    """Return the length of the longest word for a verdict, to align columns."""
    return max(len(t(word)) for word in _VERDICTS.values())


def finding_word(finding: Finding, t: Texts) -> str:
    """Return the word for the severity of a finding. An unknown is not called an error."""
    if finding.is_error and finding.code.is_unknown:
        return t("could not be checked")
    return t(_SEVERITIES[finding.severity])
