"""Says what an error means for the person: one pure function from the broken world to a finding."""

from http import HTTPStatus
from typing import Final, assert_never

from wizard.findings import Code, Finding, Term, codes
from wizard.text import N_
from wizard.tripletex.calls import Call
from wizard.tripletex.errors import (
    Cause,
    NotTripletex,
    RateLimited,
    Refused,
    ServerTrouble,
    TokenKind,
    TripletexError,
    Unintelligible,
    Unreachable,
)

_WEB_PAGE: Final = N_("a web page")
_SOMETHING: Final = N_("not an answer from Tripletex")
# Missing access shows as either (neither is documented), and so may an id that is unknown there.
_NOT_LET_IN: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


def finding_for(  # noqa: PLR0911 - one for each kind of error
    error: TripletexError, call: Call, *, application: str = "", client: str = ""
) -> Finding:
    """Return what an error means.

    A refusal proves something only where it is known what Tripletex refuses in that way. All else
    is *unknown*: calling it wrong would send people to make new keys for nothing.

    Args:
        error: What went wrong.
        call: What was being asked.
        application: The application that the key should be made for.
        client: The client that was to be logged on to, for a person.
    """
    match error:
        case Unreachable():
            return _judge_network(error)
        case RateLimited():
            return _found(codes.RATE_LIMITED, error)
        case ServerTrouble(status=status):
            return _found(codes.SERVER_TROUBLE, error, status=status)
        case NotTripletex(redirected=True):
            return _found(codes.REDIRECTED, error)
        case NotTripletex(markup=markup):
            return _found(codes.NOT_TRIPLETEX, error, reason=Term(_WEB_PAGE if markup else _SOMETHING))
        case Unintelligible(flaw=flaw):
            return _found(codes.UNEXPECTED_ANSWER, error, reason=Term(flaw))
        case Refused():
            return _judge_refusal(error, call, application, client)
        case _:
            raise error


def _judge_network(error: Unreachable) -> Finding:
    reason = Term(error.reason)
    match error.cause:
        case Cause.NAME:
            return _found(codes.NAME_NOT_RESOLVED, error, host=error.host)
        case Cause.CONNECTION:
            return _found(codes.NOT_CONNECTED, error, host=error.host, reason=reason)
        case Cause.TIME:
            return _found(codes.NO_ANSWER, error, host=error.host)
        case Cause.TLS:
            return _found(codes.TLS_FAILED, error, host=error.host, reason=reason)
        case Cause.PROXY:
            return _found(codes.PROXY_REFUSED, error, reason=reason)
        case _:
            assert_never(error.cause)


def _judge_refusal(  # noqa: PLR0911 - one for each kind of refusal
    error: Refused, call: Call, application: str, client: str
) -> Finding:
    match call, error:
        case Call.CREATE_SESSION, Refused(token=TokenKind.CONSUMER):
            return _found(codes.CONSUMER_TOKEN_REJECTED, error)
        case Call.CREATE_SESSION, Refused(token=TokenKind.EMPLOYEE):
            return _found(codes.KEY_REJECTED, error, application=application)
        case Call.CREATE_SESSION, Refused() if _refuses_some_token(error):
            return _found(codes.TOKENS_REJECTED, error, application=application)
        case Call.WHO_AM_I, Refused(status=HTTPStatus.UNAUTHORIZED):
            return _found(codes.LOG_ON_REFUSED, error)
        case Call.CLIENT_WHO_AM_I, Refused(status=status) if status in _NOT_LET_IN:
            return _found(codes.CLIENT_LOG_ON_REFUSED, error, number=client)
        case Call.WHO_AM_I | Call.COMPANY | Call.CLIENTS, Refused(status=HTTPStatus.FORBIDDEN):
            return _found(codes.NO_RIGHTS, error)
        case _:
            code = f", {error.code}" if error.code is not None else ""
            return _found(codes.UNEXPECTED_ANSWER, error, reason=f"HTTP {error.status}{code}")


def _refuses_some_token(error: Refused) -> bool:
    """Whether it is a refusal of the tokens that does not say of which.

    Documented is 422 with a field. 401 and 403 are not, but say nothing else to someone who has
    shown nothing else; and 18000 is the code that a bad token was seen with.
    """
    rejected = 18000
    unclear = error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    return unclear or (error.code == rejected and not error.fields)


def _found(code: Code, error: TripletexError, **values: object) -> Finding:
    return code.found(place=None, request_id=error.request_id, step=None, **values)
