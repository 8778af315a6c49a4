"""The sandbox for tests: it records every request and makes trouble to order.

    sandbox = Sandbox(faults=[Fault(path="/company/*", trouble="drop-after")])
    with sandbox.serve() as base_url:
        ...
    assert sandbox.requests[0].call == "POST /token/session/:create"

It also hands on what tests need of ``wizard.sandbox``: its answers, sessions, and companies with their keys.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from http import HTTPStatus
from http.client import responses
from threading import Lock
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from wizard.sandbox import Sandbox as PlainSandbox
from wizard.sandbox.answers import (
    BAD_EMPLOYEE_TOKEN,
    COMPANY_OWNED_SENTENCE,
    FORBIDDEN,
    NO_SUCH_PATH,
    UNAUTHORIZED,
    WRONG_METHOD,
    FieldError,
    Gateway,
    Refusal,
)
from wizard.sandbox.front import Answer, endpoint_of
from wizard.sandbox.logon import OSLO, Behaviour, Session, basic_credentials
from wizard.sandbox.world import ACCOUNTANT_RIGHTS, Company, DemoKey, DemoWorld, Rights, demo_token

__all__ = [
    "BAD_EMPLOYEE_TOKEN",
    "COMPANY_OWNED_SENTENCE",
    "FORBIDDEN",
    "METHOD_NOT_ALLOWED",
    "NO_SUCH_PATH",
    "OSLO",
    "PORTAL",
    "UNAUTHORIZED",
    "UNSPECIFIED",
    "WRONG_METHOD",
    "Behaviour",
    "Clock",
    "Company",
    "DemoKey",
    "DemoWorld",
    "Fault",
    "FieldError",
    "Gateway",
    "RecordedRequest",
    "Refusal",
    "Sandbox",
    "Session",
    "add_client",
    "basic_credentials",
    "company_owned",
    "demo_token",
    "remove_client_access",
    "world_with_clients",
]

METHOD_NOT_ALLOWED = Refusal(405, 4000, "HTTP 405 Method Not Allowed")  # not observed
UNSPECIFIED = Refusal(500, 1000, None)  # also observed with code 1002

_CUT = "sandbox.cut"
_CHUNK = b"a" * 65_536

Trouble = Literal[
    "status",  # another status and body instead of the answer
    "slow",  # the right answer, `delay` seconds late
    "drop-before",  # the connection is cut before the body is read: nothing was done
    "drop-after",  # the connection is cut after the call was carried out: the answer is lost
    "hang",  # read, and never answered
    "truncated",  # the answer's JSON ends in the middle, as a whole HTTP message
    "cut-short",  # the connection is cut in the middle of the answer's body
    "captive-portal",  # the HTML of a foreign login page
    "redirect",
    "endless",  # a body that never ends
    "huge",  # a body of `size` bytes
]

PORTAL = "<!DOCTYPE html><html><head><title>Gjestenett</title></head><body>Logg inn her</body></html>"
_STATUS: dict[Trouble, int] = {"status": 503, "redirect": 302}


def company_owned(
    place: Literal["message", "developerMessage", "validationMessages"] = "message",
    *,
    status: int = 403,
    code: int = 9000,
) -> Refusal:
    """Return the response to an office key that is used like an ordinary key, in a form it may have."""
    sentence = COMPANY_OWNED_SENTENCE
    forbidden = FORBIDDEN.message
    return Refusal(
        status,
        code,
        sentence if place == "message" else forbidden,
        sentence if place == "developerMessage" else None,
        (FieldError(None, sentence),) if place == "validationMessages" else (),
    )


class Clock:
    """A clock that can be set and advanced while the sandbox is serving.

    Without ``now`` it follows the real time. A time that is set does not pass on its own.
    """

    def __init__(self, now: datetime | None = None) -> None:
        self._fixed = now
        self._offset = timedelta()

    def __call__(self) -> datetime:
        """Return the current time, with its time zone."""
        return (self._fixed or datetime.now(UTC)) + self._offset

    def set(self, now: datetime) -> None:
        """Stop the clock at the given time."""
        self._fixed, self._offset = now, timedelta()

    def advance(self, seconds: float) -> None:
        """Advance the clock."""
        self._offset += timedelta(seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One kind of trouble, for some requests.

    Attributes:
        path: Pattern (as of file names) for the decoded path below ``/v2``, such as ``/company/*`` or
            ``/token/session/:create``; a session token in the path counts as ``{token}``.
        method: Only this verb; None for all.
        after: So many matching requests pass unharmed first.
        times: So many are troubled; None for all that follow.
        trouble: What happens.
        status: HTTP status instead of the one usual for that trouble (503, 302 or 200).
        body: Body of ``status`` and ``captive-portal`` instead of the usual one; ``""`` for none.
        content_type: Instead of the usual one.
        headers: More headers on what comes instead of the answer, such as ``("Retry-After", "3")``.
        delay: Seconds before anything happens.
        size: Bytes in a ``huge`` body.
    """

    path: str = "*"
    method: str | None = None
    after: int = 0
    times: int | None = 1
    trouble: Trouble = "status"
    status: int | None = None
    body: str | None = None
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    size: int = 32 * 1024 * 1024

    @property
    def http_status(self) -> int:
        """The status that the trouble is sent with."""
        return self.status or _STATUS.get(self.trouble, 200)

    def concerns(self, method: str, endpoint: str) -> bool:
        """Whether a request is of the kind to be troubled."""
        return self.method in {None, method} and fnmatchcase(endpoint, self.path)


