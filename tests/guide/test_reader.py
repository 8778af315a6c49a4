"""How a guide file is read, whoever edited it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.domain.setup import Setup
from wizard.findings import StepId
from wizard.guide import (
    Bullets,
    Click,
    Clicks,
    FinaleForm,
    FormField,
    GuideError,
    GuideStep,
    Side,
    Sides,
    load_page,
    load_step,
    page_text,
    plain_text,
    reader,
)

HEADER = "---\ntitle: Velkommen\nchecked: 2026-11-22\n---\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reader, "GUIDE_FOLDER", str(tmp_path))
    (tmp_path / "nb").mkdir()
    return tmp_path / "nb"


def read(folder: Path, text: str, setup: Setup | None = None) -> GuideStep:
    (folder / "welcome.md").write_bytes(text.encode())
    return load_step(StepId.WELCOME, "nb", setup)


def test_a_block_is_shown_to_those_it_names(folder: Path) -> None:
    text = (
        f"{HEADER}alle\n\n:::bureau\nbyrå\n:::\n\n:::single-company undecided\nen\n:::\n\n"
        ":::bureau-shared\nfelles\n:::\n## help\nhjelp\n"
    )

    assert read(folder, text).body == "alle\n\nen"
    assert read(folder, text, Setup.SINGLE_COMPANY).body == "alle\n\nen"
    assert read(folder, text, Setup.BUREAU_CLIENT).body == "alle\n\nbyrå"
    assert read(folder, text, Setup.BUREAU_SHARED).body == "alle\n\nbyrå\n\nfelles"


def test_clicks_are_numbered_after_the_choice(folder: Path) -> None:
    text = f"{HEADER}1. a\n   b\n:::bureau\n2. c\n:::\n3. d\n\nså:\n\n1. e\n5. f\n## help\nhjelp\n"

    assert read(folder, text).body == "1. a b\n2. d\n\nså:\n\n1. e\n2. f"
    assert read(folder, text, Setup.BUREAU_CLIENT).body.startswith("1. a b\n2. c\n3. d\n")


PARTS = """1. {#one} Velg **A**[[, og velg|| →]] **B**.
2. Skriv
   `{key_name|navn}`.

:::side newer
### Ny
1. a
:::
:::side older
### Gammel
1. b
2. c
:::

1. Først
:::form Dialog / Kort
- **Felt**: (skal stå tomt)
- **OrgNr**: `{org_number|nummeret}` (slik)
:::
2. Etterpå

:::card
Linje
en.

Linje to.
:::
## help
### Hva?
- ett
- to
### Hvorfor?
Derfor.
"""


def test_a_page_is_read_into_its_parts(folder: Path) -> None:
    (folder / "welcome.md").write_text(HEADER.replace("checked", "where: i Tripletex\nchecked") + PARTS)
    page = load_page(StepId.WELCOME, "nb", key_name="K*y", org_number=None)

    assert (page.title, page.where) == ("Velkommen", "i Tripletex")
    assert page.body == (
        Clicks(
            (
                Click("Velg **A**, og velg **B**.", "one", short="Velg **A** → **B**."),
                Click("Skriv `K*y`.", short="Skriv `K*y`."),
            )
        ),
        Sides(
            Side("Ny", (Click("a", short="a"),)),
            Side("Gammel", (Click("b", short="b"), Click("c", short="c"))),
        ),
        Clicks((Click("Først", short="Først"),)),
        FinaleForm(
            "Dialog", "Kort", (FormField("Felt", "", "skal stå tomt"), FormField("OrgNr", "nummeret", "slik"))
        ),
        Clicks((Click("Etterpå", short="Etterpå"),), first=2),
    )
    assert page.card == ("Linje en.", "Linje to.")
    assert [topic.title for topic in page.topics] == ["Hva?", "Hvorfor?"]
    assert page.topics[0].body == (Bullets(("ett", "to")),)
    assert (page.number_of("one"), page.number_of("two")) == (1, None)

    (_, _, _, form, _) = load_page(StepId.WELCOME, "nb", org_number="310000027").body
    assert isinstance(form, FinaleForm)
    assert form.fields[1] == FormField("OrgNr", "310000027", "slik", is_typed=True)
    assert "OrgNr: 310000027 (slik)" in page_text([form])


def test_a_file_saved_by_a_windows_editor_is_the_same(folder: Path) -> None:
    text = f"{HEADER}å\n\n## help\nhjelp\n"

    assert read(folder, "\ufeff" + text.replace("\n", "\r\n")) == read(folder, text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("title: Velkommen\n", "a header between"),
        (f"{HEADER}tekst\n", "## help"),
        ("---\nchecked: 2026-11-22\n---\na\n## help\nb\n", "'title'"),
        ("---\ntitle: a\nchecked: i går\n---\na\n## help\nb\n", "checked"),
        (f"{HEADER}:::byrå\na\n:::\n## help\nb\n", ":::byrå"),
        (f"{HEADER}:::bureau\na\n:::bureau\n## help\nb\n", "not closed"),
        (f"{HEADER}a\n:::\n## help\nb\n", "unexpected"),
        (f"{HEADER}a\n## help\n:::bureau\nb\n", "not closed"),
    ],
)
def test_a_slip_is_named_with_its_file(folder: Path, text: str, problem: str) -> None:
    with pytest.raises(GuideError, match=problem) as caught:
        read(folder, text)

    assert caught.value.path == folder / "welcome.md"


def test_values_and_words() -> None:
    step = load_step(StepId.FINALE, "nb", Setup.BUREAU_CLIENT)

    assert "`974 760 673`" in step.filled(org_number="974 760 673").body
    # The words are nothing to type.
    for empty in (step.filled(org_number=None), step.filled(org_number="", unknown="x")):
        assert "**OrgNr**: organisasjonsnummeret til klienten\n" in empty.body


@pytest.mark.parametrize("name", ["**Bold** AS", "_A_ & B [x](http://evil.example) <b>", r"C:\klient\*"])
def test_a_name_is_shown_as_it_is(name: str) -> None:
    body = load_step(StepId.FINALE, "nb", Setup.SINGLE_COMPANY).filled(company=name).body

    assert f"for {name} i Finale" in plain_text(body, 200)
    assert name not in body


@pytest.mark.parametrize("setup", [Setup.SINGLE_COMPANY, Setup.BUREAU_CLIENT])
@given(value=st.text())
def test_no_value_can_steer_a_terminal_or_add_a_line(setup: Setup, value: str) -> None:
    step = load_step(StepId.FINALE, "nb", setup)
    filled = step.filled(company=value, org_number=value)
    text = plain_text(filled.body + filled.help)

    assert filled.body.count("\n") == step.body.count("\n")
    assert all(sign.isprintable() or sign == "\n" for sign in text)


def test_plain_text_hangs_items_and_holds_labels_together() -> None:
    markdown = "### Overskrift\nEn linje.\n\n1. Velg **Min profil** og\n   skriv `to ord`.\n10. Ti\n- Punkt\n"

    assert plain_text(markdown, 16).splitlines() == [
        "Overskrift",
        "En linje.",
        "",
        "1. Velg",
        "   «Min profil»",
        "   og skriv",
        "   to ord.",
        "10. Ti",
        "- Punkt",
    ]


def test_plain_text_keeps_a_path_whole() -> None:
    path = "/srv/tripletex/klienter/" + "langt-navn" * 8 + ".toml"

    assert path in plain_text(f"Skrevet til `{path}`.", 40)


def test_a_path_in_a_command_is_quoted_for_a_shell() -> None:
    step = load_step(StepId.DONE, "en", Setup.SINGLE_COMPANY).filled(config_path="Kari & sønn.toml")
    assert "`tripletex-wizard rotate 'Kari & sønn.toml'`" in step.body
    assert "`Kari & sønn.toml`" in step.body
