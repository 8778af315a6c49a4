"""Sessions, the rate limit, both forms of ``:create``, the rights of a login, and what is uncertain."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from math import ceil
from typing import Literal
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from wizard.sandbox import answers
from wizard.sandbox.answers import UNAUTHORIZED, Gateway, Refusal, RefusedError, parse_date
from wizard.sandbox.world import WAGES, Application, Company, DemoKey, DemoWorld, Rights, demo_token

_FIRST_ID = 2**31 + 5_001  # observed session ids are just above 2^31; those of keys are small
_MEMBERS = ("consumerToken", "employeeToken", "expirationDate")
_RATE_WINDOW = timedelta(seconds=10)
"""The length of a window of the rate limit (about 10 seconds were observed)."""
OSLO = ZoneInfo("Europe/Oslo")
"""Tripletex uses Norwegian time (official documentation)."""


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """The sandbox's behaviour where the facts about Tripletex leave a choice.

    The defaults are the most likely behaviour, but a client must cope with all values. ``sandbox.behaviour``
    can be replaced between two requests.

    Attributes:
        chunked: Whether bodies are sent in chunks, without a length (often observed).
        gateway: The responses of a gateway in front of Tripletex, by method and path such as
            ``POST /token/session/:create``, or ``*`` for all calls.
        refused: Calls that are refused for all keys, such as ``GET /balanceSheet`` with ``UNSPECIFIED``.

        post_refused: The response to ``POST :create``, or None if it works. PUT is deprecated since
            specification 2.74.00 and POST is new. The response can be ``WRONG_METHOD`` (observed for wrong
            methods), the same with 405, ``NO_SUCH_PATH``, or ``BAD_EMPLOYEE_TOKEN`` for a valid token
            (reported once).
        arg_prefix: The methods for which ``:create`` adds ``arg:`` to field names (observed on PUT only).
        wrong_application: The response to an employee token for another application.
        blocked_account: The response to a key of a company whose account is blocked. Whether it is 401 or
            403 is not known.

        lacking_right: The response if a right or module is missing.
        figures_denied: What happens if a right to figures is missing: a refusal, an empty list, or an HTML
            page with status 200 (all were observed, on different calls).
        last_day_of_year: Whether ``end`` of a fiscal year is the day after it, or its last day.

        company_owned: The response to an office key that is used like an ordinary key.
        office_key_names_company: Whether whoAmI returns the office for an office key. If not, the id is 0
            and the company null.
        no_client_access: The response to an office key at a client without Klienttilgang (401/3000 or
            403/9000).
        ordinary_client_list: The response of ``>withLoginAccess`` to an ordinary key.
        missing_number: The ``organizationNumber`` of a company that has none.
        full_result_size: The value of ``fullResultSize``, which is documented as inexact. It was observed to
            be one more than the values so far if there are more, and exact on the last page.
        max_page_size: The maximum number of values in a page, whatever ``count`` is. Only the default of
            ``count``, 1000, is documented.
        rate_limit: Requests per window for a key and consumer (100 was observed), or None for no limit.
    """

    chunked: bool = True
    gateway: Mapping[str, Gateway] = field(default_factory=dict)
    refused: Mapping[str, Refusal] = field(default_factory=dict)

    post_refused: Refusal | None = None
    arg_prefix: frozenset[str] = frozenset({"PUT"})
    wrong_application: Refusal = answers.BAD_EMPLOYEE_TOKEN
    blocked_account: Refusal = answers.FORBIDDEN

    lacking_right: Refusal = answers.FORBIDDEN
    figures_denied: Literal["refusal", "empty", "page"] = "refusal"
    last_day_of_year: Literal["after", "last"] = "after"

    company_owned: Refusal = answers.COMPANY_OWNED
    office_key_names_company: bool = True
    no_client_access: Refusal = answers.UNAUTHORIZED
    ordinary_client_list: Literal["empty", "own-company", "forbidden"] = "empty"
    missing_number: Literal["absent", "null", "empty"] = "absent"
    full_result_size: Literal["one-more", "short", "long", "exact"] = "one-more"
    max_page_size: int = 1000
    rate_limit: int | None = 100


def start_of(day: date) -> datetime:
    """Return 00:00 in Oslo on a day, when keys and sessions with this expiration date end (observed)."""
    return datetime.combine(day, time(), OSLO)


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
    """A window of the rate limit, for a key and a consumer."""

    ends: datetime
    spent: int = 0


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
    """The state of the service and its rules about tokens, sessions and rights.

    Attributes:
        sessions: The sessions that have not been deleted, by token.
    """

    def __init__(self, world: DemoWorld, behaviour: Behaviour, clock: Callable[[], datetime]) -> None:
        self.world = world
        self.behaviour = behaviour
        self.clock = clock
        self.sessions: dict[str, Session] = {}
        self._session_ids = count(_FIRST_ID)
        self._windows: dict[tuple[int, int], _Window] = {}

    def check_tokens(self, consumer_token: str, employee_token: str) -> tuple[Application, DemoKey]:
        """Check the consumer token, the employee token, and that they are for the same application.

        The order of the first two checks was observed; that the third is last is inferred.

        Raises:
            RefusedError: If a check fails.
        """
        application = self.world.find_application(consumer_token)
        if application is None:
            raise RefusedError(answers.BAD_CONSUMER_TOKEN)
        key = self.world.find_key(employee_token)
        if key is None or self._has_ended(key):
            raise RefusedError(answers.BAD_EMPLOYEE_TOKEN)
        if key.application != application.name:
            raise RefusedError(self.behaviour.wrong_application)
        if key.company.blocked:
            raise RefusedError(self.behaviour.blocked_account)
        return application, key

    def open_session(self, application: Application, key: DemoKey, expiration_date: date) -> Session:
        """Start a session. The date may be in the past (observed)."""
        number = next(self._session_ids)
        session = Session(number, demo_token(number), key, application, expiration_date)
        self.sessions[session.session_token] = session
        return session

    def delete_session(self, session: Session) -> None:
        """End a session."""
        self.sessions.pop(session.session_token, None)

    def find_session(self, session_token: str) -> Session:
        """Return the active session with this token.

        Raises:
            RefusedError: If there is none, or it has ended, or its key was deleted or has expired. The 401
                is the same for all (observed).
        """
        session = self.sessions.get(session_token)
        if session is None or session.has_ended(self.clock()) or self._has_ended(session.key):
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
            if not key.company_owned:
                raise RefusedError(UNAUTHORIZED)  # observed by an integrator, who had to use 0
            return Login(session, own, is_proxy=False, rights=key.effective_rights)
        client = None if client_id is None else self.world.companies.get(client_id)
        rights = None if client is None else self.world.client_rights(key, client)
        if client is None or rights is None:
            raise RefusedError(self.behaviour.no_client_access)
        return Login(session, client, is_proxy=True, rights=rights & key.owner_rights)

    def require(self, login: Login, any_of: AbstractSet[int]) -> None:
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
        limit = self.behaviour.rate_limit
        if limit is None:
            return None
        now, pair = self.clock(), (key.token_id, application.token_id)
        window = self._windows.get(pair)
        if window is None or now >= window.ends:
            window = self._windows[pair] = _Window(ends=now + _RATE_WINDOW)
        window.spent += 1
        return Allowance(
            limit=limit,
            remaining=max(0, limit - window.spent),
            reset=ceil((window.ends - now).total_seconds()),
            exceeded=window.spent > limit,
        )

    def _has_ended(self, key: DemoKey) -> bool:
        if self.world.is_deleted(key):
            return True
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
        if request.method == "PUT":
            return {name: request.query_params.get(name) for name in _MEMBERS}
        if (refused := self._tripletex.behaviour.post_refused) is not None:
            raise RefusedError(refused)
        return await self._from_body(request)

    def _open(self, parameters: dict[str, str | None], request: Request) -> Session:
        known = self._tripletex.world.find_key(parameters["employeeToken"] or "")
        if request.method == "POST" and known is not None and known.post_refused is not None:
            raise RefusedError(known.post_refused)
        missing = [name for name in _MEMBERS if parameters[name] is None]
        if missing:
            raise RefusedError(answers.cannot_be_null(*missing))
        consumer_token, employee_token, day = (parameters[name] or "" for name in _MEMBERS)
        expiration_date = parse_date(day, "expirationDate")
        application, key = self._tripletex.check_tokens(consumer_token, employee_token)
        return self._tripletex.open_session(application, key, expiration_date)

    async def _from_body(self, request: Request) -> dict[str, str | None]:
        """Return the members of the JSON body.

        Raises:
            RefusedError: If the body is not JSON, or not an object of strings.
        """
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise RefusedError(answers.WRONG_CONTENT_TYPE)
        try:
            body = json.loads(await request.body())
        except ValueError:
            raise RefusedError(answers.INVALID_JSON) from None
        if not isinstance(body, dict):
            raise RefusedError(answers.mapping_failed("request body"))
        for name in _MEMBERS:
            if not isinstance(body.get(name), str | None):
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
