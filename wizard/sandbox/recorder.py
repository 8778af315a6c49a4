"""What came over the wire, for tests to look at."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class RecordedRequest:
    """One request, exactly as it was sent. Whatever may hold a token stays out of ``repr``.

    Attributes:
        method: The verb.
        endpoint: The decoded path below ``/v2``, a session token in it replaced by ``{token}``.
        raw_path: The path as sent, percent signs and all.
        query: Decoded parameters; of equal ones the last.
        raw_query: The query as sent.
        headers: By lower-case name.
        body: As sent; empty when the connection was dropped before it was read.
        connection: The client's port, which tells connections apart.
        request_id: What the answer carries as ``x-tlx-request-id``.
        at: The sandbox's time on arrival.
        status: Of the answer; None when none was begun.
    """

    method: str
    endpoint: str
    raw_path: str = field(repr=False)
    query: dict[str, str] = field(repr=False)
    raw_query: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    connection: int
    request_id: str
    at: datetime
    status: int | None = None

    @property
    def call(self) -> str:
        """Verb and endpoint, such as ``GET /token/session/>whoAmI``."""
        return f"{self.method} {self.endpoint}"

    @property
    def json(self) -> object:
        """The decoded body.

        Raises:
            ValueError: It is not JSON.
        """
        decoded: object = json.loads(self.body)
        return decoded

    @property
    def username(self) -> str | None:
        """The Basic username, None without one."""
        credentials = basic_credentials(self.headers.get("authorization"))
        return None if credentials is None else credentials[0]


def basic_credentials(authorization: str | None) -> tuple[str, str] | None:
    """Username and password of a Basic ``Authorization`` header, None when it is anything else (RFC 7617)."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        username, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (username, password) if colon else None


def endpoint_of(path: str) -> str:
    """The endpoint that a decoded path means, free of session tokens."""
    below = path.removeprefix("/v2")
    start, session, rest = below.partition("/token/session/")
    if session and rest and not rest.startswith((">", ":")):
        return f"{start}{session}{{token}}"
    return below
