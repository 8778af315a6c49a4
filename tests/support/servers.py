"""Servers on loopback that answer whatever a test wants: in the test's own loop, or in a thread."""

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

Respond = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_LOST = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
"""What is raised if the client leaves."""


@asynccontextmanager
async def raw_server(respond: Respond, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve in the loop of the test; gives the base URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(*_LOST):
                await respond(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"


@dataclass
class Server:
    """A server that runs in a thread.

    Attributes:
        received: Everything that was sent to it, connection by connection.
    """

    respond: Respond
    port: int = 0
    received: list[bytes] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        """What a config says to reach it."""
        return f"http://127.0.0.1:{self.port}/v2"

    @property
    def text(self) -> str:
        """Everything that was sent to it, as one text."""
        return b"\n".join(self.received).decode("latin-1")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at = len(self.received)
        self.received.append(bytes(reader._buffer))  # type: ignore[attr-defined]  # what came before this ran
        read = reader.feed_data

        def feed(data: bytes) -> None:
            self.received[at] += data
            read(data)

        reader.feed_data = feed  # type: ignore[method-assign, assignment]  # also the bytes that nobody reads
        with suppress(*_LOST):
            await self.respond(reader, writer)
        with suppress(OSError):
            writer.close()


@contextmanager
def serving(respond: Respond, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve while the context lasts; connections that are still open are cut at its end."""
    server = Server(respond)
    loop = asyncio.new_event_loop()
    up = threading.Event()

    async def serve() -> None:
        listener = await asyncio.start_server(server._serve, "127.0.0.1", 0, ssl=tls)
        server.port = listener.sockets[0].getsockname()[1]
        up.set()
        try:
            await asyncio.Event().wait()
        finally:
            listener.close()

    loop.set_exception_handler(lambda _, __: None)  # a client that leaves is what is tested
    task = loop.create_task(serve())

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        for left in asyncio.all_tasks(loop):
            left.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert up.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)


# What they read


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Return a whole request with its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.partition(b":")[2]))
    return head


async def read_to_the_end(reader: asyncio.StreamReader) -> None:
    """Read until the client closes the connection."""
    while await reader.read(65536):
        pass


# What they answer


def http(status: int, body: str | bytes = b"", *headers: str, kind: str = "application/json") -> bytes:
    """Return a whole HTTP response."""
    content = body.encode() if isinstance(body, str) else body
    lines = [
        f"HTTP/1.1 {status} Whatever",
        f"Content-Type: {kind}",
        f"Content-Length: {len(content)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def saying(*answers: bytes) -> Respond:
    """Answer with each of these in turn, over all connections, and with the last one from then on."""
    left = list(answers)

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            answer = left.pop(0) if len(left) > 1 else left[0]
            writer.write(answer)
            await writer.drain()
            if b"content-length" not in answer.lower():
                return

    return respond


def says(status: int, body: str | bytes = b"", *headers: str, kind: str = "application/json") -> Respond:
    """Answer every request with the same HTTP response."""
    return saying(http(status, body, *headers, kind=kind))


def endlessly(head: bytes, piece: bytes, pause: float = 0.0) -> Respond:
    """Answer with a body that never ends."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return respond


async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read everything and never answer."""
    await read_to_the_end(reader)


async def close_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hang up."""


async def close_after_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read a request and hang up."""
    await read_request(reader)


def tunnel_to(port: int) -> Respond:
    """Act as a proxy that leads every tunnel to one port, whatever address was asked for."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        there, back = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")

        async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while piece := await source.read(65536):
                target.write(piece)
                await target.drain()
            target.close()

        await asyncio.gather(carry(reader, back), carry(there, writer))

    return respond


@dataclass
class Stranger:
    """Answers as Tripletex answers a client that it does not know, and remembers what it was sent.

    Attributes:
        ahead: How far its clock is ahead.
        status: The status of every response.
        body: The body of every response.
        received: Every request.
    """

    ahead: timedelta = timedelta()
    status: int = 401
    body: bytes = (
        b'{"status":401,"code":3000,"message":"Unauthorized","validationMessages":null,"requestId":"r"}'
    )
    received: list[str] = field(default_factory=list)

    async def respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        while True:
            request = await read_request(reader)
            self.received.append(request.decode("latin-1"))
            date = format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)
            answer = http(self.status, self.body, f"Date: {date}")
            if request.startswith(b"HEAD "):
                answer = answer.removesuffix(self.body)
            writer.write(answer)
            await writer.drain()


def unused_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
