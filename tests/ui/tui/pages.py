"""The pages of the drawings in ``screens``, as values with example data."""

# ruff: noqa: E501 - the texts of the drawings

from dataclasses import replace
from typing import Any, Final

from wizard.walk.pages import (
    Bar,
    Bullets,
    Card,
    CheckRow,
    CheckRows,
    Choice,
    Click,
    Clicks,
    Comparison,
    Drawing,
    Facts,
    Files,
    FinaleForm,
    FormField,
    Key,
    Leave,
    ListRow,
    Mark,
    OutlineEntry,
    Page,
    Paragraph,
    Progress,
    Result,
    Rule,
    SearchList,
    SecretField,
    Side,
    Sides,
    Slot,
    State,
    Table,
    TableRow,
    Topic,
)
from wizard.walk.pages import Copy as CopyText

GOOD, BAD, UNKNOWN, WARNING = State.GOOD, State.BAD, State.UNKNOWN, State.WARNING
RESTING, WORKING, PENDING = State.RESTING, State.WORKING, State.PENDING


def keys(text: str) -> tuple[Key, ...]:
    """Return the keys of a footer: ``Enter videre, Esc tilbake``."""
    return tuple(Key(*key.split(" ", 1)) for key in text.split(", "))


def steps(number: int) -> Progress:
    return Progress(number, 6, f"Steg {number} av 6")


def rotation(number: int) -> Progress:
    return Progress(number, 4, f"Bytt nøkkel · steg {number} av 4")


def page(title: str, progress: Progress, footer: str, **more: Any) -> Page:  # noqa: ANN401 - what Page takes
    more = {"enter": "videre", **more}
    return Page(step="step", title=title, progress=progress, keys=keys(footer), **more)


def checks(*rows: tuple[State, str]) -> CheckRows:
    return CheckRows(
        tuple(CheckRow(state, text.removeprefix("► "), text.startswith("► ")) for state, text in rows)
    )


def choices(*texts: str | Choice) -> tuple[Choice, ...]:
    return tuple(text if isinstance(text, Choice) else Choice(text, text) for text in texts)


# --- menu and welcome ---------------------------------------------------------------------------------

HOME: Final = Progress(0, 0, "tripletex-wizard 0.2.0")
_OTHERS: Final = (
    Choice("rotate", "Bytt API-nøkkel", note="Den gamle virker til du er ferdig", gap=True),
    Choice("validate", "Kontroller oppsett", note="Virker nøkkelen? Kommer tallene?"),
    Choice("clients", "Klienter nøkkelen har tilgang til", note="For regnskapsbyråer"),
    Choice("demo", "Prøv demo", note="Alt er oppdiktet, ingenting endres", gap=True),
    Choice("quit", "Avslutt"),
)
MENU: Final = page(
    "Hva vil du gjøre?",
    HOME,
    "Enter velg, ↑↓ flytt, F2 English, Ctrl+Q avslutt, F1 hjelp",
    choices=(
        Choice("setup", "Koble Finale til Tripletex", note="Første gang, for selskap eller byrå"),
        *_OTHERS,
    ),
    marked="setup",
    menu_note=True,
    after=(
        Rule("Oppsettsfiler"),
        Paragraph("/srv/finale"),
        Paragraph("3 filer · sist kontrollert i går kl. 14.05 · alle i orden", is_close=True),
    ),
)
MENU_RESUME: Final = replace(
    MENU,
    card=Card(
        RESTING,
        "Et oppsett er ikke ferdig",
        ("Demobakeriet AS · steg 4 av 6: Organisasjonsnummer · ons. 25.11 kl. 14.05",),
    ),
    choices=(
        Choice("resume", "Fortsett der du slapp", note="Svarene og nøkkelen er tatt vare på"),
        Choice("again", "Begynn på nytt", note="Nøkkel nr. 84201 blir liggende"),
        *_OTHERS,
    ),
    marked="resume",
    after=(),
)
WELCOME: Final = page(
    "Velkommen",
    Progress(0, 6, "Før du begynner"),
    "Enter begynn, Esc meny, F2 English, Ctrl+Q avslutt, F1 hjelp",
    body=(
        Paragraph("Her kobler du Tripletex til Visma Finale. Det tar omtrent fem minutter."),
        Drawing("Tripletex", "API-nøkkel", "Visma Finale"),
        Paragraph("Dette trenger du:"),
        Bullets(
            (
                "Tripletex åpent i nettleseren, ved siden av dette vinduet",
                "administratorrettigheter i Tripletex (brukeradministrator)",
                "Visma Finale, der nøkkelen skal limes inn til slutt",
            )
        ),
        Paragraph(
            "Du kan gå tilbake når du vil. Svarene huskes, også om forbindelsen blir brutt. "
            "Oppsettsfilen skrives først når du har kontrollert og godkjent den."
        ),
    ),
)
WELCOME_DEMO: Final = replace(
    WELCOME,
    title="Velkommen til demoen",
    badge="DEMO",
    keys=keys("Enter begynn, F2 English, Ctrl+Q avslutt, F1 hjelp"),
    body=(
        Paragraph(
            "Alt her er oppdiktet: Tripletex, selskapene og nøklene. Ingenting utenfor demoens egen mappe "
            "blir endret, og mappen slettes når du avslutter."
        ),
        Drawing("Tripletex", "API-nøkkel", "Visma Finale"),
        Paragraph("I stedet for en API-nøkkel skriver du ett av disse ordene på steg 2:"),
        Bullets(
            (
                "`selskap`   en vanlig nøkkel, for et enkeltstående selskap",
                "`byrå`      en byrånøkkel med fem klienter",
                "`avvist`    en nøkkel som Tripletex sier nei til",
            )
        ),
        Paragraph("Resten er som i virkeligheten."),
    ),
)
CONFIGS: Final = (
    ("310000000.toml", "Demobakeriet AS", "84201"),
    ("310000027.toml", "Demo Fiskemottak AS", "84204"),
    ("310000035.toml", "Demo Rørlegger AS", "84204"),
    ("felles.toml", "Felles for alle klienter", "84204"),
    ("310000108.toml", "Demo Bygg og Betong AS", "84230"),
    ("310000116.toml", "Demo Byggmester Aas AS", "84231"),
    ("310000124.toml", "Demo Nybygg Øst AS", "84232"),
    *((f"{number}.toml", "Demo", "84233") for number in range(310000200, 310000205)),
)
PICK: Final = page(
    "Hvilken oppsettsfil?",
    Progress(0, 0, "Bytt nøkkel"),
    "Enter velg, Tab fullfør stien, F2 English, Esc meny, F1 hjelp",
    note="/srv/finale · 12 filer",
    body=(Paragraph("Søker i navn, selskap og organisasjonsnummer. Du kan også skrive en sti."),),
    answer=SearchList(
        "Finn oppsettsfil",
        tuple(ListRow(name, name, whose, f"nøkkel {key}") for name, whose, key in CONFIGS),
        is_path=True,
    ),
    card=Card(
        RESTING,
        "",
        (
            (
                "Nøkkel 84201 brukes bare i denne oppsettsfilen.\n"
                "Hvis flere filer bruker samme nøkkel, byttes den i alle samtidig."
            ),
        ),
    ),
)

# --- storage and step 1 -------------------------------------------------------------------------------

