"""Servers on loopback that answer as they please, in a thread of their own."""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.tripletex.stage import http

Respond = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A server that is listening.

    Attributes:
        heard: Everything that was sent to it, connection by connection.
    """

    respond: Respond
    port: int = 0
    heard: list[bytes] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        """What a config says to reach it."""
        return f"http://127.0.0.1:{self.port}/v2"

    @property
    def text(self) -> str:
        """Everything that was sent to it."""
        return b"\n".join(self.heard).decode("latin-1")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at = len(self.heard)
        self.heard.append(bytes(reader._buffer))  # type: ignore[attr-defined]  # what came before this ran
        read = reader.feed_data

        def feed(data: bytes) -> None:
            self.heard[at] += data
            read(data)

        reader.feed_data = feed  # type: ignore[method-assign, assignment]  # every byte, also those nobody reads
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await self.respond(reader, writer)
        with suppress(ConnectionError, ssl.SSLError):
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


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Return a whole request, body and all."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.partition(b":")[2]))
    return head


def always(answer: bytes) -> Respond:
    """Answer every request with the same bytes."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            writer.write(answer)
            await writer.drain()
            if b"content-length" not in answer.lower():
                return

    return respond


def endlessly(head: bytes, piece: bytes, pause: float = 0.0) -> Respond:
    """Answer with something that has no end."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return respond


async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Listen and say nothing."""
    while await reader.read(65536):
        pass


async def close_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hang up."""


async def close_after_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hear everything and hang up."""
    await read_request(reader)


def says(status: int, body: str | bytes = b"", *headers: str, kind: str = "application/json") -> Respond:
    """Answer every request with a whole HTTP answer."""
    return always(http(status, body, *headers, kind=kind))
