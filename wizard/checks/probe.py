"""Queries Tripletex about one key and caches the answers, so that configs can share a key.

Open probes for configs, or create one from two tokens. It logs on when the first answer is needed and
deletes its session at the end::

    async with Probes(context) as probes:
        probe = await probes.of(config, path)
        if isinstance(probe, Finding):
            return probe                                            # a token is missing
        facts = await probe.facts()                                 # kind, company, key number; or a Finding
        clients = await probe.clients()                             # tuple[Client, ...]; or a Finding
        async for outcome in check_setup(probe, wanted_of(config)): # wizard.checks.setup
            show(outcome.check, outcome.status, outcome.findings)

    async with KeyProbe(tripletex, consumer, employee, application="VismaFinale") as probe:
        ...

Errors of Tripletex and the network are returned as a ``Finding`` and never raised. Each ``CheckOutcome`` has
a ``check`` (``log_on``, ``kind``, ``company``, ``client``, ``clients``, …), a ``status`` (``valid``,
``warning``, ``invalid``, ``unknown``) and ``findings``.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, NamedTuple, ParamSpec, Self, TypeVar

from wizard.checks.errors import client_name, finding_for
from wizard.checks.figures import FigureReader
from wizard.checks.outcomes import CheckId, CheckOutcome, KeyFacts
from wizard.config.reading import Config
from wizard.context import AppContext, OnWait
from wizard.domain.key import Secret, is_token, read_key
from wizard.domain.reference import CommandReference, FileReference, Reference
from wizard.domain.setup import KeyKind
from wizard.findings import Finding, codes
from wizard.tripletex.calls import Call, expiry_date, oslo_date
from wizard.tripletex.client import PATIENCE, ClientList, Closing, Session, Tripletex
from wizard.tripletex.errors import Refused, TripletexError
from wizard.tripletex.models import Client, WhoAmI

P = ParamSpec("P")
T = TypeVar("T")
Query = Callable[Concatenate["KeyProbe", P], Coroutine[Any, Any, T]]


def _once(query: Query[P, T]) -> Query[P, T]:
    """Decorate a method so that it runs once for the same arguments.

    Concurrent callers share the result, and cancelling one of them does not cancel the query.
    """

    @wraps(query)
    async def shared(self: "KeyProbe", /, *args: P.args, **kwargs: P.kwargs) -> T:
        name = (query.__name__, args, *kwargs.items())
        if name not in self._queries:
            self._queries[name] = asyncio.create_task(query(self, *args, **kwargs))
        answer: T = await asyncio.shield(self._queries[name])
        return answer

    return shared


@dataclass(frozen=True, slots=True)
class LoggedOn:
    """A session that has been tested with whoAmI.

    Attributes:
        me: The company and employee of the key; None for an office key without access to whoAmI.
    """

    session: Session
    me: WhoAmI | None
    request_id: str | None


class KeyProbe(Closing):
    """Queries Tripletex about one key. It is an async context manager that deletes its session.

    Answers are cached and shared between concurrent callers. Errors are returned as findings.
    """

    def __init__(self, tripletex: Tripletex, consumer: Secret, employee: Secret, *, application: str) -> None:
        """Create the probe without sending anything.

        Args:
            tripletex: The API client.
            consumer: The consumer token.
            employee: The key.
            application: The application that the key should be made for, for messages.
        """
        self._tripletex = tripletex
        self._consumer = consumer
        self._employee = employee
        self._application = application
        self._session: Session | None = None
        self._queries: dict[Hashable, asyncio.Task[Any]] = {}

    @_once
    async def log_on(self) -> LoggedOn | Finding:
        """Log on and test the session with whoAmI."""
        if (finding := _check_tokens(self._consumer, self._employee)) is not None:
            return finding
        try:
            session = await self._tripletex.log_on(self._consumer, self._employee)
        except TripletexError as error:
            clock = self._clock_finding(error)
            return clock or finding_for(error, Call.CREATE_SESSION, application=self._application)
        self._session = session
        try:
            me = await session.who_am_i()
        except TripletexError as error:
            if isinstance(error, Refused) and error.company_owned:
                return LoggedOn(session, None, error.request_id)
            return self._clock_finding(error) or finding_for(error, Call.WHO_AM_I)
        return LoggedOn(session, me, me.request_id)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """Findings about how the log-on was done, whether or not it succeeded."""
        put = self._tripletex.has_used_put(self._consumer, self._employee)
        return (codes.PUT_USED.found(),) if put else ()

    @_once
    async def facts(self) -> KeyFacts | Finding:
        """Return the key's number, kind and company, or a finding if it cannot log on."""
        logged_on = await self.log_on()
        if isinstance(logged_on, Finding):
            return logged_on
        session, me = logged_on.session, logged_on.me
        if me is None:
            return KeyFacts(session.key_id, KeyKind.OFFICE, None, (), logged_on.request_id)
        try:
            # If whoAmI returns no company, 0 means the key's own. An office key is refused.
            company = await session.company(me.company_id or 0)
        except Refused as refused:
            if refused.company_owned:
                return KeyFacts(session.key_id, KeyKind.OFFICE, me.company, (), refused.request_id)
            return await self._facts_by_clients(session, me, refused)
        except TripletexError as error:
            return _kind_unknown(session, me, finding_for(error, Call.COMPANY))
        return KeyFacts(session.key_id, KeyKind.ORDINARY, company, (), me.request_id)

    async def _facts_by_clients(self, session: Session, me: WhoAmI, refused: Refused) -> KeyFacts:
        """Find out the kind of a key that may not read the company: only an office key has clients."""
        clients = await self.clients()
        if not isinstance(clients, Finding) and any(client.id != me.company_id for client in clients):
            return KeyFacts(session.key_id, KeyKind.OFFICE, me.company, (), refused.request_id)
        if isinstance(clients, Finding) and clients.code.is_unknown:
            return _kind_unknown(session, me, clients)
        finding = finding_for(refused, Call.COMPANY)
        if refused.status != HTTPStatus.FORBIDDEN:
            return _kind_unknown(session, me, finding)
        return KeyFacts(session.key_id, KeyKind.ORDINARY, me.company, (finding,), refused.request_id)

    async def clients(self, *, certain: bool = False) -> tuple[Client, ...] | Finding:
        """Return the clients that the key has access to.

        Args:
            certain: Confirm the end of the list with another request. Use it before reporting a client as
                missing, or the list as complete.
        """
        listing = await self.client_list(certain=certain)
        return listing if isinstance(listing, Finding) else listing.clients

    async def client_list(self, wanted: Iterable[str] = (), *, certain: bool = False) -> ClientList | Finding:
        """Return the list of clients, including Tripletex's request id.

        Its end is confirmed if ``certain``, or if the organisation number of a wanted client is missing.
        """
        listing = await self._list()
        if isinstance(listing, Finding) or (not certain and listing.org_numbers.issuperset(wanted)):
            return listing
        return await self._confirmed_list()

    @_once
    async def _list(self) -> ClientList | Finding:
        logged_on = await self.log_on()
        if isinstance(logged_on, Finding):
            return logged_on
        listing = logged_on.session.client_list()
        try:
            await listing.read()
        except TripletexError as error:
            return finding_for(error, Call.CLIENTS)
        return listing

    @_once
    async def _confirmed_list(self) -> ClientList | Finding:
        listing = await self._list()
        if isinstance(listing, Finding):
            return listing
        try:
            await listing.confirm()
        except TripletexError as error:
            return finding_for(error, Call.CLIENTS)
        return listing

    @_once
    async def log_on_to(self, client: Client) -> Finding | None:
        """Log on to a client. Return None, or a finding if that failed."""
        logged_on = await self.log_on()
        if isinstance(logged_on, Finding):
            return logged_on
        try:
            # It is not documented whether companyId in the response is the client's or the office's.
            await logged_on.session.who_am_i(client.id)
        except TripletexError as error:
            return finding_for(error, Call.CLIENT_WHO_AM_I, client=client_name(client))
        return None

    @_once
    async def figures(
        self,
        client: Client | None = None,
        *,
        with_modules: bool = False,
        save_requests: bool = False,
    ) -> tuple[CheckOutcome, ...]:
        """Check whether accounts, balances and postings can be read, in that order.

        If logging on to the client is refused, return a single outcome of the check ``client``.

        Args:
            client: The client; None for the company of an ordinary key.
            with_modules: Also check whether the wage module is on.
            save_requests: Make at most four requests if the figures can be read.
        """
        logged_on = await self.log_on()
        if isinstance(logged_on, Finding):
            return (CheckOutcome(CheckId.LOG_ON, (logged_on,)),)
        reader = FigureReader(
            logged_on.session,
            logged_on.me,
            client,
            oslo_date(self._tripletex.now() - timedelta(seconds=self._tripletex.clock_skew or 0)),
            with_modules=with_modules,
            save_requests=save_requests,
        )
        return await reader.read()

    async def close(self, patience: float = PATIENCE) -> None:
        """Cancel running queries and delete the session."""
        running = tuple(self._queries.values())
        for query in running:
            query.cancel()
        try:
            await asyncio.gather(*running, return_exceptions=True)
        finally:
            if self._session is not None:
                await self._session.close(patience)

    def _clock_finding(self, error: TripletexError) -> Finding | None:
        """Return a finding if the session was refused or expired because this machine's date is behind."""
        skew, now = self._tripletex.clock_skew, self._tripletex.now()
        if skew is None or not isinstance(error, Refused):
            return None
        if error.status != HTTPStatus.UNAUTHORIZED and "expirationDate" not in error.fields:
            return None
        if expiry_date(now) > oslo_date(now - timedelta(seconds=skew)):
            return None
        hours = max(round(-skew / 3600), 1)
        return codes.CLOCK_WRONG.found(hours=hours, request_id=error.request_id)