_PRIVATE: Final = Choice(
    "file",
    "Privat fil (anbefalt her)",
    (
        "Ikke kryptert. Bare du og administratoren av maskinen kan lese den.",
        "/home/kari/.local/share/tripletex-wizard/keys",
    ),
)
STORAGE: Final = page(
    "Hvor skal nøkkelen lagres?",
    steps(2),
    "Enter bruk privat fil, ↑↓ flytt, Esc tilbake, F2 English, F1 hjelp",
    note="spørres bare første gang",
    body=(
        Paragraph(
            "Denne maskinen har ingen nøkkelring. Nøkkelen står aldri i oppsettsfilen. "
            "Der står det bare hvor den hentes."
        ),
    ),
    choices=(
        _PRIVATE,
        Choice(
            "more",
            "Andre valg (for IT) …",
            ("Passordhvelv, kommando, miljøvariabel eller nøkkelring",),
            gap=True,
        ),
    ),
    marked="file",
    choices_first=True,
    card=Card(
        RESTING,
        "",
        (
            "Med Enter godtar du at nøkkelen lagres i en fil som ikke er kryptert.",
            "Valget huskes, og kan endres senere.",
        ),
    ),
)
STORAGE_MORE: Final = replace(
    STORAGE,
    keys=keys("Enter velg, ↑↓ flytt, Esc tilbake, F2 English, F1 hjelp"),
    choices=(
        _PRIVATE,
        Choice("more", "Andre valg (for IT)", gap=True),
        Choice("command", "Kommando", note="fra pass, age, systemd-creds eller et passordhvelv"),
        Choice("env", "Miljøvariabel", note="settes av den som starter programmet (containere, CI)"),
        Choice(
            "keyring", "Nøkkelring", note="fant ingen på denne maskinen; F1 viser hvordan", is_enabled=False
        ),
    ),
    menu_note=True,
    marked="command",
    card=Card(
        RESTING,
        "",
        (
            (
                "Du legger nøkkelen der selv. Veiviseren henter den derfra, sammenligner den med nøkkelen du "
                "limer inn, og tar ikke vare på noen kopi."
            ),
        ),
    ),
)
ENABLE: Final = page(
    "Slå på API 2.0",
    steps(1),
    "Enter videre, Esc tilbake, F2 English, Ctrl+Q avslutt, F1 hjelp",
    note="i Tripletex, i nettleseren",
    body=(
        Paragraph("Gå rett videre hvis tjenesten er slått på allerede."),
        Sides(
            Side(
                "Nyere meny",
                (
                    Click("**Selskap → Mitt abonnement**\ni menyen på venstre side"),
                    Click("Finn **Integrasjoner**, les vilkårene og klikk **Aktiver**."),
                ),
            ),
            Side(
                "Eldre meny",
                (
                    Click("**Selskap → Vår kundeside**\ni menyen på venstre side"),
                    Click("Kryss av for **API 2.0**."),
                ),
            ),
        ),
        Paragraph("Regnskapsbyrå: Gjør det i Tripletex-kontoen til byrået, ikke hos klientene."),
    ),
    card=Card(
        RESTING,
        "",
        (
            "Slik ser du at det virker: Fanen API-TILGANG finnes under Min profil.",
            "Hvis du ikke ser menyvalget, mangler brukeren din rettigheten (F1).",
        ),
    ),
)

# --- step 2 -------------------------------------------------------------------------------------------

CLICKS: Final = Clicks(
    (
        Click(
            "Klikk profilbildet øverst til høyre (eldre: din egen bruker øverst i menyen på venstre side), "
            "og velg **Min profil**.",
            short="Klikk profilbildet øverst til høyre (eldre: din egen bruker øverst i menyen på venstre "
            "side) → **Min profil**.",
        ),
        Click(
            "Velg **API-TILGANG** fra menyen øverst i bildet (velg eventuelt **MER** for å få tilgang til "
            "alle valgene)."
        ),
        Click("Klikk **NY NØKKEL**."),
        Click(
            "**Applikasjonsnavn** (nyere: **Applikasjon**): velg `VismaFinale`",
            short="**Applikasjonsnavn** (nyere: **Applikasjon**): `VismaFinale`",
        ),
        Click("**Gi nøkkelen et navn**: skriv `Visma Finale`"),
        Click("Regnskapsbyrå: kryss av for **Regnskapskontorets brukernøkkel**."),
        Click("Klikk **OPPRETT NØKKEL**. Kopier nøkkelen, og la vinduet stå åpent."),
    )
)
PASTE: Final = "Lim inn API-nøkkelen (ikke tallet som heter Brukernøkkel-ID)"
HELD: Final[dict[str, Any]] = {"length": 88, "fingerprint": "987d-8f"}


def clicked(number: int) -> tuple[Clicks, ...]:
    return (
        Clicks(tuple(click._replace(is_marked=at == number) for at, click in enumerate(CLICKS.items, 1))),
    )


