"""Every code can be explained, in one place for all."""

from tests.support.rows import every_row
from wizard.findings import codes
from wizard.findings.codes import ALL_CODES, CLIENT_ACCESS_MISSING, PLACEHOLDER_MISSPELLED
from wizard.text import LANGUAGES, Language, Texts
from wizard.ui.report.codes import codes_page, explain, list_codes


@every_row("language", LANGUAGES)
@every_row("code", ALL_CODES)
def test_every_code_is_explained(code: str, language: Language) -> None:
    told = explain(ALL_CODES[code], Texts(language))
    assert told.startswith(f"{code}: ")
    assert told.endswith("\n")
    assert "{" not in told


def test_an_explanation_names_what_to_do_and_where() -> None:
    told = explain(CLIENT_ACCESS_MISSING, Texts("en"))
    assert told.splitlines()[0] == "TW407: The key has no access to the client …."
    assert "Kind: error" in told
    assert "What to do: Give it Klienttilgang" in told
    assert "(client_access)." in told


@every_row("language", LANGUAGES)
def test_the_page_and_the_list_hold_every_code_once(language: Language) -> None:
    t = Texts(language)
    page, listed = codes_page(t), list_codes(t)
    assert [line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")] == [
        *ALL_CODES
    ]
    assert [line[:5] for line in listed.splitlines() if line.startswith("TW")] == [*ALL_CODES]


def test_the_page_is_markdown_that_shows_what_is_meant() -> None:
    page = codes_page(Texts("en"))
    assert "`tripletex-wizard rotate --finish`" in page
    assert r"Set org\_number to the nine digits." in page
    assert "Did you mean %ORGNR%?" in explain(PLACEHOLDER_MISSPELLED, Texts("en"))


def test_particulars_are_left_out_of_a_general_message() -> None:
    t = Texts("en")
    assert explain(codes.FEWER_CLIENTS, t).startswith("TW414: The new key lacks access to … clients.")
    assert explain(codes.BALANCES_REFUSED, t).startswith("TW418: The key may not read the balances.")
