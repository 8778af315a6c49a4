"""The entry point of the API client: logging on to Tripletex, and the requests of a session.

Paths and parameters are from the Tripletex API specification 2.75.12.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

import httpx

from wizard.domain.key import Secret
from wizard.domain.redaction import Scrub
from wizard.domain.setup import Environment, is_loopback_url
from wizard.tripletex import replies
from wizard.tripletex.calls import LIMIT, Login, NewSession, Request, expiry_date
from wizard.tripletex.channel import GRACE, KeyChannel, finish
from wizard.tripletex.errors import Flaw, Refused, TripletexError, Unintelligible
from wizard.tripletex.models import Client, Company, FiscalYear, WhoAmI
from wizard.tripletex.rate_limit import OnWait, Pause
from wizard.tripletex.transport import Clock, RawResponse, Timeouts, Transport, silence_http_loggers

_log = logging.getLogger(__name__)

PATIENCE: Final = 15.0
"""Seconds that closing a session may take, which includes a wait for the next rate limit period."""
_PAGE: Final = 1000
_LIST_LIMIT: Final = 3 * 1024 * 1024
"""Bytes for a page of clients, several times its normal size. Decoded JSON can take 25 times the memory."""
_DELETE_TIMEOUT: Final = 5.0
"""Seconds. It is short because a session that is left open expires on its own."""
_READS: Final = 3
_CREATE: Final = "/token/session/:create"
# An unencoded ">" returns 400 with code 4000 (observed). Every key has access to this, office keys too.
_WHO_AM_I: Final = "/token/session/%3EwhoAmI"
# "employee(*)" would include a national identity number and a bank account.
_WHO_AM_I_FIELDS: Final = (
    "companyId,employeeId,actualEmployeeId,language,employeeIsProxy,company(id,name,organizationNumber)"
)
_MAY_REFUSE_FIELDS: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}
)


def patience_after(kind: type[BaseException] | None) -> float:
    """Return how many seconds cleaning up may take, which is short if the program is being interrupted."""
    return PATIENCE if kind is None or issubclass(kind, Exception) else GRACE


class Closing(ABC):
    """An async context manager that closes itself, in a hurry if the program is being interrupted."""

    @abstractmethod
    async def close(self, patience: float = PATIENCE) -> None:
        """Clean up for at most ``patience`` seconds, even if cancelled."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close(patience_after(kind))


