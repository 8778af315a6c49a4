"""What is checked, what came of it, and how a person reads it; imports no HTTP client."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wizard.domain.org_number import format_org_number
from wizard.domain.reference import FoundCompany, Reached
from wizard.domain.setup import KeyKind, Setup
from wizard.findings import Finding, Severity, Verdict, verdict
from wizard.text import N_, Texts
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
        year: The fiscal year whose balances were read.
        readable: For several clients, those whose figures could be read.
    """

    check: CheckId
    findings: tuple[Finding, ...] = ()
    company: Company | Client | None = None
    kind: KeyKind | None = None
    count: int | None = None
    request_id: str | None = None
    least: CheckStatus = CheckStatus.VALID
    year: str = ""
    readable: int | None = None

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
    year: str = "",
    readable: int | None = None,
) -> CheckOutcome:
    """Return an outcome whose request id is that of the first finding that has one, else the one given."""
    decided = next((finding.request_id for finding in findings if finding.request_id), request_id)
    return CheckOutcome(check, findings, company, kind, count, decided, least, year, readable)


_KINDS = {
    KeyKind.ORDINARY: N_("an ordinary key"),
    KeyKind.OFFICE: N_("an office key"),
}
_PROVEN = {
    CheckId.LOG_ON: N_("The key is accepted"),
    CheckId.COMPANY: N_("The company is found"),
    CheckId.KIND: N_("The kind of key fits the set-up"),
    CheckId.CLIENT: N_("The key has access to the client"),
    CheckId.CLIENTS: N_("The key has access to the clients"),
    CheckId.ACCOUNTS: N_("The chart of accounts can be read"),
    CheckId.BALANCES: N_("The balances can be read"),
    CheckId.POSTINGS: N_("All transactions can be read"),
}
_ASKED = {
    CheckId.LOG_ON: N_("Is the key accepted?"),
    CheckId.COMPANY: N_("Is the company found?"),
    CheckId.KIND: N_("Does the kind of key fit the set-up?"),
    CheckId.CLIENT: N_("Does the key have access to the client?"),
    CheckId.CLIENTS: N_("Does the key have access to the clients?"),
    CheckId.ACCOUNTS: N_("Can the chart of accounts be read?"),
    CheckId.BALANCES: N_("Can the balances be read?"),
    CheckId.POSTINGS: N_("Can all transactions be read?"),
}
"""The same where it is not so, or not known: «WRONG: the client is reached» would say both at once."""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """The result of one check."""

    verdict: Verdict
    text: str
    findings: tuple[Finding, ...] = ()
    request_id: str | None = None


def line_of(result: CheckOutcome, t: Texts) -> CheckLine:
    """Return one check's result: what was checked, and what was seen."""
    title = _title(result.check, result.verdict, t)
    seen = _seen(result, t)
    # Support is asked about what went wrong; for what is in order the number is only noise.
    request_id = None if result.verdict is Verdict.VALID else result.request_id
    return CheckLine(result.verdict, f"{title}: {seen}" if seen else title, result.findings, request_id)


def wait_line(seconds: float, t: Texts) -> str:
    """Return what is shown while Tripletex's rate limit is waited for."""
    return t("Tripletex asks us to wait {seconds} seconds …", seconds=round(seconds))


def _title(check: CheckId, verdict: Verdict, t: Texts) -> str:
    return t((_PROVEN if verdict is Verdict.VALID else _ASKED)[check])


def _seen(result: CheckOutcome, t: Texts) -> str:
    if result.verdict is not Verdict.VALID:
        return ""
    if result.check is CheckId.KIND and result.kind is not None:
        return t(_KINDS[result.kind])
    if result.check is CheckId.CLIENTS and result.count is not None:
        return t.plural("{n} client", "{n} clients", result.count)
    company = result.company
    if company is None:
        return ""
    number = f" ({format_org_number(company.org_number)})" if company.org_number else ""
    return f"{company.name or t('a company without a name')}{number}"


def company_of(company: Company | None) -> FoundCompany | None:
    """Return a company as a walk remembers it."""
    return FoundCompany(company.name, company.org_number, company.id) if company else None


def reached(clients: Iterable[Client]) -> tuple[Reached, ...]:
    """Return clients as a walk remembers them."""
    return tuple(Reached(client.name, client.org_number) for client in clients)
