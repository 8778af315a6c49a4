"""Secrets: never shown by accident, masked in logs and in tracebacks, and text that is safe to print."""

import base64
import copy
import dataclasses
import errno
import io
import json
import logging
import marshal
import pickle
import re
import traceback
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.keys import ZERO_UUID, make_key
from tests.support.rows import every_row
from wizard.domain import redaction
from wizard.domain.key import Secret
from wizard.domain.legible import encodable, is_hidden, one_line, visible
from wizard.domain.redaction import RedactingFormatter, Scrub, mask

CANARY = "canary-4711-canary"


@dataclass(frozen=True)
class Holder:
    """What a session or an answer looks like from outside."""

    token: Secret
    name: str = "ACME"


def raised() -> str:
    """Return a traceback with every local variable in it."""
    token = Secret(CANARY)
    try:
        token.no_such_name  # type: ignore[attr-defined]  # noqa: B018 - the error is what is looked at
    except AttributeError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(shown.format())


def logged() -> str:
    stream = io.StringIO()
    logger = logging.getLogger("tests.domain.secret")
    logger.propagate = False
    logger.addHandler(logging.StreamHandler(stream))
    logger.warning("%s %r %s", Secret(CANARY), Secret(CANARY), {"token": Secret(CANARY)})
    return stream.getvalue()


SHOWN: dict[str, Callable[[], str]] = {
    "repr": lambda: repr(Secret(CANARY)),
    "str": lambda: str(Secret(CANARY)),
    "f-string": lambda: f"{Secret(CANARY)} {Secret(CANARY)!r} {Secret(CANARY)!s:>40}",
    "padded": lambda: f"{Secret(CANARY):<40}",
    "cut": lambda: f"Secret {Secret(CANARY):.4}",
    "asdict": lambda: repr(dataclasses.asdict(Holder(Secret(CANARY)))),
    "copied": lambda: repr(copy.copy(Secret(CANARY))) + repr(copy.deepcopy([Secret(CANARY)])),
    "traceback": raised,
    "log": logged,
    "json with a default": lambda: json.dumps({"token": Secret(CANARY)}, default=str),
}


@every_row("way", SHOWN)
def test_no_representation_of_a_secret_shows_it(way: str) -> None:
    text = SHOWN[way]()

    assert "Secr" in text
    assert "canary" not in text
    assert "4711" not in text


REFUSED: dict[str, Callable[[Secret], object]] = {
    "pickle": pickle.dumps,
    "old pickle": lambda secret: pickle.dumps(secret, protocol=0),
    "pickled within": lambda secret: pickle.dumps(Holder(secret)),
    "marshal": marshal.dumps,  # type: ignore[dict-item]  # the point is that it refuses
    "json": json.dumps,
    "bytes": bytes,  # type: ignore[dict-item]
    "join": lambda secret: " ".join(("Basic", secret)),  # type: ignore[arg-type]  # noqa: FLY002 - joining is the way
    "add": lambda secret: "Basic " + secret,  # type: ignore[operator]
    "iterate": list,  # type: ignore[dict-item]
    "index": lambda secret: secret[0],  # type: ignore[index]
    "vars": vars,
    "write": lambda secret: io.StringIO().write(secret),  # type: ignore[arg-type]
}


