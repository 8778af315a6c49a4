"""How a guide file is read, and how mistakes in it are reported."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rows import every_row
from wizard import guide
from wizard.domain.setup import Setup
from wizard.findings import StepId
from wizard.guide import (
    Bullets,
    Click,
    Clicks,
    FinaleForm,
    FormField,
    GuidePage,
    Heading,
    Paragraph,
    Side,
    Sides,
    load_page,
    page_text,
)

HEADER = "---\ntitle: Velkommen\nchecked: 2026-11-22\n---\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(guide, "FOLDER", tmp_path)
    (tmp_path / "nb").mkdir()
    return tmp_path / "nb"


def read(folder: Path, text: str, setup: Setup | None = None, **values: str | None) -> GuidePage:
    (folder / "welcome.md").write_bytes(text.encode())
    guide._parts.cache_clear()
    return load_page(StepId.WELCOME, "nb", setup, **values)


def test_a_block_is_shown_to_those_it_names(folder: Path) -> None:
    text = (
        f"{HEADER}alle\n\n:::bureau\nbyrå\n:::\n\n:::single-company undecided\nen\n:::\n\n"
        ":::bureau-shared\nfelles\n:::\n## help\nhjelp\n"
    )
    expected: dict[Setup | None, tuple[str, ...]] = {
        None: ("alle", "en"),
        Setup.SINGLE_COMPANY: ("alle", "en"),
        Setup.BUREAU_CLIENT: ("alle", "byrå"),
        Setup.BUREAU_SHARED: ("alle", "byrå", "felles"),
    }
    for setup, shown in expected.items():
        assert read(folder, text, setup).body == tuple(map(Paragraph, shown))


def test_words_that_belong_on_one_line_are_held_together(folder: Path) -> None:
    body = read(folder, f"{HEADER}alle i&nbsp;huset\n## help\nhjelp\n").body
    assert body == (Paragraph("alle i\N{NO-BREAK SPACE}huset"),)
    assert page_text(body) == "alle i huset"


def test_clicks_are_numbered_after_the_choice(folder: Path) -> None:
    body = "1. a\n   b\n:::bureau\n2. c\n:::\n3. d\n\nså:\n\n3. e\n1. f\n\nny:\n\n1. g\n"
    text = f"{HEADER}{body}## help\nhjelp\n"

    for setup, last in ((None, 2), (Setup.BUREAU_CLIENT, 3)):
        lists = [block for block in read(folder, text, setup).body if isinstance(block, Clicks)]
        assert [(each.first, len(each.items)) for each in lists] == [(1, last), (last + 1, 2), (1, 1)]


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
    assert form.fields[1] == FormField("OrgNr", "310000027", "slik")
    assert "OrgNr: 310000027 (slik)" in page_text([form])


def test_a_file_saved_by_a_windows_editor_is_the_same(folder: Path) -> None:
    text = f"{HEADER}å\n\n## help\nhjelp\n"

    assert read(folder, "\ufeff" + text.replace("\n", "\r\n")) == read(folder, text)


@every_row(
    ("text", "problem"),
    [
        ("title: Velkommen\n", "a header between"),
        (f"{HEADER}tekst\n", "## help"),
        ("---\nchecked: 2026-11-22\n---\na\n## help\nb\n", "'title'"),
        ("---\ntitle: a\nchecked: i går\n---\na\n## help\nb\n", "i går"),
        (f"{HEADER}:::byrå\na\n:::\n## help\nb\n", ":::byrå"),
        (f"{HEADER}:::bureau\na\n:::bureau\n## help\nb\n", "not closed"),
        (f"{HEADER}a\n:::\n## help\nb\n", "unexpected"),
        (f"{HEADER}a\n## help\n:::bureau\nb\n", "not closed"),
    ],
)
def test_a_mistake_is_reported_with_its_file(folder: Path, text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=f"welcome.md: .*{problem}"):
        read(folder, text)


def test_values_and_words(folder: Path) -> None:
    text = f"{HEADER}**OrgNr**: `{{org_number|nummeret}}`\n## help\nhjelp\n"

    assert read(folder, text, org_number="974 760 673").body == (Paragraph("**OrgNr**: `974 760 673`"),)
    # The words are not to be typed.
    for empty in ({"org_number": None}, {"org_number": "", "unknown": "x"}):
        assert read(folder, text, **empty).body == (Paragraph("**OrgNr**: nummeret"),)


def test_a_name_is_shown_as_it_is() -> None:
    for name in (
        "**Bold** AS",
        "_A_ & B [x](http://evil.example) <b>",
        r"C:\klient\*",
        "1. AS",
        "- AS",
        ":::form x",
    ):
        page = load_page(StepId.FINALE, "nb", Setup.SINGLE_COMPANY, company=name)

        assert len(page.body) == len(load_page(StepId.FINALE, "nb", Setup.SINGLE_COMPANY).body)
        assert f"for {name} i Finale" in page_text(page.body, 200)


@given(value=st.text())
def test_no_value_can_control_the_terminal_or_add_a_block(value: str) -> None:
    for setup in (Setup.SINGLE_COMPANY, Setup.BUREAU_CLIENT):
        page = load_page(StepId.FINALE, "nb", setup, company=value, client=value, org_number=value)

        assert len(page.body) == len(load_page(StepId.FINALE, "nb", setup).body)
        assert all(char.isprintable() or char == "\n" for char in page_text(page.body))


def test_plain_text_hangs_items_and_holds_labels_together() -> None:
    blocks = (
        Heading("Overskrift"),
        Paragraph("En linje."),
        Clicks((Click("Velg **Min profil** og skriv `to ord`."),), first=9),
        Bullets(("Punkt",)),
    )

    assert page_text(blocks, 16).splitlines() == [
        "Overskrift",
        "",
        "En linje.",
        "",
        "9. Velg",
        "   «Min profil»",
        "   og skriv",
        "   to ord.",
        "",
        "- Punkt",
    ]


def test_plain_text_keeps_a_path_whole() -> None:
    path = "/srv/tripletex/klienter/" + "langt-navn" * 8 + ".toml"

    assert path in page_text([Paragraph(f"Skrevet til `{path}`.")], 40)


def test_a_path_in_a_command_is_quoted_for_a_shell(folder: Path) -> None:
    text = f"{HEADER}`tripletex-wizard rotate {{config_path|FIL}}` `{{config_path|FIL}}`\n## help\nhjelp\n"
    (shown,) = read(folder, text, config_path="Kari & sønn.toml").body

    assert shown == Paragraph("`tripletex-wizard rotate 'Kari & sønn.toml'` `Kari & sønn.toml`")
