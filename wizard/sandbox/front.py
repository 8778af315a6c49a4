"""The sandbox and its server, which answers requests and adds the headers."""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from ipaddress import ip_address
from threading import Event, Thread
from typing import ClassVar, Final, cast
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from wizard.sandbox import answers
from wizard.sandbox.answers import Gateway, Refusal, envelope, json_bytes
from wizard.sandbox.endpoints import application
from wizard.sandbox.logon import Allowance, Behaviour, Tripletex
from wizard.sandbox.world import DemoWorld

LOOPBACK: Final = "127.0.0.1"
LARGEST_BODY: Final = 1024 * 1024
"""In bytes. Legitimate requests have at most a few hundred."""

_JSON = "application/json;charset=UTF-8"
_HEADERS = (
    ("server", "tripletex.no"),
    ("vary", "accept-encoding"),
    ("cache-control", "no-store"),
    ("set-cookie", "JSESSIONID=0000000000; Path=/; Secure; HttpOnly"),
    ("set-cookie", "AWSALB=0000000000; Path=/"),
    ("set-cookie", "AWSALBCORS=0000000000; Path=/; Secure; SameSite=None"),
)
"""Observed on live responses; they show that there is a load balancer."""


@dataclass
class Answer:
    """An HTTP response that has not been sent."""

    status: int
    body: bytes = b""
    content_type: str | None = _JSON
    headers: list[tuple[str, str]] = field(default_factory=list)

    async def deliver(self, send: Send, *, chunked: bool = False) -> None:
        """Send the response, with the body in two chunks and without a length if ``chunked``."""
        whole = not chunked or not self.body
        await self.begin(send, len(self.body) if whole else None)
        if not whole:
            half = len(self.body) // 2
            await send({"type": "http.response.body", "body": self.body[:half], "more_body": True})
        rest = self.body if whole else self.body[half:]
        await send({"type": "http.response.body", "body": rest})

    async def begin(self, send: Send, length: int | None) -> None:
        """Send the status and the headers."""
        named = list(self.headers)
        if self.content_type is not None:
            named.append(("Content-Type", self.content_type))
        if length is not None:
            named.append(("Content-Length", str(length)))
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})