@dataclass
class _Count:
    fault: Fault
    passed: int = 0
    hits: int = 0


class Faults:
    """The faults in force and how often each has struck; safe to change while the sandbox is serving."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = Lock()
        self._counts = [_Count(fault) for fault in faults]

    def append(self, fault: Fault) -> None:
        """Add a fault. The first that concerns a request and is not used up strikes."""
        with self._lock:
            self._counts.append(_Count(fault))

    def clear(self) -> None:
        """Heal everything."""
        with self._lock:
            self._counts.clear()

    def hits(self, fault: Fault) -> int:
        """How many requests the fault has struck."""
        with self._lock:
            return sum(count.hits for count in self._counts if count.fault == fault)

    def take(self, method: str, endpoint: str) -> Fault | None:
        """The fault that strikes this request, which is thereby counted."""
        with self._lock:
            for count in self._counts:
                fault = count.fault
                if not fault.concerns(method, endpoint) or count.hits == fault.times:
                    continue
                if count.passed < fault.after:
                    count.passed += 1
                    continue
                count.hits += 1
                return fault
            return None


@dataclass
class RecordedRequest:
    """One request, exactly as it was sent. Fields that can contain a token are not in ``repr``.

    Attributes:
        method: The verb.
        endpoint: The decoded path below ``/v2``, a session token in it replaced by ``{token}``.
        raw_path: The path as sent, percent signs and all.
        query: Decoded parameters; of equal ones the last.
        raw_query: The query as sent.
        headers: By lower-case name.
        body: As sent; empty when the connection was dropped before it was read.
        connection: The client's port, which tells connections apart.
        request_id: What the answer carries as ``x-tlx-request-id``.
        status: Of the answer; None when none was begun.
    """

    method: str
    endpoint: str
    raw_path: str = field(repr=False)
    query: dict[str, str] = field(repr=False)
    raw_query: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    connection: int
    request_id: str
    status: int | None = None

    @property
    def call(self) -> str:
        """Verb and endpoint, such as ``GET /token/session/>whoAmI``."""
        return f"{self.method} {self.endpoint}"

    @property
    def json(self) -> object:
        """The decoded body.

        Raises:
            ValueError: It is not JSON.
        """
        decoded: object = json.loads(self.body)
        return decoded

    @property
    def username(self) -> str | None:
        """The Basic username, None without one."""
        credentials = basic_credentials(self.headers.get("authorization"))
        return None if credentials is None else credentials[0]


class _Protocol(H11Protocol):
    """uvicorn's HTTP/1.1, and a way for the application to cut the connection."""

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 - handed on to uvicorn unseen
        super().__init__(*args, **named)
        application = self.app

        async def with_cut(scope: Scope, receive: Receive, send: Send) -> None:
            scope["extensions"] = {_CUT: self.transport.abort}
            await application(scope, receive, send)

        self.app = with_cut