class Session(Closing):
    """A session of a key, and an async context manager that deletes it.

    A ``company`` parameter is the id of a client, or 0 for the key's own company.

    Attributes:
        token: The session token.
        key_id: The id of the key that created the session; None if missing.
    """

    def __init__(
        self,
        token: Secret,
        key_id: int | None,
        channel: KeyChannel,
        scrub: Scrub,
        on_closed: Callable[["Session"], object],
    ) -> None:
        self.token: Final = token
        self.key_id: Final = key_id
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
        try:
            reply = await self._get(_WHO_AM_I, {"fields": _WHO_AM_I_FIELDS}, client_id)
        except Refused as refused:
            # The name and number of the company may be what is refused, so ask again without them.
            if refused.company_owned or refused.status not in _MAY_REFUSE_FIELDS:
                raise
            reply = await self._get(_WHO_AM_I, {}, client_id)
        return replies.read_who_am_i(reply.within("value"), self._scrub)

    async def company(self, company_id: int) -> Company:
        """Return the company that the key belongs to, the only one that can be read.

        Raises:
            TripletexError: ``Refused`` with ``company_owned`` set if it is an office key.
        """
        reply = await self._get(f"/company/{company_id}", {"fields": "id,name,organizationNumber"})
        return replies.read_company(reply.within("value"), self._scrub, company_id)

    def client_list(self) -> "ClientList":
        """Return the list of the clients that the key has access to. Call ``read`` to fetch it."""

        async def fetch_page(start: int) -> ClientPage:
            query = {
                "from": str(start),
                "count": str(_PAGE),
                "fields": "id,name,displayName,organizationNumber",
            }
            reply = await self._get("/company/%3EwithLoginAccess", query, limit=_LIST_LIMIT)
            clients = tuple(
                replies.read_client(value, self._scrub) for value in reply.each("values", most=_PAGE)
            )
            return ClientPage(clients, reply.request_id)

        return ClientList(fetch_page, self._channel.timeouts.listing)

    async def reads_accounts(self, company: int) -> bool:
        """Return whether the chart of accounts has any accounts.

        Raises:
            TripletexError: ``Refused`` if the key may not read them.
        """
        return await self._has_rows("/ledger/account", {"count": "1", "fields": "id,number"}, company)

    async def reads_balances(self, company: int, year: FiscalYear, *, unmoved: bool = False) -> bool:
        """Return whether the year has any balances; ``unmoved`` includes accounts without postings.

        Raises:
            TripletexError: ``Refused`` if the key may not read them.
        """
        query = {"dateFrom": year.start.isoformat(), "dateTo": year.end.isoformat(), "count": "1"}
        query |= {"fields": "account(number),balanceOut"}  # "id" gives 400, code 11000 (observed)
        if unmoved:
            query["includeActiveAccountsWithoutMovements"] = "true"
        return await self._has_rows("/balanceSheet", query, company)

    async def reads_postings(self, company: int) -> None:
        """Read the postings of a day that has none.

        According to the documentation, a key that cannot see all vouchers gets a validation error. ``fields``
        is not supported.

        Raises:
            TripletexError: ``Refused`` if the key may not read all postings.
        """
        query = {"dateFrom": "1900-01-01", "dateTo": "1900-01-02", "count": "1"}
        await self._has_rows("/ledger/postingByDate", query, company)

    async def fiscal_years(self, company: int, first: int, end: int) -> tuple[FiscalYear, ...]:
        """Return the fiscal years from ``first`` up to, but not including, ``end``."""
        query = {"yearFrom": str(first), "yearTo": str(end), "count": "5", "fields": "year,start,end"}
        reply = await self._get("/ledger/annualAccount", query, company, tries=_READS)
        return tuple(replies.read_fiscal_year(value) for value in reply.each("values", most=_PAGE))

    async def entitlements(self, employee_id: int, client_id: int = 0) -> frozenset[int]:
        """Return the ``entitlementId``s of an employee, at a client if one is given."""
        path, query = "/employee/entitlement", {"employeeId": str(employee_id)}
        if client_id:
            path, query["customerId"] = f"{path}/client", str(client_id)
        else:
            query |= {"count": str(_PAGE), "fields": "name,entitlementId"}
        reply = await self._get(path, query, client_id, tries=1)
        return frozenset(value.integer("entitlementId") for value in reply.each("values", most=_PAGE))

    async def sales_modules(self, company: int) -> frozenset[str]:
        """Return the names of the modules that the company subscribes to."""
        reply = await self._get("/company/salesmodules", {}, company, tries=1)
        return frozenset(value.text("name") for value in reply.each("values", most=_PAGE))

    async def _has_rows(self, path: str, query: dict[str, str], company: int) -> bool:
        # The rows themselves are not read, so no figures can be shown or stored.
        reply = await self._get(path, query, company, tries=_READS)
        return bool(reply.each("values", most=_PAGE))

    async def _get(
        self, path: str, query: dict[str, str], company: int = 0, *, tries: int = 4, limit: int = LIMIT
    ) -> replies.Json:
        login = Login(company, self.token)
        request = Request("GET", path, query, login, tries=tries, limit=limit)
        return await self._channel.ask(request, self._scrub)

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

    async def _delete(self) -> None:
        try:
            login = Login(0, self.token)
            request = Request(
                "DELETE", "/token/session", login=login, path_token=self.token, timeout=_DELETE_TIMEOUT
            )
            await self._channel.ask(request, self._scrub)
        except TripletexError as error:
            _log.debug("session of key %s: not deleted: %r", self.key_id, error)


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

    async def read(self) -> tuple[Client, ...]:
        """Read up to the first page that is shorter than requested, and return the clients.

        Raises:
            TripletexError: If a page could not be read, or the list does not end.
        """
        async with self._in_time():
            while await self._read_page() >= _PAGE:
                pass
        return self.clients

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


_FIXED: Final = frozenset(environment.base_url for environment in Environment) - {None}


def _now() -> datetime:
    return datetime.now(UTC)


