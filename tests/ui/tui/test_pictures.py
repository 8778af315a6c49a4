"""Pictures of a few screens. After a change that is meant: look at them, then ``--snapshot-update``."""

from collections.abc import Callable
from dataclasses import replace

from textual import events
from textual.pilot import Pilot

from tests.keys import make_key
from tests.ui.scripted import ASK_SECRET, ASK_TEXT, CHOOSE, LAST, OVERVIEW, RUN_CHECKS, Scripted
from wizard.flow.questions import Question
from wizard.text import Language
from wizard.ui.tui.app import WizardApp

Compare = Callable[..., bool]

GUIDE = """\
I Tripletex, i nettleseren:

1. Klikk profilbildet øverst til høyre (eldre: din egen bruker øverst i
   menyen på venstre side) og velg **Min profil**.
2. Velg **API-TILGANG**, eventuelt under **MER**.
3. Klikk **NY NØKKEL**, og skriv `VismaFinale`.
"""
NORWEGIAN = replace(
    ASK_SECRET, title="Lag API-nøkkel", guide=GUIDE, label="Lim inn API-nøkkelen her (ikke Brukernøkkel-ID):"
)


def app(question: Question, language: Language) -> WizardApp:
    return WizardApp(Scripted([CHOOSE, question, LAST]), language)


def from_first(*keys: str, paste: str = "") -> Callable[[Pilot[int]], object]:
    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("enter")
        await pilot.pause()
        if paste:
            pilot.app.post_message(events.Paste(paste))
            await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()

    return press


def test_a_key_that_is_recognised(snap_compare: Compare) -> None:
    paste = from_first(paste=make_key().reveal())
    assert snap_compare(app(NORWEGIAN, "nb"), terminal_size=(80, 24), run_before=paste)


def test_a_key_that_is_none(snap_compare: Compare) -> None:
    paste = from_first(paste="2147628461")
    assert snap_compare(app(ASK_SECRET, "en"), terminal_size=(80, 24), run_before=paste)


def test_a_search_at_sixty_columns(snap_compare: Compare) -> None:
    press = from_first(*"demo", "down")
    assert snap_compare(app(ASK_TEXT, "nb"), terminal_size=(60, 20), run_before=press)


def test_checks_beside_the_whole_way(snap_compare: Compare) -> None:
    assert snap_compare(app(RUN_CHECKS, "en"), terminal_size=(120, 30), run_before=from_first())


def test_a_table(snap_compare: Compare) -> None:
    assert snap_compare(app(OVERVIEW, "nb"), terminal_size=(80, 24), run_before=from_first())
