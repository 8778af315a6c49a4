"""The question where a key shall lie: what may be chosen, and what is said of the rest."""

from typing import Any

import pytest

from wizard.domain.reference import CommandReference, EnvReference, Reference
from wizard.findings import Finding, StepId, codes
from wizard.flow.answers import OwnPlace, StoreKind
from wizard.flow.asking_storage import ask_own_place, ask_storage
from wizard.flow.flow import Position
from wizard.flow.questions import AskText, Choose
from wizard.text import LANGUAGES, Texts

T = Texts("en")
COMMON: dict[str, Any] = {
    "step": StepId.STORAGE,
    "position": Position(1, 9),
    "title": "",
    "guide": "",
    "help": "",
}
NO_KEYRING = codes.NO_KEYRING.found()
LOCKED = codes.STORE_LOSES.found(backend="null")


def storage(
    keyring: Finding | None, chosen: StoreKind | OwnPlace | None = None, *, own: bool = True
) -> Choose:
    stores: tuple[tuple[StoreKind, Finding | None], ...] = (("keyring", keyring), ("file", None))
    question = ask_storage(COMMON, T, stores, chosen, offers_own_places=own)
    assert isinstance(question, Choose)
    return question


@pytest.mark.parametrize(
    ("keyring", "own", "values"),
    [
        (None, True, ["keyring", "file", "command", "env"]),
        (NO_KEYRING, True, ["file", "command", "env"]),
        (LOCKED, True, ["file", "command", "env"]),
        (None, False, ["keyring", "file"]),
        (NO_KEYRING, False, ["file"]),
    ],
)
def test_what_can_be_chosen(keyring: Finding | None, own: bool, values: list[str]) -> None:  # noqa: FBT001 - a table
    question = storage(keyring, own=own)
    assert [option.value for option in question.options if option.is_available] == values
    assert all(option.detail for option in question.options)


def test_a_server_without_a_keyring_is_nothing_to_be_mended() -> None:
    question = storage(NO_KEYRING)
    assert question.findings == ()
    *_, keyring = question.options
    assert not keyring.is_available
    assert keyring.label == "The keyring of this machine: not available"
    assert keyring.detail.startswith(NO_KEYRING.message(T))


def test_a_keyring_that_is_there_and_does_not_work_is_found() -> None:
    question = storage(LOCKED)
    assert question.findings == (LOCKED,)
    assert all(option.is_available for option in question.options)


def test_a_keyring_is_proposed_and_a_plain_file_never_is() -> None:
    assert storage(None).selected == "keyring"
    assert storage(NO_KEYRING).selected is None
    assert storage(NO_KEYRING, "keyring").selected is None


@pytest.mark.parametrize("chosen", ["keyring", "file", "command", "env"])
def test_what_was_chosen_is_proposed_again(chosen: StoreKind | OwnPlace) -> None:
    assert storage(None, chosen).selected == chosen


@pytest.mark.parametrize(
    ("kind", "named", "text"),
    [
        ("command", None, ""),
        ("command", CommandReference(("pass", "show", "a b")), "pass show 'a b'"),
        ("command", EnvReference("KEY"), ""),
        ("env", EnvReference("KEY"), "KEY"),
        ("env", CommandReference(("pass",)), ""),
    ],
)
def test_what_was_named_the_last_time_can_be_changed(
    kind: OwnPlace, named: Reference | None, text: str
) -> None:
    for language in LANGUAGES:
        question = ask_own_place(COMMON, Texts(language), kind, named)
        assert isinstance(question, AskText)
        assert question.text == text
        assert question.placeholder