class Tripletex(Closing):
    """A client for one environment of Tripletex, shared by all keys that are used in it.

    It is an async context manager that deletes every session it has created.
    """

    def __init__(
        self,
        base_url: str,
        *,
        clock: Clock = _now,
        pause: Pause = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
        on_wait: OnWait | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        """Create the client without sending anything.

        Args:
            base_url: Production, test, or a loopback address, including ``/v2``.
            clock: Returns the current time, with a time zone.
            pause: Sleeps for a number of seconds.
            transport: Used instead of the network.
            on_wait: Called with the number of seconds if the rate limit makes a key wait.
            timeouts: Used instead of the default timeouts.

        Raises:
            ValueError: If the address is neither Tripletex's nor this machine's.
        """
        if base_url not in _FIXED and not is_loopback_url(base_url):
            raise ValueError("keys are only sent to tripletex.no, api-test.tripletex.tech and this machine")
        silence_http_loggers()
        self.base_url: Final = base_url.rstrip("/")
        self._clock = clock
        self._pause = pause
        self._on_wait = on_wait
        self._transport = Transport(self.base_url, clock, timeouts or Timeouts(), transport)
        self._channels: dict[tuple[Secret, Secret], KeyChannel] = {}
        self._open: set[Session] = set()

    @classmethod
    def for_environment(
        cls,
        environment: Environment,
        base_url: str | None,
        *,
        clock: Clock = _now,
        on_wait: OnWait | None = None,
    ) -> Self:
        """Create a client for an environment.

        Args:
            environment: The environment of the config.
            base_url: Required for the sandbox, and not allowed for any other environment.
            clock: Returns the current time, with a time zone.
            on_wait: Called with the number of seconds if the rate limit makes a key wait.

        Raises:
            ValueError: If the address is missing or not allowed.
        """
        if base_url is not None and environment is not Environment.SANDBOX:
            raise ValueError(f"the address of {environment} is fixed")
        address = environment.base_url or base_url
        if address is None or (environment is Environment.SANDBOX and not is_loopback_url(address)):
            raise ValueError("the sandbox needs an address on this machine")
        return cls(address, clock=clock, on_wait=on_wait)

    @property
    def host(self) -> str:
        """The host name, for messages."""
        return self._transport.host

    @property
    def clock_skew(self) -> float | None:
        """Seconds by which this machine's clock is ahead of Tripletex's; None before the first answer."""
        return self._transport.clock_skew

    def now(self) -> datetime:
        """Return the current time of this machine's clock."""
        return self._clock()

    async def probe(self) -> None:
        """Check whether Tripletex responds. No token is sent.

        Raises:
            TripletexError: Never ``Refused``, which is the expected response without a token.
        """
        channel = self._open_channel()
        try:
            await channel.ask(Request("GET", _WHO_AM_I), Scrub())
        except Refused:
            return

    async def log_on(self, consumer: Secret, employee: Secret) -> Session:
        """Create a session from an application's token (consumer token) and a key (employee token).

        Tripletex may return a session that has already expired, so call ``who_am_i`` next.

        Raises:
            TripletexError: ``Refused.token`` says which of the two was refused, if that is known.
        """
        channel = self._channels.setdefault((consumer, employee), self._open_channel())
        scrub = Scrub(consumer, employee)
        new = NewSession(consumer, employee, expiry_date(self._clock()))

        def session_from(reply: replies.Json) -> Session:
            value = reply.within("value")
            token = replies.read_session_token(value)
            key_id = replies.read_key_id(value)
            session = Session(token, key_id, channel, scrub.knowing(token), self._open.discard)
            self._open.add(session)
            return session

        async def undo(response: RawResponse) -> None:
            with suppress(TripletexError):  # no session was created
                await session_from(replies.read_reply(response, scrub)).close(GRACE)

        if not channel.has_used_put:
            try:
                # Recommended by the specification, and observed to return 201.
                return session_from(await channel.ask(Request("POST", _CREATE, body=new), scrub, undo))
            except TripletexError as refused:
                if not _refuses_post(refused):
                    raise
        channel.has_used_put = True
        # Before 2.75 it was done in this way, which is deprecated because both tokens are in the URL.
        return session_from(await channel.ask(Request("PUT", _CREATE, body=new), scrub, undo))

    def has_used_put(self, consumer: Secret, employee: Secret) -> bool:
        """Return whether these tokens were sent in the URL of the legacy PUT."""
        channel = self._channels.get((consumer, employee))
        return channel is not None and channel.has_used_put

    def _open_channel(self) -> KeyChannel:
        return KeyChannel(self._transport, self._pause, self._on_wait)

    async def close(self, patience: float = GRACE) -> None:
        """Delete the sessions that are still open, and close all connections."""

        async def close_all() -> None:
            await asyncio.gather(*(session.close(patience) for session in tuple(self._open)))
            await self._transport.close()

        await finish(close_all(), patience + GRACE)


def _refuses_post(error: TripletexError) -> bool:
    """Return whether Tripletex itself says that ``POST :create`` is not available.

    The fallback ``PUT`` sends both tokens in the URL, so an error page of a proxy is not enough: only
    Tripletex's own errors, which have a code and a request id, become ``Refused``.
    """
    return isinstance(error, Refused) and not error.company_owned and _not_served(error.status, error.code)


def _not_served(status: int, code: int | None) -> bool:
    return status == HTTPStatus.METHOD_NOT_ALLOWED or (status, code) in {(404, 21000), (400, 4000)}
