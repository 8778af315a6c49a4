"""One session at Tripletex: what may be asked with it, and its end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

from wizard.domain.redaction import Scrub
from wizard.domain.secret import Secret
from wizard.tripletex import calls
from wizard.tripletex.calls import PAGE, Login, Request, client_page, company, delete_session, who_am_i
from wizard.tripletex.channel import GRACE, KeyChannel, finish
from wizard.tripletex.errors import Flaw, Refused, TripletexError, Unintelligible
from wizard.tripletex.models import Client, Company, FiscalYear, WhoAmI
from wizard.tripletex.replies import Json, read_client, read_company, read_fiscal_year, read_who_am_i

_log = logging.getLogger(__name__)

PATIENCE: Final = 15.0
"""Seconds that ending a session may take: the wait for the next rate limit period fits in."""
_MAY_BE_THE_FIELDS: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}
)


@dataclass(frozen=True, slots=True)
class Issued:
    """What Tripletex gave out.

    Attributes:
        key_id: Number of the key that made the session; None if it was not given.
        expires: The session is dead from the start of this day in Norway.
    """

    token: Secret
    key_id: int | None
    expires: date


class Session:
    """A session of a key; an async context manager that deletes it."""

    def __init__(
        self, issued: Issued, channel: KeyChannel, scrub: Scrub, on_closed: Callable[["Session"], object]
    ) -> None:
        self.token: Final = issued.token
        self.key_id: Final = issued.key_id
        self.expires: Final = issued.expires
        self._channel = channel
        self._scrub = scrub
        self._on_closed = on_closed
        self._closed = False

    async def who_am_i(self, client_id: int = 0) -> WhoAmI:
        """Ask who the session speaks for: the key itself, or one of its clients.

        Raises:
            TripletexError: among others ``Refused`` with 401 for a session that is dead, or that may
                not log on to that client.
        """
        login = Login(client_id, self.token)
        try:
            reply = await self._ask(who_am_i(login))
        except Refused as refused:
            # It may refuse the company's name and number, and still say who we are.
            if refused.company_owned or refused.status not in _MAY_BE_THE_FIELDS:
                raise
            reply = await self._ask(who_am_i(login, expanded=False))
        return read_who_am_i(reply.within("value"), self._scrub)

    async def company(self, company_id: int) -> Company:
        """Read the company that the key belongs to.

        Raises:
            TripletexError: among others ``Refused`` with the sentence about office keys.
        """
        reply = await self._ask(company(Login(0, self.token), company_id))
        return read_company(reply.within("value"), self._scrub, company_id)

    def client_list(self) -> "ClientList":
        """Return the list of clients that the key may log on to, yet to be read."""

        async def fetch_page(start: int) -> ClientPage:
            reply = await self._ask(client_page(Login(0, self.token), start))
            clients = tuple(read_client(value, self._scrub) for value in reply.each("values", most=PAGE))
            return ClientPage(clients, reply.request_id)

        return ClientList(fetch_page, self._channel.timeouts.listing)

    async def clients(self) -> AsyncIterator[Client]:
        """Yield the clients that the key may log on to.

        Raises:
            TripletexError: the list could not be read.
        """
        listing = self.client_list()
        await listing.read()
        for client in listing.clients:
            yield client

    async def reads_accounts(self, company: int) -> bool:
        """Return whether an account of the chart of accounts comes.

        Args:
            company: 0 for what the key itself is, else the client's id; likewise below.

        Raises:
            TripletexError: among others ``Refused``; likewise below.
        """
        return await self._has_rows(calls.accounts(Login(company, self.token)))

    async def reads_balances(self, company: int, year: FiscalYear, *, unmoved: bool = False) -> bool:
        """Return whether a balance of the year comes; ``unmoved`` includes accounts without postings."""
        login = Login(company, self.token)
        return await self._has_rows(calls.balances(login, year.start, year.end, unmoved=unmoved))

    async def reads_postings(self, company: int) -> None:
        """Ask for all postings of a day that has none. A key that does not see all is refused."""
        await self._has_rows(calls.postings(Login(company, self.token)))

    async def fiscal_years(self, company: int, first: int, end: int) -> tuple[FiscalYear, ...]:
        """Return the fiscal years from ``first`` up to, not including, ``end``."""
        reply = await self._ask(calls.fiscal_years(Login(company, self.token), first, end))
        return tuple(read_fiscal_year(value) for value in reply.each("values", most=PAGE))

    async def entitlements(self, employee_id: int, client_id: int = 0) -> frozenset[int]:
        """Return the kinds of rights (``entitlementId``) of an employee, at a client if one is given."""
        login = Login(client_id, self.token)
        request = (
            calls.client_entitlements(login, employee_id, client_id)
            if client_id
            else calls.entitlements(login, employee_id)
        )
        reply = await self._ask(request)
        return frozenset(value.integer("entitlementId") for value in reply.each("values", most=PAGE))

    async def sales_modules(self, company: int) -> frozenset[str]:
        """Return the names of the modules that the company subscribes to."""
        reply = await self._ask(calls.sales_modules(Login(company, self.token)))
        return frozenset(value.text("name") for value in reply.each("values", most=PAGE))

    async def _has_rows(self, request: Request) -> bool:
        # Nothing of a row is looked at, so nothing of it can be shown or kept.
        reply = await self._ask(request)
        return bool(reply.each("values", most=PAGE))

    async def close(self, patience: float = PATIENCE) -> None:
        """Delete the session, also when cancelled meanwhile. A failure only goes to the debug log."""
        if self._closed:
            return
        self._closed = True
        try:
            if not await finish(self._delete(), patience):
                _log.debug("session of key %s: no time to delete it", self.key_id)
        finally:
            self._on_closed(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close(patience_after(kind))

    async def _delete(self) -> None:
        try:
            await self._ask(delete_session(self.token))
        except TripletexError as error:
            _log.debug("session of key %s: not deleted: %r", self.key_id, error)

    async def _ask(self, request: Request) -> Json:
        return await self._channel.ask(request, self._scrub)


def patience_after(kind: type[BaseException] | None) -> float:
    """Return how long tidying up may take: little when the user wants to get out."""
    return PATIENCE if kind is None or issubclass(kind, Exception) else GRACE


@dataclass(frozen=True, slots=True)
class ClientPage:
    """A part of the list, as it came."""

    clients: tuple[Client, ...]
    request_id: str | None


FetchPage = Callable[[int], Awaitable[ClientPage]]

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
