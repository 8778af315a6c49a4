"""Making, using and ending sessions, as it looks on the wire."""

import asyncio
import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.keys import make_key
from tests.support.rows import every_row
from tests.support.sandbox import (
    BAD_EMPLOYEE_TOKEN,
    METHOD_NOT_ALLOWED,
    NO_SUCH_PATH,
    PORTAL,
    WRONG_METHOD,
    Behaviour,
    Fault,
    FieldError,
    Refusal,
)
from tests.support.servers import http, raw_server, saying
from tests.support.stage import Serve, Stage
from wizard import __version__
from wizard.domain.key import Secret
from wizard.domain.setup import Environment
from wizard.tripletex.calls import expiry_date
from wizard.tripletex.client import Tripletex
from wizard.tripletex.errors import Refused, TokenKind, TripletexError

FIELDS = "companyId,employeeId,actualEmployeeId,language,employeeIsProxy,company(id,name,organizationNumber)"


async def converse(stage: Stage) -> Secret:
    """Log on, ask what a check asks, and leave; returns the session token that was used."""
    world = stage.sandbox.world
    async with (
        stage.tripletex() as tripletex,
        await tripletex.log_on(stage.consumer, Secret(world.office.employee_token)) as session,
    ):
        me = await session.who_am_i()
        assert me.company_id == world.office_company.id
        clients = await session.client_list().read()
        assert (await session.who_am_i(clients[0].id)).company_id == clients[0].id
        assert session.key_id == world.office.token_id
        return session.token


async def test_a_session_makes_exactly_these_requests(stage: Stage) -> None:
    token = await converse(stage)
    create, who, clients, client, delete = stage.sandbox.requests
    assert create.json == {
        "consumerToken": stage.consumer.reveal(),
        "employeeToken": stage.sandbox.world.office.employee_token,
        "expirationDate": expiry_date(stage.sandbox.clock()).isoformat(),
    }
    assert (create.method, create.raw_path, create.raw_query) == ("POST", "/v2/token/session/:create", "")
    assert "authorization" not in create.headers
    assert who.raw_path == "/v2/token/session/%3EwhoAmI"
    assert who.query == {"fields": FIELDS}
    assert clients.raw_path == "/v2/company/%3EwithLoginAccess"
    assert clients.query == {"from": "0", "count": "1000", "fields": "id,name,displayName,organizationNumber"}
    first = stage.sandbox.world.clients[0]
    assert [each.username for each in (who, clients, client, delete)] == ["0", "0", str(first.id), "0"]
    assert delete.method == "DELETE"
    assert delete.raw_path.startswith("/v2/token/session/")
    for request in (create, who, clients, client, delete):
        assert request.headers["user-agent"] == f"tripletex-wizard/{__version__}"
        assert request.headers["accept"] == "application/json"
        assert request.headers["accept-encoding"] == "identity"
        assert token.reveal() not in request.raw_query
        assert stage.consumer.reveal() not in request.raw_path + request.raw_query
    assert not stage.sandbox.open_sessions
    assert len({request.connection for request in stage.sandbox.requests}) == 1


@every_row("refusal", [METHOD_NOT_ALLOWED, WRONG_METHOD, NO_SUCH_PATH])
async def test_put_is_used_where_post_is_not_served(serve: Serve, refusal: Refusal) -> None:
    stage = serve(behaviour=Behaviour(post_refused=refusal))
    await converse(stage)
    post, put, *_ = stage.sandbox.requests
    assert [post.method, put.method] == ["POST", "PUT"]
    assert put.query == post.json
    assert put.raw_path == "/v2/token/session/:create"
    assert not put.body
    assert not stage.sandbox.open_sessions


async def test_no_token_goes_into_a_url_because_a_gateway_says_so(stage: Stage) -> None:
    """Only Tripletex's own envelope, with code and request id, says that POST is not served."""
    bodies = [
        *((405, "<h1>no</h1>", "text/html"), (501, "<h1>no</h1>", "text/html"), (404, "", "text/plain")),
        (404, PORTAL, "text/html"),
        *((405, "no", "text/plain"), (501, "", "text/plain"), (405, "{}", "application/json")),
        (405, '{"message": "Method Not Allowed"}', "application/json"),
        (405, '{"code": 4000, "message": "no request id"}', "application/json"),
        (405, '{"requestId": "3f2a", "message": "no code"}', "application/json"),
        (400, '{"code": 4000}', "application/json"),
    ]
    wrong = []
    for status, body, kind in bodies:
        stage.sandbox.requests.clear()
        stage.sandbox.faults.append(Fault(method="POST", status=status, body=body, content_type=kind))
        with pytest.raises(TripletexError):
            await converse(stage)
        if stage.calls != ["POST /token/session/:create"]:
            wrong.append((status, body, stage.calls))
    assert wrong == []


