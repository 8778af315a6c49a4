"""Reads a list of clients page by page, trusting neither its stated length nor that it ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from wizard.tripletex.calls import PAGE
from wizard.tripletex.errors import Flaw, Unintelligible
from wizard.tripletex.models import Client


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list, as it came."""

    clients: tuple[Client, ...]
    request_id: str | None


FetchPage = Callable[[int], Awaitable[Page]]

_MOST_PAGES: Final = 100
"""Of a thousand clients: more than any bureau has. Each client takes half a kilobyte of memory."""


class ClientList:
    """The clients that a key may log on to, as far as they have been read.

    ``fullResultSize`` is documented as not exact, so it is not looked at: the list ends with a page
    that is shorter than asked for. Should a server give less than asked for on every page, that rule
    would lose clients; ``confirm`` reads on until a page is empty, and costs one request more.
    A list that does not come to its end is given up after so many pages or seconds.

    Attributes:
        request_id: Of the last page.
    """

    def __init__(self, fetch_page: FetchPage, patience: float) -> None:
        """Prepare to read; nothing is asked yet.

        Args:
            fetch_page: Asks for the page that begins after so many clients.
            patience: The most seconds that all reading may take.
        """
        self.request_id: str | None = None
        self._fetch_page = fetch_page
        self._patience = patience
        self._by_id: dict[int, Client] = {}
        self._start = 0
        self._pages = 0
        self._confirmed = False

    @property
    def clients(self) -> tuple[Client, ...]:
        """Those read so far, each id once, in Tripletex's order."""
        return tuple(self._by_id.values())

    @property
    def org_numbers(self) -> frozenset[str]:
        """The numbers of those read so far."""
        return frozenset(client.org_number for client in self._by_id.values() if client.org_number)

    async def read(self) -> None:
        """Read to the first page that is shorter than asked for.

        Raises:
            TripletexError: a page could not be had, or the list has no end.
        """
        async with self._in_time():
            while await self._read_page() >= PAGE:
                pass

    async def confirm(self) -> None:
        """Read on, after ``read``, until a page is empty or brings nothing new.

        Raises:
            TripletexError: as ``read``.
        """
        async with self._in_time():
            while not self._confirmed:
                await self._read_page()

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Give up once all reading together has taken too long; the time in between does not count."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(self._patience):
                yield
        except TimeoutError:
            raise Unintelligible(flaw=Flaw.SLOW, request_id=self.request_id) from None
        finally:
            self._patience -= clock() - began

    async def _read_page(self) -> int:
        if self._pages >= _MOST_PAGES:
            raise Unintelligible(flaw=Flaw.ENDLESS)
        page = await self._fetch_page(self._start)
        known = len(self._by_id)
        for client in page.clients:
            self._by_id.setdefault(client.id, client)
        self.request_id = page.request_id
        self._pages += 1
        self._start += len(page.clients)
        self._confirmed = len(self._by_id) == known
        return 0 if self._confirmed else len(page.clients)