KEY: Final = page(
    "Lag API-nøkkel",
    steps(2),
    "Enter videre, Esc tilbake, F2 English, Ctrl+Q avslutt, F1 hjelp",
    note="i Tripletex, i nettleseren",
    body=(CLICKS,),
    answer=SecretField(PASTE),
    card=Card(
        RESTING,
        "",
        (
            "Lim inn: høyreklikk eller Shift+Insert (PuTTY),\n         Ctrl+Shift+V (Windows Terminal)",
            "Nøkkelen vises ikke. Den lagres og prøves med en gang.",
        ),
    ),
    leave=Leave(
        "Avslutte?",
        (
            "Alt du har gjort, er lagret: svarene og nøkkelen.",
            "Neste gang velger du «Fortsett der du slapp».",
        ),
        choices("Fortsett oppsettet", "Avslutt nå", "Avslutt og slett svarene"),
    ),
    copies=(CopyText("kopier VismaFinale", "VismaFinale"), CopyText("kopier navnet", "Visma Finale")),
    help=(
        Topic(
            "Ser du ikke API-TILGANG?",
            (
                Bullets(
                    (
                        "Se under MER først. Der ligger fanene det ikke er plass til.",
                        "Tjenesten kan være slått av. Gå tilbake til steg 1.",
                        (
                            "Bare brukeradministratorer ser fanen. Be en av dem om å lage nøkkelen, eller om å "
                            "gi deg rettigheten."
                        ),
                        (
                            "Fanen finnes også under Selskap → Ansatte og Kunde → Kontakter: velg personen som "
                            "skal eie nøkkelen, og så API-tilgang."
                        ),
                    )
                ),
            ),
        ),
        Topic(
            "Hvilken kode er nøkkelen?",
            (
                Paragraph(
                    "Den lange teksten, omtrent 80 til 100 tegn, som begynner med eyJ. Tripletex viser også "
                    "et tall som heter Brukernøkkel-ID. Det kan ikke brukes."
                ),
            ),
        ),
        Topic("Mer", (Bullets(tuple(f"Punkt {number}" for number in range(15))),)),
    ),
)
PROVING: Final = replace(
    KEY,
    answer=SecretField("API-nøkkel", WORKING, **HELD),
    card=Card(
        WORKING,
        "",
        (
            CheckRow(GOOD, "Hele nøkkelen kom med: nr. 84201"),
            CheckRow(GOOD, "Lagret i nøkkelringen"),
            CheckRow(WORKING, "Spør Tripletex om den virker …"),
        ),
    ),
    keys=keys("Esc avbryt, F2 English, Ctrl+Q avslutt, F1 hjelp"),
    is_busy=True,
)
PROVEN: Final = replace(
    KEY,
    answer=SecretField("API-nøkkel", GOOD, **HELD),
    card=Card(
        GOOD,
        "Nøkkelen virker",
        (
            "Demobakeriet AS · 310 000 000 · vanlig nøkkel nr. 84201",
            "Lagret i nøkkelringen. La vinduet i Tripletex stå åpent til slutt.",
        ),
    ),
)
PROVEN_OFFICE: Final = replace(
    PROVEN,
    badge="DEMO",
    answer=SecretField("API-nøkkel", GOOD, 88, "cf45-a3"),
    card=Card(
        GOOD,
        "Nøkkelen virker",
        (
            "Demo Regnskapskontor AS · byrånøkkel nr. 84204 · 5 klienter",
            "Lagret i demoens mappe. La vinduet i Tripletex stå åpent til slutt.",
        ),
    ),
)
WRONG: Final = replace(
    KEY,
    body=clicked(7),
    answer=SecretField(PASTE, BAD, 10),
    card=Card(
        BAD,
        "Dette er bare sifre. Det er ikke API-nøkkelen.",
        (
            (
                "Hvis det er tallet som heter Brukernøkkel-ID, kan det ikke brukes. Kopier nøkkelen fra vinduet "
                "som kom opp etter OPPRETT NØKKEL, og lim den inn."
            ),
        ),
        code="TW302",
    ),
    keys=keys("Ctrl+U tøm feltet, Esc tilbake, F2 English, Ctrl+Q avslutt, F1 mer"),
    enter="",
)
REFUSED: Final = replace(
    KEY,
    body=clicked(4),
    answer=SecretField(PASTE, BAD, **HELD),
    card=Card(
        BAD,
        "Tripletex godtar ikke nøkkelen.",
        (
            (
                "Vanligste årsaker: laget for et annet program enn VismaFinale (punkt 4), slettet eller utløpt. "
                "Lag en ny nøkkel, og lim den inn her."
            ),
        ),
        code="TW402",
    ),
    keys=keys("Enter prøv på nytt, Esc tilbake, F2 English, Ctrl+Q avslutt, F1 mer"),
)
UNPROVEN: Final = replace(
    KEY,
    answer=SecretField("API-nøkkel", UNKNOWN, **HELD),
    card=Card(
        RESTING,
        "",
        (
            CheckRow(GOOD, "Hele nøkkelen kom med, og den er lagret: nr. 84201"),
            "Den kan ikke prøves herfra: programmets token (consumer token) mangler.",
            "Det gjør ikke noe. Du ser at den virker når du henter tall i Finale.",
        ),
    ),
)
UNREACHABLE: Final = replace(
    KEY,
    answer=SecretField("API-nøkkel", UNKNOWN, **HELD),
    card=Card(
        UNKNOWN,
        "Vi fikk ikke svar fra Tripletex.",
        (
            (
                "Nøkkelen kan likevel være riktig, og den er lagret. Du kan gå videre nå. "
                "Den prøves igjen på steg 5, før noe skrives."
            ),
        ),
        code="TW501",
    ),
    keys=keys("Enter videre, Ctrl+R prøv på nytt, Esc tilbake, F2 English, F1 mer"),
)
LEAVE_DEMO: Final = replace(
    KEY,
    badge="DEMO",
    leave=Leave(
        "Avslutte demoen?",
        ("Mappen til demoen slettes. Ingenting av den blir igjen på maskinen.",),
        choices("Fortsett demoen", "Avslutt"),
    ),
)
WRONG_60: Final = replace(
    WRONG,
    answer=SecretField("Lim inn API-nøkkelen (ikke Brukernøkkel-ID)", BAD, 10),
    card=Card(
        BAD,
        "Dette er bare sifre, ikke API-nøkkelen.",
        (
            (
                "Tallet Brukernøkkel-ID kan ikke brukes. Kopier nøkkelen fra vinduet som kom opp etter "
                "OPPRETT NØKKEL."
            ),
        ),
        code="TW302",
    ),
    keys=keys("Ctrl+U tøm, Esc tilbake, F2 English, F1 mer"),
)


def outline(here: int) -> tuple[OutlineEntry, ...]:
    titles = (
        "Slå på API 2.0",
        "Lag API-nøkkel",
        "Selskap eller byrå?",
        "Organisasjonsnummer",
        "Se over og lagre",
        "Fyll inn i Finale",
    )
    return tuple(
        OutlineEntry(title, GOOD if at < here else WORKING if at == here else PENDING)
        for at, title in enumerate(titles, 1)
    )


PROVEN_TALL: Final = replace(
    PROVEN_OFFICE,
    outline=outline(2),
    help=(
        Topic(
            "Ser du ikke API-TILGANG?",
            (
                Bullets(
                    (
                        "Se under MER først. Der ligger fanene det ikke er plass til.",
                        "Tjenesten kan være slått av. Gå tilbake til steg 1.",
                        "Bare brukeradministratorer ser fanen. Be en av dem om å lage nøkkelen.",
                    )
                ),
            ),
        ),
        Topic(
            "Er ikke VismaFinale i listen?",
            (Paragraph("Velg Tilpasset oppsett, og skriv VismaFinale med stor V og stor F."),),
        ),
        Topic(
            "Har du lukket vinduet?",
            (Paragraph("Nøkkelen kan ikke hentes fram igjen. Lag en ny, og slett den første senere."),),
        ),
    ),
)

# --- steps 3 and 4 ------------------------------------------------------------------------------------

SETUP: Final = page(
    "Enkeltstående selskap eller regnskapsbyrå?",
    steps(3),
    "Enter videre, ↑↓ flytt, Esc tilbake, F2 English, F1 hjelp",
    badge="DEMO",
    choices=(
        Choice(
            "single",
            "Enkeltstående selskap",
            (
                "Nøkkelen er laget i Tripletex-kontoen til selskapet.",
                "I Finale: Firmaopplysninger. OrgNr skal stå tomt.",
            ),
        ),
        Choice(
            "office",
            "Regnskapsbyrå med klienter",
            (
                (
                    "Nøkkelen er laget i Tripletex-kontoen til byrået, med kryss for "
                    "Regnskapskontorets brukernøkkel."
                ),
                "I Finale: Byråopplysninger, eller Firmaopplysninger hos hver klient.",
            ),
            note="passer til nøkkelen",
            gap=True,
        ),
    ),
    choices_first=True,
    marked="office",
    card=Card(
        GOOD,
        "Nøkkelen er en byrånøkkel fra Demo Regnskapskontor AS.",
        ("Vi har valgt det som passer til nøkkelen.",),
    ),
)
MISMATCH: Final = replace(
    SETUP,
    marked="single",
    card=Card(
        BAD,
        "Dette er en byrånøkkel. Et selskap må ha en vanlig nøkkel.",
        (
            (
                "Velg 2 hvis selskapet er klient hos byrået. Hvis ikke, lag en ny nøkkel uten kryss for "
                "Regnskapskontorets brukernøkkel. F4 går til steg 2."
            ),
        ),
        code="TW405",
    ),
    keys=keys("Enter videre, F4 lag ny nøkkel, Esc tilbake, F2 English, F1 mer"),
)
ORG_SINGLE: Final = page(
    "Organisasjonsnummer",
    steps(4),
    "Enter velg, ↑↓ flytt, Esc tilbake, F2 English, F1 hjelp",
    body=(
        Paragraph(
            "Nøkkelen hører til ett selskap, og Tripletex vet hvilket. Derfor skal feltet OrgNr ikke fylles "
            "ut i Finale."
        ),
        FinaleForm("", "", (FormField("OrgNr i Finale", "", "skal stå tomt"),)),
        Slot.CARD,
        Paragraph("Er dette selskapet du vil koble til Finale?"),
    ),
    card=Card(GOOD, "Demobakeriet AS", ("Organisasjonsnummer 310 000 000",)),
    choices=choices(
        "Ja, det er riktig selskap",
        Choice(
            "no",
            "Nei, lag nøkkelen i et annet selskap",
            ("Bytt selskap i Tripletex, lag en ny nøkkel der, og lim den inn.",),
        ),
    ),
    marked="Ja, det er riktig selskap",
)


