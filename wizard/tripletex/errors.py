"""The broken world between this program and Tripletex, as one small tree of exceptions.

    TripletexError
    ├── Unreachable       no whole answer came: name, connection, time, TLS, proxy
    ├── NotTripletex      something else answered: a log-on page of the network, a redirect
    ├── Unintelligible    Tripletex answered, and the answer cannot be read
    ├── ServerTrouble     Tripletex fails, with a status of 500 or more
    ├── RateLimited       Tripletex asked us to wait, again and again
    └── Refused           Tripletex understood and said no

They carry data and no prose, and nothing that the other side wrote but its request id: a hostile
server may send our own tokens back. ``wizard.checks.errors.finding_for`` turns them into findings.
"""

from dataclasses import dataclass
from enum import StrEnum

from wizard.text import N_


class Cause(StrEnum):
    """Why no whole answer came."""

    NAME = "name"
    CONNECTION = "connection"
    TIME = "time"
    TLS = "tls"
    PROXY = "proxy"
    PROXY_SETTING = "proxy_setting"
    """A variable names a proxy that cannot be used; nothing was contacted."""


class Flaw(StrEnum):
    """Why an answer cannot be read; each is a message id."""

    NOT_JSON = N_("it is not JSON")
    WRONG_TYPE = N_("a part of it has the wrong form")
    TOO_LARGE = N_("it is too large")
    CUT_OFF = N_("it was cut off")
    ENCODED = N_("it was compressed although we did not ask for that")
    ENDLESS = N_("the list has no end")
    SLOW = N_("the list did not arrive in time")


class TokenKind(StrEnum):
    """Which of the two tokens a refused log-on is about."""

    CONSUMER = "consumer"
    EMPLOYEE = "employee"


@dataclass(eq=False, kw_only=True)
class TripletexError(Exception):
    """Anything that kept a request from its answer.

    Attributes:
        request_id: Tripletex's own name for the request, which its support can look up.
    """

    request_id: str | None = None

    def __str__(self) -> str:
        return repr(self)


@dataclass(eq=False, kw_only=True)
class Unreachable(TripletexError):
    """No whole answer came.

    Attributes:
        reason: Why, as a message id or in the words of this machine's own libraries; may be empty.
        sent: Whether the request may have been carried out.
    """

    host: str
    cause: Cause
    reason: str = ""
    sent: bool = False


@dataclass(eq=False, kw_only=True)
class NotTripletex(TripletexError):
    """Something else answered.

    Attributes:
        markup: It was a web page.
        redirected: It pointed elsewhere; that was not followed.
    """

    status: int
    markup: bool = False
    redirected: bool = False


@dataclass(eq=False, kw_only=True)
class Unintelligible(TripletexError):
    """The answer cannot be read.

    Attributes:
        where: The member that was amiss; empty when it was the whole.
    """

    flaw: Flaw
    where: str = ""


@dataclass(eq=False, kw_only=True)
class ServerTrouble(TripletexError):
    """5xx, whether from Tripletex or from a server in front of it."""

    status: int


@dataclass(eq=False, kw_only=True)
class RateLimited(TripletexError):
    """429, and again after every wait."""


@dataclass(eq=False, kw_only=True)
class Refused(TripletexError):
    """Tripletex says no.

    Attributes:
        status: HTTP status.
        code: Tripletex's own code; none is listed for some answers.
        fields: The validation fields among those this program sends, without ``arg:``.
        token: The token that the answer is about, by its field or by its text.
        company_owned: The answer contains the documented sentence about office keys.
    """

    status: int
    code: int | None = None
    fields: frozenset[str] = frozenset()
    token: TokenKind | None = None
    company_owned: bool = False