async def test_put_is_chosen_for_each_key_by_itself_and_for_good(stage: Stage) -> None:
    world = stage.sandbox.world
    old, new = Secret(world.put_only.employee_token), Secret(world.single_company.employee_token)
    async with stage.tripletex() as tripletex:
        for key in (old, new, old):
            await (await tripletex.log_on(stage.consumer, key)).close()
        assert tripletex.has_used_put(stage.consumer, old)
        assert not tripletex.has_used_put(stage.consumer, new)
    verbs = [call.partition(" ")[0] for call in stage.calls]
    assert verbs == ["POST", "PUT", "DELETE", "POST", "DELETE", "PUT", "DELETE"]


@every_row(
    "refusal",
    [
        BAD_EMPLOYEE_TOKEN,
        replace(BAD_EMPLOYEE_TOKEN, code=15000),
        replace(BAD_EMPLOYEE_TOKEN, code=16000),
        Refusal(404, 6000, "The employee token does not exist."),
        Refusal(404, 6000, "Object not found"),
        Refusal(501, None, "Not implemented"),
        Refusal(415, 4000, "HTTP 415 Unsupported Media Type"),
        Refusal(422, 16000, "Request mapping failed"),
        Refusal(422, 22000, "Invalid JSON"),
        Refusal(422, 15000, "Validation failed", field_errors=(FieldError("expirationDate", "Null."),)),
        Refusal(422, 15000, "Validation failed", field_errors=(FieldError("request body", "Null"),)),
        Refusal(401, 3000, "Unauthorized"),
        Refusal(403, 9000, "You do not have permission to access this feature."),
        Refusal(
            422, 18000, "Validering feilet.", field_errors=(FieldError("expirationDate", "Ugyldig dato."),)
        ),
        Refusal(500, 1000, "Unspecified exception"),
    ],
)
async def test_no_token_goes_into_a_url_when_post_was_understood(serve: Serve, refusal: Refusal) -> None:
    stage = serve(behaviour=Behaviour(post_refused=refusal))
    with pytest.raises(TripletexError):
        await converse(stage)
    assert stage.calls == ["POST /token/session/:create"]


@every_row("prefixed", [frozenset({"PUT"}), frozenset({"PUT", "POST"}), frozenset[str]()])
@every_row("post", [None, NO_SUCH_PATH])
async def test_the_error_names_the_token_that_was_refused(
    serve: Serve, prefixed: frozenset[str], post: Refusal | None
) -> None:
    stage = serve(behaviour=Behaviour(arg_prefix=prefixed, post_refused=post))
    good = Secret(stage.sandbox.world.single_company.employee_token)
    async with stage.tripletex() as tripletex:
        with pytest.raises(Refused) as consumer:
            await tripletex.log_on(make_key(1), good)
        with pytest.raises(Refused) as employee:
            await tripletex.log_on(stage.consumer, make_key(2))
    assert (consumer.value.token, employee.value.token) == (TokenKind.CONSUMER, TokenKind.EMPLOYEE)
    assert consumer.value.request_id == stage.sandbox.requests[0 if post is None else 1].request_id


async def test_tokens_with_odd_characters_arrive_unchanged(serve: Serve) -> None:
    stage = serve(behaviour=Behaviour(post_refused=NO_SUCH_PATH))
    odd = Secret("a+b/c==&d=é%20\udc80")
    async with stage.tripletex() as tripletex:
        with pytest.raises(Refused):
            await tripletex.log_on(odd, odd)
    post, put = stage.sandbox.requests
    assert put.query["consumerToken"] == "a+b/c==&d=é%20?"
    assert json.loads(post.body)["consumerToken"] == odd.reveal()


@every_row("token", ["plain", "a+b/c==", "%3E/../company", "?x#y", "~._-"])
async def test_the_session_token_is_encoded_in_the_path(token: str) -> None:
    seen: list[bytes] = []

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            seen.append(head)
            if head.startswith(b"POST"):
                await reader.readuntil(b"}")
            answer = {"value": {"token": token, "employeeToken": {"id": 7}}}
            writer.write(http(201, json.dumps(answer)))

    async with raw_server(respond) as base_url, Tripletex(base_url) as tripletex:
        await (await tripletex.log_on(make_key(1), make_key(2))).close()
    head = seen[1].decode()
    path = head.split()[1].removeprefix("/v2/token/session/")
    assert not set(path) & set("/?#+=>")
    assert base64.b64encode(f"0:{token}".encode()).decode() in head