def client_rows(*ticked: str, is_narrow: bool = False) -> tuple[ListRow, ...]:
    rows = (
        ("Demo Fiskemottak AS", "", "310 000 027"),
        ("Demo Rørlegger AS", "", "310 000 035"),
        ("Demo Sameie", "", "mangler nummer" if is_narrow else "mangler nummer i Tripletex"),
        ("Demo Tvilling AS", "! samme nummer", "310 000 043"),
        ("Demo Tvilling AS avd. Øst", "! samme nummer", "310 000 043"),
    )
    return tuple(
        ListRow(
            name,
            name,
            "" if is_narrow else note,
            f"! {right}" if note and is_narrow else right,
            Mark.NONE if "mangler" in right else Mark.TICKED if name in ticked else Mark.NOT_TICKED,
            is_enabled="mangler" not in right,
        )
        for name, note, right in rows
    )


def orgnr(*, is_chosen: bool, is_narrow: bool = False) -> ListRow:
    text = "%ORGNR% · felles for alle" + ("" if is_narrow else " klienter")
    return ListRow("common", text, "", "Byråopplysninger", Mark.CHOSEN if is_chosen else Mark.NOT_CHOSEN)


OFFICE_LIST: Final = SearchList(
    "Finn klient, eller skriv organisasjonsnummeret",
    client_rows(),
    first=orgnr(is_chosen=True),
    marked="common",
    takes_ticks=True,
)
COMMON: Final = page(
    "Organisasjonsnummer",
    steps(4),
    "Enter videre, Space velg, Esc tilbake, F2 English, F1 hjelp",
    badge="DEMO",
    note="byrånøkkel · 5 klienter",
    body=(
        Paragraph(
            "Felles oppsett for alle klienter, eller eget oppsett for hver av dem?\n"
            "Hvis byrået har mange klienter, er felles enklest."
        ),
    ),
    answer=OFFICE_LIST,
    card=Card(
        RESTING,
        "",
        (
            "Valgt: %ORGNR%, felles for alle klienter",
            (
                "Fylles inn én gang i Byråopplysninger. Ved pålogging til Tripletex brukes "
                "organisasjonsnummeret "
                "som er registrert i Firmaopplysninger hos klienten."
            ),
        ),
    ),
)
TICKED: Final = ("Demo Fiskemottak AS", "Demo Rørlegger AS")
CLIENTS: Final = replace(
    COMMON,
    answer=OFFICE_LIST._replace(
        rows=client_rows(*TICKED), first=orgnr(is_chosen=False), marked="Demo Rørlegger AS"
    ),
    card=Card(
        RESTING,
        "",
        (
            "Valgt: 2 klienter. Det blir 2 oppsettsfiler, én for hver.",
            "Fylles inn i Firmaopplysninger hos hver klient i Finale.",
        ),
    ),
)
FILTER: Final = replace(
    COMMON,
    badge="",
    note="3 av 412 klienter",
    answer=SearchList(
        "Finn klient, eller skriv organisasjonsnummeret",
        tuple(
            ListRow(name, name, "", right, Mark.TICKED if "Byggmester" in name else Mark.NOT_TICKED)
            for name, right in (
                ("Demo Bygg og Betong AS", "310 000 108"),
                ("Demo Byggmester Aas AS", "310 000 116"),
                ("Demo Nybygg Øst AS", "310 000 124"),
            )
        ),
        search="bygg",
        marked="Demo Bygg og Betong AS",
        takes_ticks=True,
    ),
    card=Card(
        RESTING,
        "",
        ("Valgt: 1 klient", "Enter krysser av for Demo Bygg og Betong AS, og tømmer søket."),
    ),
    keys=keys("Enter kryss av, ↑↓ flytt, Esc tøm søket, F2 English, F1 hjelp"),
)
ELEVEN: Final = replace(
    COMMON,
    answer=OFFICE_LIST._replace(state=BAD),
    card=Card(
        BAD,
        "Elleve sifre ser ut som et fødselsnummer eller D-nummer.",
        (
            (
                "Feltet er tømt, og det du skrev, er ikke lagret noe sted. Skriv de ni sifrene i "
                "organisasjonsnummeret. Et enkeltpersonforetak har også et."
            ),
        ),
        code="TW205",
    ),
    keys=keys("Enter videre, Space velg, Esc tilbake, F2 English, F1 mer"),
)
NO_LIST: Final = replace(
    COMMON,
    badge="",
    note="byrånøkkel",
    answer=SearchList(
        "Skriv organisasjonsnummeret til klienten, ni sifre",
        (ListRow("310000027", "310 000 027", "", "skrevet inn", Mark.TICKED),),
        first=orgnr(is_chosen=False),
        marked="310000027",
        takes_ticks=True,
    ),
    card=Card(
        RESTING,
        "",
        (
            "Valgt: 1 klient. Skriv flere numre hvis flere klienter skal settes opp.",
            "Klientlisten kan ikke hentes herfra: programmets token mangler.",
        ),
    ),
)
ORG_60: Final = replace(
    CLIENTS,
    body=(Paragraph("Felles oppsett for alle klienter, eller eget for hver?"),),
    answer=SearchList(
        "Finn klient, eller skriv nummeret",
        client_rows(*TICKED, is_narrow=True),
        first=orgnr(is_chosen=False, is_narrow=True),
        marked="Demo Rørlegger AS",
        takes_ticks=True,
    ),
    card=Card(
        RESTING,
        "",
        (
            "Valgt: 2 klienter. Det blir 2 oppsettsfiler.",
            "Fylles inn i Firmaopplysninger hos hver klient.",
        ),
    ),
)
CLIENTS_TALL: Final = replace(
    CLIENTS,
    outline=outline(4),
    help=(
        Topic(
            "Klienten er ikke i listen?",
            (
                Paragraph(
                    "Da har nøkkelen ikke fått tilgang ennå. Skriv nummeret likevel. Så ser du hvordan du "
                    "gir tilgang."
                ),
            ),
        ),
        Topic(
            "! Samme nummer",
            (
                Paragraph(
                    "Finale skiller klienter bare på organisasjonsnummer. Fjern tilgangen til den som ikke "
                    "skal brukes, eller rett nummeret i Tripletex."
                ),
            ),
        ),
        Topic(
            "Felles eller hver for seg?",
            (Paragraph("Felles passer når de fleste klientene fører regnskapet i Tripletex."),),
        ),
    ),
)
ACCESS: Final = page(
    "Gi tilgang til klientene",
    steps(4),
    "Enter velg, ↑↓ flytt, Esc tilbake, F2 English, F1 mer",
    badge="DEMO",
    note="1 av 3 mangler tilgang",
    body=(
        Paragraph("I Tripletex-kontoen til byrået, for hver klient som mangler:"),
        Clicks(
            (
                Click("Slå opp klienten i kundeoversikten."),
                Click("Velg **KLIENTTILGANG** i menyen øverst i bildet."),
                Click(
                    "Klikk på knappen for å legge til ansatte, til høyre for **LAGRE** (nyere: "
                    "**Legg til ansatt**), og legg til Visma Finale."
                ),
                Click("**Rettighetsmal**: velg **Standardrettigheter for regnskapsførere**."),
                Click("Klikk **LEGG TIL ANSATT**."),
            )
        ),
        Paragraph("Mange på én gang: **Kunder/leverandører** → kryss av → **Klienttilgang**", is_close=True),
    ),
    card=Card(
        BAD,
        "Nøkkelen har ikke tilgang til klienten 310 000 051.",
        ("De to andre klientene er i orden: 310 000 027 og 310 000 035.",),
        code="TW407",
    ),
    choices=choices("Sjekk på nytt", "Fortsett likevel, gi tilgang senere", "Ta klienten ut av listen"),
    marked="Sjekk på nytt",
)

