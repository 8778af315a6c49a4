"""The pages as they are in the files: complete, alike in both languages, and fit for 80x24 and 60x20."""

import re
import textwrap
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tests.support.rows import every_row
from wizard.domain.setup import DEFAULT_APPLICATION, Setup
from wizard.findings import StepId
from wizard.findings.codes import ALL_CODES
from wizard.guide import (
    FOLDER,
    Bullets,
    Click,
    Clicks,
    FinaleForm,
    GuideBlock,
    GuidePage,
    Paragraph,
    Sides,
    guide_steps,
    load_page,
    page_text,
    without_markup,
)
from wizard.text import LANGUAGES, Language

SETUPS: tuple[Setup | None, ...] = (None, *Setup)
STEPS = sorted(path.stem for path in Path(FOLDER, "nb").glob("*.md"))
PLACEHOLDERS = {
    "application",
    "key_name",
    "company",
    "client",
    "org_number",
    "config_path",
    "old_key",
    "new_key",
}

# Every click and label of Finale's help page, with the arrow that the guide uses in menu paths.
HELP_PAGE: dict[StepId, tuple[str, ...]] = {
    StepId.ENABLE_API: ("Selskap → Vår kundeside", "menyen på venstre side", "Kryss av for «API 2.0»"),
    StepId.CREATE_KEY: (
        "din egen bruker øverst i menyen på venstre side",
        "«Min profil»",
        "Velg «API-TILGANG» fra menyen øverst i bildet",
        "velg eventuelt «MER» for å få tilgang til alle valgene",
        "Klikk «NY NØKKEL»",
        "«Applikasjonsnavn»",
        f"velg {DEFAULT_APPLICATION}",
        "«Gi nøkkelen et navn»: skriv Visma Finale",
        "Klikk «OPPRETT NØKKEL»",
        "Kopier nøkkelen",
    ),
    StepId.CLIENT_ACCESS: (
        "Slå opp klienten i kundeoversikten",
        "Velg «KLIENTTILGANG» i menyen øverst i bildet",
        "knappen for å legge til ansatte, til høyre for «LAGRE»",
        "legg til Visma Finale",
        "«Rettighetsmal»: velg «Standardrettigheter for regnskapsførere»",
        "Klikk «LEGG TIL ANSATT»",
    ),
}
FINALE_DIALOGS: dict[Setup, tuple[str, ...]] = {
    Setup.SINGLE_COMPANY: ("Åpne «Firmaopplysninger»", "skillekort «Regnskapsintegrasjon»", "skal stå tomt"),
    Setup.BUREAU_CLIENT: (
        "Åpne «Firmaopplysninger»",
        "skillekort «Regnskapsintegrasjon»",
        "organisasjonsnummeret til klienten",
    ),
    Setup.BUREAU_SHARED: (
        "«Tilleggsfunksjoner → Byråopplysninger»",
        "%ORGNR% er ordet ORGNR med prosenttegn foran og etter",
        "brukes ved pålogging til Tripletex",
    ),
}
NEWER_NAMES: dict[StepId, tuple[str, ...]] = {
    StepId.ENABLE_API: ("Selskap → Mitt abonnement", "«Integrasjoner»", "«Aktiver»"),
    StepId.CREATE_KEY: (
        "«Lønn → Ansatte»",
        "«Mer → API-tilgang»",
        "«Ny nøkkel»",
        "«Applikasjon»",
        "«Opprett nøkkel»",
        "«Tilpasset oppsett»",
    ),
    StepId.CLIENT_ACCESS: ("«Legg til ansatt»", "«Kunder/leverandører»", "«Klienttilgang»"),
}


def every_page() -> Iterator[tuple[str, Language, Setup | None, GuidePage]]:
    for step in STEPS:
        for language in LANGUAGES:
            for setup in SETUPS:
                yield step, language, setup, load_page(step, language, setup)


def shown(step: str, language: Language, setup: Setup | None) -> str:
    """Return body, card and topics as one line of plain text."""
    page = load_page(step, language, setup)
    topics = [f"{topic.title} {page_text(topic.body)}" for topic in page.topics]
    return " ".join(" ".join((page_text(page.body), *page.card, *topics)).split())


def clicks_of(page: GuidePage) -> tuple[Click, ...]:
    return tuple(click for block in page.body if isinstance(block, Clicks) for click in block.items)


def rows(clicks: tuple[Click, ...], width: int) -> int:
    """Return how many rows clicks take on a screen, where labels are bold and not quoted."""
    texts = [click.short if width < 71 else click.text for click in clicks]
    return sum(len(textwrap.wrap(re.sub("[«»]", "", without_markup(text)), width)) for text in texts)


