"""What the tests of the client share: a sandbox being served, pauses that cost no time, raw servers."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from tests.support.sandbox import DemoKey, Sandbox
from wizard.checks.probe import KeyProbe
from wizard.domain.secret import Secret
from wizard.tripletex.client import Tripletex
from wizard.tripletex.errors import TripletexError
from wizard.tripletex.transport import Timeouts

APPLICATION = "VismaFinale"
HASTY = Timeouts(connect=1.5, read=1.5, whole=3)


@dataclass
class Pauses:
    """Takes the place of ``asyncio.sleep`` and notes what it was asked for."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


@dataclass
class Stage:
    """A sandbox that is being served."""

    sandbox: Sandbox
    base_url: str
    pauses: Pauses = field(default_factory=Pauses)

    @property
    def consumer(self) -> Secret:
        return Secret(self.sandbox.world.consumer_token)

    @property
    def calls(self) -> list[str]:
        return [request.call for request in self.sandbox.requests]

    def tripletex(self) -> Tripletex:
        return Tripletex(self.base_url, clock=self.sandbox.clock, pause=self.pauses)

    @asynccontextmanager
    async def examining(self, key: DemoKey) -> AsyncIterator[KeyProbe]:
        async with (
            self.tripletex() as tripletex,
            KeyProbe(
                tripletex, self.consumer, Secret(key.employee_token), application=APPLICATION
            ) as examination,
        ):
            yield examination


Respond = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(respond: Respond) -> AsyncIterator[str]:
    """Serve whatever bytes a test writes; gives the base URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await respond(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/v2"


def saying(*answers: bytes) -> Respond:
    """Answer each request of a connection with the next of these, the last one for ever."""
    left = list(answers)

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    await reader.readexactly(int(line.partition(b":")[2]))
            answer = left.pop(0) if len(left) > 1 else left[0]
            writer.write(answer)
            await writer.drain()
            if b"content-length" not in answer.lower():
                return

    return respond


def http(status: int, body: str | bytes = b"", *headers: str, kind: str = "application/json") -> bytes:
    """Return a whole HTTP answer."""
    content = body.encode() if isinstance(body, str) else body
    lines = [
        f"HTTP/1.1 {status} Whatever",
        f"Content-Type: {kind}",
        f"Content-Length: {len(content)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def unused_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def read_to_the_end(reader: asyncio.StreamReader) -> None:
    while await reader.read(1024):
        pass


async def probe(base_url: str, timeouts: Timeouts = HASTY) -> TripletexError:
    """Return what keeps a probe from being answered."""
    async with Tripletex(base_url, pause=Pauses(), timeouts=timeouts) as tripletex:
        with pytest.raises(TripletexError) as raised:
            await tripletex.probe()
    return raised.value