class Sandbox(PlainSandbox):
    """A Tripletex that can be troubled and looked at while it is serving.

    Attributes:
        latency: Seconds that every request takes longer.
        faults: Trouble to order.
        requests: What came in, oldest first.
        peak_concurrency: The most requests there were at once.
    """

    protocol: ClassVar[type[H11Protocol]] = _Protocol

    def __init__(
        self,
        *,
        world: DemoWorld | None = None,
        behaviour: Behaviour | None = None,
        clock: Callable[[], datetime] | None = None,
        latency: float = 0.0,
        faults: Iterable[Fault] = (),
    ) -> None:
        super().__init__(world=world, behaviour=behaviour, clock=clock)
        self.latency = latency
        self.faults = Faults(faults)
        self.requests: list[RecordedRequest] = []
        self.peak_concurrency = 0
        self.present = 0

    @property
    def open_sessions(self) -> list[Session]:
        """The sessions that have not been deleted and have not ended, oldest first."""
        now = self.clock()
        return [session for session in tuple(self.sessions.values()) if not session.has_ended(now)]

    def front(self) -> ASGIApp:
        """What the server runs."""
        return _TroubledFront(self, super().front())


class _TroubledFront:
    """In front of the front door."""

    def __init__(self, sandbox: Sandbox, front: ASGIApp) -> None:
        self._sandbox = sandbox
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sandbox = self._sandbox
        sandbox.present += 1
        sandbox.peak_concurrency = max(sandbox.peak_concurrency, sandbox.present)
        try:
            await self._serve(Request(scope, receive), receive, send)
        except ClientDisconnect:
            pass
        finally:
            sandbox.present -= 1

    async def _serve(self, request: Request, receive: Receive, send: Send) -> None:
        sandbox = self._sandbox
        fault = sandbox.faults.take(request.method, endpoint_of(request.scope["path"]))
        unread = fault is not None and fault.trouble == "drop-before"
        recorded = self._record(request, b"" if unread else await request.body())
        await asyncio.sleep(sandbox.latency + (fault.delay if fault else 0.0))
        if unread:
            await _cut_connection(request.scope, receive)
            return
        if fault is not None and fault.trouble == "hang":
            await _disconnected(receive)
            return
        answer = await self._answer(request, recorded, fault)
        if fault is not None and fault.trouble == "drop-after":
            await _cut_connection(request.scope, receive)
            return
        recorded.status = answer.status
        if answer.status == HTTPStatus.MISDIRECTED_REQUEST:
            sandbox.requests.remove(recorded)
        await _deliver(answer, fault, receive, send, chunked=sandbox.behaviour.chunked)

    def _record(self, request: Request, body: bytes) -> RecordedRequest:
        raw_query = request.scope["query_string"].decode("latin-1")
        recorded = RecordedRequest(
            method=request.method,
            endpoint=endpoint_of(request.scope["path"]),
            raw_path=request.scope["raw_path"].decode("latin-1"),
            query=dict(parse_qsl(raw_query, keep_blank_values=True)),
            raw_query=raw_query,
            headers=dict(request.headers),
            body=body,
            connection=request.client.port if request.client else 0,
            request_id=str(uuid4()),
        )
        self._sandbox.requests.append(recorded)
        return recorded

    async def _answer(self, request: Request, recorded: RecordedRequest, fault: Fault | None) -> Answer:
        """The answer, or what the fault puts in its place."""
        instead = None if fault is None else _substitute(fault)
        if isinstance(instead, Answer):
            return self._sandbox.dated(instead)
        if isinstance(instead, Refusal):
            answer = self._sandbox.refusal(instead, recorded.request_id)
            answer.headers.extend(fault.headers if fault else ())
            answer.headers.append(("x-tlx-request-id", recorded.request_id))
            return self._sandbox.dated(answer)
        return await self._ask(request, recorded)

    async def _ask(self, request: Request, recorded: RecordedRequest) -> Answer:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": recorded.body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        state = {"request_id": recorded.request_id}
        await self._front({**request.scope, "state": state}, receive, send)
        start, *bodies = sent
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
        kept = [(name, value) for name, value in headers if name not in {"content-type", "content-length"}]
        body = b"".join(message.get("body", b"") for message in bodies)
        return Answer(start["status"], body, dict(headers).get("content-type"), kept)