def _check_tokens(consumer: Secret, employee: Secret) -> Finding | None:
    """Return a finding if a secret is not a token. A reference may point at anything; it must not be sent."""
    if not is_token(consumer.reveal()):
        return codes.CONSUMER_TOKEN_UNRECOGNISED.found()
    return None if is_token(employee.reveal()) else codes.KEY_UNRECOGNISED.found()


def _kind_unknown(session: Session, me: WhoAmI, why: Finding) -> KeyFacts:
    findings = (why, codes.KIND_UNKNOWN.found(request_id=why.request_id))
    return KeyFacts(session.key_id, None, me.company, findings, why.request_id)


class Tokens(NamedTuple):
    """The tokens that log on for a config, and the number of the key."""

    employee: Secret
    consumer: Secret
    number: int | None


async def read_tokens(
    context: AppContext, config: Config, path: Path, key: Reference | None = None
) -> Tokens | Finding:
    """Return the tokens of a config, or the finding if one cannot be read or is not a token.

    Args:
        context: Reads the tokens.
        config: The config.
        path: The path of the config.
        key: The key to read, if it is not the one in use.
    """
    employee = await context.resolver().resolve(
        key or config.employee_token, config_path=path, environment=config.environment
    )
    if isinstance(employee, Finding):  # then the consumer token is not needed
        return employee
    reading = read_key(employee.reveal(), config.environment)
    if reading.secret is None:
        return next(finding for finding in reading.findings if finding.is_error)
    consumer = await context.consumer_token(
        config.environment, config.application, config.consumer_token, path
    )
    if isinstance(consumer, Finding):
        return consumer
    return Tokens(reading.secret, consumer, reading.number)


