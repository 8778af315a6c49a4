"""A session at Tripletex and the requests that it can make."""

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
"""Seconds that closing a session may take, which includes a wait for the next rate limit period."""
_MAY_REFUSE_FIELDS: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new session as Tripletex returned it.

    Attributes:
        token: The session token.
        key_id: The id of the key that created the session; None if missing.
        expires: The session expires at the start of this day in Norway.
    """

    token: Secret
    key_id: int | None
    expires: date


class Session:
    """A session of a key, and an async context manager that deletes it.

    A ``company`` parameter is the id of a client, or 0 for the key's own company.
    """

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
        """Return the company and employee that the session acts for, at a client if one is given.

        Raises:
            TripletexError: ``Refused`` with status 401 if the session has expired or has no access to
                the client.
        """
        login = Login(client_id, self.token)
        try:
            reply = await self._ask(who_am_i(login))
        except Refused as refused:
            # The name and number of the company may be what is refused, so ask again without them.
            if refused.company_owned or refused.status not in _MAY_REFUSE_FIELDS:
                raise
            reply = await self._ask(who_am_i(login, expanded=False))
        return read_who_am_i(reply.within("value"), self._scrub)

    async def company(self, company_id: int) -> Company:
        """Return the company that the key belongs to.

        Raises:
            TripletexError: ``Refused`` with ``company_owned`` set if it is an office key.
        """
        reply = await self._ask(company(Login(0, self.token), company_id))
        return read_company(reply.within("value"), self._scrub, company_id)

    def client_list(self) -> "ClientList":
        """Return the list of the clients that the key has access to. Call ``read`` to fetch it."""

        async def fetch_page(start: int) -> ClientPage:
            reply = await self._ask(client_page(Login(0, self.token), start))
            clients = tuple(read_client(value, self._scrub) for value in reply.each("values", most=PAGE))
            return ClientPage(clients, reply.request_id)

        return ClientList(fetch_page, self._channel.timeouts.listing)

    async def clients(self) -> AsyncIterator[Client]:
        """Yield the clients that the key has access to.

        Raises:
            TripletexError: If the list could not be read.
        """
        listing = self.client_list()
        await listing.read()
        for client in listing.clients:
            yield client

    async def reads_accounts(self, company: int) -> bool:
        """Return whether the chart of accounts has any accounts.

        Raises:
            TripletexError: ``Refused`` if the key may not read them.
        """
        return await self._has_rows(calls.accounts(Login(company, self.token)))

    async def reads_balances(self, company: int, year: FiscalYear, *, unmoved: bool = False) -> bool:
        """Return whether the year has any balances; ``unmoved`` includes accounts without postings.

        Raises:
            TripletexError: ``Refused`` if the key may not read them.
        """
        login = Login(company, self.token)
        return await self._has_rows(calls.balances(login, year.start, year.end, unmoved=unmoved))

    async def reads_postings(self, company: int) -> None:
        """Read the postings of a day that has none.

        Raises:
            TripletexError: ``Refused`` if the key may not read all postings.
        """
        await self._has_rows(calls.postings(Login(company, self.token)))

    async def fiscal_years(self, company: int, first: int, end: int) -> tuple[FiscalYear, ...]:
        """Return the fiscal years from ``first`` up to, but not including, ``end``."""
        reply = await self._ask(calls.fiscal_years(Login(company, self.token), first, end))
        return tuple(read_fiscal_year(value) for value in reply.each("values", most=PAGE))

    async def entitlements(self, employee_id: int, client_id: int = 0) -> frozenset[int]:
        """Return the ``entitlementId``s of an employee, at a client if one is given."""
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
        # The rows themselves are not read, so no figures can be shown or stored.
        reply = await self._ask(request)
        return bool(reply.each("values", most=PAGE))

    async def close(self, patience: float = PATIENCE) -> None:
        """Delete the session, even if cancelled. A failure is only written to the debug log."""
        if self._closed:
            return
        self._closed = True
        try:
            if not await finish(self._delete(), patience):
                _log.debug("session of key %s: timed out while deleting", self.key_id)
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
    """Return how many seconds cleaning up may take, which is short if the program is being interrupted."""
    return PATIENCE if kind is None or issubclass(kind, Exception) else GRACE


@dataclass(frozen=True, slots=True)
class ClientPage:
    """A page of the list of clients."""

    clients: tuple[Client, ...]
    request_id: str | None


FetchPage = Callable[[int], Awaitable[ClientPage]]

_MOST_PAGES: Final = 100
"""Pages of a thousand clients, more than any accounting office has. A client takes 500 bytes of memory."""


class ClientList:
    """The clients that a key has access to, as far as they have been read.

    ``fullResultSize`` is documented as inexact, so it is not used: the list ends with a page that is
    shorter than requested. If a server limits pages to fewer clients than requested, that rule would miss
    some; ``confirm`` reads on until a page is empty, which takes one more request. Reading stops with an
    error after a maximum number of pages or seconds.

    Attributes:
        request_id: The request id of the last page.
    """

    def __init__(self, fetch_page: FetchPage, patience: float) -> None:
        """Create the list without reading anything.

        Args:
            fetch_page: Fetches the page that starts at the given index.
            patience: Maximum duration of all reading together, in seconds.
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
        """The clients read so far, without duplicates, in Tripletex's order."""
        return tuple(self._by_id.values())

    @property
    def org_numbers(self) -> frozenset[str]:
        """The organisation numbers of the clients read so far."""
        return frozenset(client.org_number for client in self._by_id.values() if client.org_number)

    async def read(self) -> None:
        """Read up to the first page that is shorter than requested.

        Raises:
            TripletexError: If a page could not be read, or the list does not end.
        """
        async with self._in_time():
            while await self._read_page() >= PAGE:
                pass

    async def confirm(self) -> None:
        """Read on after ``read`` until a page has no new clients.

        Raises:
            TripletexError: If a page could not be read, or the list does not end.
        """
        async with self._in_time():
            while not self._confirmed:
                await self._read_page()

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Raise once all reading together has taken too long, not counting the time in between."""
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
