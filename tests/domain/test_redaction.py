"""What is masked in a log, and what is left for people to read."""

import base64
import errno
import io
import logging
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.keys import ZERO_UUID, make_key
from tests.support.rows import every_row
from wizard.domain import redaction
from wizard.domain.redaction import RedactingFormatter, mask
from wizard.domain.secret import Secret

KEY = make_key().reveal()
JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"none"}', b'{"sub":"nobody at all"}', bytes(32))
)
REFRESH = "tlxr_" + "0" * 40
ODD = Secret("p@ss word/with+all?of&it=æøå")


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_registered", set())


@every_row(
    ("text", "masked"),
    [
        (f"key {KEY}, and on", "key ***, and on"),
        (f"(b'{KEY}')", "(b'***')"),
        (f"a {JWT} z", "a *** z"),
        (f"a {REFRESH} z", "a *** z"),
        (f"token {ZERO_UUID}", "token ***"),
        (f"token test-{ZERO_UUID.upper()}", "token ***"),
        (
            f"?consumerToken={quote(KEY, safe='')}&employeeToken=x&x=1",
            "?consumerToken=***&employeeToken=***&x=1",
        ),
        ('{"employeeToken": "abc", "x": 1}', '{"employeeToken": "***", "x": 1}'),
        ("{'sessionToken': 'abc'}", "{'sessionToken': '***'}"),
        ("consumer_token=abc", "consumer_token=***"),
        ("DELETE /v2/token/session/abc%3D HTTP/1.1", "DELETE /v2/token/session/*** HTTP/1.1"),
        ("Authorization: Basic MDphYmNkZWZnaA==", "Authorization: Basic ***"),
        ("authorization: bearer abcdefghij", "authorization: bearer ***"),
    ],
)
def test_masks_what_looks_like_a_token(text: str, masked: str) -> None:
    assert mask(text) == masked


@every_row(
    "text",
    [
        "",
        "PUT https://tripletex.no/v2/token/session/:create",
        "PUT https://tripletex.no/v2/token/session/%3Acreate?x=1",
        "GET https://tripletex.no/v2/token/session/>whoAmI",
        "GET https://tripletex.no/v2/token/session/%3EwhoAmI",
        f"x-tlx-request-id: {ZERO_UUID}",
        f"(b'x-tlx-request-id', b'{ZERO_UUID}')",
        f'{{"requestId":"{ZERO_UUID}"}}',
        f"request_id={ZERO_UUID}",
        "WWW-Authenticate: Basic realm=x",
        "key production/2147628461 with the fingerprint 3f2a-c1, organisation number 974760673",
        "the keyjournalentry of the day",
    ],
)
def test_leaves_the_rest(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    "form",
    [
        ODD.reveal(),
        quote(ODD.reveal()),
        quote(ODD.reveal(), safe=""),
        quote_plus(ODD.reveal()),
        urlencode({"x": ODD.reveal()}),
    ],
)
def test_masks_what_was_registered_in_any_form(form: str) -> None:
    assert mask(form) == form
    redaction.register(ODD)
    assert mask(f"<{form}>") in {"<***>", "<x=***>"}


@given(head=st.binary(max_size=20), tail=st.binary(max_size=20), url=st.booleans())
def test_masks_what_was_registered_inside_base64(head: bytes, tail: bytes, *, url: bool) -> None:
    encode = base64.urlsafe_b64encode if url else base64.b64encode
    redaction.register(ODD)
    masked = mask(encode(head + ODD.reveal().encode() + tail).decode())
    left = re.sub(r"[^A-Za-z0-9+/_-]", "", masked)
    assert "***" in masked
    # Beside its neighbours no more than six bits of it on either side are left.
    assert len(left) <= (len(head) + len(tail) + 2) * 8 / 6 + 4


def test_registers_no_scraps() -> None:
    redaction.register(Secret(""))
    redaction.register(Secret("on"))
    assert mask("one") == "one"


class TestLog:
    @pytest.fixture
    def output(self) -> Iterator[io.StringIO]:
        output = io.StringIO()
        handler = logging.StreamHandler(output)
        handler.setFormatter(RedactingFormatter("%(levelname)s %(message)s"))
        self.logger = logging.getLogger("tests.redaction")
        self.logger.setLevel(logging.DEBUG)
        self.logger.addHandler(handler)
        yield output
        self.logger.removeHandler(handler)

    def test_masks_arguments(self, output: io.StringIO) -> None:
        self.logger.info("sent %s", KEY)
        assert output.getvalue() == "INFO sent ***\n"

    def test_tells_where_an_error_came_from_and_not_what_it_said(self, output: io.StringIO) -> None:
        wrapped = f"{KEY[:40]}\n{KEY[40:]}"
        try:
            try:
                int(wrapped)
            except ValueError as error:
                raise OSError(errno.ENOSPC, wrapped) from error
        except OSError:
            self.logger.exception("failed", stack_info=True)
        text = output.getvalue()
        assert "int(wrapped)" in text
        assert "builtins.ValueError\n" in text
        assert f"builtins.OSError [Errno {errno.ENOSPC}]\n" in text
        assert "Stack (most recent call last)" in text
        assert KEY[:20] not in text
        assert KEY[40:60] not in text

    def test_tells_of_every_error_in_a_group(self, output: io.StringIO) -> None:
        error = ExceptionGroup(KEY, [KeyError(KEY), ConnectionResetError(KEY)])
        self.logger.error("failed", exc_info=error)
        text = output.getvalue()
        assert "builtins.KeyError" in text
        assert "builtins.ConnectionResetError" in text
        assert "***" not in text
        assert KEY not in text


def test_a_token_folded_over_lines_is_masked_as_a_whole() -> None:
    redaction.register(ODD)
    for end in ("\n", "\r\n", "\n    "):
        folded = end.join(KEY[at : at + 30] for at in range(0, len(KEY), 30))
        told = mask(f"sent:\n{folded}\nconnection refused")
        assert told == "sent:\n***\nconnection refused"
        odd = end.join(ODD.reveal()[at : at + 10] for at in range(0, len(ODD), 10))
        assert mask(f"sent {odd}!\n") == "sent ***!\n"
