"""No token gets out: not in a URL that is kept, a log, an exception, a traceback or a message."""

import gc
import json
import logging
import traceback
from collections.abc import Iterator

import httpx
import pytest

from tests.keys import ZERO_UUID, make_key
from tests.support.rows import every_row
from tests.support.sandbox import METHOD_NOT_ALLOWED, Behaviour, Fault
from tests.support.servers import http, raw_server, saying
from tests.support.stage import Pauses, Serve, Stage
from wizard.checks.outcomes import CheckOutcome, FigureScope, Wanted
from wizard.checks.probe import KeyProbe
from wizard.checks.setup import check_setup
from wizard.domain.key import Secret
from wizard.domain.setup import Setup
from wizard.text import LANGUAGES, Texts
from wizard.tripletex.client import Tripletex
from wizard.tripletex.errors import TripletexError
from wizard.tripletex.transport import Timeouts

CONSUMER, EMPLOYEE, SESSION = make_key(8101), make_key(84201), make_key(2147488649)


@pytest.fixture(autouse=True)
def every_logger_talks(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Let every logger there is write all it has, as ``-vv`` in some other program might."""
    caplog.set_level(logging.DEBUG)
    manager = logging.getLogger().manager
    before = {
        name: logger.level
        for name, logger in manager.loggerDict.items()
        if isinstance(logger, logging.Logger)
    }
    for name in before:
        logging.getLogger(name).setLevel(logging.NOTSET)
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def told_by(error: BaseException) -> str:
    """Return all that can be read out of an exception, local variables included but for the test's own."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert told.stack.pop(0).filename == __file__
    return "".join(told.format()) + repr(error) + str(error) + repr(error.__dict__) + repr(error.args)


def told_by_results(results: list[CheckOutcome]) -> str:
    texts = [repr(results)]
    for language in LANGUAGES:
        t = Texts(language)
        texts += [f.message(t) + f.hint(t) for result in results for f in result.findings]
    return "".join(texts)


def assert_closed(text: str, *secrets: Secret) -> None:
    assert text
    for secret in secrets:
        assert secret.reveal() not in text
        assert secret.reveal()[4:40] not in text


def hostile(status: int, *headers: str) -> bytes:
    """Return an answer that sends every token back wherever there is room."""
    stolen = [secret.reveal() for secret in (CONSUMER, EMPLOYEE, SESSION)]
    everything = " ".join(stolen)
    body = {
        "status": status,
        "code": 18000,
        "message": everything,
        "link": everything,
        "developerMessage": everything,
        "validationMessages": [{"field": token, "path": token, "message": everything} for token in stolen],
        "requestId": stolen[1],
        "value": {"id": everything, "companyId": everything, "company": {"id": 1, "name": everything}},
        "values": [{"id": 1, "name": token, "organizationNumber": token} for token in stolen],
    }
    return http(status, json.dumps(body), f"x-tlx-request-id: {stolen[1]}", f"X-Echo: {everything}", *headers)


CREATED = http(
    201,
    json.dumps({"value": {"token": SESSION.reveal(), "employeeToken": {"id": 84201}}}),
    f"x-tlx-request-id: {ZERO_UUID}",
)


@every_row(
    "answers",
    [
        *([hostile(status)] for status in (400, 401, 403, 404, 422, 429, 500)),
        [hostile(302, f"Location: https://evil.example/?{EMPLOYEE.reveal()}")],
        [http(405, ""), hostile(422)],
        [b"HTTP/1.1 " + EMPLOYEE.reveal().encode() + b"\r\n\r\n"],
        [http(201, json.dumps({"value": {"token": [EMPLOYEE.reveal()]}}))],
        *([CREATED, hostile(status)] for status in (200, 401, 403, 500)),
        [CREATED, http(200, b'{"value": "' + SESSION.reveal().encode())],
    ],
)
async def test_a_hostile_server_cannot_write_to_the_screen(
    answers: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[BaseException] = []
    results: list[CheckOutcome] = []
    async with raw_server(saying(*answers)) as base_url, Tripletex(base_url, pause=Pauses()) as tripletex:
        try:
            session = await tripletex.log_on(CONSUMER, EMPLOYEE)
            await session.who_am_i()
        except TripletexError as error:
            tried.append(error)
    async with (
        raw_server(saying(*answers)) as base_url,
        Tripletex(base_url, pause=Pauses()) as tripletex,
        KeyProbe(tripletex, CONSUMER, EMPLOYEE, application="VismaFinale") as examination,
    ):
        check = check_setup(examination, Wanted(Setup.BUREAU_SHARED), figures=FigureScope.EVERY_CLIENT)
        results = [result async for result in check]
    assert results
    text = caplog.text + told_by_results(results) + "".join(told_by(error) for error in tried)
    assert_closed(text, CONSUMER, EMPLOYEE, SESSION)
    assert ZERO_UUID not in text


@every_row("legacy", [False, True])
@every_row(
    "fault",
    [
        Fault(trouble="drop-before", times=None),
        Fault(trouble="drop-after", times=None),
        Fault(trouble="hang", times=None),
        Fault(trouble="redirect", times=None),
        Fault(trouble="captive-portal", times=None),
        Fault(trouble="truncated", times=None),
        Fault(trouble="cut-short", times=None),
        Fault(trouble="status", status=500, times=None),
    ],
)
@every_row("path", ["*:create", "*whoAmI", "*{token}"])
async def test_no_error_or_log_contains_a_token(
    serve: Serve, fault: Fault, path: str, caplog: pytest.LogCaptureFixture, *, legacy: bool
) -> None:
    stage = serve(behaviour=Behaviour(post_refused=METHOD_NOT_ALLOWED if legacy else None))
    after = 1 if legacy and path == "*:create" else 0
    stage.sandbox.faults.append(
        Fault(path=path, after=after, times=None, trouble=fault.trouble, status=fault.status)
    )
    employee = Secret(stage.sandbox.world.single_company.employee_token)
    secrets = [stage.consumer, employee]
    texts: list[str] = []
    hasty = Timeouts(connect=0.3, read=0.3, whole=0.5)
    async with Tripletex(stage.base_url, pause=Pauses(), timeouts=hasty) as tripletex:
        try:
            session = await tripletex.log_on(stage.consumer, employee)
            secrets.append(session.token)
            await session.who_am_i()
            await session.close()
            logging.getLogger().debug("it came through")
        except TripletexError as error:
            texts.append(told_by(error))
    text = caplog.text + "".join(texts)
    assert_closed(text, *secrets)
    if legacy:
        assert any("employeeToken" in request.query for request in stage.sandbox.requests)


async def test_a_transport_error_that_quotes_its_request_leaks_nothing() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise ValueError(f"{request.url} {request.content!r} {request.headers!r}")

    transport = httpx.MockTransport(handle)
    async with Tripletex("https://tripletex.no/v2", transport=transport, pause=Pauses()) as tripletex:
        with pytest.raises(TripletexError) as raised:
            await tripletex.log_on(CONSUMER, EMPLOYEE)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    assert_closed(told_by(raised.value), CONSUMER, EMPLOYEE)


async def test_the_repr_of_a_session_contains_no_token(stage: Stage) -> None:
    employee = Secret(stage.sandbox.world.single_company.employee_token)
    async with stage.tripletex() as tripletex:
        session = await tripletex.log_on(stage.consumer, employee)
        shown = repr(vars(session)) + repr(vars(tripletex)) + str(session) + repr(tripletex)
        assert_closed(shown, stage.consumer, employee, session.token)
    gc.collect()
