"""Tripletex without HTTP: who may start a session, and who is let in with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from wizard.sandbox.behaviour import Behaviour
from wizard.sandbox.clock import start_of
from wizard.sandbox.demo import DemoWorld
from wizard.sandbox.limits import Allowance, RateLimiter
from wizard.sandbox.refusals import UNAUTHORIZED, RefusedError
from wizard.sandbox.sessions import Session, Sessions
from wizard.sandbox.world import READ_RIGHT, Application, Company, DemoKey


@dataclass(frozen=True)
class Login:
    """Somebody who was let in.

    Attributes:
        session: The session that was shown.
        company: The company whose data the call is about.
        is_proxy: An office key acting in a client's company.
        rights: What may be done there.
    """

    session: Session
    company: Company
    is_proxy: bool
    rights: frozenset[str]

    @property
    def is_office_itself(self) -> bool:
        """An office key in its own company, where it may do next to nothing."""
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
        """Sessions neither deleted nor ended, oldest first."""
        return self._sessions.running(self.clock())

    def check_tokens(self, consumer_token: str, employee_token: str) -> tuple[Application, DemoKey]:
        """Consumer token, then employee token, then whether they belong together.

        The order of the first two was seen; that the match comes last is inferred.

        Raises:
            RefusedError: One of them is no good.
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
        return application, key

    def open_session(self, application: Application, key: DemoKey, expiration_date: date) -> Session:
        """Start a session."""
        return self._sessions.open(key, application, expiration_date)

    def delete_session(self, session: Session) -> None:
        """End a session."""
        self._sessions.delete(session)

    def find_session(self, session_token: str) -> Session:
        """The running session with this token.

        Raises:
            RefusedError: None such, ended, or its key is gone: all one and the same 401 (observed).
        """
        session = self._sessions.find(session_token)
        if session is None or session.has_ended(self.clock()):
            raise RefusedError(UNAUTHORIZED)
        key_is_dead = self._is_gone(session.key) or self._has_expired(session.key)
        if key_is_dead and self.behaviour.deleted_key_ends_sessions:
            raise RefusedError(UNAUTHORIZED)
        return session

    def log_in(self, session: Session, username: str) -> Login:
        """Find the company that a Basic username means: none or 0 the key's own, else a client's id.

        Raises:
            RefusedError: The username names no company that the key reaches.
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
        if client is None:
            raise RefusedError(self.behaviour.no_client_access)
        rights = self.world.client_rights(key, client.id)
        if rights is None:
            raise RefusedError(self.behaviour.no_client_access)
        return Login(session, client, is_proxy=True, rights=rights)

    def require_read_right(self, login: Login) -> None:
        """Let pass who may read data in the company of the login.

        Raises:
            RefusedError: An office key outside its clients, or a missing right.
        """
        if login.is_office_itself:
            raise RefusedError(self.behaviour.company_owned)
        if READ_RIGHT not in login.rights:
            raise RefusedError(self.behaviour.lacking_right)

    def spend(self, key: DemoKey, application: Application) -> Allowance | None:
        """Count a request against the rate limit; None when there is no limit."""
        if self.behaviour.rate_limit is None:
            return None
        return self._limiter.spend(
            (key.token_id, application.token_id),
            now=self.clock(),
            limit=self.behaviour.rate_limit,
            seconds=self.behaviour.rate_window,
        )

    def _is_gone(self, key: DemoKey) -> bool:
        return self.world.is_deleted(key) or (self.behaviour.new_key_kills_old and self._is_superseded(key))

    def _is_superseded(self, key: DemoKey) -> bool:
        """Whether a key of the same kind was made later, after the seeded ones."""
        return any(
            other.token_id > key.token_id
            and (other.company.id, other.application, other.company_owned)
            == (key.company.id, key.application, key.company_owned)
            for other in self.world.keys[self._seeded :]
        )

    def _has_expired(self, key: DemoKey) -> bool:
        return key.expiration_date is not None and self.clock() >= start_of(key.expiration_date)