@every_row("way", REFUSED)
def test_a_secret_cannot_be_converted_or_serialised(way: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        REFUSED[way](Secret(CANARY))

    assert "canary" not in str(caught.value)


def test_a_failed_assertion_does_not_show_the_secret() -> None:
    with pytest.raises(AssertionError) as caught:
        assert Holder(Secret(CANARY)) == Holder(Secret("other"))

    assert "Secret(***)" in str(caught.value)
    assert "canary" not in str(caught.value)


@given(st.text(), st.text())
def test_equal_values_are_equal_secrets(one: str, other: str) -> None:
    assert Secret(one).reveal() == one
    assert (len(Secret(one)), bool(Secret(one))) == (len(one), bool(one))
    assert Secret(one) == Secret(one)
    assert hash(Secret(one)) == hash(Secret(one))
    assert (Secret(one) == Secret(other)) is (one == other)
    assert Secret(one) != one


def test_the_fingerprint_only_tells_keys_apart() -> None:
    # First half of the first three bytes of SHA-256, as `printf %s KEY | sha256sum` shows them.
    assert Secret("abc").fingerprint == "ba78-16"
    assert Secret("abd").fingerprint != Secret("abc").fingerprint
    assert Secret("\ud800").fingerprint


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
def test_text_that_looks_like_a_token_is_masked(text: str, masked: str) -> None:
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
def test_other_text_is_left_unmasked(text: str) -> None:
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
def test_a_registered_secret_is_masked_in_any_form(form: str) -> None:
    assert mask(form) == form
    redaction.register(ODD)
    assert mask(f"<{form}>") in {"<***>", "<x=***>"}


@given(head=st.binary(max_size=20), tail=st.binary(max_size=20), url=st.booleans())
def test_a_registered_secret_is_masked_inside_base64(head: bytes, tail: bytes, *, url: bool) -> None:
    encode = base64.urlsafe_b64encode if url else base64.b64encode
    redaction.register(ODD)
    masked = mask(encode(head + ODD.reveal().encode() + tail).decode())
    left = re.sub(r"[^A-Za-z0-9+/_-]", "", masked)
    assert "***" in masked
    # Next to its neighbours at most six bits of it remain on either side.
    assert len(left) <= (len(head) + len(tail) + 2) * 8 / 6 + 4


def test_short_texts_are_not_registered() -> None:
    redaction.register(Secret(""))
    redaction.register(Secret("on"))
    assert mask("one") == "one"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A log that is masked, and what has been written to it."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(RedactingFormatter("%(levelname)s %(message)s"))
    logger = logging.getLogger("tests.redaction")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    yield logger, output
    logger.removeHandler(handler)


def test_an_error_is_logged_with_its_place_and_without_its_message(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, output = log
    logger.info("sent %s", KEY)
    assert output.getvalue() == "INFO sent ***\n"
    wrapped = f"{KEY[:40]}\n{KEY[40:]}"
    try:
        try:
            int(wrapped)
        except ValueError as error:
            raise OSError(errno.ENOSPC, wrapped) from error
    except OSError:
        logger.exception("failed", stack_info=True)
    text = output.getvalue()
    assert "int(wrapped)" in text
    assert "builtins.ValueError\n" in text
    assert f"builtins.OSError [Errno {errno.ENOSPC}]\n" in text
    assert "Stack (most recent call last)" in text
    assert KEY[:20] not in text
    assert KEY[40:60] not in text


def test_every_error_of_a_group_is_logged(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, output = log
    logger.error("failed", exc_info=ExceptionGroup(KEY, [KeyError(KEY), ConnectionResetError(KEY)]))
    text = output.getvalue()
    assert "builtins.KeyError" in text
    assert "builtins.ConnectionResetError" in text
    assert "***" not in text
    assert KEY not in text


FOLDS = ["\n", "\r\n", "\n    ", "\n> ", r"\n", r"\r\n", '",\n  "', " │\n│ "]


def test_a_token_folded_over_lines_is_masked_as_a_whole() -> None:
    redaction.register(ODD)
    for end in FOLDS:
        folded = end.join(KEY[at : at + 30] for at in range(0, len(KEY), 30))
        told = mask(f"sent:\n{folded}\nconnection refused")
        assert told == "sent:\n***\nconnection refused"
        odd = end.join(ODD.reveal()[at : at + 10] for at in range(0, len(ODD), 10))
        assert mask(f"sent {odd}!\n") == "sent ***!\n"
        packed = base64.b64encode(ODD.reveal().encode()).decode()
        wrapped = end.join(packed[at : at + 10] for at in range(0, len(packed), 10))
        assert re.fullmatch(r"sent \*{3}.{,4}\n", mask(f"sent {wrapped}\n"))


@given(
    number=st.integers(1, 2**63 - 1),
    before=st.text("abc: ", max_size=80),
    width=st.integers(20, 120),
    end=st.sampled_from(FOLDS),
    after=st.sampled_from(["", " was refused", "\ndone", "\nfirst\nsecond\n/etc/finale/kunde-acme.toml\n"]),
)
def test_an_unknown_token_is_masked_however_it_is_folded(
    number: int, before: str, width: int, end: str, after: str
) -> None:
    text = f"{before.strip()} {make_key(number).reveal()}"
    folded = end.join(text[at : at + width] for at in range(0, len(text), width))
    joins = re.compile(rf"{re.escape(end)}|\s")
    kept = [re.escape(joins.sub("", part)) for part in (before, after)]
    # If the fold is in the last characters of the token, they may be shown. They are the same in all tokens.
    expected = rf"{kept[0]}\*\*\*[J9In0fQ=]{{0,3}}{kept[1]}"
    assert re.fullmatch(expected, joins.sub("", mask(f"{folded}{after}")))


@every_row("token", [KEY, make_key(4711).reveal(), make_key(47).reveal()])
def test_lines_after_an_unknown_token_survive(token: str) -> None:
    for fold in (64, 76, len(token)):
        folded = "\n".join(token[at : at + fold] for at in range(0, len(token), fold))
        after = "refused\n/etc/finale/kunde-acme.toml\nthe vault is sealed\n"
        assert mask(f"{folded}\n{after}") == f"***\n{after}"


@every_row("token", [KEY[:40], JWT])
def test_a_token_whose_end_is_not_known_hides_at_most_one_word(token: str) -> None:
    assert mask(f"{token}\nfirst\nsecond\nthird\n") == "***\nsecond\nthird\n"
    assert mask(f"{token}\nconnection refused\n") == "***\nconnection refused\n"


THE_KEY = make_key(4711)


@every_row(
    ("text", "shown"),
    [
        ("Rørlegger AS", "Rørlegger AS"),
        ("  two\nlines\t", "two lines"),
        ("\x1b[31mred\x07", "[31mred"),
        ("admin\u202egnp.exe", "admin gnp.exe"),
        ("\ud800broken", "broken"),
        ("\u200b\ufeff", ""),
    ],
)
def test_an_ordinary_line_is_shown_unchanged(text: str, shown: str) -> None:
    assert Scrub(THE_KEY).line(text) == shown


@given(st.text())
def test_every_shown_line_is_one_printable_line(text: str) -> None:
    shown = Scrub(THE_KEY).line(text)
    assert len(shown) <= 200
    assert shown.isprintable()
    shown.encode()


@every_row(
    "text",
    [
        THE_KEY.reveal(),
        f"Company {THE_KEY.reveal()} AS",
        THE_KEY.reveal()[:40],
        THE_KEY.reveal().lower(),
        " ".join(THE_KEY.reveal()),
        "\u200b".join(THE_KEY.reveal()),
        f"inner {ZERO_UUID}",
    ],
)
def test_a_token_that_a_server_sends_back_is_not_shown(text: str) -> None:
    assert Scrub(THE_KEY).line(text) == ""


def test_a_token_of_an_unknown_form_is_not_shown_either() -> None:
    assert Scrub(Secret("hunter2-hunter2")).line("it is hunter2-hunter2") == ""


@every_row("text", ["3f2a-c1", "A" * 64, "0123"])
def test_a_request_id_is_kept(text: str) -> None:
    assert Scrub(THE_KEY).request_id(text) == text


@every_row("text", [None, "", "a b", "A" * 65, "x\n", "æ", "<script>", ZERO_UUID, THE_KEY.reveal()[:32]])
def test_text_that_is_no_request_id_is_dropped(text: str | None) -> None:
    assert Scrub(THE_KEY).request_id(text) is None


ANYTHING = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANYTHING)
def test_no_visible_text_is_hidden(text: str) -> None:
    shown = visible(text)
    assert not any(map(is_hidden, shown))
    shown.encode()
    assert "\x1b" not in shown


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_hidden_characters_are_shown_as_in_python() -> None:
    assert visible("a\nb\tc\x1b", keep="\n") == "a\nb\\tc\\x1b"
    assert (
        visible("\u202e \u200b \ufeff \u2028 \udcff \ufffe") == r"\u202e \u200b \ufeff \u2028 \udcff \ufffe"
    )


@given(ANYTHING.filter(lambda text: not any(unicodedata.category(c) == "Cs" for c in text)))
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "cp865"])
def test_every_encodable_text_is_written_in_every_encoding(encoding: str, text: str) -> None:
    encodable(text, encoding).encode(encoding)


@every_row(
    ("encoding", "shown"),
    [
        (None, "Blåbær → «ØL» … • Č€"),
        ("utf-8", "Blåbær → «ØL» … • Č€"),
        ("latin-1", "Blåbær -> «ØL» ... * C?"),
        ("ascii", 'Blaabaer -> "OEL" ... * C?'),
    ],
)
def test_characters_that_an_encoding_lacks_are_replaced(encoding: str | None, shown: str) -> None:
    assert encodable("Blåbær → «ØL» … • Č€", encoding) == shown


def test_text_is_put_on_one_line() -> None:
    assert one_line("a\x1b[1m\n b\u202e\t\u00a0c ") == "a [1m b c"
