"""Whether a new key is as good as the one that it replaces: pure."""

from dataclasses import dataclass

from wizard.checks.outcomes import KeyFacts
from wizard.domain.held import FoundCompany
from wizard.domain.org_number import format_org_number
from wizard.domain.setup import KeyKind, Setup
from wizard.findings import Finding, codes
from wizard.tripletex import Client, Company


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known about the key in use, as far as it could be asked.

    Attributes:
        company: Its company, for messages.
        company_id: Tripletex's number of that company; None when it is not known.
        clients: What it reaches; None when that is not known, or when it is no office key.
        names_clients: Whether the config itself says which clients must be reached.
    """

    setup: Setup
    company: FoundCompany | None
    company_id: int | None
    clients: tuple[Client, ...] | None
    names_clients: bool


def judge_new_key(expected: Expected, facts: KeyFacts) -> tuple[Finding, ...]:
    """Return what is wrong, or could not be compared, between the new key and the one in use."""
    # By the set-up, not by the key in use: that one may be of the wrong kind itself.
    kind = KeyKind.OFFICE if expected.setup.is_bureau else KeyKind.ORDINARY
    if facts.kind is not None and facts.kind is not kind:
        return (codes.OTHER_KIND.found(request_id=facts.request_id),)
    if expected.company_id is None or facts.company is None:
        # A bureau's clients say whose key it is; those that a config names are checked one by one.
        can_tell = expected.clients is not None or expected.names_clients
        return () if can_tell else (_not_compared(facts),)
    if facts.company.id != expected.company_id:
        return (_other_company(expected.company, facts.company, facts.request_id),)
    return ()


def lost_clients(before: tuple[Client, ...] | None, after: tuple[Client, ...] | None) -> tuple[Client, ...]:
    """Return the clients that the old key reached and the new one does not."""
    kept = {client.id for client in after or ()}
    return tuple(client for client in before or () if client.id not in kept)


def _other_company(wanted: FoundCompany | None, found: Company, request_id: str | None) -> Finding:
    name = _told(wanted.name, wanted.org_number) if wanted else "?"
    return codes.OTHER_COMPANY.found(
        company=found.name or found.id, number=found.org_number or "–", wanted=name, request_id=request_id
    )


def _not_compared(facts: KeyFacts) -> Finding:
    company = facts.company
    told = _told(company.name, company.org_number) if company else "?"
    return codes.NOT_COMPARED.found(company=told, request_id=facts.request_id)


def _told(name: str | None, org_number: str | None) -> str:
    number = format_org_number(org_number) if org_number else ""
    return f"{name} ({number})" if name and number else name or number or "?"