# --- step 5 -------------------------------------------------------------------------------------------


def review(footer: str, facts: tuple[str, str, str, str], name: str, **more: Any) -> Page:  # noqa: ANN401 - what Page takes
    """Return a page of step 5; ``name`` is the first label."""
    labels = (name, "OrgNr i Finale", "Nøkkel", "Oppsettsfil")
    body = (Facts(tuple(zip(labels, facts, strict=True))), *more.pop("body"))
    return page(
        "Se over og lagre",
        steps(5),
        footer,
        note="oppsettsfilen er ikke skrevet ennå",
        body=body,
        **more,
    )


_SINGLE: Final = (
    "Demobakeriet AS · 310 000 000",
    "skal stå tomt",
    "vanlig nøkkel nr. 84201, i nøkkelringen",
    "/srv/finale/310000000.toml (ny)",
)
_TRIPLETEX: Final = "Kontroll mot Tripletex"
REVIEW_RUNNING: Final = review(
    "Esc avbryt, F3 vis filen, F2 English, F1 hjelp",
    _SINGLE,
    "Selskap",
    body=(
        Rule(_TRIPLETEX, "3 av 6"),
        checks(
            (GOOD, "Nøkkelen er godtatt"),
            (GOOD, "Nøkkeltypen passer: vanlig nøkkel"),
            (GOOD, "Selskapet er funnet: Demobakeriet AS"),
            (WORKING, "Leser kontoplanen …"),
            (PENDING, "Saldobalansen"),
            (PENDING, "Alle transaksjoner"),
        ),
    ),
    is_busy=True,
)
REVIEW_OK: Final = review(
    "Enter lagre, Ctrl+R sjekk på nytt, F3 vis filen, Esc tilbake, F1 hjelp",
    _SINGLE,
    "Selskap",
    body=(
        Rule(_TRIPLETEX, "kl. 14.12"),
        checks(
            (GOOD, "Nøkkelen er godtatt"),
            (GOOD, "Nøkkeltypen passer: vanlig nøkkel"),
            (GOOD, "Selskapet er funnet: Demobakeriet AS"),
            (GOOD, "Kontoplanen kan leses"),
            (GOOD, "Saldobalansen kan leses: 2025"),
            (GOOD, "Alle transaksjoner kan leses"),
        ),
    ),
    card=Card(
        GOOD,
        "Alt er i orden. Trykk Enter for å lagre.",
        ("Nøkkelen står ikke i oppsettsfilen, bare hvor den hentes.",),
    ),
)
REVIEW_FAIL: Final = review(
    "Enter velg, PgDn neste funn, F3 vis filen, Esc tilbake, F1 mer",
    (
        "Demo Fiskemottak AS · 310 000 027",
        "310000027",
        "byrånøkkel nr. 84204, i nøkkelringen",
        "/srv/finale/310000027.toml (ny)",
    ),
    "Klient",
    badge="DEMO",
    body=(
        Rule(_TRIPLETEX, "kl. 14.12"),
        checks(
            (GOOD, "Nøkkelen er godtatt"),
            (GOOD, "Nøkkeltypen passer: byrånøkkel"),
            (GOOD, "Klienten er funnet: Demo Fiskemottak AS"),
            (GOOD, "Kontoplanen kan leses"),
            (BAD, "► Saldobalansen kan ikke leses"),
            (WARNING, "Ikke alle transaksjoner kan leses"),
        ),
    ),
    card=Card(
        BAD,
        "Nøkkelen får ikke lese saldobalansen til klienten.",
        (
            (
                "Klienttilgang: velg malen Standardrettigheter for regnskapsførere. Hvis byrået ikke har "
                "rettigheten selv, må klienten gi den."
            ),
        ),
        code="TW418",
    ),
    choices=choices(
        "Sjekk på nytt", "Vis hvordan tilgangen gis (steg 4)", "Lagre likevel, og rett det senere"
    ),
    marked="Sjekk på nytt",
)
REVIEW_FAIL_60: Final = replace(
    review(
        "Enter velg, F3 vis filen, Esc tilbake, F1 mer",
        (
            "Demo Fiskemottak AS · 310 000 027",
            "310000027",
            "byrånøkkel nr. 84204",
            "/srv/finale/310000027.toml (ny)",
        ),
        "Klient",
        body=(
            Rule(_TRIPLETEX, "kl. 14.12"),
            checks(
                (GOOD, "Nøkkelen er godtatt"),
                (GOOD, "Nøkkeltypen passer: byrånøkkel"),
                (GOOD, "Klienten er funnet"),
                (GOOD, "Kontoplanen kan leses"),
                (BAD, "► Saldobalansen kan ikke leses"),
                (WARNING, "Ikke alle transaksjoner kan leses"),
            ),
        ),
    ),
    card=Card(
        BAD,
        "Nøkkelen får ikke lese saldobalansen.",
        ("Klienttilgang: velg Standardrettigheter for regnskapsførere. Hvis byrået mangler den: se F1.",),
        code="TW418",
    ),
    choices=REVIEW_FAIL.choices,
    marked="Sjekk på nytt",
)
REVIEW_UNKNOWN: Final = review(
    "Enter lagre, F3 vis filen, Esc tilbake, F2 English, F1 hjelp",
    (
        "ikke kjent ennå",
        "skal stå tomt",
        "nr. 84201, i nøkkelringen",
        "/srv/finale/finale.toml (ny)",
    ),
    "Selskap",
    body=(
        Rule("Kontroll"),
        checks(
            (GOOD, "Hele nøkkelen kom med, og den er laget for produksjon"),
            (GOOD, "Nøkkelen kan hentes fra nøkkelringen"),
            (UNKNOWN, "Godtar Tripletex nøkkelen, og hører den til riktig selskap?"),
            (UNKNOWN, "Kan Finale lese kontoplan, saldobalanse og transaksjoner?"),
        ),
    ),
    card=Card(
        RESTING,
        "",
        (
            "Resten kan ikke sjekkes her: programmets token (consumer token) mangler.",
            (
                "Nøkkelen kan likevel være riktig. Trykk Enter for å lagre, og hent tall i Finale. Kommer de, "
                "virker nøkkelen."
            ),
        ),
    ),
)
REVIEW_UNREACHABLE: Final = review(
    "Enter velg, F3 vis filen, Esc tilbake, F2 English, F1 mer",
    _SINGLE,
    "Selskap",
    body=(
        Rule(_TRIPLETEX, "kl. 14.12"),
        checks(
            (GOOD, "Nøkkelen er godtatt (kl. 14.05)"),
            (GOOD, "Nøkkeltypen passer: vanlig nøkkel (kl. 14.05)"),
            (GOOD, "Selskapet er funnet: Demobakeriet AS (kl. 14.05)"),
            (UNKNOWN, "► Kontoplanen er ikke sjekket"),
            (UNKNOWN, "Saldobalansen er ikke sjekket"),
            (UNKNOWN, "Transaksjonene er ikke sjekket"),
        ),
    ),
    card=Card(
        UNKNOWN,
        "Vi fikk ikke svar fra Tripletex.",
        (
            (
                "Oppsettet kan likevel være riktig. Prøv igjen om litt, eller lagre nå og velg Kontroller "
                "oppsett i menyen senere."
            ),
        ),
        code="TW501",
    ),
    choices=choices("Sjekk på nytt", "Lagre likevel, og kontroller senere"),
    marked="Sjekk på nytt",
)
REVIEW_COMMON: Final = review(
    "Enter lagre, Ctrl+R sjekk på nytt, F3 vis filen, Esc tilbake, F1 mer",
    (
        "felles for alle · 5 klienter i Tripletex",
        "%ORGNR%",
        "byrånøkkel nr. 84204, i demoens mappe",
        "/tmp/tripletex-demo/felles.toml (ny)",  # noqa: S108 - only drawn
    ),
    "Klienter",
    badge="DEMO",
    body=(
        Rule(_TRIPLETEX, "kl. 14.12"),
        checks(
            (GOOD, "Nøkkelen er godtatt"),
            (GOOD, "Nøkkeltypen passer: byrånøkkel"),
            (WARNING, "► 5 klienter er funnet. 3 av dem kan ikke brukes i Finale ennå."),
            (GOOD, "Kontoplanen kan leses (stikkprøve: Demo Fiskemottak AS)"),
            (GOOD, "Saldobalansen kan leses (samme klient): 2025"),
            (GOOD, "Alle transaksjoner kan leses (samme klient)"),
        ),
    ),
    card=Card(
        WARNING,
        "Du kan lagre nå, men 3 klienter må rettes i Tripletex.",
        (
            (
                "Mangler organisasjonsnummer: Demo Sameie. Samme nummer, 310 000 043:\nDemo Tvilling AS og Demo "
                "Tvilling AS avd. Øst. F1 viser hva du gjør."
            ),
        ),
    ),
)

