"""Sessions, the rate limit, both forms of ``:create``, and the rights of a login."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from math import ceil
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from wizard.sandbox import answers
from wizard.sandbox.answers import UNAUTHORIZED, RefusedError, parse_date
from wizard.sandbox.behaviour import Behaviour
from wizard.sandbox.world import WAGES, Application, Company, DemoKey, DemoWorld, Rights, demo_token

_FIRST_ID = 2**31 + 5_001  # observed session ids are just above 2^31; those of keys are small
_MEMBERS = ("consumerToken", "employeeToken", "expirationDate")
OSLO = ZoneInfo("Europe/Oslo")
"""Tripletex uses Norwegian time (official documentation)."""


class Clock:
    """A clock that tests can set and advance while the sandbox is serving.

    Without ``now`` it follows the real time. A time that is set does not pass on its own.
    """

    def __init__(self, now: datetime | None = None) -> None:
        self._fixed = None if now is None else _aware(now)
        self._offset = timedelta()

    def __call__(self) -> datetime:
        """Return the current time, with its time zone."""
        return (self._fixed or datetime.now(UTC)) + self._offset

    def set(self, now: datetime) -> None:
        """Stop the clock at the given time.

        Raises:
            ValueError: If the time has no time zone.
        """
        self._fixed, self._offset = _aware(now), timedelta()

    def advance(self, by: timedelta | float) -> None:
        """Advance the clock by a duration or a number of seconds."""
        self._offset += by if isinstance(by, timedelta) else timedelta(seconds=by)


def start_of(day: date) -> datetime:
    """Return 00:00 in Oslo on a day, when keys and sessions with this expiration date end (observed)."""
    return datetime.combine(day, time(), OSLO)


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("The time must have a time zone.")
    return moment


@dataclass(frozen=True)
class Session:
    """A session.

    It ends at 00:00 in Oslo at the *start* of its expiration date (observed by three integrators), so that a
    session with today's date has ended when it is created.
    """

    id: int
    session_token: str = field(repr=False)
    key: DemoKey
    application: Application
    expiration_date: date

    def has_ended(self, now: datetime) -> bool:
        """Return whether the session has ended."""
        return now >= start_of(self.expiration_date)


class Sessions:
    """The sessions that have not been deleted."""

    def __init__(self) -> None:
        self._by_token: dict[str, Session] = {}
        self._ids = count(_FIRST_ID)

    def open(self, key: DemoKey, application: Application, expiration_date: date) -> Session:
        """Create a session. The date may be in the past (observed)."""
        number = next(self._ids)
        session = Session(number, demo_token(number), key, application, expiration_date)
        self._by_token[session.session_token] = session
        return session

    def find(self, session_token: str) -> Session | None:
        """Return the session with this token, even if it has ended."""
        return self._by_token.get(session_token)

    def delete(self, session: Session) -> None:
        """Delete a session."""
        self._by_token.pop(session.session_token, None)

    def running(self, now: datetime) -> list[Session]:
        """Return the sessions that have not ended, oldest first."""
        return [session for session in tuple(self._by_token.values()) if not session.has_ended(now)]


@dataclass(frozen=True)
class Allowance:
    """The state of a rate limit window after a request.

    Attributes:
        limit: The number of requests allowed in a window.
        remaining: The number of requests left in this window.
        reset: Whole seconds until the next window.
        exceeded: Whether this request exceeded the limit.
    """

    limit: int
    remaining: int
    reset: int
    exceeded: bool = False


@dataclass
class _Window:
    ends: datetime
    spent: int = 0


class RateLimiter:
    """Counts the requests for each pair of key and consumer."""

    def __init__(self) -> None:
        self._windows: dict[tuple[int, int], _Window] = {}

    def spend(self, pair: tuple[int, int], *, now: datetime, limit: int, seconds: float) -> Allowance:
        """Count a request and return what is left."""
        window = self._windows.get(pair)
        if window is None or now >= window.ends:
            window = self._windows[pair] = _Window(ends=now + timedelta(seconds=seconds))
        window.spent += 1
        return Allowance(
            limit=limit,
            remaining=max(0, limit - window.spent),
            reset=ceil((window.ends - now).total_seconds()),
            exceeded=window.spent > limit,
        )


@dataclass(frozen=True)
class Login:
    """A successful authentication.

    Attributes:
        session: The session of the request.
        company: The company that the request is for.
        is_proxy: Whether an office key is used for a client's company.
        rights: The rights in this company.
    """

    session: Session
    company: Company
    is_proxy: bool
    rights: Rights

    @property
    def is_office_itself(self) -> bool:
        """Whether an office key is used for its own company, where it can do almost nothing."""
        return self.session.key.company_owned and not self.is_proxy


class Tripletex:
    """The state of the service and its rules about tokens, sessions and rights."""

    def __init__(self, world: DemoWorld, behaviour: Behaviour, clock: Callable[[], datetime]) -> None:
        self.world = world
        self.behaviour = behaviour
        self.clock = clock
        self._sessions = Sessions()
        self._limiter = RateLimiter()
        self._seeded = len(world.keys)

    @property
    def open_sessions(self) -> list[Session]:
        """The sessions that have not been deleted and have not ended, oldest first."""
        return self._sessions.running(self.clock())

    def check_tokens(self, consumer_token: str, employee_token: str) -> tuple[Application, DemoKey]:
        """Check the consumer token, the employee token, and that they are for the same application.

        The order of the first two checks was observed; that the third is last is inferred.

        Raises:
            RefusedError: If a check fails.
        """
        application = self.world.find_application(consumer_token)
        if application is None:
            raise RefusedError(self.behaviour.bad_consumer_token)
        key = self.world.find_key(employee_token)
        if key is None:
            raise RefusedError(self.behaviour.bad_employee_token)
        if self._is_gone(key):
            raise RefusedError(self.behaviour.deleted_key)
        if self._has_expired(key):
            raise RefusedError(self.behaviour.expired_key)
        if key.application != application.name:
            raise RefusedError(self.behaviour.wrong_application)
        if key.company.blocked:
            raise RefusedError(self.behaviour.blocked_account)
        return application, key

    def open_session(self, application: Application, key: DemoKey, expiration_date: date) -> Session:
        """Start a session."""
        return self._sessions.open(key, application, expiration_date)

    def delete_session(self, session: Session) -> None:
        """End a session."""
        self._sessions.delete(session)

    def find_session(self, session_token: str) -> Session:
        """Return the active session with this token.

        Raises:
            RefusedError: If there is none, or it has ended, or its key was deleted or has expired. The 401
                is the same for all (observed).
        """
        session = self._sessions.find(session_token)
        if session is None or session.has_ended(self.clock()):
            raise RefusedError(UNAUTHORIZED)
        key_has_ended = self._is_gone(session.key) or self._has_expired(session.key)
        if key_has_ended and self.behaviour.deleted_key_ends_sessions:
            raise RefusedError(UNAUTHORIZED)
        return session

    def log_in(self, session: Session, username: str) -> Login:
        """Return the login for a Basic username: empty or 0 for the key's own company, or a client's id.

        Raises:
            RefusedError: If the username is not a company that the key has access to.
        """
        key, own = session.key, session.key.company
        if username.strip() in {"", "0"}:
            return Login(session, own, is_proxy=False, rights=key.effective_rights)
        client_id = int(username) if username.isdecimal() else None
        if client_id == own.id:
            if not key.company_owned and self.behaviour.own_id_as_username is not None:
                raise RefusedError(self.behaviour.own_id_as_username)
            return Login(session, own, is_proxy=False, rights=key.effective_rights)
        client = None if client_id is None else self.world.find_company(client_id)
        rights = None if client is None else self.world.client_rights(key, client)
        if client is None or rights is None:
            raise RefusedError(self.behaviour.no_client_access)
        return Login(session, client, is_proxy=True, rights=rights & key.owner_rights)

    def require(self, login: Login, any_of: Rights) -> None:
        """Check that the login has one of the rights.

        Raises:
            RefusedError: If a right is missing, or an office key is used for its own company.
        """
        if login.is_office_itself:
            raise RefusedError(self.behaviour.company_owned)
        if any_of and not any_of & login.rights:
            raise RefusedError(self.behaviour.lacking_right)

    def sees_wages(self, login: Login) -> bool:
        """Return whether the login can see wage vouchers, which requires the module and maybe a right."""
        company = login.company
        return "WAGE" in company.modules and (not company.wages_controlled or WAGES in login.rights)

    def rights_of(self, login: Login, employee_id: int) -> Rights:
        """Return an employee's rights in the company of the login; none for an unknown employee."""
        key = login.session.key
        if employee_id == key.owner_id:
            return key.owner_rights & login.company.granted_to_office if login.is_proxy else key.owner_rights
        if employee_id == key.employee_id:
            at_client = self.world.client_rights(key, login.company) if login.is_proxy else None
            return at_client if at_client is not None else key.rights
        return frozenset()

    def spend(self, key: DemoKey, application: Application) -> Allowance | None:
        """Count a request against the rate limit; return None if there is no limit."""
        if self.behaviour.rate_limit is None:
            return None
        return self._limiter.spend(
            (key.token_id, application.token_id),
            now=self.clock(),
            limit=self.behaviour.rate_limit,
            seconds=self.behaviour.rate_window,
        )

    def _is_gone(self, key: DemoKey) -> bool:
        return self.world.is_deleted(key) or (self.behaviour.new_key_revokes_old and self._is_superseded(key))

    def _is_superseded(self, key: DemoKey) -> bool:
        """Return whether a key of the same kind was added later, after the initial keys."""
        return any(
            other.token_id > key.token_id
            and (other.company.id, other.application, other.company_owned)
            == (key.company.id, key.application, key.company_owned)
            for other in self.world.keys[self._seeded :]
        )

    def _has_expired(self, key: DemoKey) -> bool:
        return key.expiration_date is not None and self.clock() >= start_of(key.expiration_date)


