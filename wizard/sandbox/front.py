"""The sandbox as one object, and its front door, where every request is answered and stamped."""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
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
from wizard.sandbox.behaviour import Behaviour
from wizard.sandbox.endpoints import application
from wizard.sandbox.logon import Allowance, Clock, Tripletex
from wizard.sandbox.world import DemoWorld, demo_world

LOOPBACK: Final = "127.0.0.1"
LARGEST_BODY: Final = 1024 * 1024
"""Bytes; the largest thing that anybody has reason to send is a few hundred."""

_JSON = "application/json;charset=UTF-8"
_TOO_MANY = 429


@dataclass
class Answer:
    """A whole HTTP answer, not yet sent."""

    status: int
    body: bytes = b""
    content_type: str | None = _JSON
    headers: list[tuple[str, str]] = field(default_factory=list)

    async def deliver(self, send: Send, *, chunked: bool = False) -> None:
        """Send it, its body in two chunks without a length if wanted."""
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
    """A Tripletex to try things on. All of it may be changed while it is serving.

    Attributes:
        world: Companies, applications and keys.
        behaviour: Its ways where the facts leave a choice.
        clock: Gives the present moment, with zone.
        crashes: Mistakes in the sandbox itself; ``serve`` raises the first when it ends.
    """

    protocol: ClassVar[type[H11Protocol]] = H11Protocol

    def __init__(
        self,
        *,
        world: DemoWorld | None = None,
        behaviour: Behaviour | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__(world or demo_world(), behaviour or Behaviour(), clock or Clock())
        self.crashes: list[Exception] = []

    def front(self) -> ASGIApp:
        """What the server runs."""
        return Front(self)

    @contextmanager
    def serve(self, *, host: str = LOOPBACK, port: int = 0) -> Iterator[str]:
        """Serve in a thread of its own while the context lasts; gives the base URL, ``http://127.0.0.1:PORT/v2``.

        At the end connections are cut, hanging requests too, and the thread is gone.

        Args:
            host: A loopback address.
            port: 0 for any free one.

        Raises:
            NotLoopbackError: Other machines could reach the address.
            OSError: The port is taken.
        """
        with running(self.front(), host=host, port=port, protocol=self.protocol) as authority:
            yield f"http://{authority}/v2"
        if self.crashes:
            raise self.crashes[0]

    def serve_forever(self, announce: Callable[[str], None], *, host: str = LOOPBACK, port: int = 0) -> None:
        """Serve until interrupted from the keyboard.

        Args:
            announce: Is told the base URL once requests are answered.
            host: A loopback address.
            port: 0 for any free one.

        Raises:
            KeyboardInterrupt: The user has ended it.
            NotLoopbackError: Other machines could reach the address.
            OSError: The port is taken.
        """
        with self.serve(host=host, port=port) as base_url:
            announce(base_url)
            Event().wait()

    def refusal(self, refusal: Refusal, request_id: str) -> Answer:
        """A refusal in Tripletex's envelope."""
        body = envelope(
            refusal, request_id=request_id, language=self.behaviour.language, link=self.behaviour.link
        )
        return Answer(refusal.status, json_bytes(body))

    def dated(self, answer: Answer) -> Answer:
        """The answer with its ``Date``."""
        if self.behaviour.date_header:
            now = self.clock().astimezone(UTC)
            answer.headers.append(("Date", format_datetime(now, usegmt=True)))
        return answer


class Front:
    """The ASGI application: other host names, gateways and oversized bodies are refused first.

    The request id is that of ``scope["state"]["request_id"]`` if something in front has set one.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._application = application(sandbox)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        if not is_loopback(_hostname(request.headers.get("host", ""))):
            # A browser was led here under another name (DNS rebinding).
            await Answer(421, content_type=None).deliver(send)
            return
        try:
            answer = await self._answer(request)
        except ClientDisconnect:
            return
        except Exception as crash:
            # A mistake in the sandbox itself: `serve` raises it at its end.
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
            # The real service fails on a raw ">" before it looks at anything else (observed).
            answer = sandbox.refusal(answers.WRONG_METHOD, request_id)
        elif call in behaviour.refused:
            answer = sandbox.refusal(behaviour.refused[call], request_id)
        else:
            answer, allowance = await self._ask(request, body, request_id)
        answer.headers.append(("x-tlx-request-id", request_id))
        answer.headers.extend(behaviour.headers)
        answer.headers.extend(self._rate_headers(answer, allowance))
        return sandbox.dated(answer)

    async def _ask(self, request: Request, body: bytes, request_id: str) -> tuple[Answer, Allowance | None]:
        """Let the application answer."""
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


def endpoint_of(path: str) -> str:
    """The endpoint that a decoded path means, free of session tokens."""
    below = path.removeprefix("/v2")
    start, session, rest = below.partition("/token/session/")
    if session and rest and not rest.startswith((">", ":")):
        return f"{start}{session}{{token}}"
    return below


def _of_gateway(gateway: Gateway) -> Answer:
    return Answer(gateway.status, gateway.body.encode(), gateway.content_type)


def _hostname(host: str) -> str:
    """The ``Host`` header without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


async def _read(request: Request) -> bytes | None:
    """The body, or None if it is too large to be kept in memory."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            return None
    return body


_SILENT = logging.CRITICAL + 1  # a log line could contain a URL, and a URL of the legacy form contains tokens


class NotLoopbackError(ValueError):
    """The sandbox was asked to serve on an address that other machines can reach."""

    def __init__(self, host: str) -> None:
        super().__init__(f"The sandbox serves on loopback only, not on {host!r}.")
        self.host = host


def is_loopback(host: str) -> bool:
    """Whether a host name or address, as written, means this machine alone."""
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def running(application: ASGIApp, *, host: str, port: int, protocol: type[H11Protocol]) -> Iterator[str]:
    """Serve the application while the context lasts; gives ``host:port`` with the real port.

    Raises:
        NotLoopbackError: Other machines could reach the address.
        OSError: The port is taken.
    """
    listener = _listen(host, port)
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
    address, real_port = listener.getsockname()[:2]
    try:
        server.up.wait()
        yield f"[{address}]:{real_port}" if ":" in address else f"{address}:{real_port}"
    finally:
        server.stop()
        thread.join()
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that a client may connect before the server's first turn."""
    if not is_loopback(host):
        raise NotLoopbackError(host)
    address = "127.0.0.1" if host.lower() == "localhost" else host
    # asyncio turns Nagle's algorithm off only where the protocol is named; it would cost 40 ms an answer.
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


class _Server(Server):
    """uvicorn's server, without its tenth-of-a-second steps and without patience at the end."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.up = Event()
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """End the server, from another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until stopped; a caller that waits for the start continues even if that fails."""
        try:
            super().run(sockets)
        finally:
            self.up.set()

    async def main_loop(self) -> None:
        """Wait for the end."""
        self._loop = asyncio.get_running_loop()
        self.up.set()
        await self._stopped.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut every connection, hanging or kept alive, and end what still runs."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            if isinstance(connection, H11Protocol):
                connection.transport.abort()
        # One turn of the loop lets connections notice that they are lost, so that nothing more is sent.
        await asyncio.sleep(0)
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for listener in sockets or []:
            listener.close()
