"""A sandbox served over real TCP, and a plain HTTP client that knows nothing of the project."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.sandbox import OSLO, Clock, DemoKey, Sandbox

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=OSLO)
TODAY = NOON.date()
TOMORROW = TODAY + timedelta(days=1)

NO_TLS = ssl.SSLContext(
    ssl.PROTOCOL_TLS_CLIENT
)  # nothing here is encrypted, and loading certificates takes 20 ms
CREATE = "/token/session/:create"
WHO_AM_I = "/token/session/%3EwhoAmI"
CLIENTS = "/company/%3EwithLoginAccess"


class Caller:
    """Calls a served sandbox."""

    def __init__(self, sandbox: Sandbox, http: httpx.Client, clock: Clock) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self.http = http
        self.clock = clock

    def create(
        self,
        employee_token: str | DemoKey,
        *,
        verb: str = "POST",
        consumer_token: str | None = None,
        day: date | str = TOMORROW,
    ) -> httpx.Response:
        if isinstance(employee_token, DemoKey):
            employee_token = employee_token.employee_token
        given = {
            "consumerToken": consumer_token or self.world.consumer_token,
            "employeeToken": employee_token,
            "expirationDate": str(day),
        }
        if verb == "PUT":
            return self.http.put(CREATE, params=given)
        return self.http.post(CREATE, json=given)

    def log_on(self, key: DemoKey, *, verb: str = "POST", day: date = TOMORROW) -> str:
        """A session token for the key."""
        answer = self.create(key, verb=verb, day=day)
        assert answer.is_success, answer.text
        token: str = answer.json()["value"]["token"]
        return token

    def get(
        self, path: str, session_token: str, username: str = "0", /, **query: str | int
    ) -> httpx.Response:
        return self.http.get(path, auth=(username, session_token), params=query or None)


Serve = Callable[..., Caller]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a sandbox, its clock standing at noon, until the test is over."""
    with ExitStack() as stack:

        def start(**named: Any) -> Caller:  # noqa: ANN401 - whatever Sandbox takes
            clock = named.setdefault("clock", Clock(NOON))
            sandbox = Sandbox(**named)
            base_url = stack.enter_context(sandbox.serve())
            http = stack.enter_context(
                httpx.Client(base_url=base_url, trust_env=False, timeout=5, verify=NO_TLS)
            )
            return Caller(sandbox, http, clock)

        yield start


@pytest.fixture
def caller(serve: Serve) -> Caller:
    """The sandbox as it is by default."""
    return serve()


def refusal(answer: httpx.Response) -> dict[str, Any]:
    """The body of an error answer, without what differs each time (which is checked here)."""
    body: dict[str, Any] = answer.json()
    assert list(body) == [
        "status",
        "code",
        "message",
        "link",
        "developerMessage",
        "validationMessages",
        "requestId",
    ]
    assert body.pop("requestId") == answer.headers["x-tlx-request-id"]
    assert body.pop("status") == answer.status_code
    assert body.pop("link") == "https://tripletex.no/v2-docs/"
    return body


def generic(code: int | None, message: str | None, developer_message: str | None = None) -> dict[str, Any]:
    """What ``refusal`` gives for an error without validation messages."""
    return {
        "code": code,
        "message": message,
        "developerMessage": developer_message,
        "validationMessages": None,
    }


def invalid(code: int, message: str, *complaints: tuple[str, str, str | None]) -> dict[str, Any]:
    """What ``refusal`` gives for an error with validation messages (field, message, path)."""
    return generic(code, message) | {
        "validationMessages": [
            {"field": field, "message": text, "path": path, "rootId": None}
            for field, text, path in complaints
        ]
    }


UNAUTHORIZED = generic(3000, "Unauthorized", "Could not log in. Check login info in Authorization header.")
FORBIDDEN = generic(9000, "You do not have permission to access this feature.")
SENTENCE = (
    "Company owned users(employeeToken) can only access /token/session/>whoAmI & "
    "/company/>withLoginAccess in their own company."
)


def bad_token(kind: str, *, prefix: str = "") -> dict[str, Any]:
    field = f"{prefix}{kind}Token"
    text = f"The {kind} token is invalid or does not exist."
    return invalid(18000, "Validering feilet.", (field, text, field))
