"""An HTTP server in a thread of its own: up at once, down at once, silent."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Event, Thread

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

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
