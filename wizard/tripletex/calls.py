"""What a request consists of, in which tokens are still ``Secret`` objects, and the dates of sessions."""

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from wizard.domain.key import Secret

LIMIT: Final = 2 * 1024 * 1024
"""Bytes of an ordinary response, at most."""
_A_DAY: Final = timedelta(days=1)
_SHORTEST_SESSION: Final = timedelta(minutes=15)
_OSLO: Final = ZoneInfo("Europe/Oslo")


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
    ENTITLEMENTS = "entitlements"


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
    limit: int = LIMIT
    timeout: float = math.inf
    tries: int = 4

    @property
    def template(self) -> str:
        """The path for the log, without tokens and without ids that identify a company."""
        path = "/".join("{id}" if part.isdecimal() else part for part in self.path.split("/"))
        return path.replace("%3E", ">") + ("/***" if self.path_token else "")


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
