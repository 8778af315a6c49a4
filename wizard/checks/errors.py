"""Turns errors of Tripletex and the network into findings."""

from http import HTTPStatus
from typing import Final, assert_never

from wizard.domain.setup import format_org_number
from wizard.findings import Code, Finding, Term, codes
from wizard.text import N_
from wizard.tripletex import errors
from wizard.tripletex.calls import Call
from wizard.tripletex.models import Client
from wizard.tripletex.transport import proxy_variable

_WEB_PAGE: Final = N_("a web page")
_NOT_AN_ANSWER: Final = N_("not an answer from Tripletex")
# Missing access may give any of these, and so may an unknown id. It is not documented.
NO_ACCESS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


def finding_for(
    error: errors.TripletexError, call: Call, *, application: str = "", client: str = ""
) -> Finding:
    """Return the finding for an error.

    Only refusals with a known cause become errors. Everything else is *unknown*, so that people do not
    make new keys for nothing.

    Args:
        error: The error.
        call: The call that failed.
        application: The application that the key should be made for.
        client: The name of the client to log on to, for the message.
    """
    match error:
        case errors.Unreachable():
            return _network_finding(error)
        case errors.RateLimited():
            return _found(codes.RATE_LIMITED, error)
        case errors.ServerTrouble(status=status):
            return _found(codes.SERVER_TROUBLE, error, status=status)
        case errors.NotTripletex(redirected=True):
            return _found(codes.REDIRECTED, error)
        case errors.NotTripletex(markup=markup):
            return _found(codes.NOT_TRIPLETEX, error, reason=Term(_WEB_PAGE if markup else _NOT_AN_ANSWER))
        case errors.Unintelligible(flaw=flaw):
            return _found(codes.UNEXPECTED_ANSWER, error, reason=Term(flaw))
        case errors.Refused():
            return _refusal_finding(error, call, application, client)
        case _:
            raise error


def _network_finding(error: errors.Unreachable) -> Finding:
    reason = Term(error.reason)
    match error.failure:
        case errors.Failure.NAME:
            return _found(codes.NAME_NOT_RESOLVED, error, host=error.host)
        case errors.Failure.CONNECTION:
            return _found(codes.NOT_CONNECTED, error, host=error.host, reason=reason)
        case errors.Failure.TIME:
            return _found(codes.NO_ANSWER, error, host=error.host)
        case errors.Failure.TLS:
            return _found(codes.TLS_FAILED, error, host=error.host, reason=reason)
        case errors.Failure.PROXY_SETTING:
            return _found(codes.PROXY_UNUSABLE, error, variable=error.reason)
        case errors.Failure.PROXY:
            return _found(codes.PROXY_REFUSED, error, reason=reason, variable=proxy_variable())
        case _:
            assert_never(error.failure)


def _session_refusal(error: errors.Refused, application: str) -> Finding | None:
    """Return the finding for a refusal to create a session, unless it may come from any request."""
    match error:
        case errors.Refused(code=None) | errors.Refused(request_id=None):
            # The sentence about office keys is recognised in any response, but has no meaning here.
            return _found(codes.NOT_TRIPLETEX, error, reason=Term(_NOT_AN_ANSWER))
        case errors.Refused(status=HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN):
            # Not documented for an invalid token; a blocked account might give it.
            return _found(codes.SESSION_REFUSED, error, status=error.status)
        case errors.Refused(token=errors.TokenKind.CONSUMER):
            return _found(codes.CONSUMER_TOKEN_REJECTED, error)
        case errors.Refused(token=errors.TokenKind.EMPLOYEE):
            return _found(codes.KEY_REJECTED, error, application=application)
        case errors.Refused(code=18000) if not error.fields:
            # The code of an invalid token, without saying which of the two.
            return _found(codes.SESSION_REFUSED, error, status=error.status)
        case _:
            return None


def _refusal_finding(error: errors.Refused, call: Call, application: str, client: str) -> Finding:
    if call is Call.CREATE_SESSION and (found := _session_refusal(error, application)):
        return found
    match call, error:
        case Call.WHO_AM_I, errors.Refused(status=HTTPStatus.UNAUTHORIZED):
            return _found(codes.LOG_ON_REFUSED, error)
        case Call.WHO_AM_I, errors.Refused(status=HTTPStatus.FORBIDDEN):
            return _found(codes.SESSION_REFUSED, error, status=error.status)
        case Call.CLIENT_WHO_AM_I, errors.Refused(status=status) if status in NO_ACCESS:
            return _found(codes.CLIENT_LOG_ON_REFUSED, error, number=client)
        case Call.COMPANY, errors.Refused(status=HTTPStatus.FORBIDDEN):
            return _found(codes.NO_RIGHTS, error)
        case Call.CLIENTS, errors.Refused(status=HTTPStatus.FORBIDDEN):
            return _found(codes.CLIENT_LIST_REFUSED, error)
        case _, errors.Refused(status=HTTPStatus.UNAUTHORIZED):
            return _found(codes.SESSION_ENDED, error)
        case _, errors.Refused(code=23000):
            return _found(codes.TOO_MANY_HITS, error)
        case _, errors.Refused(code=1000):
            return _found(codes.FEATURE_REFUSED, error, status=error.status, code=error.code)
        case _:
            code = f", {error.code}" if error.code is not None else ""
            return _found(codes.UNEXPECTED_ANSWER, error, reason=f"HTTP {error.status}{code}")


def client_name(client: Client) -> str:
    """Return the name of a client for findings, with its organisation number."""
    number = format_org_number(client.org_number) if client.org_number else ""
    return f"{client.name} ({number})" if client.name and number else client.name or number or str(client.id)


def _found(kind: Code, error: errors.TripletexError, /, **values: object) -> Finding:
    return kind.found(position=None, request_id=error.request_id, step=None, **values)
