"""A token must not be shown by accident, whatever is done with it."""

import copy
import dataclasses
import io
import json
import logging
import marshal
import pickle
import pprint
import reprlib
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rows import every_row
from wizard.domain.secret import Secret

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
    "percent": lambda: "%s %r" % (Secret(CANARY), Secret(CANARY)),  # noqa: UP031 - old code formats like this
    "format": lambda: "{} {0!r}".replace("{}", "{0}").format(Secret(CANARY)),
    "list": lambda: repr([Secret(CANARY), {"a": Secret(CANARY)}, (Secret(CANARY),)]),
    "dataclass": lambda: repr(Holder(Secret(CANARY))),
    "replaced": lambda: repr(dataclasses.replace(Holder(Secret(CANARY)), name="b")),
    "asdict": lambda: repr(dataclasses.asdict(Holder(Secret(CANARY)))),
    "copied": lambda: repr(copy.copy(Secret(CANARY))) + repr(copy.deepcopy([Secret(CANARY)])),
    "pprint": lambda: pprint.pformat({"token": Secret(CANARY)}),
    "reprlib": lambda: reprlib.repr([Secret(CANARY)]),
    "exception": lambda: str(ValueError(Secret(CANARY))) + repr(KeyError(Secret(CANARY))),
    "traceback": raised,
    "log": logged,
    "json with a default": lambda: json.dumps({"token": Secret(CANARY)}, default=str),
}


@every_row("way", SHOWN)
def test_it_shows_nothing(way: str) -> None:
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
def test_it_does_not_become_something_else(way: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        REFUSED[way](Secret(CANARY))

    assert "canary" not in str(caught.value)


def test_a_failed_assertion_shows_nothing() -> None:
    with pytest.raises(AssertionError) as caught:
        assert Holder(Secret(CANARY)) == Holder(Secret("other"))

    assert "Secret(***)" in str(caught.value)
    assert "canary" not in str(caught.value)


def test_reveal_is_the_one_way_out() -> None:
    assert Secret(CANARY).reveal() == CANARY
    assert len(Secret(CANARY)) == len(CANARY)
    assert Secret(CANARY)
    assert not Secret("")


@given(st.text(), st.text())
def test_equal_values_are_equal_secrets(one: str, other: str) -> None:
    assert Secret(one) == Secret(one)
    assert hash(Secret(one)) == hash(Secret(one))
    assert (Secret(one) == Secret(other)) is (one == other)
    assert Secret(one) != one


def test_a_copy_is_the_same_secret() -> None:
    secret = Secret(CANARY)

    assert copy.copy(secret) is secret
    assert copy.deepcopy(secret) is secret


def test_the_fingerprint_tells_keys_apart_and_nothing_else() -> None:
    # First half of the first three bytes of SHA-256, as `printf %s KEY | sha256sum` shows them.
    assert Secret("abc").fingerprint == "ba78-16"
    assert Secret("abd").fingerprint != Secret("abc").fingerprint
    assert Secret("\ud800").fingerprint
