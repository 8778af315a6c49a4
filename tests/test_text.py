"""The catalogue and the choice of language."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from wizard.paths import LOCALE_FOLDER
from wizard.text import LANGUAGES, N_, Language, Texts, choose_language

PLACEHOLDER = re.compile(r"\{(\w+)[^{}]*\}")


def catalogue() -> list[Message]:
    with Path(LOCALE_FOLDER, "nb", "LC_MESSAGES", "wizard.po").open("rb") as file:
        return [message for message in read_po(file, locale="nb", abort_invalid=True) if message.id]


def forms(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def test_the_catalogue_is_complete_and_sound() -> None:
    messages = catalogue()

    assert messages
    assert [
        message.id for message in messages if message.fuzzy or not all(forms(message.string) or [""])
    ] == []
    for message in messages:
        wanted = set(PLACEHOLDER.findall(forms(message.id)[-1]))
        for form in forms(message.string):
            # A form for exactly one may leave the number out.
            assert set(PLACEHOLDER.findall(form)) | ({"n"} & wanted) == wanted, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_text_stands_as_it_is(language: Language) -> None:
    t = Texts(language)

    assert t("No such text: {what}.", what="100 % {x}") == "No such text: 100 % {x}."
    assert t("") == ""
    assert repr(t) == f"Texts('{language}')"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_forgotten_value_is_noticed(language: Language) -> None:
    with pytest.raises(KeyError):
        Texts(language)("No such text: {what}.", other="x")


@pytest.mark.parametrize(("n", "expected"), [(0, "0 keys"), (1, "1 key"), (2, "2 keys")])
def test_numbers_choose_their_form(n: int, expected: str) -> None:
    assert Texts("en").plural("{n} key", "{n} keys", n) == expected
    assert Texts("en").plural("{n} key in {place}", "{n} keys in {place}", n, place="x") == f"{expected} in x"


def test_marking_changes_nothing() -> None:
    assert N_("Welcome") == "Welcome"


@pytest.mark.parametrize(
    ("flag", "environment", "site", "expected"),
    [
        (None, {}, None, "nb"),
        (None, {"LANG": "nb_NO.UTF-8"}, None, "nb"),
        (None, {"LANG": "en_US.UTF-8"}, None, "en"),
        (None, {"LANG": "en"}, None, "en"),
        (None, {"LANG": "EN_GB"}, None, "en"),
        (None, {"LANG": "C.UTF-8"}, None, "nb"),
        (None, {"LANG": "de_DE.UTF-8"}, None, "nb"),
        (None, {"LC_MESSAGES": "en_US.UTF-8", "LANG": "nb_NO.UTF-8"}, None, "en"),
        (None, {"LC_ALL": "nb_NO.UTF-8", "LC_MESSAGES": "en_US.UTF-8", "LANG": "en_US.UTF-8"}, None, "nb"),
        (None, {"LC_ALL": "", "LANG": "en_US.UTF-8"}, None, "en"),
        (None, {"LANG": "en_US.UTF-8"}, "nb", "nb"),
        (None, {"TRIPLETEX_WIZARD_LANG": "en", "LANG": "nb_NO.UTF-8"}, "nb", "en"),
        (None, {"TRIPLETEX_WIZARD_LANG": "xx", "LANG": "en_US.UTF-8"}, None, "en"),
        ("nb", {"TRIPLETEX_WIZARD_LANG": "en", "LANG": "en_US.UTF-8"}, "en", "nb"),
        ("en", {}, "nb", "en"),
    ],
)
def test_the_order_of_the_contract(
    flag: str | None, environment: dict[str, str], site: str | None, expected: Language
) -> None:
    assert choose_language(flag, environment, site) == expected