class CreateSession:
    """The ``:create`` endpoint in both forms."""

    def __init__(self, tripletex: Tripletex) -> None:
        self._tripletex = tripletex

    async def __call__(self, request: Request) -> Response:
        """Handle POST and PUT."""
        posted = request.method == "POST"
        try:
            session = self._open(await self._parameters(request), request)
        except RefusedError as error:
            if request.method in self._tripletex.behaviour.arg_prefix:
                raise RefusedError(error.refusal.with_field_prefix("arg:")) from None
            raise
        return JSONResponse(_body(session, request.headers["host"]), status_code=201 if posted else 200)

    async def _parameters(self, request: Request) -> dict[str, str | None]:
        behaviour = self._tripletex.behaviour
        posted = request.method == "POST"
        refused = behaviour.post_refused if posted else behaviour.put_refused
        if refused is not None:
            raise RefusedError(refused)
        if posted:
            return await self._from_body(request)
        return {name: request.query_params.get(name) for name in _MEMBERS}

    def _open(self, parameters: dict[str, str | None], request: Request) -> Session:
        known = self._tripletex.world.find_key(parameters["employeeToken"] or "")
        if request.method == "POST" and known is not None and known.post_refused is not None:
            raise RefusedError(known.post_refused)
        missing = [name for name in _MEMBERS if parameters[name] is None]
        if missing:
            code = self._tripletex.behaviour.missing_value_code
            raise RefusedError(answers.cannot_be_null(*missing, code=code))
        consumer_token, employee_token, day = (parameters[name] or "" for name in _MEMBERS)
        expiration_date = parse_date(day, "expirationDate")
        application, key = self._tripletex.check_tokens(consumer_token, employee_token)
        if self._tripletex.behaviour.create_is_limited:
            allowance = self._tripletex.spend(key, application)
            request.state.allowance = allowance
            if allowance is not None and allowance.exceeded:
                raise RefusedError(self._tripletex.behaviour.too_many_requests)
        return self._tripletex.open_session(application, key, expiration_date)

    async def _from_body(self, request: Request) -> dict[str, str | None]:
        """Return the members of the JSON body.

        Raises:
            RefusedError: If the body is missing, malformed, or not an object of strings.
        """
        text = await request.body()
        if not text:
            raise RefusedError(answers.no_body(self._tripletex.behaviour.missing_value_code))
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise RefusedError(answers.WRONG_CONTENT_TYPE)
        try:
            body = json.loads(text)
        except ValueError:
            raise RefusedError(answers.INVALID_JSON) from None
        if body is None:
            raise RefusedError(answers.no_body(self._tripletex.behaviour.missing_value_code))
        if not isinstance(body, dict):
            raise RefusedError(answers.mapping_failed("request body"))
        for name, value in body.items():
            if name not in _MEMBERS:
                raise RefusedError(answers.mapping_failed(name, "Feltet eksisterer ikke i objektet."))
            if value is not None and not isinstance(value, str):
                raise RefusedError(answers.mapping_failed(name))
        return {name: body.get(name) for name in _MEMBERS}


def _body(session: Session, host: str) -> dict[str, object]:
    """Return the response body. Its URLs have no scheme (recorded by an integrator)."""
    return {
        "value": {
            "id": session.id,
            "version": 0,
            "url": f"{host}/v2/token/session/{session.id}",
            "consumerToken": _stub(host, "token/consumer", session.application.token_id),
            "employeeToken": _stub(host, "token/employee", session.key.token_id),
            "expirationDate": session.expiration_date.isoformat(),
            "token": session.session_token,
            "encryptionKey": None,
        }
    }


def _stub(host: str, path: str, number: int) -> dict[str, object]:
    return {"id": number, "url": f"{host}/v2/{path}/{number}"}


def basic_credentials(authorization: str | None) -> tuple[str, str] | None:
    """Return the username and password of a Basic ``Authorization`` header (RFC 7617), or None."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        username, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (username, password) if colon else None