async def test_refused_fields_are_left_out_of_the_next_request(stage: Stage) -> None:
    stage.sandbox.faults.append(
        Fault(path="*whoAmI", status=400, body='{"code": 11000, "requestId": "3f2a"}')
    )
    world = stage.sandbox.world
    async with (
        stage.tripletex() as tripletex,
        await tripletex.log_on(stage.consumer, Secret(world.single_company.employee_token)) as session,
    ):
        me = await session.who_am_i()
    assert me.company is not None
    assert (me.company_id, me.company.name) == (world.company.id, None)
    assert [request.query for request in stage.sandbox.requests[1:3]] == [{"fields": FIELDS}, {}]


async def test_open_sessions_are_deleted_when_the_client_closes(stage: Stage) -> None:
    world = stage.sandbox.world
    async with stage.tripletex() as tripletex:
        for key in (world.single_company, world.office):
            await tripletex.log_on(stage.consumer, Secret(key.employee_token))
        assert len(stage.sandbox.open_sessions) == 2
    assert not stage.sandbox.open_sessions


async def test_a_session_is_deleted_only_once(stage: Stage) -> None:
    key = Secret(stage.sandbox.world.single_company.employee_token)
    async with stage.tripletex() as tripletex, await tripletex.log_on(stage.consumer, key) as session:
        await session.close()
        await session.close()
    assert [request.method for request in stage.sandbox.requests] == ["POST", "DELETE"]


async def test_few_connections_are_opened_and_reused(serve: Serve) -> None:
    # Long enough for all of them to be under way at once, even on a busy machine.
    stage = serve(latency=0.3, behaviour=Behaviour(rate_limit=None))
    async with stage.tripletex() as tripletex:
        for _ in range(2):
            await asyncio.gather(*(tripletex.probe() for _ in range(50)))
    assert stage.sandbox.peak_concurrency == 32
    assert len({request.connection for request in stage.sandbox.requests}) == 32


@every_row("trouble", ["status", "drop-before", "redirect", "captive-portal"])
async def test_failing_to_delete_a_session_raises_nothing(
    serve: Serve, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    stage = serve()
    stage.sandbox.faults.append(
        Fault(method="DELETE", times=None, trouble=trouble, status=403 if trouble == "status" else None)  # type: ignore[arg-type]
    )
    caplog.set_level("DEBUG", "wizard.tripletex")
    caplog.clear()
    token = await converse(stage)
    (record,) = [record for record in caplog.records if record.name == "wizard.tripletex.client"]
    assert str(stage.sandbox.world.office.token_id) in record.getMessage()
    assert token.reveal() not in caplog.text


@every_row(
    "base_url",
    [
        "https://tripletex.no",
        "http://tripletex.no/v2",
        "https://tripletex.no.evil.example/v2",
        "https://api.tripletex.io/v2",
        "http://192.0.2.1/v2",
        "http://user:pass@127.0.0.1/v2",
        "",
    ],
)
async def test_no_other_host_is_contacted(base_url: str) -> None:
    with pytest.raises(ValueError, match="keys are only sent to"):
        Tripletex(base_url)


async def test_the_environment_decides_the_host() -> None:
    assert Tripletex.for_environment(Environment.TEST, None).base_url == "https://api-test.tripletex.tech/v2"
    sandbox = Tripletex.for_environment(Environment.SANDBOX, "http://127.0.0.1:8765/v2/")
    assert (sandbox.base_url, sandbox.host) == ("http://127.0.0.1:8765/v2", "127.0.0.1")
    for environment, base_url in [
        (Environment.PRODUCTION, "http://127.0.0.1/v2"),
        (Environment.SANDBOX, None),
        (Environment.SANDBOX, "https://tripletex.no/v2"),
    ]:
        with pytest.raises(ValueError, match="address"):
            Tripletex.for_environment(environment, base_url)


async def test_a_probe_sends_no_token(stage: Stage) -> None:
    async with stage.tripletex() as tripletex:
        before = tripletex.clock_skew
        await tripletex.probe()
        assert tripletex.clock_skew == pytest.approx(0.0, abs=5)
    assert before is None
    (request,) = stage.sandbox.requests
    assert "authorization" not in request.headers
    assert (request.call, request.query) == ("GET /token/session/>whoAmI", {})


@every_row(
    ("date", "skew"),
    [
        ("Sun, 22 Nov 2026 11:00:00 GMT", 3600.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", -30.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", pytest.approx(1.795e9, rel=1e-3)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("Sun, 22 Nov 2026 12:00:30", None),
        ("yesterday", None),
        ("", None),
    ],
)
async def test_the_clock_of_the_server_is_compared(date: str, skew: float | None) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    answer = http(401, '{"code": 3000, "requestId": "3f2a"}', f"Date: {date}")
    async with raw_server(saying(answer)) as url, Tripletex(url, clock=lambda: now) as tripletex:
        await tripletex.probe()
        assert tripletex.clock_skew == skew