# --- step 6 -------------------------------------------------------------------------------------------


def form(dialog: str, tab: str, value: str, note: str = "") -> FinaleForm:
    return FinaleForm(
        dialog,
        tab,
        (
            FormField("Brukernøkkel-ID", "lim inn API-nøkkelen fra Tripletex"),
            FormField("OrgNr", value, note, is_typed=True),
        ),
    )


def click_list(*texts: str, first: int = 1, marked: int = 0) -> Clicks:
    return Clicks(tuple(Click(text, is_marked=at == marked) for at, text in enumerate(texts, first)), first)


_FIRMA: Final = form("Firmaopplysninger", "Regnskapsintegrasjon", "", "skal stå tomt")
_NOT_THE_CODE: Final = (
    "Feltet i Finale heter Brukernøkkel-ID, men skal ha API-nøkkelen. Koden Brukernøkkel-ID fra Tripletex "
    "kan ikke brukes."
)
_SKILLEKORT: Final = "Velg skillekort **Regnskapsintegrasjon**, og fyll inn slik:"
FINALE: Final = page(
    "Fyll inn i Finale",
    steps(6),
    "Enter ferdig, F3 vis som tekst, Esc tilbake, F2 English, F1 hjelp",
    note="Demobakeriet AS",
    body=(
        Result(GOOD, "Lagret: /srv/finale/310000000.toml"),
        click_list("Åpne **Firmaopplysninger** for Demobakeriet AS i Finale.", _SKILLEKORT),
        _FIRMA,
        click_list("Lagre i Finale, og hent tall. Kommer de, er du ferdig.", first=3),
    ),
    card=Card(RESTING, "", (_NOT_THE_CODE,)),
)
FINALE_UNPROVEN: Final = replace(
    FINALE,
    note="",
    body=(
        Result(GOOD, "Lagret: /srv/finale/finale.toml"),
        click_list("Åpne **Firmaopplysninger** for selskapet i Finale.", _SKILLEKORT),
        _FIRMA,
        click_list("Lagre i Finale.", "Hent tall i Finale. Kommer de, virker nøkkelen.", first=3, marked=4),
    ),
    card=Card(
        RESTING,
        "",
        (_NOT_THE_CODE, "Hvis tallene ikke kommer: F1 viser hva du kan sjekke."),
    ),
)
FINALE_CLIENT: Final = replace(
    FINALE,
    badge="DEMO",
    note="Demo Fiskemottak AS",
    keys=keys("Enter ferdig, F5 kopier OrgNr, F3 vis som tekst, Esc tilbake, F1 hjelp"),
    body=(
        Result(GOOD, "Lagret: /tmp/tripletex-demo/310000027.toml"),
        click_list("Åpne **Firmaopplysninger** for Demo Fiskemottak AS i Finale.", _SKILLEKORT),
        form("Firmaopplysninger", "Regnskapsintegrasjon", "310000027"),
        click_list("Lagre i Finale, og hent tall. Kommer de, er du ferdig.", first=3),
    ),
    card=Card(
        RESTING,
        "",
        (_NOT_THE_CODE, "Lim inn nøkkelen først: F5 legger OrgNr på utklippstavlen i stedet."),
    ),
)
FINALE_SEVERAL: Final = replace(
    FINALE,
    badge="DEMO",
    note="Demo Rørlegger AS · klient 2 av 3",
    keys=keys("Enter ferdig, ↑↓ klient, F5 kopier OrgNr, Esc tilbake, F1 hjelp"),
    body=(
        Result(GOOD, "Lagret: 3 oppsettsfiler i /tmp/tripletex-demo"),
        click_list("Åpne **Firmaopplysninger**, og velg skillekort **Regnskapsintegrasjon**:"),
        form("Firmaopplysninger", "Regnskapsintegrasjon", "310000035"),
        click_list("Lagre i Finale, og hent tall. Ta så neste klient i listen:", first=2),
    ),
    answer=Table(
        (),
        tuple(
            TableRow(number, (name, number))
            for name, number in (
                ("Demo Fiskemottak AS", "310000027"),
                ("Demo Rørlegger AS", "310000035"),
                ("Demo Kafé Nordlys AS", "310000078"),
            )
        ),
        marked="310000035",
    ),
    card=Card(
        RESTING,
        "",
        (_NOT_THE_CODE, "Nøkkelen er den samme hos alle. Lim den inn først, kopier OrgNr etterpå."),
    ),
)
FINALE_COMMON: Final = replace(
    FINALE,
    badge="DEMO",
    note="felles for alle klienter",
    keys=keys("Enter ferdig, F5 kopier %ORGNR%, F3 vis som tekst, Esc tilbake, F1 hjelp"),
    body=(
        Result(GOOD, "Lagret: /tmp/tripletex-demo/felles.toml"),
        click_list(
            "Velg **Tilleggsfunksjoner** → **Byråopplysninger** i Finale, og fyll inn slik:",
        ),
        form("Byråopplysninger", "", "%ORGNR%"),
        click_list(
            "Se at **OrgNr** er riktig i **Firmaopplysninger** hos hver klient. Det nummeret brukes ved "
            "pålogging til Tripletex.",
            "Lagre i Finale, og hent tall for en klient. Kommer de, er du ferdig.",
            first=2,
        ),
    ),
    card=Card(
        RESTING,
        "",
        (
            (
                "Brukernøkkel-ID skal ha API-nøkkelen. Koden Brukernøkkel-ID fra Tripletex kan ikke brukes. "
                "%ORGNR% er ordet ORGNR med prosenttegn foran og etter."
            ),
            "Lim inn nøkkelen først: F5 legger %ORGNR% på utklippstavlen i stedet.",
        ),
    ),
)
FINALE_TALL: Final = replace(
    FINALE,
    outline=outline(6),
    help=(
        Topic(
            "Tallene kommer ikke",
            (
                Bullets(
                    (
                        "Se at hele nøkkelen kom med, uten mellomrom før eller etter.",
                        "Se at OrgNr er tomt.",
                        "Velg Kontroller oppsett i menyen. Svaret sier hva som er galt.",
                    )
                ),
            ),
        ),
    ),
)

