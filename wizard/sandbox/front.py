"""The front door: every request is recorded, troubled if a fault wants it, answered and stamped."""

import asyncio
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope, Send

from wizard.sandbox import refusals
from wizard.sandbox.answer import Answer, json_bytes
from wizard.sandbox.delivery import deliver, deliver_troubled, disconnected, substitute
from wizard.sandbox.limits import Allowance
from wizard.sandbox.recorder import RecordedRequest, endpoint_of
from wizard.sandbox.refusals import Refusal, envelope
from wizard.sandbox.routes import application
from wizard.sandbox.server import cut_connection, is_loopback

if TYPE_CHECKING:
    from wizard.sandbox.faults import Fault
    from wizard.sandbox.sandbox import Sandbox

_TOO_MANY = 429


class Front:
    """The ASGI application that the server runs."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._application = application(sandbox)
        self._present = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        if not is_loopback(_hostname(request.headers.get("host", ""))):
            # A browser was led here under a foreign name (DNS rebinding).
            await deliver(Answer(421, content_type=None), send)
            return
        self._present += 1
        self._sandbox.peak_concurrency = max(self._sandbox.peak_concurrency, self._present)
        try:
            await self._serve(request, receive, send)
        except ClientDisconnect:
            pass
        except Exception as crash:
            # A mistake in the sandbox itself: `serve` raises it at its end.
            self._sandbox.crashes.append(crash)
            raise
        finally:
            self._present -= 1

    async def _serve(self, request: Request, receive: Receive, send: Send) -> None:
        fault = self._sandbox.faults.take(request.method, endpoint_of(request.scope["path"]))
        unread = fault is not None and fault.trouble == "drop-before"
        recorded = self._record(request, b"" if unread else await request.body())
        await asyncio.sleep(self._sandbox.latency + (fault.delay if fault else 0.0))
        if unread:
            await cut_connection(request.scope, receive)
            return
        if fault is not None and fault.trouble == "hang":
            await disconnected(receive)
            return
        answer = await self._answer(request, recorded, fault)
        if fault is not None and fault.trouble == "drop-after":
            await cut_connection(request.scope, receive)
            return
        recorded.status = answer.status
        if fault is None:
            await deliver(answer, send)
        else:
            await deliver_troubled(answer, fault, receive, send)

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
            at=self._sandbox.clock(),
        )
        self._sandbox.requests.append(recorded)
        return recorded

    async def _answer(self, request: Request, recorded: RecordedRequest, fault: "Fault | None") -> Answer:
        """The answer or what the fault puts in its place, with its headers."""
        instead = None if fault is None else substitute(fault)
        allowance: Allowance | None = None
        match instead:
            case Answer():
                return self._dated(instead)
            case Refusal():
                answer = self._refusal(instead, recorded)
                answer.headers.extend(fault.headers if fault else ())
            case None if ">" in recorded.raw_path:
                # The real service fails on a raw ">" before it looks at anything else (observed).
                answer = self._refusal(refusals.WRONG_METHOD, recorded)
            case None:
                answer, allowance = await self._ask(request, recorded)
        answer.headers.append(("x-tlx-request-id", recorded.request_id))
        answer.headers.extend(self._rate_headers(answer, allowance))
        return self._dated(answer)

    async def _ask(self, request: Request, recorded: RecordedRequest) -> tuple[Answer, Allowance | None]:
        """Let the application answer."""
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": recorded.body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        state: dict[str, object] = {"request_id": recorded.request_id, "allowance": None}
        await self._application({**request.scope, "state": state}, receive, send)
        start, *bodies = sent
        headers = {name: value.decode("latin-1") for name, value in start["headers"]}
        body = b"".join(message.get("body", b"") for message in bodies)
        answer = Answer(start["status"], body, headers.get(b"content-type"))
        return answer, cast("Allowance | None", state["allowance"])

    def _refusal(self, refusal: Refusal, recorded: RecordedRequest) -> Answer:
        behaviour = self._sandbox.behaviour
        body = envelope(
            refusal, request_id=recorded.request_id, language=behaviour.language, link=behaviour.link
        )
        return Answer(refusal.status, json_bytes(body))

    def _rate_headers(self, answer: Answer, allowance: Allowance | None) -> list[tuple[str, str]]:
        if allowance is None:
            return []
        headers = [
            ("X-Rate-Limit-Limit", str(allowance.limit)),
            ("X-Rate-Limit-Remaining", str(allowance.remaining)),
        ]
        exceeded = answer.status == _TOO_MANY
        if not exceeded or self._sandbox.behaviour.reset_on_429:
            headers.append(("X-Rate-Limit-Reset", str(allowance.reset)))
        if exceeded and self._sandbox.behaviour.retry_after_on_429:
            headers.append(("Retry-After", str(allowance.reset)))
        return headers

    def _dated(self, answer: Answer) -> Answer:
        if self._sandbox.behaviour.date_header:
            now = self._sandbox.clock().astimezone(UTC)
            answer.headers.append(("Date", format_datetime(now, usegmt=True)))
        return answer


def _hostname(host: str) -> str:
    """The ``Host`` header without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