async def _deliver(
    answer: Answer, fault: Fault | None, receive: Receive, send: Send, *, chunked: bool
) -> None:
    """Send the answer as the fault demands."""
    match fault.trouble if fault else None:
        case "truncated":
            answer.body = answer.body[: len(answer.body) // 2]
            await answer.deliver(send)
        case "cut-short":
            await answer.begin(send, len(answer.body))
            half = answer.body[: len(answer.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            # The server closes the connection of an answer that it was left owing the rest of.
        case "endless":
            await _deliver_endlessly(answer, receive, send)
        case _:
            await answer.deliver(send, chunked=chunked)


def _substitute(fault: Fault) -> Answer | Refusal | None:
    """What comes in place of the answer: something foreign, a refusal in Tripletex's envelope, or None."""
    match fault.trouble:
        case "status" if fault.body is None:
            if fault.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                return Refusal(fault.http_status, 1000, "Unspecified exception")
            return Refusal(fault.http_status, None, responses.get(fault.http_status, "Unknown"))
        case "status":
            answer = _substituted(fault, fault.body or "")
        case "captive-portal":
            answer = _substituted(
                fault, PORTAL if fault.body is None else fault.body, "text/html; charset=utf-8"
            )
        case "redirect":
            answer = _substituted(fault, "")
            answer.headers.append(("Location", "https://portal.invalid/login"))
        case "huge":
            answer = _substituted(fault, f'{{"value":"{"a" * (fault.size - 12)}"}}')
        case "endless":
            answer = _substituted(fault, "{")
        case _:
            return None
    return answer


async def _cut_connection(scope: Scope, receive: Receive) -> None:
    """Close the connection under a request without an answer."""
    scope["extensions"][_CUT]()
    await _disconnected(receive)  # the server learns of the cut on its next turn


async def _disconnected(receive: Receive) -> None:
    """Wait until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _substituted(fault: Fault, body: str, content_type: str = "application/json") -> Answer:
    return Answer(
        fault.http_status,
        body.encode(),
        fault.content_type or (content_type if body else None),
        list(fault.headers),
    )


async def _deliver_endlessly(answer: Answer, receive: Receive, send: Send) -> None:
    await answer.begin(send, None)
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        await send({"type": "http.response.body", "body": b'{"value":"', "more_body": True})
        while not gone.done():
            await send({"type": "http.response.body", "body": _CHUNK, "more_body": True})
            await asyncio.sleep(0)
    finally:
        gone.cancel()


def add_client(world: DemoWorld, name: str, rights: Rights = ACCOUNTANT_RIGHTS) -> Company:
    """Add a client that the office key has access to."""
    client = world.add_company(name, organization_number=world.new_organization_number())
    world.grant_client_access(world.office, client, rights)
    return client


def remove_client_access(world: DemoWorld, key: DemoKey, client: Company) -> None:
    """Remove the key from the client's Klienttilgang."""
    del world.client_access[key.token_id][client.id]


def world_with_clients(number: int) -> DemoWorld:
    """Return a world in which the office key has access to so many clients, or to those it has anyway."""
    world = DemoWorld()
    for serial in range(1, number - len(world.clients) + 1):
        add_client(world, f"Demo Klient {serial:04} AS")
    return world