# --- rotation -----------------------------------------------------------------------------------------

ROTATE_START: Final = page(
    "Bytt API-nøkkel",
    rotation(1),
    "Enter videre, Esc meny, F2 English, Ctrl+Q avslutt, F1 hjelp",
    body=(
        Rule("I bruk nå"),
        Facts(
            (
                ("Nøkkel", "vanlig nøkkel nr. 84201, tatt i bruk 22.11.2025"),
                ("Selskap", "Demobakeriet AS · 310 000 000"),
                ("Oppsettsfil", "/srv/finale/310000000.toml"),
            )
        ),
        Slot.CARD,
        Rule("Slik går det"),
        click_list(
            "Du lager en ny nøkkel i Tripletex og limer den inn her.",
            "Vi sjekker at den gir tilgang til samme selskap.",
            "Først da tas den nye i bruk. Du kan angre byttet.",
            "Du limer den nye inn i Finale, og sletter den gamle i Tripletex.",
        ),
        Paragraph("Ikke slett den gamle nøkkelen i Tripletex ennå."),
    ),
    card=Card(GOOD, "Nøkkelen virker nå."),
)
_FILES: Final = Files(
    (
        ("felles.toml", "Felles for alle klienter"),
        ("310000027.toml", "Demo Fiskemottak AS · 310 000 027"),
        ("310000035.toml", "Demo Rørlegger AS · 310 000 035"),
    )
)


def comparison(clients: str) -> Comparison:
    return Comparison(
        "I bruk nå",
        "Etter byttet",
        (
            ("Nøkkel", "byrånøkkel nr. 84204", "byrånøkkel nr. 84209"),
            ("Tatt i bruk", "22.11.2025", "i dag, 26.11.2026"),
            ("Klienter", "412", clients),
            ("Lagret i", "nøkkelringen", "nøkkelringen"),
        ),
    )


ROTATE_REVIEW: Final = page(
    "Se over byttet",
    rotation(3),
    "Enter bytt, Ctrl+R sjekk på nytt, F3 endringene, Esc tilbake, F1 hjelp",
    note="ingenting er endret ennå",
    body=(
        comparison("412 · de samme"),
        Rule("3 oppsettsfiler får den nye nøkkelen", "/srv/finale"),
        _FILES,
    ),
    card=Card(
        GOOD,
        "Den nye nøkkelen virker, og har tilgang til de samme klientene.",
        (
            (
                "Kommentarer og egne innstillinger i filene blir stående. Du kan angre byttet så lenge den "
                "gamle nøkkelen ikke er slettet i Tripletex."
            ),
        ),
    ),
)
ROTATE_FEWER: Final = replace(
    ROTATE_REVIEW,
    keys=keys("Enter velg, F3 vis endringene, Esc tilbake, F2 English, F1 mer"),
    body=(
        comparison("411 · 1 mangler"),
        Rule("3 oppsettsfiler får den nye nøkkelen", "/srv/finale"),
        _FILES,
    ),
    card=Card(
        BAD,
        "Den nye nøkkelen mangler tilgang til 1 klient.",
        (
            (
                "Det gjelder Demo Fiskemottak AS. Tilgangen følger nøkkelen, så den nye må få Klienttilgang "
                "selv. Den gamle er i bruk, og ingenting er endret."
            ),
        ),
        code="TW414",
    ),
    choices=choices("Sjekk på nytt", "Vis hvordan tilgangen gis", "Bytt likevel, gi tilgang senere"),
    marked="Sjekk på nytt",
)
ROTATE_END: Final = page(
    "Ta den nye i bruk i Finale, og slett den gamle",
    rotation(4),
    "Enter velg, F3 vis som tekst, F2 English, Ctrl+Q avslutt, F1 hjelp",
    body=(
        Result(GOOD, "Nøkkel nr. 84209 er tatt i bruk i 3 oppsettsfiler i /srv/finale"),
        Paragraph("I Finale:"),
        click_list(
            "**Tilleggsfunksjoner** → **Byråopplysninger**: lim den nye API-nøkkelen inn i "
            "**Brukernøkkel-ID**. **OrgNr** står som før: `%ORGNR%`",
            "Lagre, og hent tall for en klient. Kommer de, kan du slette den gamle.",
        ),
        Paragraph("I Tripletex:"),
        click_list(
            "**Min profil** → **API-TILGANG** (velg eventuelt **MER**).",
            "Finn nøkkel nr. 84204 (heter trolig Visma Finale), og slett den.\nLa nr. 84209 stå.",
            first=3,
        ),
    ),
    card=Card(
        RESTING,
        "",
        (
            "Ikke slett før tallene kommer i Finale. Fram til da kan byttet angres.",
            "Etterpå sjekker vi at den gamle nøkkelen er sperret.",
        ),
    ),
    choices=choices("Sjekk at den gamle nøkkelen er sperret", "Ferdig, jeg sletter den senere"),
    marked="Sjekk at den gamle nøkkelen er sperret",
)
ROTATE_FAILED: Final = page(
    "Byttet er ikke ferdig",
    rotation(4),
    "Enter velg, ↑↓ flytt, F3 vis som tekst, F2 English, F1 mer",
    note="2 av 3 oppsettsfiler",
    body=(
        Slot.ANSWER,
        Slot.CARD,
        Paragraph("Ikke slett nøkkel nr. 84204 i Tripletex ennå. Én oppsettsfil bruker den."),
    ),
    answer=Table(
        ("Resultat", "Oppsettsfil", "Gjelder", "Nøkkel nå"),
        (
            TableRow("a", ("310000027.toml", "Demo Fiskemottak AS", "84204"), BAD),
            TableRow("b", ("310000035.toml", "Demo Rørlegger AS", "84209"), GOOD, "BYTTET"),
            TableRow("c", ("felles.toml", "Felles for alle klienter", "84209"), GOOD, "BYTTET"),
        ),
        marked="a",
        right=True,
        widths=(14, 22, 0),
    ),
    card=Card(
        BAD,
        "310000027.toml er ikke byttet.",
        (
            (
                "Den nye nøkkelen har ikke tilgang til klienten 310 000 027. Gi den Klienttilgang i Tripletex, "
                "og prøv på nytt. Filen har den gamle nøkkelen."
            ),
        ),
        code="TW407",
    ),
    choices=choices("Prøv på nytt", "Vis hvordan tilgangen gis", "Avslutt nå, og fullfør senere fra menyen"),
    marked="Prøv på nytt",
)

