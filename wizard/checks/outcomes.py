"""The checks and their outcomes, and what is checked for a config."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from wizard.config.reading import Config
from wizard.domain.setup import KeyKind, Setup, format_org_number
from wizard.findings import Finding, Severity, Verdict, verdict
from wizard.text import N_, Texts
from wizard.tripletex.models import Client, Company


class CheckId(StrEnum):
    """The names of the checks in reports."""

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
    """The result of a check, from best to worst."""

    VALID = "valid"
    WARNING = "warning"
    UNKNOWN = "unknown"
    INVALID = "invalid"


def worst(statuses: Iterable[CheckStatus]) -> CheckStatus:
    """Return the worst of the statuses, or ``VALID`` if there are none."""
    return max(statuses, key=tuple(CheckStatus).index, default=CheckStatus.VALID)


class FigureScope(StrEnum):
    """Whose figures are read.

    Attributes:
        NONE: No figures.
        COMPANY: The company of an ordinary key, but no clients.
        CONFIG: The company or client of the config. For a shared set-up, the clients that it lists, or else
            one client as a sample.
        EVERY_CLIENT: The company, or every client of the config.
    """

    NONE = "none"
    COMPANY = "company"
    CONFIG = "config"
    EVERY_CLIENT = "every_client"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The contents of a config that can be checked against Tripletex.

    Attributes:
        setup: The kind of set-up.
        org_number: The organisation number of the client, if the set-up is for one client of an office.
        clients: The organisation numbers that a shared set-up needs access to.
    """

    setup: Setup
    org_number: str = ""
    clients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The outcome of a check.

    Attributes:
        company: The company or client that was checked, if known.
        kind: The kind of key, if known.
        count: The number of clients that the key has access to, or whose figures were read.
        reply_id: Tripletex's id of the request that decided the outcome, unless a finding has one.
        least: The best status that the outcome may have, whatever the findings are.
        year: The fiscal year whose balances were read.
        readable: How many of several clients have figures that can be read.
    """

    check: CheckId
    findings: tuple[Finding, ...] = ()
    company: Company | Client | None = None
    kind: KeyKind | None = None
    count: int | None = None
    reply_id: str | None = None
    least: CheckStatus = CheckStatus.VALID
    year: str = ""
    readable: int | None = None

    @property
    def request_id(self) -> str | None:
        """Tripletex's id of the request that decided the outcome."""
        return next((each.request_id for each in self.findings if each.request_id), self.reply_id)

    @property
    def verdict(self) -> Verdict:
        """Valid, invalid or unknown; a warning leaves a check valid."""
        status = self.status
        return Verdict.VALID if status is CheckStatus.WARNING else Verdict(status.value)

    @property
    def status(self) -> CheckStatus:
        """The status for reports."""
        warned = any(finding.severity is Severity.WARNING for finding in self.findings)
        decided = CheckStatus(verdict(self.findings).value)
        return worst((decided, self.least, CheckStatus.WARNING if warned else CheckStatus.VALID))


class KeyFacts(NamedTuple):
    """The number, kind and company of a key that can log on.

    Attributes:
        key_id: The key's number in Tripletex (``EmployeeToken.id``).
        kind: The kind of key; None if unknown, in which case ``findings`` say why.
        company: The company that it belongs to; None if Tripletex does not return it.
        findings: ``NO_RIGHTS``, or why the kind is unknown.
        request_id: Tripletex's id of the request that showed the kind.
    """

    key_id: int | None
    kind: KeyKind | None
    company: Company | None
    findings: tuple[Finding, ...]
    request_id: str | None

    @property
    def is_office(self) -> bool:
        """Whether it is known to be an office key."""
        return self.kind is KeyKind.OFFICE


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
"""The titles of checks without a clear yes, where a statement would contradict the findings."""


def line_of(result: CheckOutcome, t: Texts) -> str:
    """Return the outcome of a check as text: its title, and details if it is valid."""
    # A client list with a warning is a client list, but figures with one are not all there.
    is_proven = result.status is CheckStatus.VALID or (
        result.status is CheckStatus.WARNING and result.check not in FIGURES
    )
    if not is_proven:
        return t(_ASKED[result.check])
    title, details = t(_PROVEN[result.check]), _details(result, t)
    return f"{title}: {details}" if details else title


def wait_line(seconds: float, t: Texts) -> str:
    """Return the message for a wait for Tripletex's rate limit."""
    return t("Tripletex asks us to wait {seconds} seconds …", seconds=round(seconds))


def _details(result: CheckOutcome, t: Texts) -> str:
    if result.check is CheckId.KIND and result.kind is not None:
        return t(_KINDS[result.kind])
    if result.check is CheckId.CLIENTS and result.count is not None:
        return t.plural("{n} client", "{n} clients", result.count)
    if result.check is CheckId.BALANCES and result.year:
        return result.year
    company = result.company
    if company is None:
        return ""
    number = f" ({format_org_number(company.org_number)})" if company.org_number else ""
    return f"{company.name or t('a company without a name')}{number}"


def wanted_of(config: Config) -> Wanted:
    """Return what the key of a config must have access to."""
    return Wanted(setup=config.setup, org_number=config.org_number, clients=config.clients)
