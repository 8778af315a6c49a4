"""Asks Tripletex about one key, each question at most once, however many configs share the key.

Open a probe for a config, or build one from tokens that are at hand. It logs on when the first answer
is needed and deletes its session at the end::

    async with open_probe(context, config, path) as probe:          # wizard.checks.config
        if isinstance(probe, Finding):
            return probe                                            # a token could not be had
        facts = await probe.facts()                                 # kind, company, key number; or a Finding
        clients = await probe.clients()                             # tuple[Client, ...]; or a Finding
        async for outcome in check_setup(probe, wanted_of(config)): # wizard.checks.setup
            show(outcome.check, outcome.status, outcome.findings)

    async with KeyProbe(tripletex, consumer, employee, application="VismaFinale") as probe:
        ...

Nothing is raised for what Tripletex or the network does: a question that is answered with no, or not at
all, gives a ``Finding``. Each ``CheckOutcome`` has a ``check`` (``log_on``, ``kind``, ``company``,
``client``, ``clients``, …), a ``status`` (``valid``, ``warning``, ``invalid``, ``unknown``) and ``findings``.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from wizard.checks.errors import client_name, finding_for
from wizard.checks.figures import FigureReader
from wizard.checks.outcomes import CheckId, CheckOutcome, KeyFacts, outcome
from wizard.domain.key import is_token
from wizard.domain.secret import Secret
from wizard.domain.setup import KeyKind
from wizard.findings import Finding, codes
from wizard.tripletex.calls import Call, expiry_date, oslo_date
from wizard.tripletex.client import Tripletex
from wizard.tripletex.errors import Refused, TripletexError
from wizard.tripletex.models import Client, WhoAmI
from wizard.tripletex.session import ClientList, Session, patience_after

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LoggedOn:
    """A log-on whose first request was answered.

    Attributes:
        me: Who the key is; None for an office key that may not even ask that.
    """

    session: Session
    me: WhoAmI | None
    request_id: str | None


class KeyProbe:
    """Asks about one key; an async context manager that deletes its session.

    The same question, asked at once or later, gets the same answer. What went wrong is a finding.
    """

    def __init__(
        self, tripletex: Tripletex, consumer: Secret | None, employee: Secret, *, application: str
    ) -> None:
        """Prepare to ask; nothing is sent yet.

        Args:
            tripletex: Where to ask.
            consumer: The application's token; without it nothing can be asked.
            employee: The key.
            application: The application that the key should be made for, for messages.
        """
        self._tripletex = tripletex
        self._consumer = consumer
        self._employee = employee
        self._application = application
        self._session: Session | None = None
        self._about_key = _Shared()
        self._about_clients = _Shared()

    async def log_on(self) -> LoggedOn | Finding:
        """Log on, and test the session by asking whose it is."""
        return await self._about_key.get("log on", self._log_on)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What is worth knowing about how the log-on went, whether or not it succeeded."""
        put = self._consumer is not None and self._tripletex.has_used_put(self._consumer, self._employee)
        return (codes.PUT_USED.found(),) if put else ()

    async def facts(self) -> KeyFacts | Finding:
        """Return the key's number, kind and company; a finding if it does not log on."""
        return await self._about_key.get("facts", self._facts)

    async def clients(self, *, certain: bool = False, again: bool = False) -> tuple[Client, ...] | Finding:
        """Return the clients that the key may log on to.

        Args:
            certain: Spend another request on proving the end of the list, before a client is called
                missing.
            again: Read the list again, because access may have been given meanwhile.
        """
        if again:
            self._about_clients.forget_finished()
        listing = await self.client_list(certain=certain)
        return listing if isinstance(listing, Finding) else listing.clients

    async def client_list(self, *, certain: bool = False) -> ClientList | Finding:
        """Return the same, with Tripletex's request id."""
        listing = await self._about_clients.get("list", self._read_list)
        if isinstance(listing, Finding) or not certain:
            return listing
        return await self._about_clients.get("end of list", lambda: self._confirm(listing)) or listing

    async def log_on_to(self, client: Client) -> Finding | None:
        """Log on to a client; return what is wrong, or None if Tripletex lets the key in."""
        return await self._about_clients.get(client.id, lambda: self._log_on_to(client))

    async def figures(
        self,
        client: Client | None = None,
        *,
        with_modules: bool = False,
        is_sparing: bool = False,
        again: bool = False,
    ) -> tuple[CheckOutcome, ...]:
        """Check whether figures can be read: accounts, balances and postings, in that order.

        A client that cannot be logged on to gives one outcome instead, for the check ``client``.

        Args:
            client: Whose figures; None for the company that an ordinary key belongs to.
            with_modules: Ask which modules are on, to report the wage module.
            is_sparing: Keep to four requests where the figures can be read.
            again: Ask again, because rights may have been given meanwhile.
        """
        name = ("figures", client.id if client else 0)
        if again:
            self._about_clients.forget(name)
        return await self._about_clients.get(
            name, lambda: self._figures(client, with_modules=with_modules, is_sparing=is_sparing)
        )

    async def close(self, kind: type[BaseException] | None = None) -> None:
        """Give up what is still being asked and delete the session."""
        try:
            await self._about_clients.cancel()
            await self._about_key.cancel()
        finally:
            if self._session is not None:
                await self._session.close(patience_after(kind))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close(kind)

    async def _log_on(self) -> LoggedOn | Finding:
        consumer = self._consumer
        if consumer is None:
            return codes.CONSUMER_TOKEN_MISSING.found()
        if (finding := _not_sent(consumer, self._employee)) is not None:
            return finding
        try:
            session = await self._tripletex.log_on(consumer, self._employee)
        except TripletexError as error:
            clock = self._blame_clock(error)
            return clock or finding_for(error, Call.CREATE_SESSION, application=self._application)
        self._session = session
        try:
            me = await session.who_am_i()
        except TripletexError as error:
            if isinstance(error, Refused) and error.company_owned:
                return LoggedOn(session, None, error.request_id)
            return self._blame_clock(error) or finding_for(error, Call.WHO_AM_I)
        return LoggedOn(session, me, me.request_id)

    def _blame_clock(self, error: TripletexError) -> Finding | None:
        """A session that had ended already, or was refused, because this machine's date is behind."""
        skew, now = self._tripletex.clock_skew, self._tripletex.now()
        if skew is None or not isinstance(error, Refused):
            return None
        if error.status != HTTPStatus.UNAUTHORIZED and "expirationDate" not in error.fields:
            return None
        if expiry_date(now) > oslo_date(now - timedelta(seconds=skew)):
            return None
        hours = max(round(-skew / 3600), 1)
        return codes.CLOCK_WRONG.found(hours=hours, request_id=error.request_id)

    async def _facts(self) -> KeyFacts | Finding:
        logged_on = await self.log_on()
        if isinstance(logged_on, Finding):
            return logged_on
        if logged_on.me is None:
            return KeyFacts(logged_on.session.key_id, KeyKind.OFFICE, None, (), logged_on.request_id)
        return await tell_kind(logged_on.session, logged_on.me, self.clients)

    async def _read_list(self) -> ClientList | Finding:
        logged_on = await self.log_on()
        if isinstance(logged_on, Finding):
            return logged_on
        listing = logged_on.session.client_list()
        try:
            await listing.read()
        except TripletexError as error:
            return finding_for(error, Call.CLIENTS)
        return listing

    async def _confirm(self, listing: ClientList) -> Finding | None:
        try:
            await listing.confirm()
        except TripletexError as error:
            return finding_for(error, Call.CLIENTS)
        return None

    async def _figures(
        self, client: Client | None, *, with_modules: bool, is_sparing: bool
    ) -> tuple[CheckOutcome, ...]:
        logged_on = await self.log_on()
        if isinstance(logged_on, Finding):
            return (outcome(CheckId.LOG_ON, logged_on),)
        reader = FigureReader(
            logged_on.session,
            logged_on.me,
            client,
            oslo_date(self._tripletex.now() - timedelta(seconds=self._tripletex.clock_skew or 0)),
            with_modules=with_modules,
            is_sparing=is_sparing,
        )
        return await reader.read()

    async def _log_on_to(self, client: Client) -> Finding | None:
        logged_on = await self.log_on()
        if isinstance(logged_on, Finding):
            return logged_on
        try:
            # Whose companyId the answer names, the client's or the office's, is not documented.
            await logged_on.session.who_am_i(client.id)
        except TripletexError as error:
            return finding_for(error, Call.CLIENT_WHO_AM_I, client=client_name(client))
        return None


