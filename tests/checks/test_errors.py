"""What errors and results of checks come to."""

from collections.abc import Iterator

import pytest

from tests.support.rows import every_row
from wizard.checks.errors import finding_for
from wizard.checks.results import FileResult
from wizard.findings import Code, Verdict, codes
from wizard.text import LANGUAGES, Texts
from wizard.tripletex.calls import Call
from wizard.tripletex.errors import (
    Failure,
    Flaw,
    NotTripletex,
    RateLimited,
    Refused,
    ServerTrouble,
    TokenKind,
    TripletexError,
    Unintelligible,
    Unreachable,
)

CREATE, WHO, COMPANY = Call.CREATE_SESSION, Call.WHO_AM_I, Call.COMPANY


def refused(status: int, code: int | None = None, token: TokenKind | None = None, *fields: str) -> Refused:
    return Refused(status=status, code=code, token=token, fields=frozenset(fields), request_id="3f2a")


def unreachable(failure: Failure) -> Unreachable:
    return Unreachable(host="tripletex.no", failure=failure, reason="it cannot be used", request_id="3f2a")


CASES: list[tuple[TripletexError, Call, Code]] = [
    (refused(422, 18000, TokenKind.CONSUMER, "consumerToken"), CREATE, codes.CONSUMER_TOKEN_REJECTED),
    (refused(422, 18000, TokenKind.EMPLOYEE, "employeeToken"), CREATE, codes.KEY_REJECTED),
    (refused(422, 15000, TokenKind.EMPLOYEE), CREATE, codes.KEY_REJECTED),
    (refused(403, 9000, TokenKind.EMPLOYEE), CREATE, codes.SESSION_REFUSED),
    (refused(422, 18000), CREATE, codes.SESSION_REFUSED),
    (refused(401, 3000), CREATE, codes.SESSION_REFUSED),
    (refused(403, 9000), CREATE, codes.SESSION_REFUSED),
    (refused(422, 18000, None, "expirationDate"), CREATE, codes.UNEXPECTED_ANSWER),
    (refused(422, 16000), CREATE, codes.UNEXPECTED_ANSWER),
    (refused(404, 21000), CREATE, codes.UNEXPECTED_ANSWER),
    (refused(401, 3000), WHO, codes.LOG_ON_REFUSED),
    (refused(403, 9000), WHO, codes.SESSION_REFUSED),
    (refused(404, 6000), WHO, codes.UNEXPECTED_ANSWER),
    (refused(403, 9000), COMPANY, codes.NO_RIGHTS),
    (refused(401, 3000), COMPANY, codes.SESSION_ENDED),
    (refused(403, 9000), Call.CLIENTS, codes.CLIENT_LIST_REFUSED),
    (refused(422, 17000), Call.CLIENTS, codes.UNEXPECTED_ANSWER),
    (refused(401, 3000), Call.CLIENT_WHO_AM_I, codes.CLIENT_LOG_ON_REFUSED),
    (refused(403, 9000), Call.CLIENT_WHO_AM_I, codes.CLIENT_LOG_ON_REFUSED),
    (refused(404, 6000), Call.CLIENT_WHO_AM_I, codes.CLIENT_LOG_ON_REFUSED),
    (refused(409, 7000), Call.CLIENT_WHO_AM_I, codes.UNEXPECTED_ANSWER),
    (refused(401, 3000), Call.BALANCES, codes.SESSION_ENDED),
    (refused(422, 23000), Call.BALANCES, codes.TOO_MANY_HITS),
    (refused(400, 1000), Call.BALANCES, codes.FEATURE_REFUSED),
    (refused(404, 6000), Call.BALANCES, codes.UNEXPECTED_ANSWER),
    (refused(418), Call.PROBE, codes.UNEXPECTED_ANSWER),
    (unreachable(Failure.NAME), CREATE, codes.NAME_NOT_RESOLVED),
    (unreachable(Failure.CONNECTION), CREATE, codes.NOT_CONNECTED),
    (unreachable(Failure.TIME), CREATE, codes.NO_ANSWER),
    (unreachable(Failure.TLS), CREATE, codes.TLS_FAILED),
    (unreachable(Failure.PROXY), CREATE, codes.PROXY_REFUSED),
    (RateLimited(request_id="3f2a"), WHO, codes.RATE_LIMITED),
    (ServerTrouble(status=400, request_id="3f2a"), WHO, codes.SERVER_TROUBLE),
    (NotTripletex(status=200, markup=True, request_id="3f2a"), WHO, codes.NOT_TRIPLETEX),
    (NotTripletex(status=302, redirected=True, request_id="3f2a"), WHO, codes.REDIRECTED),
    *((Unintelligible(flaw=flaw, request_id="3f2a"), WHO, codes.UNEXPECTED_ANSWER) for flaw in Flaw),
]


@every_row(("error", "call", "code"), CASES)
def test_every_error_has_a_finding(error: TripletexError, call: Call, code: Code) -> None:
    finding = finding_for(error, call, application="VismaFinale", client="974760673")
    assert finding.code is code
    assert finding.step is code.step
    assert finding.request_id == "3f2a"
    for language in LANGUAGES:
        t = Texts(language)
        assert "{" not in finding.message(t) + finding.hint(t)


def tree(kind: type[TripletexError]) -> Iterator[type[TripletexError]]:
    for below in kind.__subclasses__():
        yield below
        yield from tree(below)


def test_the_cases_cover_every_error() -> None:
    assert {type(error) for error, _, _ in CASES} == set(tree(TripletexError))


def test_what_was_not_tested_is_never_called_wrong() -> None:
    for error, _, code in CASES:
        assert isinstance(error, Refused) or code.is_unknown


def test_an_unknown_error_is_not_ignored() -> None:
    with pytest.raises(TripletexError):
        finding_for(TripletexError(), WHO)


def test_a_result_does_not_show_the_text_of_its_file() -> None:
    result = FileResult(path="a.toml", status=Verdict.INVALID, text="employee_token = 'secret'")
    assert repr(result) == "FileResult('a.toml', invalid)"
