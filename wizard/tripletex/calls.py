"""The few calls this program makes, as data: what is asked of Tripletex, with the tokens still closed.

Source of paths and parameters: Tripletex API specification 2.75.12.
"""

import math
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from wizard.domain.secret import Secret

PAGE: Final = 1000
_ORDINARY_LIMIT: Final = 2 * 1024 * 1024
_LIST_LIMIT: Final = 3 * 1024 * 1024
"""Bytes, for a page of clients: several times what it takes. Unpacked, JSON may fill 25 times as much."""
_FAREWELL: Final = 5.0

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
    """One request. Whoever sends it adds the tokens at the last moment.

    Attributes:
        path: Below the base URL, percent-encoded, without any token.
        query: Without any token.
        login: Goes into the ``Authorization`` header.
        body: Goes into a JSON body, or into the query of the legacy ``PUT``.
        ending: A token that ends the path.
        limit: The most bytes that the answer may have.
        patience: The most seconds that it may take, where that is less than usual.
    """

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    login: Login | None = None
    body: NewSession | None = None
    ending: Secret | None = None
    limit: int = _ORDINARY_LIMIT
    patience: float = math.inf

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


def delete_session(token: Secret) -> Request:
    """Ends a session. Nobody wants to wait for that: a session that is left ends by itself."""
    return Request("DELETE", "/token/session", login=Login(0, token), ending=token, patience=_FAREWELL)
