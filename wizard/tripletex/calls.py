"""The few calls this program makes, as data: what is asked of Tripletex, with the tokens still closed.

Source of paths and parameters: Tripletex API specification 2.75.12.
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from wizard.domain.secret import Secret

PAGE: Final = 1000
_ORDINARY_LIMIT: Final = 2 * 1024 * 1024
_LIST_LIMIT: Final = 3 * 1024 * 1024
"""Bytes, for a page of clients: several times what it takes. Unpacked, JSON may fill 25 times as much."""
_FAREWELL: Final = 5.0
_READS: Final = 3
_EMPTY_DAY: Final = date(1900, 1, 1)
_A_DAY: Final = timedelta(days=1)
_SHORTEST_SESSION: Final = timedelta(minutes=15)
_OSLO: Final = ZoneInfo("Europe/Oslo")

# "employee(*)" would bring a national identity number and a bank account along.
_WHO_AM_I_FIELDS: Final = (
    "companyId,employeeId,actualEmployeeId,language,employeeIsProxy,company(id,name,organizationNumber)"
)


class Call(StrEnum):
    """What a request is for; it decides what a refusal means."""

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
    """Basic authentication with a session.

    Attributes:
        company: 0 for what the key itself is; a client's ``id`` for that client.
        token: The session token.
    """

    company: int
    token: Secret


@dataclass(frozen=True, slots=True)
class NewSession:
    """What a session is made of."""

    consumer_token: Secret
    employee_token: Secret
    expires: date

    def revealed(self) -> dict[str, str]:
        """Return the members as they are sent, tokens and all."""
        return {
            "consumerToken": self.consumer_token.reveal(),
            "employeeToken": self.employee_token.reveal(),
            "expirationDate": self.expires.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Request:
    """One request. The sender adds the tokens at the last moment.

    Attributes:
        path: Below the base URL, percent-encoded, without any token.
        query: Without any token.
        login: Goes into the ``Authorization`` header.
        body: Goes into a JSON body, or into the query of the legacy ``PUT``.
        ending: A token that ends the path.
        limit: The most bytes that the answer may have.
        patience: The most seconds that it may take, where that is less than usual.
        tries: How often it may be sent in all when the connection or a gateway fails.
    """

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    login: Login | None = None
    body: NewSession | None = None
    ending: Secret | None = None
    limit: int = _ORDINARY_LIMIT
    patience: float = math.inf
    tries: int = 4

    @property
    def template(self) -> str:
        """The path as a log may show it: no token, and no number that says whose company it is."""
        path = "/".join("{id}" if part.isdecimal() else part for part in self.path.split("/"))
        return path.replace("%3E", ">") + ("/***" if self.ending else "")


def create_session(new: NewSession) -> Request:
    """The form that the specification prefers; observed to answer 201."""
    return Request("POST", "/token/session/:create", body=new)


def create_session_by_put(new: NewSession) -> Request:
    """The form before 2.75, deprecated because it carries both tokens in the URL."""
    return Request("PUT", "/token/session/:create", body=new)


def who_am_i(login: Login | None, *, expanded: bool = True) -> Request:
    """Who a session speaks for. Every key may ask that, office keys too.

    A raw ``>`` gives 400, code 4000 (observed), so it is sent as ``%3E``.
    """
    query = {"fields": _WHO_AM_I_FIELDS} if expanded else {}
    return Request("GET", "/token/session/%3EwhoAmI", query, login)


def company(login: Login, company_id: int) -> Request:
    """One company; works only for the one that the session speaks for."""
    return Request("GET", f"/company/{company_id}", {"fields": "id,name,organizationNumber"}, login)


def client_page(login: Login, start: int) -> Request:
    """A page of the clients that a key may log on to."""
    query = {"from": str(start), "count": str(PAGE), "fields": "id,name,displayName,organizationNumber"}
    return Request("GET", "/company/%3EwithLoginAccess", query, login, limit=_LIST_LIMIT)


def accounts(login: Login) -> Request:
    """One account of the chart of accounts."""
    return Request("GET", "/ledger/account", {"count": "1", "fields": "id,number"}, login, tries=_READS)


def balances(login: Login, start: date, end: date, *, unmoved: bool) -> Request:
    """One balance of a period; its last day is the one before ``end``.

    Args:
        login: Of the company or client.
        start: The first day.
        end: The day after the last.
        unmoved: Include accounts on which nothing has been posted.
    """
    query = {"dateFrom": start.isoformat(), "dateTo": end.isoformat(), "count": "1"}
    query |= {"fields": "account(number),balanceOut"}  # "id" gives 400, code 11000 (observed)
    if unmoved:
        query["includeActiveAccountsWithoutMovements"] = "true"
    return Request("GET", "/balanceSheet", query, login, tries=_READS)


def postings(login: Login) -> Request:
    """All postings of a day without any: what is asked is whether they may be read.

    Tripletex documents a validation error for a key that does not see all vouchers. ``fields`` is not
    supported here.
    """
    query = {"dateFrom": _EMPTY_DAY.isoformat(), "dateTo": (_EMPTY_DAY + _A_DAY).isoformat(), "count": "1"}
    return Request("GET", "/ledger/postingByDate", query, login, tries=_READS)


def fiscal_years(login: Login, first: int, end: int) -> Request:
    """The fiscal years from ``first`` up to, not including, ``end``."""
    query = {"yearFrom": str(first), "yearTo": str(end), "count": "5", "fields": "year,start,end"}
    return Request("GET", "/ledger/annualAccount", query, login, tries=_READS)


def entitlements(login: Login, employee_id: int) -> Request:
    """The rights of an employee in the company that the session speaks for."""
    query = {"employeeId": str(employee_id), "count": str(PAGE), "fields": "name,entitlementId"}
    return Request("GET", "/employee/entitlement", query, login, tries=1)


def client_entitlements(login: Login, employee_id: int, client_id: int) -> Request:
    """The rights of an employee of the office at a client."""
    query = {"employeeId": str(employee_id), "customerId": str(client_id)}
    return Request("GET", "/employee/entitlement/client", query, login, tries=1)


def sales_modules(login: Login) -> Request:
    """The modules that the company subscribes to."""
    return Request("GET", "/company/salesmodules", {}, login, tries=1)


def delete_session(token: Secret) -> Request:
    """Ends a session. Nobody wants to wait for that: a session that is left ends by itself."""
    return Request("DELETE", "/token/session", login=Login(0, token), ending=token, patience=_FAREWELL)


def oslo_date(moment: datetime) -> date:
    """Return the date in Norway, where Tripletex's servers keep their calendar.

    Raises:
        ValueError: The moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("the clock must give a moment with a time zone")
    return moment.astimezone(_OSLO).date()


def expiry_date(now: datetime) -> date:
    """Return the earliest date on which a session from now lives long enough to be used.

    A session is dead from 00:00 in Norway at the start of its ``expirationDate``, and Tripletex gives one
    out even if that moment has passed (observed by three integrators).
    """
    tomorrow = oslo_date(now) + _A_DAY
    midnight = datetime.combine(tomorrow, time.min, _OSLO).astimezone(UTC)
    return tomorrow if midnight - now >= _SHORTEST_SESSION else tomorrow + _A_DAY
