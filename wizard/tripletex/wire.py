"""Carries one request to Tripletex and one answer back, within bounds of time and size."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, cast
from urllib.parse import urlsplit

import httpx

from wizard.domain.redaction import Scrub
from wizard.tripletex.calls import Request
from wizard.tripletex.connections import Connections
from wizard.tripletex.errors import Cause, Flaw, NotTripletex, TripletexError, Unintelligible, Unreachable
from wizard.tripletex.failures import describe_failure
from wizard.tripletex.limiter import Allowance
from wizard.tripletex.route import proxy_for
from wizard.tripletex.sealing import seal

Clock = Callable[[], datetime]

_log: Final = logging.getLogger(__name__)
_A_CENTURY: Final = timedelta(days=36525)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds until a request, or a list that takes several, is given up.

    Attributes:
        connect: For the connection, and again for its encryption.
        read: For each piece of the answer.
        whole: For everything, down to the last byte of the answer.
        listing: For all pages of a list together, the waits for the rate limit included.
    """

    connect: float = 5.0
    read: float = 15.0
    whole: float = 30.0
    listing: float = 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, unread.

    Attributes:
        media_type: As the other side calls it; hostile like all its text.
        body: Never shown: it may contain a session token.
    """

    status: int
    request_id: str | None
    media_type: str
    allowance: Allowance
    body: bytes = field(repr=False)


class Wire:
    """One address and the connections to it.

    Attributes:
        clock_skew: Seconds by which this machine's clock is ahead of the other side's, as of the
            last answer with a ``Date``; None before.
    """

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        timeouts: Timeouts,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.clock_skew: float | None = None
        self.host: Final = urlsplit(base_url).hostname or ""
        self.timeouts: Final = timeouts
        self._base_url = base_url
        self._clock = clock
        self._whole = timeouts.whole
        self._timeout = httpx.Timeout(timeouts.read, connect=timeouts.connect, pool=None)
        self._proxied = transport is None and proxy_for(base_url) is not None
        self._connections = Connections(base_url, transport)

    async def exchange(self, request: Request, scrub: Scrub) -> Answer:
        """Send a request and return whatever answer comes.

        Raises:
            TripletexError: None came, or none that may be read.
        """
        async with self._connections.borrow() as connection:
            begun = time.monotonic()
            outcome = await self._attempt(connection, request, scrub)
        if _log.isEnabledFor(logging.DEBUG):
            said = type(outcome).__name__ if isinstance(outcome, TripletexError) else outcome.status
            milliseconds = (time.monotonic() - begun) * 1000
            _log.debug("%s %s %s %.0f ms", request.method, request.template, said, milliseconds)
        if isinstance(outcome, TripletexError):
            # Raised out here, it brings along no frame with a token in it.
            raise outcome
        return outcome

    async def close(self) -> None:
        """Close all connections."""
        await self._connections.close()

    async def _attempt(
        self, connection: httpx.AsyncBaseTransport, request: Request, scrub: Scrub
    ) -> Answer | TripletexError:
        answering = asyncio.Event()
        try:
            async with asyncio.timeout(min(self._whole, request.patience)):
                return await self._send(connection, request, scrub, answering)
        except TimeoutError:
            return Unreachable(host=self.host, cause=Cause.TIME, sent=True)
        except Exception as error:  # noqa: BLE001 - its frames contain tokens, so no kind of it may get out
            return describe_failure(
                error, host=self.host, proxied=self._proxied, answering=answering.is_set()
            )

    async def _send(
        self, connection: httpx.AsyncBaseTransport, request: Request, scrub: Scrub, answering: asyncio.Event
    ) -> Answer | TripletexError:
        response = await connection.handle_async_request(seal(self._base_url, request, self._timeout))
        answering.set()
        try:
            headers = response.headers
            request_id = scrub.request_id(headers.get("x-tlx-request-id"))
            now = self._clock()
            self._note_date(headers.get("date"), now)
            if 300 <= response.status_code < 400:  # noqa: PLR2004 - redirects (RFC 9110)
                return NotTripletex(request_id=request_id, status=response.status_code, redirected=True)
            if headers.get("content-encoding", "identity") != "identity":
                return Unintelligible(request_id=request_id, flaw=Flaw.ENCODED)
            body = bytearray()
            async for piece in cast("httpx.AsyncByteStream", response.stream):
                body += piece
                if len(body) > request.limit:
                    return Unintelligible(request_id=request_id, flaw=Flaw.TOO_LARGE)
            return Answer(
                response.status_code,
                request_id,
                headers.get("content-type", ""),
                Allowance.from_headers(headers, now),
                bytes(body),
            )
        finally:
            await response.aclose()

    def _note_date(self, text: str | None, now: datetime) -> None:
        try:
            skew = now - parsedate_to_datetime(text or "")
        except (ValueError, TypeError, OverflowError):  # no date; a date without zone
            return
        if abs(skew) < _A_CENTURY:  # an empty battery gives 1970, and some servers send the year 9999
            self.clock_skew = skew.total_seconds()
