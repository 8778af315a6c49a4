"""What is checked, and what came of it: plain values, which do not import the HTTP client."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wizard.domain.setup import KeyKind, Setup
from wizard.findings import Finding, Severity, Verdict, verdict
from wizard.tripletex.models import Client, Company


class CheckId(StrEnum):
    """What is checked; the names that reports use."""

    LOG_ON = "log_on"
    KIND = "kind"
    COMPANY = "company"
    CLIENT = "client"
    CLIENTS = "clients"
    ACCOUNTS = "accounts"
    BALANCES = "balances"
    POSTINGS = "postings"


FIGURES: Final = (CheckId.ACCOUNTS, CheckId.BALANCES, CheckId.POSTINGS)


class CheckStatus(StrEnum):
    """How a check came out, from the best to the worst."""

    VALID = "valid"
    WARNING = "warning"
    UNKNOWN = "unknown"
    INVALID = "invalid"


def worst(statuses: Iterable[CheckStatus]) -> CheckStatus:
    """Return the worst of some statuses; valid if there are none."""
    return max(statuses, key=tuple(CheckStatus).index, default=CheckStatus.VALID)


class FigureScope(StrEnum):
    """Whose figures are read.

    Attributes:
        NONE: Nobody's.
        COMPANY: Those of the company that an ordinary key belongs to; no client's.
        CONFIG: Those that a config is about: the company's, the client's, or for a common set-up those
            of the clients it names, else of one sample client.
        EVERY_CLIENT: The company's, or those of every client that the config is about.
    """

    NONE = "none"
    COMPANY = "company"
    CONFIG = "config"
    EVERY_CLIENT = "every_client"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a config says, as far as Tripletex can confirm it.

    Attributes:
        org_number: Of the client, for a bureau's set-up for one client.
        clients: Organisation numbers that a common set-up needs access to.
        company: Organisation number of the company that a single company's key must belong to, if
            one is expected.
    """

    setup: Setup
    org_number: str = ""
    clients: tuple[str, ...] = ()
    company: str | None = None


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """One check and how it came out.

    Attributes:
        company: The company or client that it is about, as far as it was seen.
        kind: Of the key, as far as it was seen.
        count: Clients that the key has access to; for figures, the clients whose figures were read.
        request_id: Tripletex's name for the request that decided.
        least: The status is at least as bad as this, whatever the findings are.
    """

    check: CheckId
    findings: tuple[Finding, ...] = ()
    company: Company | Client | None = None
    kind: KeyKind | None = None
    count: int | None = None
    request_id: str | None = None
    least: CheckStatus = CheckStatus.VALID

    @property
    def verdict(self) -> Verdict:
        """Valid, invalid or unknown; a warning leaves a check valid."""
        said = self.status
        return Verdict.VALID if said is CheckStatus.WARNING else Verdict(said.value)

    @property
    def status(self) -> CheckStatus:
        """The status as reports show it."""
        warned = any(finding.severity is Severity.WARNING for finding in self.findings)
        said = CheckStatus(verdict(self.findings).value)
        return worst((said, self.least, CheckStatus.WARNING if warned else CheckStatus.VALID))


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What a key that logs on turned out to be.

    Attributes:
        key_id: The key's number in Tripletex (``EmployeeToken.id``).
        kind: None when it could not be seen; ``findings`` then say why.
        company: The company that it belongs to; None when Tripletex did not say.
        findings: ``NO_RIGHTS``, or what kept the kind from being seen.
        request_id: Of the answer that decided.
    """

    key_id: int | None
    kind: KeyKind | None
    company: Company | None
    findings: tuple[Finding, ...]
    request_id: str | None

    @property
    def is_office(self) -> bool:
        """Whether it is an office key for certain."""
        return self.kind is KeyKind.OFFICE


def outcome(
    check: CheckId,
    *findings: Finding,
    company: Company | Client | None = None,
    kind: KeyKind | None = None,
    count: int | None = None,
    request_id: str | None = None,
    least: CheckStatus = CheckStatus.VALID,
) -> CheckOutcome:
    """Return an outcome whose request id is that of the first finding that has one, else the one given."""
    decided = next((finding.request_id for finding in findings if finding.request_id), request_id)
    return CheckOutcome(check, findings, company, kind, count, decided, least)
