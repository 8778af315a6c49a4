"""The connections to one address: opened when needed, kept for the next request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import httpx

from wizard.tripletex.route import open_transport, tls_context

_AT_ONCE: Final = 32


class Connections:
    """Lends out connections, the one that was used last first.

    Each is a transport of its own. Measured: httpx's pool looks at every connection, and for each at
    every other, whenever one is handed out or back; with 32 of them that takes longer than Tripletex.
    """

    def __init__(self, base_url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Prepare; nothing is opened yet.

        Args:
            base_url: The address.
            transport: Carries all requests instead.
        """
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._idle = [] if transport is None else [transport] * _AT_ONCE
        self._all = [] if transport is None else [transport]
        self._open = partial(open_transport, base_url, tls_context(base_url))

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[httpx.AsyncBaseTransport]:
        """Lend a connection; wait until one is free."""
        async with self._free:
            if not self._idle:
                self._all.append(self._open())
                self._idle.append(self._all[-1])
            connection = self._idle.pop()
            try:
                yield connection
            finally:
                self._idle.append(connection)

    async def close(self) -> None:
        """Close them all."""
        for connection in self._all:
            await connection.aclose()
