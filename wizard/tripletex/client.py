"""The entry point of the API client: one environment of Tripletex, and logging on to it."""

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

import httpx

from wizard.domain.environment import Environment, is_loopback_url
from wizard.domain.redaction import Scrub
from wizard.domain.secret import Secret
from wizard.tripletex.calls import NewSession, create_session, create_session_by_put, expiry_date, who_am_i
from wizard.tripletex.channel import GRACE, KeyChannel, finish
from wizard.tripletex.errors import Refused, TripletexError
from wizard.tripletex.rate_limit import OnWait, Pause
from wizard.tripletex.replies import Json, read_expiry, read_key_id, read_reply, read_session_token
from wizard.tripletex.session import Issued, Session, patience_after
from wizard.tripletex.transport import Clock, RawResponse, Timeouts, Transport, silence_http_loggers

_FIXED: Final = frozenset(environment.base_url for environment in Environment) - {None}


def _now() -> datetime:
    return datetime.now(UTC)


class Tripletex:
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
    def for_environment(  # noqa: D417 - the others are __init__'s
        cls,
        environment: Environment,
        base_url: str | None,
        *,
        clock: Clock = _now,
        pause: Pause = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
        on_wait: OnWait | None = None,
        timeouts: Timeouts | None = None,
    ) -> Self:
        """Create a client for an environment.

        Args:
            environment: The environment of the config.
            base_url: Required for the sandbox, and not allowed for any other environment.

        Raises:
            ValueError: If the address is missing or not allowed.
        """
        if base_url is not None and environment is not Environment.SANDBOX:
            raise ValueError(f"the address of {environment} is fixed")
        address = environment.base_url or base_url
        if address is None or (environment is Environment.SANDBOX and not is_loopback_url(address)):
            raise ValueError("the sandbox needs an address on this machine")
        return cls(address, clock=clock, pause=pause, transport=transport, on_wait=on_wait, timeouts=timeouts)

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
            await channel.ask(who_am_i(None, expanded=False), Scrub())
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

        def session_from(reply: Json) -> Session:
            value = reply.within("value")
            token = read_session_token(value)
            issued = Issued(token, read_key_id(value), read_expiry(value, new.expires))
            session = Session(issued, channel, scrub.knowing(token), self._open.discard)
            self._open.add(session)
            return session

        async def undo(response: RawResponse) -> None:
            await session_from(read_reply(response, scrub)).close(GRACE)

        if not channel.has_used_put:
            try:
                return session_from(await channel.ask(create_session(new), scrub, undo))
            except TripletexError as refused:
                if not _refuses_post(refused):
                    raise
        channel.has_used_put = True
        return session_from(await channel.ask(create_session_by_put(new), scrub, undo))

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

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close(patience_after(kind))


def _refuses_post(error: TripletexError) -> bool:
    """Return whether Tripletex itself says that ``POST :create`` is not available.

    The fallback ``PUT`` sends both tokens in the URL, so an error page of a proxy is not enough: only
    Tripletex's own errors, which have a code and a request id, become ``Refused``.
    """
    return isinstance(error, Refused) and not error.company_owned and _not_served(error.status, error.code)


def _not_served(status: int, code: int | None) -> bool:
    return status == HTTPStatus.METHOD_NOT_ALLOWED or (status, code) in {(404, 21000), (400, 4000)}
