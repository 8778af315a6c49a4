"""Sessions: what ``:create`` gives out and every other call asks for."""

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count

from wizard.sandbox.clock import start_of
from wizard.sandbox.tokens import demo_token
from wizard.sandbox.world import Application, DemoKey

_FIRST_ID = 2**31 + 5_001  # session numbers were seen just above 2^31, those of keys are small


@dataclass(frozen=True)
class Session:
    """One session.

    It ends at 00:00 in Oslo at the *start* of its expiration date (observed by three integrators), so one
    made with today's date is dead when it is handed out.
    """

    id: int
    session_token: str = field(repr=False)
    key: DemoKey
    application: Application
    expiration_date: date

    def has_ended(self, now: datetime) -> bool:
        """Whether the session is over at that moment."""
        return now >= start_of(self.expiration_date)


class Sessions:
    """The sessions that were made and not deleted."""

    def __init__(self) -> None:
        self._by_token: dict[str, Session] = {}
        self._ids = count(_FIRST_ID)

    def open(self, key: DemoKey, application: Application, expiration_date: date) -> Session:
        """Make a session; any date will do, past ones too (observed)."""
        number = next(self._ids)
        session = Session(number, demo_token(number), key, application, expiration_date)
        self._by_token[session.session_token] = session
        return session

    def find(self, session_token: str) -> Session | None:
        """The session with this token, ended or not."""
        return self._by_token.get(session_token)

    def delete(self, session: Session) -> None:
        """Forget a session."""
        self._by_token.pop(session.session_token, None)

    def running(self, now: datetime) -> list[Session]:
        """The sessions that would still be let in, oldest first."""
        return [session for session in tuple(self._by_token.values()) if not session.has_ended(now)]