def _not_sent(consumer: Secret, employee: Secret) -> Finding | None:
    """Return why tokens are not sent: a reference may lead to anything, and only a token may leave."""
    if not is_token(consumer.reveal()):
        return codes.CONSUMER_TOKEN_UNRECOGNISED.found()
    return None if is_token(employee.reveal()) else codes.KEY_UNRECOGNISED.found()


class _Shared:
    """Answers by name: the first caller starts the work, later ones share it, nobody who leaves ends it."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}

    async def get(self, name: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what the work of that name gave, or gives; begin it when nobody has."""
        if name not in self._tasks:
            self._tasks[name] = asyncio.create_task(work())
        return cast("T", await asyncio.shield(self._tasks[name]))

    def forget(self, name: Hashable) -> None:
        """Do the work of that name again next time, unless it is still running."""
        if name in self._tasks and self._tasks[name].done():
            del self._tasks[name]

    def forget_finished(self) -> None:
        """Ask again next time, unless the work is still running."""
        self._tasks = {name: task for name, task in self._tasks.items() if not task.done()}

    async def cancel(self) -> None:
        """End all work that is still running."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


FetchClients = Callable[[], Awaitable[tuple[Client, ...] | Finding]]


async def tell_kind(session: Session, me: WhoAmI, clients: FetchClients) -> KeyFacts:
    """Return what a key is that has logged on.

    Args:
        session: Of the key.
        me: Who it says it is.
        clients: Reads the list of clients, if it comes to that.
    """
    try:
        # Where whoAmI names no company, 0 asks for the key's own; an office key gets the sentence.
        company = await session.company(me.company_id or 0)
    except Refused as refused:
        if refused.company_owned:
            return KeyFacts(session.key_id, KeyKind.OFFICE, me.company, (), refused.request_id)
        return await _tell_by_list(session, me, refused, clients)
    except TripletexError as error:
        return _kind_unknown(session, me, finding_for(error, Call.COMPANY))
    return KeyFacts(session.key_id, KeyKind.ORDINARY, company, (), me.request_id)


async def _tell_by_list(session: Session, me: WhoAmI, refused: Refused, clients: FetchClients) -> KeyFacts:
    listed = await clients()
    if not isinstance(listed, Finding) and any(client.id != me.company_id for client in listed):
        return KeyFacts(session.key_id, KeyKind.OFFICE, me.company, (), refused.request_id)
    if isinstance(listed, Finding) and listed.code.is_unknown:
        return _kind_unknown(session, me, listed)
    finding = finding_for(refused, Call.COMPANY)
    if refused.status != HTTPStatus.FORBIDDEN:
        return _kind_unknown(session, me, finding)
    return KeyFacts(session.key_id, KeyKind.ORDINARY, me.company, (finding,), refused.request_id)


def _kind_unknown(session: Session, me: WhoAmI, why: Finding) -> KeyFacts:
    findings = (why, codes.KIND_UNKNOWN.found(request_id=why.request_id))
    return KeyFacts(session.key_id, None, me.company, findings, why.request_id)