def test_every_page_is_complete_and_shows_no_marks() -> None:
    wrong = []
    for step, language, setup, page in every_page():
        text = shown(step, language, setup)
        if not (
            2 <= len(page.title) <= 54 and page.body and page.topics and all(t.title for t in page.topics)
        ):
            wrong.append(f"{step} {language} {setup}: incomplete")
        if page.checked < date(2026, 11, 22):
            wrong.append(f"{step} {language}: checked")
        # systemd's ${CREDENTIALS_DIRECTORY} is the one pair of braces that is meant.
        if re.search(r"(?<!\$)\{|\||\*\*|`|:::|##|\\|\x1b|\[\[", text):
            wrong.append(f"{step} {language} {setup}: marks")
        if max(map(len, page_text(page.body).splitlines())) > 78:
            wrong.append(f"{step} {language} {setup}: a line is too long")
    assert wrong == []


def test_clicks_fit_beside_the_answer() -> None:
    wrong = []
    for step, language, setup, page in every_page():
        # Before a set-up is chosen, the dialog in Finale is only printed, for all three.
        if step != "finale" or setup:
            for width, room in ((71, 10), (53, 11)):
                if (taken := rows(clicks_of(page), width)) > room:
                    wrong.append(f"{step} {language} {setup}: {taken} rows of {width}")
        sides = [block for block in page.body if isinstance(block, Sides)]
        wrong += [
            f"{step} {language} {side.title}: too many rows"
            for block in sides
            for side in (block.left, block.right)
            if rows(side.items, 31) > 6
        ]
    assert wrong == []


def test_the_languages_say_the_same() -> None:
    wrong = []
    for step in STEPS:
        for setup in SETUPS:
            norwegian, english = (load_page(step, language, setup) for language in LANGUAGES)
            if form(norwegian) != form(english):
                wrong.append(f"{step} {setup}: form")
            if norwegian.checked != english.checked:
                wrong.append(f"{step}: header")
        raw, other = (Path(FOLDER, one, f"{step}.md").read_text() for one in LANGUAGES)
        for pattern in (r"(?m)^(source):", r"\*\*(.+?)\*\*", r"\{(\w+)\|", r"\{#(\w+)\}"):
            differ = set(re.findall(pattern, raw)) ^ set(re.findall(pattern, other))
            wrong += [f"{step}: {one}" for one in differ]
        if not set(re.findall(r"\{(\w+)\|", raw)) <= PLACEHOLDERS:
            wrong.append(f"{step}: unknown placeholder")
    assert wrong == []


def form(page: GuidePage) -> list[object]:
    """Return what a page is made of, without its words."""
    return [_form(block) for block in page.body] + [
        [_form(block) for block in topic.body] for topic in page.topics
    ]


def _form(block: GuideBlock) -> object:
    match block:
        case Clicks(items, first):
            return [first, *(click.name for click in items)]
        case Bullets(items):
            return len(items)
        case Paragraph():
            return "paragraph"
        case FinaleForm(dialog, tab, fields):
            return dialog, tab, [field.label for field in fields]
        case _:
            return type(block).__name__


def test_every_click_that_a_finding_is_about_is_in_the_guide() -> None:
    named = {
        click.name
        for step in ("create_key", "client_access")
        for click in clicks_of(load_page(step, "nb", Setup.BUREAU_CLIENT))
    }
    assert {code.click for code in ALL_CODES.values() if code.click} <= named
    assert load_page("create_key", "nb").number_of("create") == 7
    assert load_page("client_access", "nb").number_of("template") == 4


def test_every_documented_click_is_in_the_norwegian_guide() -> None:
    missing = []
    for labels in (HELP_PAGE, NEWER_NAMES):
        for setup in SETUPS:
            for step in set(labels) & set(guide_steps(setup)):
                text = shown(step, "nb", setup)
                missing += [f"{step} {setup}: {label}" for label in labels[step] if label not in text]
    for setup in Setup:
        text = shown(StepId.FINALE, "nb", setup)
        others = {label for other in Setup for label in FINALE_DIALOGS[other]} - set(FINALE_DIALOGS[setup])
        missing += [f"finale {setup}: {label}" for label in FINALE_DIALOGS[setup] if label not in text]
        missing += [f"finale {setup}: not {label}" for label in others if label in text]
        assert "Brukernøkkel-ID: lim inn API-nøkkelen fra Tripletex" in text
        assert "Koden Brukernøkkel-ID fra Tripletex kan ikke brukes" in text
    undecided = shown(StepId.FINALE, "nb", None)
    missing += [label for labels in FINALE_DIALOGS.values() for label in labels if label not in undecided]
    assert missing == []


@every_row("language", LANGUAGES)
def test_the_key_page_fits_the_set_up_and_helps(language: Language) -> None:
    for setup in SETUPS:
        page = load_page(StepId.CREATE_KEY, language, setup)
        assert (page.number_of("office_key") is None) is (setup is Setup.SINGLE_COMPANY)
        assert len(clicks_of(page)) == (6 if setup is Setup.SINGLE_COMPANY else 7)
    text = shown(StepId.CREATE_KEY, language, None)
    assert all(words in text for words in ("API-TILGANG?", "brukeradministrator", "API 2.0", "Visma Finale"))


def test_the_steps_with_clicks() -> None:
    for setup in SETUPS:
        assert all(
            clicks_of(load_page(step, "nb", setup))
            or any(isinstance(b, Sides) for b in load_page(step, "nb").body)
            for step in guide_steps(setup)
        )
