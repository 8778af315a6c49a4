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

# Nothing here is encrypted, and loading certificates takes 20 ms.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
CREATE = "/token/session/:create"
WHO_AM_I = "/token/session/%3EwhoAmI"
CLIENTS = "/company/%3EwithLoginAccess"
ENVELOPE = ["status", "code", "message", "link", "developerMessage", "validationMessages", "requestId"]

Told = tuple[int, int | None, str]
UNAUTHORIZED = (401, 3000, "Unauthorized | Could not log in. Check login info in Authorization header.")
FORBIDDEN = (403, 9000, "You do not have permission to access this feature.")
NOT_FOUND = (404, 6000, "Object not found")
NO_SUCH_PATH = (404, 21000, "HTTP 404 Not Found")
WRONG_METHOD = (400, 4000, "HTTP 405 Method Not Allowed")
SENTENCE = (
    "Company owned users(employeeToken) can only access /token/session/>whoAmI & "
    "/company/>withLoginAccess in their own company."
)
OFFICE_KEY = (403, 9000, SENTENCE)


def told(answer: httpx.Response) -> Told:
    """Status, code and texts of a refusal, whose envelope is checked on the way."""
    body = answer.json()
    assert list(body) == ENVELOPE
    assert body["requestId"] == answer.headers["x-tlx-request-id"]
    assert body["status"] == answer.status_code
    assert body["link"] == "https://tripletex.no/v2-docs/"
    complaints = body["validationMessages"] or []
    for each in complaints:
        assert list(each) == ["field", "message", "path", "rootId"]
        assert (each["path"], each["rootId"]) == (each["field"] if body["code"] == 18000 else None, None)
    texts = [f"{each['field']}: {each['message']}" for each in complaints]
    return (
        answer.status_code,
        body["code"],
        " | ".join(filter(None, [body["message"], body["developerMessage"], *texts])),
    )


def bad_token(kind: str, prefix: str = "") -> Told:
    """What is told of a token that is unknown."""
    text = f"{prefix}{kind}Token: The {kind} token is invalid or does not exist."
    return 422, 18000, f"Validering feilet. | {text}"


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

    def delete(self, session_token: str, by: str) -> httpx.Response:
        return self.http.delete(f"/token/session/{session_token}", auth=("0", by))


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
