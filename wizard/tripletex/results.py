"""What is checked, what for, and what came of it: plain values, which those who only show them need."""

from dataclasses import dataclass
from enum import StrEnum

from wizard.domain.setup import KeyKind, Setup
from wizard.findings import Finding, Verdict
from wizard.tripletex.models import Client, Company


class CheckId(StrEnum):
    """What is checked."""

    LOG_ON = "log_on"
    KIND = "kind"
    COMPANY = "company"
    CLIENTS = "clients"
    CLIENT = "client"
    CLIENT_LOG_ON = "client_log_on"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a config says, as far as Tripletex can prove it.

    Attributes:
        org_number: Of the client, for a bureau's set-up for one client.
        clients: Organisation numbers that a common set-up must reach.
        company: Organisation number of the company that a single company's key must belong to, where
            one is expected.
    """

    setup: Setup
    org_number: str = ""
    clients: tuple[str, ...] = ()
    company: str | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check and how it came out.

    Attributes:
        verdict: Good, bad or not known.
        company: The company or client that it is about, as far as it was seen.
        kind: Of the key, as far as it was seen.
        count: Clients that the key reaches.
        request_id: Tripletex's name for the request that decided.
    """

    check: CheckId
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    company: Company | Client | None = None
    kind: KeyKind | None = None
    count: int | None = None
    request_id: str | None = None
