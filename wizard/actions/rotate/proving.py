"""Asks Tripletex about a key once, however many configs share it."""

from collections.abc import Iterable

from wizard.actions.rotate.members import Member
from wizard.checks.config import wanted_of
from wizard.checks.outcomes import KeyFacts
from wizard.checks.probe import KeyProbe
from wizard.checks.setup import check_setup
from wizard.findings import Finding
from wizard.tripletex import Client


async def errors_of(examination: KeyProbe, member: Member) -> tuple[Finding, ...]:
    """Return what a config finds wrong with a key, or what keeps it from being seen."""
    results = [result async for result in check_setup(examination, wanted_of(member.config))]
    return tuple(finding for result in results for finding in result.findings if finding.is_error)


def new_errors(found: Iterable[Finding], before: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the errors that were not there before: a new key must be no worse than the old one."""
    known = [(finding.code, dict(finding.values)) for finding in before]
    return tuple(finding for finding in found if (finding.code, dict(finding.values)) not in known)


async def clients_of(examination: KeyProbe, facts: KeyFacts) -> tuple[Client, ...] | Finding | None:
    """Return the clients that an office key reaches; None for an ordinary key."""
    return await examination.clients(certain=True) if facts.is_office else None


def unique(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings without those that say the same."""
    found: list[Finding] = []
    for finding in findings:
        if finding not in found:
            found.append(finding)
    return tuple(found)