# --- tables -------------------------------------------------------------------------------------------

CONTROL: Final = Progress(0, 0, "Kontroller oppsett")


def results(*rows: tuple[State, str, str, str]) -> Table:
    return Table(
        ("Resultat", "Oppsettsfil", "Selskap eller klient", "Nøkkel"),
        tuple(TableRow(name, (name, whose, key), state) for state, name, whose, key in rows),
        right=True,
    )


VALIDATE: Final = page(
    "Kontroller oppsett",
    CONTROL,
    "Enter rett det, Ctrl+R sjekk på nytt, F3 vis som tekst, Esc meny, F1 mer",
    note="/srv/finale · 12 filer · kl. 14.20",
    answer=results(
        (BAD, "310000027.toml", "Demo Fiskemottak AS", "84204"),
        (BAD, "310000108.toml", "Demo Bygg og Betong AS", "84230"),
        (UNKNOWN, "310000116.toml", "", "84231"),
        (WARNING, "felles.toml", "Felles for alle klienter", "84204"),
        (GOOD, "310000000.toml", "Demobakeriet AS", "84201"),
        (GOOD, "310000035.toml", "Demo Rørlegger AS", "84204"),
        (GOOD, "310000078.toml", "Demo Kafé Nordlys AS", "84204"),
        (GOOD, "310000086.toml", "Demo Hage og Anlegg AS", "84204"),
        *((GOOD, f"{number}.toml", "Demo", "84204") for number in range(310000200, 310000204)),
    )._replace(marked="310000027.toml"),
    card=Card(
        BAD,
        "310000027.toml",
        (
            "Nøkkelen har ikke tilgang til klienten 310 000 027.",
            "Gi den Klienttilgang i Tripletex. Enter viser hvordan.",
        ),
        code="TW407",
    ),
    after=(Paragraph("2 feil · 1 ukjent · 1 advarsel · 8 i orden"),),
)
VALIDATE_RUNNING: Final = page(
    "Kontroller oppsett",
    CONTROL,
    "Esc avbryt, F2 English, Ctrl+Q avslutt, F1 hjelp",
    note="/srv/finale · 12 filer",
    answer=results(
        (BAD, "310000027.toml", "Demo Fiskemottak AS", "84204"),
        (GOOD, "310000000.toml", "Demobakeriet AS", "84201"),
        (GOOD, "310000035.toml", "Demo Rørlegger AS", "84204"),
        (GOOD, "310000078.toml", "Demo Kafé Nordlys AS", "84204"),
    ),
    after=(Bar(5, 12, "Kontrollerer 310000086.toml …"),),
    is_busy=True,
)
KEY_CLIENTS: Final = page(
    "Klienter nøkkelen har tilgang til",
    Progress(0, 0, "Klienter"),
    "F5 kopier OrgNr, F3 vis som tekst, F2 English, Esc meny, F1 hjelp",
    note="byrånøkkel nr. 84204 · 412 klienter",
    answer=SearchList(
        "Finn klient",
        (
            ListRow("s", "Demo Sameie", "", "mangler", Mark.WARNING),
            ListRow("t", "Demo Tvilling AS", "", "310 000 043", Mark.WARNING),
            ListRow("ø", "Demo Tvilling AS avd. Øst", "", "310 000 043", Mark.WARNING),
            ListRow("b", "Demo Bygg og Betong AS", "", "310 000 108"),
            ListRow("m", "Demo Byggmester Aas AS", "", "310 000 116"),
            ListRow("f", "Demo Fiskemottak AS", "", "310 000 027"),
            ListRow("h", "Demo Hage og Anlegg AS", "", "310 000 086"),
            *(ListRow(str(number), "Demo", "", "310 000 000") for number in range(405)),
        ),
        columns=("Klient", "OrgNr"),
        marked="b",
    ),
    card=Card(
        RESTING,
        "",
        ("Demo Bygg og Betong AS · 310 000 108", "Satt opp i /srv/finale/310000108.toml"),
    ),
    after=(Paragraph("412 klienter · 1 mangler nummer · 2 har samme nummer"),),
)

DRAWN: Final[dict[str, Page | tuple[Page, str]]] = {
    "client-access": ACCESS,
    "clients": KEY_CLIENTS,
    "ctrl-c": (replace(KEY, answer=SecretField("API-nøkkel", UNKNOWN, **HELD)), "ctrl+c"),
    "enable-api": ENABLE,
    "finale-120": FINALE_TALL,
    "finale-client": FINALE_CLIENT,
    "finale-common": FINALE_COMMON,
    "finale-several": FINALE_SEVERAL,
    "finale-single": FINALE,
    "finale-unproven": FINALE_UNPROVEN,
    "help": (KEY, "f1"),
    "key-empty": KEY,
    "key-proven": PROVEN,
    "key-proven-120": PROVEN_TALL,
    "key-proven-office": PROVEN_OFFICE,
    "key-proving": PROVING,
    "key-refused": REFUSED,
    "key-unproven": UNPROVEN,
    "key-unreachable": UNREACHABLE,
    "key-wrong": WRONG,
    "key-wrong-60": WRONG_60,
    "leave": (KEY, "ctrl+q"),
    "leave-demo": (LEAVE_DEMO, "ctrl+q"),
    "menu": MENU,
    "menu-resume": MENU_RESUME,
    "org-60": replace(ORG_60, keys=keys("Enter videre, Space velg, Esc tilbake, F1 hjelp")),
    "org-clients": CLIENTS,
    "org-clients-120": CLIENTS_TALL,
    "org-common": COMMON,
    "org-eleven": ELEVEN,
    "org-filter": FILTER,
    "org-nolist": NO_LIST,
    "org-single": ORG_SINGLE,
    "pick-config": PICK,
    "review-common": REVIEW_COMMON,
    "review-fail": REVIEW_FAIL,
    "review-fail-60": REVIEW_FAIL_60,
    "review-ok": REVIEW_OK,
    "review-running": REVIEW_RUNNING,
    "review-unknown": REVIEW_UNKNOWN,
    "review-unreachable": REVIEW_UNREACHABLE,
    "rotate-end": ROTATE_END,
    "rotate-end-failed": ROTATE_FAILED,
    "rotate-review": ROTATE_REVIEW,
    "rotate-review-fewer": ROTATE_FEWER,
    "rotate-start": ROTATE_START,
    "setup": SETUP,
    "setup-mismatch": MISMATCH,
    "storage": STORAGE,
    "storage-more": STORAGE_MORE,
    "too-small": KEY,
    "validate": VALIDATE,
    "validate-running": VALIDATE_RUNNING,
    "welcome": WELCOME,
    "welcome-demo": WELCOME_DEMO,
}