class Sandbox(Tripletex):
    """An imitation of Tripletex, which can be changed while it is serving.

    Attributes:
        world: The companies, applications and keys.
        behaviour: The behaviour where the facts about Tripletex leave a choice.
        clock: Returns the current time, with a time zone.
        crashes: Bugs in the sandbox itself. ``serve`` raises the first one when it ends.
    """

    protocol: ClassVar[type[H11Protocol]] = H11Protocol

    def __init__(
        self,
        *,
        world: DemoWorld | None = None,
        behaviour: Behaviour | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__(world or DemoWorld(), behaviour or Behaviour(), clock or _now)
        self.crashes: list[Exception] = []

    def front(self) -> ASGIApp:
        """Return the ASGI application for the server."""
        return Front(self)

    @contextmanager
    def serve(self, *, port: int = 0) -> Iterator[str]:
        """Serve in a separate thread and yield the base URL, ``http://127.0.0.1:PORT/v2``.

        When the context ends, all connections are closed, even if requests are in progress.

        Args:
            port: The port, or 0 for any free one.

        Raises:
            OSError: If the port is in use.
        """
        with running(self.front(), port=port, protocol=self.protocol) as authority:
            yield f"http://{authority}/v2"
        if self.crashes:
            raise self.crashes[0]

    def serve_forever(self, announce: Callable[[str], None], *, port: int = 0) -> None:
        """Serve until the user interrupts it.

        Args:
            announce: Called with the base URL when the server is ready.
            port: The port, or 0 for any free one.

        Raises:
            KeyboardInterrupt: When the user interrupts it.
            OSError: If the port is in use.
        """
        with self.serve(port=port) as base_url:
            announce(base_url)
            Event().wait()

    def refusal(self, refusal: Refusal, request_id: str) -> Answer:
        """Return the response for a refusal, in Tripletex's envelope."""
        return Answer(refusal.status, json_bytes(envelope(refusal, request_id=request_id)))

    def dated(self, answer: Answer) -> Answer:
        """Add the ``Date`` header to a response and return it."""
        answer.headers.append(("Date", format_datetime(self.clock().astimezone(UTC), usegmt=True)))
        return answer


class Front:
    """The ASGI application, which refuses other host names and large bodies, and imitates gateways.

    The request id is ``scope["state"]["request_id"]`` if middleware has set it.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._application = application(sandbox)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        if not is_loopback(_hostname(request.headers.get("host", ""))):
            # DNS rebinding: a browser was sent here by another host name.
            await Answer(421, content_type=None).deliver(send)
            return
        try:
            answer = await self._answer(request)
        except ClientDisconnect:
            return
        except Exception as crash:
            # A bug in the sandbox itself; `serve` raises it when it ends.
            self._sandbox.crashes.append(crash)
            raise
        await answer.deliver(send, chunked=self._sandbox.behaviour.chunked)

    async def _answer(self, request: Request) -> Answer:
        body = await _read(request)
        if body is None:
            return self._sandbox.dated(Answer(413, content_type=None))
        sandbox, behaviour = self._sandbox, self._sandbox.behaviour
        call = f"{request.method} {endpoint_of(request.scope['path'])}"
        gateway = behaviour.gateway.get(call) or behaviour.gateway.get("*")
        if gateway is not None:
            return sandbox.dated(_of_gateway(gateway))
        request_id = request.scope.get("state", {}).get("request_id") or str(uuid4())
        allowance: Allowance | None = None
        if b">" in request.scope["raw_path"]:
            # Tripletex rejects a raw ">" before anything else (observed).
            answer = sandbox.refusal(answers.WRONG_METHOD, request_id)
        elif call in behaviour.refused:
            answer = sandbox.refusal(behaviour.refused[call], request_id)
        else:
            answer, allowance = await self._ask(request, body, request_id)
        answer.headers.append(("x-tlx-request-id", request_id))
        answer.headers.extend(_HEADERS)
        answer.headers.extend(_rate_headers(answer, allowance))
        return sandbox.dated(answer)

    async def _ask(self, request: Request, body: bytes, request_id: str) -> tuple[Answer, Allowance | None]:
        """Return the application's response."""
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        state: dict[str, object] = {"request_id": request_id, "allowance": None}
        await self._application({**request.scope, "state": state}, receive, send)
        start, *bodies = sent
        headers = {name: value.decode("latin-1") for name, value in start["headers"]}
        content_type = headers.get(b"content-type")
        if content_type == "application/json":
            content_type = _JSON
        answered = b"".join(message.get("body", b"") for message in bodies)
        answer = Answer(start["status"], answered, content_type)
        return answer, cast("Allowance | None", state["allowance"])


def _now() -> datetime:
    return datetime.now(UTC)


def _rate_headers(answer: Answer, allowance: Allowance | None) -> list[tuple[str, str]]:
    if allowance is None:
        return []
    headers = [
        ("X-Rate-Limit-Limit", str(allowance.limit)),
        ("X-Rate-Limit-Remaining", str(allowance.remaining)),
    ]
    if answer.status != HTTPStatus.TOO_MANY_REQUESTS:  # which lacks it since January 2025
        headers.append(("X-Rate-Limit-Reset", str(allowance.reset)))
    return headers


def endpoint_of(path: str) -> str:
    """Return the endpoint of a decoded path, with session tokens replaced by ``{token}``."""
    below = path.removeprefix("/v2")
    start, session, rest = below.partition("/token/session/")
    if session and rest and not rest.startswith((">", ":")):
        return f"{start}{session}{{token}}"
    return below


def _of_gateway(gateway: Gateway) -> Answer:
    return Answer(gateway.status, gateway.body.encode(), gateway.content_type)


def _hostname(host: str) -> str:
    """Return a ``Host`` header without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


async def _read(request: Request) -> bytes | None:
    """Return the body, or None if it is larger than ``LARGEST_BODY``."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            return None
    return body


_SILENT = logging.CRITICAL + 1  # logs could contain URLs, and those of the legacy log-on contain tokens


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is a loopback address."""
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def running(application: ASGIApp, *, port: int, protocol: type[H11Protocol]) -> Iterator[str]:
    """Serve the application in a thread and yield ``host:port`` with the actual port.

    Raises:
        OSError: If the port is in use.
    """
    listener = _listen(port)
    config = Config(
        application,
        loop="asyncio",
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level=_SILENT,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
    )
    server = _Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="tripletex-sandbox", daemon=True)
    thread.start()
    try:
        server.up.wait()
        yield f"{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        server.stop()
        thread.join()
        listener.close()


def _listen(port: int) -> socket.socket:
    """Return a listening socket, so that clients can connect before the server has started."""
    # asyncio only disables Nagle's algorithm, which costs 40 ms per response, if the protocol is explicit.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


class _Server(Server):
    """A uvicorn server that does not poll, and closes connections immediately when it stops."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.up = Event()
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """Stop the server. Can be called from another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until stopped. ``up`` is set even if the start fails."""
        try:
            super().run(sockets)
        finally:
            self.up.set()

    async def main_loop(self) -> None:
        """Wait until the server is stopped."""
        self._loop = asyncio.get_running_loop()
        self.up.set()
        await self._stopped.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close all connections and cancel all requests."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            if isinstance(connection, H11Protocol):
                connection.transport.abort()
        # Let the event loop tell the connections that they are closed, so that nothing more is sent.
        await asyncio.sleep(0)
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for listener in sockets or []:
            listener.close()
