"""Which steps mend what was found: where F4 leads, and ``g`` in the line face."""

from collections.abc import Iterable

from wizard.findings import Finding, Severity, StepId


def mending_steps(findings: Iterable[Finding], current: StepId) -> tuple[StepId, ...]:
    """Return the steps that would mend what was found, each once, in the order of the findings.

    A mere note needs no mending, and nobody is sent to the step on which he is.
    """
    steps = (finding.step for finding in findings if finding.severity is not Severity.INFO)
    return tuple(dict.fromkeys(step for step in steps if step is not None and step is not current))
