"""The steps as they stand in the files: complete, alike in both languages, and fit for 80x24."""

import re
from datetime import date
from itertools import product

import pytest

from wizard.domain.setup import DEFAULT_APPLICATION, Setup
from wizard.findings import StepId
from wizard.guide import guide_steps, load_step, plain_text
from wizard.text import LANGUAGES, Language

SETUPS: tuple[Setup | None, ...] = (None, *Setup)
EVERY_STEP = pytest.mark.parametrize(("step", "language", "setup"), list(product(StepId, LANGUAGES, SETUPS)))
EVERY_SETUP = pytest.mark.parametrize("setup", SETUPS)
CLICK = re.compile(r"^\d+\. ", re.MULTILINE)
PLACEHOLDERS = {"application", "key_name", "company", "org_number", "config_path"}

# Every click and label of Finale's help page, with the arrow that the guide uses in menu paths.
HELP_PAGE: dict[StepId, tuple[str, ...]] = {
    StepId.ENABLE_API: ("Selskap → Vår kundeside", "menyen på venstre side", "Kryss av for «API 2.0»"),
    StepId.CREATE_KEY: (
        "din egen bruker øverst i menyen på venstre side",
        "«Min profil»",
        "«API-TILGANG»",
        "«MER»",
        "Klikk «NY NØKKEL»",
        "«Applikasjonsnavn»",
        "VismaFinale",
        "«Gi nøkkelen et navn»",
        "Visma Finale",
        "Klikk «OPPRETT NØKKEL»",
        "kopier API-nøkkelen",
    ),
    StepId.CLIENT_ACCESS: (
        "Slå opp klienten i kundeoversikten",
        "Velg «KLIENTTILGANG» i menyen øverst i bildet",
        "knappen for å legge til ansatte, til høyre for «LAGRE»",
        "Visma Finale",
        "Velg «Standardrettigheter for regnskapsførere» som «Rettighetsmal»",
        "Klikk «LEGG TIL ANSATT»",
    ),
}
FINALE_DIALOGS: dict[Setup, tuple[str, ...]] = {
    Setup.SINGLE_COMPANY: ("«Firmaopplysninger»", "skillekort «Regnskapsintegrasjon»", "skal ikke fylles ut"),
    Setup.BUREAU_CLIENT: (
        "«Firmaopplysninger»",
        "skillekort «Regnskapsintegrasjon»",
        "klientens organisasjonsnummer",
    ),
    Setup.BUREAU_SHARED: (
        "«Tilleggsfunksjoner → Byråopplysninger»",
        "%ORGNR% (ordet ORGNR med prosenttegn foran og etter)",
        "organisasjonsnummeret som er registrert i Firmaopplysninger",
    ),
}
NEWER_NAMES: dict[StepId, tuple[str, ...]] = {
    StepId.ENABLE_API: ("Selskap → Mitt abonnement", "«Integrasjoner»", "«Aktiver»"),
    StepId.CREATE_KEY: (
        "«API-tilgang»",
        "«Mer»",
        "«Ny nøkkel»",
        "«Applikasjon»",
        "«Opprett nøkkel»",
        "«Tilpasset oppsett»",
    ),
    StepId.CLIENT_ACCESS: ("«Legg til ansatt»", "«Kunder/leverandører»", "«Klienttilgang»"),
}


def shown(step: StepId, language: Language, setup: Setup | None) -> str:
    """Return body and help as one line of plain text."""
    guide = load_step(step, language, setup).filled()
    return " ".join(plain_text(f"{guide.body}\n\n{guide.help}").split())


@EVERY_STEP
def test_every_step_is_complete(step: StepId, language: Language, setup: Setup | None) -> None:
    guide = load_step(step, language, setup)

    assert 2 <= len(guide.title) <= 45
    assert guide.body
    assert guide.help
    assert guide.checked >= date(2026, 11, 22)


@EVERY_STEP
def test_a_step_fits_on_a_screen(step: StepId, language: Language, setup: Setup | None) -> None:
    guide = load_step(step, language, setup).filled()
    on_screen = plain_text(guide.body, 74).splitlines()
    # Before a set-up is chosen, the dialog in Finale is only printed, for all three.
    room = 11 if step is StepId.CREATE_KEY else 26 if (step, setup) == (StepId.FINALE, None) else 15

    assert len(on_screen) <= room
    assert max(map(len, on_screen)) <= 74
    assert max(map(len, plain_text(f"{guide.body}\n\n{guide.help}").splitlines())) <= 78


