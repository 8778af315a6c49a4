"""Builders for the few requests that this program sends, in which tokens are still ``Secret`` objects.

Paths and parameters are from the Tripletex API specification 2.75.12.
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from wizard.domain.key import Secret

PAGE: Final = 1000
_ORDINARY_LIMIT: Final = 2 * 1024 * 1024
_LIST_LIMIT: Final = 3 * 1024 * 1024
"""Bytes for a page of clients, several times its normal size. Decoded JSON can take 25 times the memory."""
_DELETE_TIMEOUT: Final = 5.0
_READS: Final = 3
_EMPTY_DAY: Final = date(1900, 1, 1)
_A_DAY: Final = timedelta(days=1)
_SHORTEST_SESSION: Final = timedelta(minutes=15)
_OSLO: Final = ZoneInfo("Europe/Oslo")

# "employee(*)" would include a national identity number and a bank account.
_WHO_AM_I_FIELDS: Final = (
    "companyId,employeeId,actualEmployeeId,language,employeeIsProxy,company(id,name,organizationNumber)"
)


class Call(StrEnum):
    """The purpose of a request, which decides what a refusal means."""

    PROBE = "probe"
    CREATE_SESSION = "create_session"
    WHO_AM_I = "who_am_i"
    CLIENT_WHO_AM_I = "client_who_am_i"
    COMPANY = "company"
    CLIENTS = "clients"
    ACCOUNTS = "accounts"
    BALANCES = "balances"
    POSTINGS = "postings"
    FISCAL_YEARS = "fiscal_years"
    ENTITLEMENTS = "entitlements"
    SALES_MODULES = "sales_modules"


@dataclass(frozen=True, slots=True)
class Login:
    """The Basic authentication of a request.

    Attributes:
        company: The ``id`` of a client, or 0 for the company of the key itself.
        token: The session token.
    """

    company: int
    token: Secret


@dataclass(frozen=True, slots=True)
class NewSession:
    """The body of a request for a new session."""

    consumer_token: Secret
    employee_token: Secret
    expires: date

    def revealed(self) -> dict[str, str]:
        """Return the fields as they are sent, with the tokens in plain text."""
        return {
            "consumerToken": self.consumer_token.reveal(),
            "employeeToken": self.employee_token.reveal(),
            "expirationDate": self.expires.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Request:
    """A request. The transport adds the tokens just before sending it.

    Attributes:
        path: Path below the base URL, percent-encoded, without tokens.
        query: Query parameters, without tokens.
        login: Sent in the ``Authorization`` header.
        body: Sent as JSON, or in the query of the legacy ``PUT``.
        path_token: A token that is appended to the path.
        limit: Maximum size of the response body, in bytes.
        timeout: Maximum duration in seconds, if shorter than the usual one.
        tries: Maximum number of attempts if the connection or a gateway fails.
    """

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    login: Login | None = None
    body: NewSession | None = None
    path_token: Secret | None = None
    limit: int = _ORDINARY_LIMIT
    timeout: float = math.inf
    tries: int = 4

    @property
    def template(self) -> str:
        """The path for the log, without tokens and without ids that identify a company."""
        path = "/".join("{id}" if part.isdecimal() else part for part in self.path.split("/"))
        return path.replace("%3E", ">") + ("/***" if self.path_token else "")


def create_session(new: NewSession) -> Request:
    """Create a session in the way the specification recommends. Observed to return 201."""
    return Request("POST", "/token/session/:create", body=new)


def create_session_by_put(new: NewSession) -> Request:
    """Create a session as before 2.75, which is deprecated because both tokens are in the URL."""
    return Request("PUT", "/token/session/:create", body=new)


def who_am_i(login: Login | None, *, expanded: bool = True) -> Request:
    """Read the company and employee of a session. Every key has access to this, office keys too.

    An unencoded ``>`` returns 400 with code 4000 (observed), so it is sent as ``%3E``.
    """
    query = {"fields": _WHO_AM_I_FIELDS} if expanded else {}
    return Request("GET", "/token/session/%3EwhoAmI", query, login)


def company(login: Login, company_id: int) -> Request:
    """Read a company. Only the company that the session is logged on to can be read."""
    return Request("GET", f"/company/{company_id}", {"fields": "id,name,organizationNumber"}, login)


def client_page(login: Login, start: int) -> Request:
    """Read a page of the clients that a key has access to."""
    query = {"from": str(start), "count": str(PAGE), "fields": "id,name,displayName,organizationNumber"}
    return Request("GET", "/company/%3EwithLoginAccess", query, login, limit=_LIST_LIMIT)


def accounts(login: Login) -> Request:
    """Read one account of the chart of accounts."""
    return Request("GET", "/ledger/account", {"count": "1", "fields": "id,number"}, login, tries=_READS)


def balances(login: Login, start: date, end: date, *, unmoved: bool) -> Request:
    """Read the balance of one account in a period.

    Args:
        login: The login of the company or client.
        start: The first day of the period.
        end: The day after the last day of the period.
        unmoved: Include accounts without postings.
    """
    query = {"dateFrom": start.isoformat(), "dateTo": end.isoformat(), "count": "1"}
    query |= {"fields": "account(number),balanceOut"}  # "id" gives 400, code 11000 (observed)
    if unmoved:
        query["includeActiveAccountsWithoutMovements"] = "true"
    return Request("GET", "/balanceSheet", query, login, tries=_READS)


def postings(login: Login) -> Request:
    """Read the postings of a day that has none, to find out whether the key may read postings.

    According to the documentation, a key that cannot see all vouchers gets a validation error. ``fields``
    is not supported by this endpoint.
    """
    query = {"dateFrom": _EMPTY_DAY.isoformat(), "dateTo": (_EMPTY_DAY + _A_DAY).isoformat(), "count": "1"}
    return Request("GET", "/ledger/postingByDate", query, login, tries=_READS)


def fiscal_years(login: Login, first: int, end: int) -> Request:
    """Read the fiscal years from ``first`` up to, but not including, ``end``."""
    query = {"yearFrom": str(first), "yearTo": str(end), "count": "5", "fields": "year,start,end"}
    return Request("GET", "/ledger/annualAccount", query, login, tries=_READS)


def entitlements(login: Login, employee_id: int) -> Request:
    """Read the entitlements of an employee in the company that the session is logged on to."""
    query = {"employeeId": str(employee_id), "count": str(PAGE), "fields": "name,entitlementId"}
    return Request("GET", "/employee/entitlement", query, login, tries=1)


def client_entitlements(login: Login, employee_id: int, client_id: int) -> Request:
    """Read the entitlements that an employee of an accounting office has at a client."""
    query = {"employeeId": str(employee_id), "customerId": str(client_id)}
    return Request("GET", "/employee/entitlement/client", query, login, tries=1)


def sales_modules(login: Login) -> Request:
    """Read the modules that the company subscribes to."""
    return Request("GET", "/company/salesmodules", {}, login, tries=1)


def delete_session(token: Secret) -> Request:
    """Delete a session. The timeout is short because a session that is left open expires on its own."""
    return Request(
        "DELETE", "/token/session", login=Login(0, token), path_token=token, timeout=_DELETE_TIMEOUT
    )


def oslo_date(moment: datetime) -> date:
    """Return the date in Norway, which is the date that Tripletex's servers use.

    Raises:
        ValueError: If ``moment`` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("the clock must return a datetime with a time zone")
    return moment.astimezone(_OSLO).date()


def expiry_date(now: datetime) -> date:
    """Return the earliest expiry date that gives a new session at least 15 minutes.

    A session expires at 00:00 in Norway, at the start of its ``expirationDate``. Tripletex creates a
    session even if that time has passed (observed by three integrators).
    """
    tomorrow = oslo_date(now) + _A_DAY
    midnight = datetime.combine(tomorrow, time.min, _OSLO).astimezone(UTC)
    return tomorrow if midnight - now >= _SHORTEST_SESSION else tomorrow + _A_DAY
