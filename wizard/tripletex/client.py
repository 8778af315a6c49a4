"""Tripletex, as this program sees it."""

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
    """One of the three places that may be talked to; shared by all keys that are used there.

    An async context manager: at its end no session that it made is left open.
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
        """Prepare to talk; nothing is sent yet.

        Args:
            base_url: Production, test, or a loopback address, ``/v2`` included.
            clock: Gives the present moment, with its time zone.
            pause: Waits for a number of seconds.
            transport: Carries the requests instead of the network.
            on_wait: Called with the seconds if the rate limit makes a key wait.
            timeouts: Other than the usual ones.

        Raises:
            ValueError: The address is none of the three places.
        """
        if base_url not in _FIXED and not is_loopback_url(base_url):
            raise ValueError("a key is sent to tripletex.no, api-test.tripletex.tech and this machine only")
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
        """Return the Tripletex of an environment.

        Args:
            environment: Of the config.
            base_url: Needed for the sandbox, and for nothing else.

        Raises:
            ValueError: The sandbox lacks an address, or another environment has one of its own.
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
        """Return the present moment by this machine's clock."""
        return self._clock()

    async def probe(self) -> None:
        """Find out whether Tripletex answers at all. No token is sent.

        Raises:
            TripletexError: of any kind but ``Refused``, which is how Tripletex answers a stranger.
        """
        channel = self._open_channel()
        try:
            await channel.ask(who_am_i(None, expanded=False), Scrub())
        except Refused:
            return

    async def log_on(self, consumer: Secret, employee: Secret) -> Session:
        """Make a session with a key (employee token) and its application's token (consumer token).

        A session that is given out may be dead all the same: ask ``who_am_i`` next.

        Raises:
            TripletexError: ``Refused`` has in ``token`` which of the two was refused, if that is known.
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
        """Whether these two tokens were sent in the legacy form, in the URL."""
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
    """Whether Tripletex itself says that ``POST :create`` is not served.

    ``PUT`` puts both tokens into the URL, so nothing less will do: a ``Refused`` has the code and the
    request id of Tripletex's own errors, which the page of a proxy has not.
    """
    return isinstance(error, Refused) and not error.company_owned and _not_served(error.status, error.code)


def _not_served(status: int, code: int | None) -> bool:
    return status == HTTPStatus.METHOD_NOT_ALLOWED or (status, code) in {(404, 21000), (400, 4000)}