@EVERY_STEP
def test_nothing_is_left_unfilled_and_no_markup_shows(
    step: StepId, language: Language, setup: Setup | None
) -> None:
    raw = load_step(step, language, setup)
    names = set(re.findall(r"\{(\w+)\|", raw.body + raw.help))
    text = shown(step, language, setup)

    assert names <= PLACEHOLDERS
    # systemd's ${CREDENTIALS_DIRECTORY} is the one pair of braces that is meant.
    assert not re.search(r"(?<!\$)\{|\|", text)
    assert not re.search(r"\*\*|`|:::|##|\\|\x1b", text)


@EVERY_STEP
def test_a_list_ends_with_an_empty_line(step: StepId, language: Language, setup: Setup | None) -> None:
    # Markdown would otherwise join the next line to the last item.
    guide = load_step(step, language, setup)
    for text in (guide.body, guide.help):
        in_list = False
        for line in text.splitlines():
            is_item = bool(re.match(r"\d+\. |- ", line))
            assert not in_list or is_item or not line or line.startswith("  ")
            in_list = (in_list and bool(line)) or is_item


@pytest.mark.parametrize(("step", "setup"), list(product(StepId, SETUPS)))
def test_both_languages_have_the_same_form(step: StepId, setup: Setup | None) -> None:
    norwegian, english = (load_step(step, language, setup) for language in LANGUAGES)

    def form(text: str) -> list[str]:
        return re.findall(r"^(?:\d+\. |- |### )|\{\w+(?=\|)", text, re.MULTILINE)

    assert form(norwegian.body) == form(english.body)
    assert form(norwegian.help) == form(english.help)
    assert norwegian.checked == english.checked
    assert bool(norwegian.source) is bool(english.source)
    assert norwegian.body != english.body


@EVERY_STEP
def test_the_languages_name_the_same_labels(step: StepId, language: Language, setup: Setup | None) -> None:
    def labels(text: str) -> set[str]:
        return set(re.findall(r"\*\*(.+?)\*\*", text))

    norwegian, english = (load_step(step, one, setup) for one in LANGUAGES)

    assert labels(norwegian.body + norwegian.help) == labels(english.body + english.help)


@EVERY_SETUP
@pytest.mark.parametrize("labels", [HELP_PAGE, NEWER_NAMES])
def test_every_documented_click_is_in_the_norwegian_guide(
    labels: dict[StepId, tuple[str, ...]], setup: Setup | None
) -> None:
    for step, wanted in labels.items():
        if step in guide_steps(setup):
            text = shown(step, "nb", setup)
            assert [label for label in wanted if label not in text] == []


@pytest.mark.parametrize("setup", Setup)
def test_the_dialog_in_finale(setup: Setup) -> None:
    text = shown(StepId.FINALE, "nb", setup)
    others = {label for other in Setup for label in FINALE_DIALOGS[other]} - set(FINALE_DIALOGS[setup])

    assert [label for label in FINALE_DIALOGS[setup] if label not in text] == []
    assert [label for label in others if label in text] == []
    assert "«Brukernøkkel-ID»: lim inn API-nøkkelen du kopierte i Tripletex" in text
    assert "Koden Brukernøkkel-ID fra Tripletex kan ikke brukes" in text


def test_without_a_setup_all_three_dialogs_are_printed() -> None:
    text = shown(StepId.FINALE, "nb", None)

    assert all(label in text for labels in FINALE_DIALOGS.values() for label in labels)


@pytest.mark.parametrize("language", LANGUAGES)
@EVERY_SETUP
def test_the_office_tick_is_for_offices(language: Language, setup: Setup | None) -> None:
    body = load_step(StepId.CREATE_KEY, language, setup).body

    assert ("Regnskapskontorets brukernøkkel" in body) is (setup is not Setup.SINGLE_COMPANY)
    assert len(CLICK.findall(body)) == (6 if setup is Setup.SINGLE_COMPANY else 7)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_tab_is_explained_on_the_key_step(language: Language) -> None:
    guide = load_step(StepId.CREATE_KEY, language)

    assert "API-TILGANG?" in guide.help
    assert "brukeradministrator" in guide.help
    assert "API 2.0" in guide.help


def test_the_application_and_its_fallback_agree() -> None:
    assert f"velg {DEFAULT_APPLICATION}." in shown(StepId.CREATE_KEY, "nb", None)


@EVERY_SETUP
def test_the_steps_with_clicks(setup: Setup | None) -> None:
    with_clicks = tuple(
        step for step in StepId if CLICK.search(load_step(step, "nb", setup).body) is not None
    )

    assert guide_steps(setup) == with_clicks
