"""The exceptions of the API client.

    TripletexError
    ├── Unreachable       no complete response: DNS, connection, timeout, TLS or proxy
    ├── NotTripletex      the response is not from Tripletex: a captive portal, a redirect
    ├── Unintelligible    a response from Tripletex that cannot be parsed
    ├── ServerTrouble     a status of 500 or more
    ├── RateLimited       still rate limited after several waits
    └── Refused           Tripletex understood the request and refused it

They hold data, not messages. The request id is the only text from the server that they contain, since a
hostile server might echo the tokens. ``wizard.checks.errors.finding_for`` turns them into findings.
"""

from dataclasses import dataclass
from enum import StrEnum

from wizard.text import N_


class Failure(StrEnum):
    """Why there is no complete response."""

    NAME = "name"
    CONNECTION = "connection"
    TIME = "time"
    TLS = "tls"
    PROXY = "proxy"
    PROXY_SETTING = "proxy_setting"
    """A variable contains a proxy that cannot be used. Nothing was sent."""


class Flaw(StrEnum):
    """Why a response cannot be read. Each value is a message id."""

    NOT_JSON = N_("it is not JSON")
    WRONG_TYPE = N_("a part of it has the wrong form")
    TOO_LARGE = N_("it is too large")
    CUT_OFF = N_("it was cut off")
    ENCODED = N_("it was compressed, which was not requested")
    ENDLESS = N_("the list does not end")
    SLOW = N_("the list did not arrive in time")


class TokenKind(StrEnum):
    """The two tokens of a log-on."""

    CONSUMER = "consumer"
    EMPLOYEE = "employee"


@dataclass(eq=False, kw_only=True)
class TripletexError(Exception):
    """Base class of all failures of a request.

    Attributes:
        request_id: Tripletex's id of the request, which its support can look up.
    """

    request_id: str | None = None

    def __str__(self) -> str:
        return repr(self)


@dataclass(eq=False, kw_only=True)
class Unreachable(TripletexError):
    """There was no complete response.

    Attributes:
        reason: A message id or the message of a system library; may be empty.
        sent: Whether Tripletex may have received the request.
    """

    host: str
    failure: Failure
    reason: str = ""
    sent: bool = False


@dataclass(eq=False, kw_only=True)
class NotTripletex(TripletexError):
    """The response did not come from Tripletex.

    Attributes:
        markup: Whether it was a web page.
        redirected: Whether it was a redirect. Redirects are not followed.
    """

    status: int
    markup: bool = False
    redirected: bool = False


@dataclass(eq=False, kw_only=True)
class Unintelligible(TripletexError):
    """The response cannot be read.

    Attributes:
        where: The field that is wrong; empty if it is the whole response.
    """

    flaw: Flaw
    where: str = ""


@dataclass(eq=False, kw_only=True)
class ServerTrouble(TripletexError):
    """A 5xx status, from Tripletex or from a server in front of it."""

    status: int


@dataclass(eq=False, kw_only=True)
class RateLimited(TripletexError):
    """A 429 status, which did not go away by waiting."""


@dataclass(eq=False, kw_only=True)
class Refused(TripletexError):
    """Tripletex refused the request.

    Attributes:
        status: The HTTP status.
        code: Tripletex's error code, if the response has one.
        fields: The fields of its validation messages that this program sends, without ``arg:``.
        token: The token that the response is about, according to its fields or its text.
        company_owned: Whether the response contains the documented sentence about office keys.
    """

    status: int
    code: int | None = None
    fields: frozenset[str] = frozenset()
    token: TokenKind | None = None
    company_owned: bool = False