def token_source(config: Config, path: Path, key: Reference | None = None) -> Hashable:
    """Return what decides the tokens of a config. Configs for which it is equal have the same tokens."""

    def place(reference: Reference | None) -> Hashable:
        # Files and commands are relative to the folder of the config.
        depends = isinstance(reference, FileReference | CommandReference)
        return reference, path.parent if depends else None

    employee, consumer = place(key or config.employee_token), place(config.consumer_token)
    return config.environment, config.base_url, config.application, employee, consumer


class Probes:
    """Probes for several configs. Those with the same key share one.

    It is an async context manager that deletes all sessions.

    Attributes:
        resolver: Reads the keys.
    """

    def __init__(self, context: AppContext, on_wait: OnWait | None = None) -> None:
        """Create no probe yet. ``on_wait`` is called if the rate limit makes a key wait."""
        self._context = context
        self._on_wait = on_wait
        self.resolver = context.resolver()
        self._stack = AsyncExitStack()
        self._tokens: dict[Hashable, Tokens | Finding] = {}
        self._clients: dict[Hashable, Tripletex] = {}
        self._probes: dict[Hashable, KeyProbe] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def tokens(self, config: Config, path: Path, key: Reference | None = None) -> Tokens | Finding:
        """Return the tokens of a config as ``read_tokens`` does, but read those of one source only once."""
        reference = key or config.employee_token
        refusal = self.resolver.refusal(reference, config_path=path, environment=config.environment)
        if refusal is not None:
            return refusal
        source = token_source(config, path, key)
        if source not in self._tokens:
            self._tokens[source] = await read_tokens(self._context, config, path, key)
        return self._tokens[source]

    async def of(self, config: Config, path: Path) -> KeyProbe | Finding:
        """Return the probe for the key of a config, or the finding if a token is missing."""
        tokens = await self.tokens(config, path)
        return tokens if isinstance(tokens, Finding) else await self.with_tokens(config, tokens)

    async def with_tokens(self, config: Config, tokens: Tokens) -> KeyProbe:
        """Return the probe for two tokens, in the environment of a config."""
        known = (config.environment, config.base_url, tokens)
        if known not in self._probes:
            probe = await self.new(config, tokens)
            self._probes[known] = await self._stack.enter_async_context(probe)
        return self._probes[known]

    async def new(self, config: Config, tokens: Tokens) -> KeyProbe:
        """Return a new probe, which shares only the connections. The caller closes it."""
        address = (config.environment, config.base_url)
        if address not in self._clients:
            client = self._context.tripletex(*address, self._on_wait)
            self._clients[address] = await self._stack.enter_async_context(client)
        return KeyProbe(
            self._clients[address], tokens.consumer, tokens.employee, application=config.application
        )
