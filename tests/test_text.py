"""Looking texts up, and the choice of language."""

from datetime import date

import pytest

from tests.support.rows import every_row
from wizard.text import LANGUAGES, N_, Language, Texts, choose_language


@every_row("language", LANGUAGES)
def test_an_unknown_text_stands_as_it_is(language: Language) -> None:
    t = Texts(language)

    assert t("No such text: {what}.", what="100 % {x}") == "No such text: 100 % {x}."
    assert t("") == ""
    assert repr(t) == f"Texts('{language}')"


def test_a_text_that_also_has_a_plural_is_found_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    t = Texts("nb")
    said = vars(t._catalogue)["_catalog"]
    # As Python 3.11.2 does, which Debian 12 has.
    monkeypatch.setattr(t._catalogue, "gettext", lambda message: said.get(message, message))
    assert t("{n} unknown", n=1) == "1 ukjent"
    assert t("and {n} more", n=2) == "og 2 til"


@every_row("language", LANGUAGES)
def test_a_forgotten_value_is_noticed(language: Language) -> None:
    with pytest.raises(KeyError):
        Texts(language)("No such text: {what}.", other="x")


@every_row(("n", "expected"), [(0, "0 keys"), (1, "1 key"), (2, "2 keys")])
def test_numbers_choose_their_form(n: int, expected: str) -> None:
    assert Texts("en").plural("{n} key", "{n} keys", n) == expected
    assert Texts("en").plural("{n} key in {place}", "{n} keys in {place}", n, place="x") == f"{expected} in x"


def test_norwegian_is_looked_up_and_filled() -> None:
    t = Texts("nb")

    assert t("Advice: {hint}", hint="x") == "Råd: x"
    assert t.plural("{n} client", "{n} clients", 1) == "1 klient"
    assert t.plural("{n} client", "{n} clients", 2) == "2 klienter"


def test_a_day_is_written_as_its_reader_writes_it() -> None:
    day = date(2026, 2, 1)
    assert Texts("nb").date(day) == "01.02.2026"
    assert Texts("en").date(day) == "2026-02-01"


def test_marking_changes_nothing() -> None:
    assert N_("Welcome") == "Welcome"


@every_row(
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
