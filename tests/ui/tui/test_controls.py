"""What the keys do: replies, typing, moving, asking, saying."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from tests.keys import ZERO_UUID, make_key
from tests.ui.tui.rig import rig, strips_of
from tests.ui.tui.scripted import ScriptedWalk, Work, choices, keys, never_end
from wizard.domain.exits import Exit
from wizard.ui.tui.content import plain, rule
from wizard.ui.tui.fields import completed_path
from wizard.ui.tui.theme import DARK
from wizard.walk.pages import (
    Again,
    Anyway,
    Back,
    Bullets,
    Card,
    CheckRow,
    CheckRows,
    Choice,
    Chosen,
    Click,
    Clicks,
    Continue,
    Copy,
    Emptied,
    Key,
    Leave,
    ListRow,
    Marked,
    NextFinding,
    Page,
    Paragraph,
    Pasted,
    Progress,
    Reply,
    Searched,
    SearchList,
    SecretField,
    State,
    Table,
    TableRow,
    TextField,
    Toggled,
    Topic,
    Typed,
)

LEAVE = Leave("Avslutte?", ("Alt er lagret.",), choices("stay", "quit", "erase"))
READ = Page(
    enter="continue",
    step="read",
    title="Les",
    progress=Progress(1, 6, ""),
    leave=LEAVE,
    keys=keys("Enter videre"),
)
CHOOSE = replace(READ, step="choose", choices=choices("a", "b", "c"), marked="b")
TEXT = replace(READ, step="text", answer=TextField("Skriv"))
PATH = replace(READ, step="path", answer=SearchList("Sti", (), is_path=True))
SECRET = replace(READ, step="secret", answer=SecretField("Lim inn"), enter="")
COPIES = (Copy("kopier VismaFinale", "VismaFinale"), Copy("kopier navnet", "Visma Finale"))
HELP = Topic("Mer", (Bullets(tuple(f"Punkt {number}" for number in range(30))),))
CLIENTS = replace(
    READ,
    step="clients",
    keys=keys("Enter videre, Esc tilbake"),
    answer=SearchList(
        "Finn klient",
        (ListRow("a", "Demo Fiskemottak AS", "", "310 000 027"), ListRow("b", "Demo Rørlegger AS")),
        first=ListRow("common", "%ORGNR% · felles for alle klienter"),
        marked="common",
        takes_ticks=True,
    ),
)
MANY = replace(
    CLIENTS, answer=SearchList("Finn klient", tuple(ListRow(str(n), f"Demo Kunde {n}") for n in range(405)))
)
FILES = replace(
    READ,
    step="files",
    answer=Table(
        ("Resultat", "Oppsettsfil", "Klient"),
        (
            TableRow("fisk", ("310000027.toml", "Demo Fiskemottak AS"), State.BAD),
            TableRow("bygg", ("310000108.toml", "Demo Bygg og Betong AS"), State.BAD),
            TableRow("felles", ("felles.toml", "Felles for alle klienter"), State.WARNING),
            TableRow("rør", ("310000035.toml", "Demo Rørlegger AS"), State.GOOD),
            TableRow("kafé", ("310000078.toml", "Demo Kafé Nordlys AS"), State.GOOD),
        ),
        marked="fisk",
    ),
)


def pasted(replies: list[Reply]) -> list[str]:
    return [reply.text.reveal() for reply in replies if isinstance(reply, Pasted)]


async def test_every_kind_of_page_answers_with_enter() -> None:
    expected = [
        (READ, [], Continue()),
        (CHOOSE, ["down"], Chosen("c")),
        (CHOOSE, ["up", "up"], Chosen("a")),
        (TEXT, ["x", "y", "home", "z"], Typed("zxy")),
        (TEXT, ["x", "ctrl+u", "y"], Typed("y")),
        (TEXT, ["x", "y", "backspace", "left", "delete", "z"], Typed("z")),
        (replace(TEXT, answer=TextField("Skriv", "old")), ["n"], Typed("n")),
        (CLIENTS, [], Continue()),
        (MANY, ["down"], Chosen("1")),
        (FILES, ["down"], Chosen("bygg")),
    ]
    wrong = []
    async with rig(READ) as here:
        for number, (page, keys, reply) in enumerate(expected):
            await here.show(replace(page, step=f"{number}"))
            here.walk.replies.clear()
            here.walk.pages.append(READ)
            await here.press(*keys, "enter")
            here.walk.at = 0
            if here.walk.replies != [reply]:
                wrong.append((page.step, keys, here.walk.replies))
    assert not wrong


async def test_other_keys_answer_where_the_page_offers_them() -> None:
    offering = replace(READ, keys=keys("Ctrl+R igjen, F6 likevel, PgDn neste"))
    expected = [
        (offering, "ctrl+r", [Again()], []),
        (offering, "f6", [Anyway()], []),
        (offering, "pagedown", [], [NextFinding()]),
        (READ, "ctrl+r", [], []),
        (READ, "f6", [], []),
        (READ, "escape", [Back()], []),
        (CHOOSE, "3", [Chosen("c")], []),
        (CHOOSE, "9", [], []),
        (replace(CHOOSE, enter=""), "1", [], []),
        (replace(READ, enter=""), "enter", [], []),
        (replace(READ, is_busy=True), "enter", [], []),
        (CLIENTS, "space", [], [Toggled("common")]),
        (FILES, "down", [], [Marked("bygg")]),
        (FILES, "k", [], [Marked("felles")]),
    ]
    wrong = []
    for page, key, replies, edits in expected:
        async with rig(page, READ) as here:
            await here.press(key)
            if here.walk.replies != replies or here.walk.edits != edits:
                wrong.append((page.step, key, here.walk.replies, here.walk.edits))
    assert not wrong


class TestASearch:
    async def test_ticks_with_enter_and_looks_for_what_is_typed_among_the_rows(self) -> None:
        async with rig(CLIENTS, READ) as here:
            await here.type("demo")
            assert "Demo Fiskemottak AS" in here.marked
            await here.press("enter")
            assert here.walk.edits[-1] == Toggled("a")
            assert here.walk.replies == []

    async def test_takes_a_blank_until_an_arrow_was_used_or_one_row_is_left(self) -> None:
        answer = CLIENTS.answer
        assert isinstance(answer, SearchList)
        alone = replace(CLIENTS, answer=answer._replace(rows=answer.rows[:1]))
        found = []
        for page, typed in ((CLIENTS, "a b"), (CLIENTS, "310 0"), (alone, "310 0"), (alone, "fisk ")):
            async with rig(page, READ) as here:
                await here.type(typed)
                found.append(here.typed)
        assert found == ["a b", "310 0", "310 0", "fisk"]
        async with rig(CLIENTS, READ) as here:
            await here.press("d", "down", "space")
            assert isinstance(here.walk.edits[-1], Toggled)

    async def test_is_emptied_by_escape_before_that_goes_back(self) -> None:
        async with rig(READ, CLIENTS, READ) as here:
            await here.press("enter", "x")
            assert "Esc tøm søket" in here.screen
            await here.press("escape")
            assert "Esc tilbake" in here.screen
            assert here.walk.edits[-1] == Searched("")
            assert here.walk.replies == [Continue()]
            await here.press("escape")
            assert here.walk.replies == [Continue(), Back()]

    async def test_home_and_end_move_in_the_text_else_in_the_list(self) -> None:
        async with rig(MANY, READ) as here:
            await here.press("end")
            assert here.walk.edits[-1] == Marked("404")
            await here.press("x", "home", "y")
            assert here.typed == "yx"


class TestAToken:
    async def test_is_answered_with_as_it_was_pasted(self) -> None:
        async with rig(SECRET, READ) as here:
            await here.paste(f"\n{make_key().reveal()}\r\n")
            assert pasted(here.walk.replies) == [f"\n{make_key().reveal()}\r\n"]

    async def test_is_taken_while_the_window_has_lost_the_focus(self) -> None:
        async with rig(SECRET, READ) as here:
            here.app.app_focus = False
            await here.settle()
            await here.paste("key")
            assert pasted(here.walk.replies) == ["key"]

    async def test_a_second_paste_takes_the_place_of_the_first(self) -> None:
        async with rig(SECRET, READ, work=never_end) as here:
            for text in ("first", "second"):
                await here.paste(text)
            assert pasted(here.walk.replies) == ["first", "second"]
            assert here.app.is_busy

    async def test_may_be_broken_where_pastes_are_not_marked(self) -> None:
        async with rig(SECRET, READ) as here:
            key = make_key().reveal()
            for sign in f"{key[:44]}\r{key[44:]}\r":
                here.app.post_message(events.Key("enter" if sign == "\r" else sign, sign))
            await here.settle()
            await asyncio.sleep(0.5)
            assert pasted(here.walk.replies) == [f"{key[:44]}\n{key[44:]}"]

    async def test_typed_text_is_dots_and_goes_with_enter(self) -> None:
        async with rig(SECRET, READ) as here:
            await here.type("byrå")
            assert "byrå" not in here.screen
            assert "4 tegn" in here.screen
            assert not any("byrå" in str(vars(node)) for node in here.app.screen.walk_children())
            await here.press("backspace", "å")
            await asyncio.sleep(0.05)
            await here.press("enter")
            assert pasted(here.walk.replies) == ["byrå"]

    async def test_what_is_held_is_emptied_by_the_walk(self) -> None:
        async with rig(replace(SECRET, answer=SecretField("x", length=10)), READ) as here:
            await here.press("ctrl+u")
            assert here.walk.edits == [Emptied()]
            assert "10 tegn" not in here.screen

    async def test_is_not_taken_where_it_could_be_read(self) -> None:
        async with rig(TEXT, READ) as here:
            await here.paste(make_key().reveal())
            assert here.typed == ""
            assert "ser ut som en nøkkel" in here.screen

    async def test_answers_nothing_where_pastes_are_not_marked(self) -> None:
        """As in GNU screen, where each character comes as if it was typed."""
        key, wrong = make_key().reveal(), []
        for page, token in ((CHOOSE, key), (TEXT, key), (TEXT, ZERO_UUID), (CLIENTS, f"test-{ZERO_UUID}")):
            async with rig(page, TEXT) as here:
                for sign in (*token, "\r"):
                    here.app.post_message(events.Key("enter" if sign == "\r" else sign, sign))
                await here.settle()
                is_refused = page is CHOOSE or "ser ut som en nøkkel" in here.screen
                has_text = page is not CHOOSE and here.typed
                if here.walk.replies or has_text or not is_refused or token in str(here.walk.edits):
                    wrong.append((page.step, token))
        assert not wrong

    async def test_ctrl_v_says_how_to_paste(self) -> None:
        async with rig(SECRET, READ) as here:
            await here.press("ctrl+v")
            assert "Ctrl+V limer ikke inn her. Bruk høyreklikk eller Shift+Insert." in here.screen


async def test_a_paste_on_several_lines_is_one_line() -> None:
    async with rig(TEXT, READ) as here:
        await here.paste("\n974 760\n673\u200b\n")
        assert here.typed == "974 760 673"


class TestLeaving:
    async def test_ctrl_c_asks_for_a_second_press(self) -> None:
        async with rig(READ, READ) as here:
            await here.press("ctrl+c")
            assert "Trykk Ctrl+C en gang til" in here.screen
            await here.press("enter")
            assert "Trykk Ctrl+C" not in here.screen
            assert (here.walk.replies, here.code) == ([], None)
            await here.press("ctrl+c")
            here.app.action_interrupt()
            assert here.code == Exit.INTERRUPTED

    async def test_ctrl_c_asks_where_it_is_seen(self) -> None:
        unseen = []
        for before in (["f1"], ["ctrl+q"], ["f1", "ctrl+q"], ["ctrl+q", "f1"]):
            async with rig(READ, READ) as here:
                await here.press(*before, "ctrl+c")
                if "Trykk Ctrl+C en gang til" not in here.screen:
                    unseen.append((before, here.screen))
        assert not unseen

    async def test_ctrl_c_asks_again_on_another_page(self) -> None:
        async with rig(READ, CHOOSE, TEXT) as here:
            await here.press("ctrl+c")
            here.walk.at = 1
            here.walk.on_change()
            await here.see("► 2  b")
            await here.press("enter")
            assert here.walk.replies == [Chosen("b")]
            await here.press("ctrl+c")
            assert here.code is None

    async def test_ctrl_q_asks(self) -> None:
        expected = {"1": None, "2": Exit.INTERRUPTED, "3": Exit.INTERRUPTED, "escape": None, "enter": None}
        wrong = []
        for key, code in expected.items():
            async with rig(READ) as here:
                await here.press("ctrl+q")
                assert "Avslutte?" in here.screen
                await here.end_with(key)
                if (here.code, here.walk.is_abandoned) != (code, key == "3"):
                    wrong.append((key, here.code, here.walk.is_abandoned))
        assert not wrong

    async def test_the_question_stays_as_it_is_while_results_arrive(self) -> None:
        async with rig(READ) as here:
            await here.press("ctrl+q", "down")
            await here.show(replace(READ, card=Card(State.GOOD, "Et resultat")))
            await here.end_with("enter")
            assert here.code == Exit.INTERRUPTED

    async def test_escape_on_the_first_page_asks(self) -> None:
        async with rig(READ, READ) as here:
            await here.press("escape")
            assert "Avslutte?" in here.screen

    async def test_work_that_ends_while_the_widgets_go_crashes_nothing(self) -> None:
        def ending_after(turns: int) -> Work:
            async def work(walk: ScriptedWalk, reply: Reply) -> None:
                try:
                    await never_end(walk, reply)
                finally:
                    for _ in range(turns):
                        await asyncio.sleep(0)
                    walk.pages[walk.at] = replace(SECRET, answer=SecretField("Lim inn", State.BAD, 3))

            return work

        for turns in range(4, 20, 2):
            async with rig(SECRET, READ, work=ending_after(turns)) as here:
                await here.paste("key")
                here.app.exit(Exit.INTERRUPTED)
            assert here.code == Exit.INTERRUPTED

    async def test_where_nothing_is_broken_off_leaving_is_finishing(self) -> None:
        async with rig(replace(READ, leave=None)) as here:
            await here.end_with("ctrl+q")
            assert here.walk.replies == [Continue()]
            assert here.code == Exit.DONE

    async def test_the_last_page_ends_it_or_leads_to_the_next_walk(self) -> None:
        async with rig(READ) as here:
            here.walk.successor = ScriptedWalk([CHOOSE])
            await here.press("enter")
            assert here.code is None
            assert here.marked == "2  b"
            await here.end_with("enter")
            assert here.code == Exit.DONE


class TestWaiting:
    async def test_escape_cancels_and_enter_does_nothing(self) -> None:
        async with rig(READ, READ, work=never_end) as here:
            await here.press("enter", "enter", "enter")
            assert here.walk.replies == [Continue()]
            await here.press("escape")
            assert not here.app.is_busy
            assert here.walk.at == 0

    async def test_a_spinner_comes_after_a_moment(self) -> None:
        page = replace(
            SECRET,
            is_busy=True,
            card=Card(State.WORKING, lines=(CheckRow(State.WORKING, "Spør Tripletex …"),)),
        )
        async with rig(page, READ, work=never_end) as here:
            await here.paste("x")
            row = next(line for line in here.screen.splitlines() if "Spør Tripletex" in line)
            assert row == "  ▌   Spør Tripletex …"
            seen = {here.screen}
            for _ in range(3):
                here.app.turn_spinner()
                await here.settle()
                seen.add(here.screen)
            assert len(seen) >= 3  # on a slow machine, it also turns by itself


async def test_the_language_changes_and_what_was_typed_stays() -> None:
    async with rig((TEXT, replace(TEXT, title="Read")), READ) as here:
        await here.type("x")
        await here.press("f2")
        assert "Read" in here.screen
        assert here.typed == "x"


async def test_a_draft_is_there_when_one_comes_back() -> None:
    async with rig(READ, TEXT, READ) as here:
        await here.press("enter", "x", "escape", "enter")
        assert here.typed == "x"


async def test_f3_shows_the_file_or_the_page_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[str] = []
    monkeypatch.setattr("wizard.ui.tui.app.WizardApp.print_out", lambda _, text: printed.append(text))
    rows = CheckRows((CheckRow(State.BAD, "Saldobalansen kan ikke leses"),))
    async with rig(replace(CHOOSE, body=(rows,), card=Card(State.BAD, "Feil", code="TW418"))) as here:
        await here.press("f3")
    for said in ("Les", "× FEIL      Saldobalansen kan ikke leses", "1  a", "TW418"):
        assert said in printed[0]
    async with rig(replace(READ, has_document=True)) as here:
        await here.press("f3")
    assert printed[1:] == ["the document in nb"]


async def test_f3_shows_the_help_as_text_while_it_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a text for the administrator, who is to get it by mail."""
    printed: list[str] = []
    monkeypatch.setattr("wizard.ui.tui.app.WizardApp.print_out", lambda _, text: printed.append(text))
    async with rig(replace(READ, help=(HELP,))) as here:
        await here.press("f1", "f3")
    assert printed[0].startswith("Hjelp: Les\n\nMer\n  •  Punkt 0\n")
    assert printed[0].endswith("  •  Punkt 29")


async def test_f5_copies_the_named_value_and_asks_where_there_are_two() -> None:
    async with rig(replace(READ, copies=COPIES[:1])) as here:
        await here.press("f5")
        assert "Sendt til utklippstavlen: VismaFinale" in here.screen
        assert "PuTTY tar ikke imot" in here.screen
    async with rig(replace(READ, copies=COPIES)) as here:
        await here.press("f5", "down", "enter")
        assert "Sendt til utklippstavlen: Visma Finale" in here.screen


async def test_letters_find_the_row_of_a_table_that_they_fit() -> None:
    async with rig(FILES) as here:
        found = []
        for typed in ("r", "kafe", "310 000 108", "f", "f"):
            here.app.page_screen._typed_at = 0.0
            await here.press(*typed)
            (row,) = (row for row in here.rows if row.startswith("  ► "))
            found.append(row.split(".toml")[0].split()[-1])
    assert found == ["310000035", "310000078", "310000108", "felles", "310000027"]


async def test_f1_scrolls_and_closes() -> None:
    async with rig(replace(READ, help=(HELP,))) as here:
        await here.press("f1")
        assert "Hjelp: Les" in here.screen
        assert "1 av 3" in here.screen
        await here.press("pagedown")
        assert "2 av 3" in here.screen
        await here.press("pagedown", "pagedown", "end")
        assert "3 av 3" in here.screen
        assert "Punkt 29" in here.screen
        assert "Enter     videre" in here.screen
        await here.press("escape")
        assert "Hjelp:" not in here.screen


async def test_a_marked_row_stays_in_sight_however_long_the_list_is() -> None:
    wrong = []
    async with rig(MANY) as here:
        for key in ("down",) * 12 + ("pagedown",) * 60 + ("pageup",) * 3 + ("up",) * 12 + ("end", "home"):
            await here.press(key)
            if len([row for row in here.rows if row.startswith("  ► ")]) != 1:
                wrong.append((key, here.screen))
    assert not wrong, wrong[0][1]


async def test_another_state_of_the_page_keeps_what_was_marked() -> None:
    async with rig(FILES) as here:
        await here.press("down", "down")
        await here.show(replace(FILES, note="på nytt"))
        assert "felles.toml" in here.marked


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("{}/fel", "{}/felles.toml"), ("{}/3", "{}/3100000"), ("{}/u", "{}/unter/"), ("{}/x", "{}/x"), ("", "")],
)
def test_tab_completes_a_path(tmp_path: Path, typed: str, completed: str) -> None:
    for name in ("felles.toml", "310000019.toml", "310000027.toml"):
        (tmp_path / name).touch()
    (tmp_path / "unter").mkdir()
    assert completed_path(typed.format(tmp_path)) == completed.format(tmp_path)


async def test_tab_does_so_only_for_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "felles.toml").touch()
    monkeypatch.chdir(tmp_path)
    for page, typed in ((PATH, "felles.toml"), (TEXT, "f")):
        async with rig(page) as here:
            await here.press("f", "tab")
            assert here.typed == typed


async def test_the_footer_names_at_most_five_keys_with_help_at_the_edge() -> None:
    many = replace(READ, keys=(*tuple(Key(f"F{n}", "gjør noe") for n in range(2, 9)), Key("F1", "hjelp")))
    async with rig(many) as here:
        assert here.rows[-1].endswith("F1 hjelp  ")
        assert here.rows[-1].count("gjør noe") == 4


def test_of_a_folder_too_long_for_its_line_the_end_is_shown() -> None:
    assert rule(plain("3 files"), plain("/srv/finale/kunder"), 25).plain == "── 3 files  …inale/kunder"
    assert rule(plain("3 files"), plain("/srv"), 25).plain == "── 3 files ───────── /srv"


async def test_a_note_gives_way_to_the_title() -> None:
    path = "/srv/regnskap/kunder/finale/oppsett/tripletex · 12 filer"
    async with rig(replace(READ, title="Kontroller oppsett", note=path)) as here:
        assert here.rows[3].startswith("  Kontroller oppsett  /srv/regnskap/kunder/finale/oppsett/tripletex")
        await here.show(replace(READ, title="Kontroller oppsett", note=path * 2))
        assert here.rows[3].endswith("…  ")


async def test_labels_are_strong_in_the_card_as_they_are_in_the_task() -> None:
    task, message = "Klikk **OPPRETT NØKKEL**.", "Kopier den etter OPPRETT NØKKEL, og lim den inn."
    page = replace(READ, body=(Clicks((Click(task),)),), card=Card(State.BAD, "Feil", (message,)))
    async with rig(page) as here:
        row = next(strip for strip in strips_of(here.app) if "lim den inn" in strip.text)
        assert [text for text, style, _ in row if style is not None and style.bold] == ["OPPRETT NØKKEL"]


async def test_a_card_with_little_room_keeps_the_advice_that_fits() -> None:
    why = "Vanligste årsaker: laget for et annet program enn VismaFinale, slettet eller utløpt."
    what = "Lag en ny nøkkel, og lim den inn."
    wanted = {f"Sjekk den. {why}": ["Sjekk den."], f"{why} {what}": [what], why: []}
    rows = tuple(TableRow(str(number), (f"{number}.toml", "Demo AS"), State.BAD) for number in range(20))
    shown = {}
    async with rig(READ) as here:
        for step, hint in enumerate(wanted):
            card = Card(State.BAD, "bad.toml", ("Tripletex godtar ikke nøkkelen.", hint), "TW402")
            table = Table(("Resultat", "Oppsettsfil", "Klient"), rows, marked="0")
            await here.show(replace(FILES, step=f"{step}", answer=table, card=card))
            lines = [row.strip() for row in here.rows if row.strip().startswith("▌")]
            shown[hint] = [line.removeprefix("▌").strip() for line in lines[2:]]
    assert shown == wanted


async def test_all_of_the_marked_choice_can_be_read_on_its_background() -> None:
    detailed = (Choice("a", "Fil", ("Ikke kryptert.",), note="anbefalt"),)
    async with rig(replace(CHOOSE, choices=detailed, marked="a")) as here:
        strips = strips_of(here.app)
        first = next(number for number, strip in enumerate(strips) if "► 1" in strip.text)
        colours = {
            style.color.name
            for strip in strips[first : first + 2]
            for text, style, _ in strip
            if text.strip() and style is not None and style.color is not None
        }
        assert colours == {DARK.variables["selection-ink"]}


async def test_addresses_are_links_in_the_help_and_nowhere_else() -> None:
    said = (Paragraph("Se https://www.tripletex.no/integrasjoner/visma-finale/."),)
    links = []
    async with rig(replace(READ, body=said, help=(Topic("Mer", said),))) as here:
        for _ in range(2):
            pieces = [piece for strip in strips_of(here.app) for piece in strip]
            links.append([(text, style.link) for text, style, _ in pieces if style and style.link])
            await here.press("f1")
    address = "https://www.tripletex.no/integrasjoner/visma-finale/"
    assert links == [[], [(address, address)]]


async def test_what_comes_faster_than_a_screen_is_laid_out_is_taken_up() -> None:
    async with rig(READ, CHOOSE, TEXT, READ) as here:
        for name in ("f1",) * 7 + ("enter",):
            here.app.post_message(events.Key(name, None))
            await asyncio.sleep(0)
        await here.settle()
        assert here.app.screen is here.app.page_screen
        for at in (1, 2, 0, 1):
            here.walk.at = at
            here.walk.on_change()
            await asyncio.sleep(0)
        here.walk.show(replace(CHOOSE, title="Velg nå"))
        await here.see("Velg nå")


async def test_what_comes_before_a_page_is_for_that_page() -> None:
    async with rig(READ, CHOOSE, SECRET, READ, READ) as here:
        key = make_key().reveal()
        came = (events.Key("enter", None), events.Key("1", "1"), events.Paste(key), events.Key("enter", None))
        for event in came:
            here.app.post_message(event)
        await here.settle()
        given = [reply.text.reveal() if isinstance(reply, Pasted) else reply for reply in here.walk.replies]
        assert given == [Continue(), Chosen("a"), key, Continue()]


async def test_two_answers_to_a_question_are_one() -> None:
    async with rig(CHOOSE, READ) as here:
        for name in ("ctrl+q", "1", "2"):
            here.app.post_message(events.Key(name, name))
        await here.settle()
        assert here.code is None
        assert here.walk.replies == [Chosen("b")]


async def test_enter_that_is_held_does_not_save_what_nobody_has_read() -> None:
    saving = replace(READ, step="save", title="Se over", saves=True)
    for page in (replace(saving, is_busy=True), saving):
        async with rig(READ, page, TEXT) as here:
            await here.press("enter")
            for number in range(20):
                here.app.post_message(events.Key("enter", None))
                await asyncio.sleep(0.03)
                if number == 10:
                    await here.show(saving)
            await asyncio.sleep(0.3)
            assert here.walk.replies == [Continue()]
            await here.press("enter")
            await asyncio.sleep(0.3)
            assert here.walk.replies == [Continue(), Continue()]


async def test_enter_does_not_save_a_page_that_has_come_since() -> None:
    """It was pressed before that page was drawn, or the page came before it was clear that it is not held."""
    saving = replace(READ, step="save", title="Se over", saves=True)
    other = replace(READ, step="other", title="En annen", saves=True)
    for first, delay in ((READ, 0.0), (saving, 0.03)):
        async with rig(first) as here:
            await asyncio.sleep(0.2)
            here.app.post_message(events.Key("enter", None))
            if delay:
                await asyncio.sleep(delay)
            here.walk.pages[0] = other
            here.app.refresh_page()
            await asyncio.sleep(0.3)
            assert here.walk.replies == [], first.step


async def test_f2_just_before_another_page_comes_does_not_keep_it_away() -> None:
    async with rig(READ) as here:
        here.app.post_message(events.Key("f2", None))
        here.walk.pages[0] = CHOOSE
        here.app.refresh_page()
        await here.settle()
        assert here.marked
        assert here.app.t.language == "en"


async def test_enter_that_is_pressed_once_saves_what_is_on_the_screen() -> None:
    saving = replace(READ, step="save", title="Se over", saves=True)
    async with rig(READ, saving, TEXT, waits=True) as here:
        await here.press("enter", "enter")
        assert here.walk.replies == [Continue(), Continue()]


async def test_escape_goes_back_from_a_page_with_a_notice() -> None:
    async with rig(READ, replace(CHOOSE, copies=COPIES[:1]), READ) as here:
        await here.press("enter", "f5")
        assert "Sendt til utklippstavlen" in here.screen
        await here.press("escape")
        assert here.walk.replies == [Continue(), Back()]


async def test_the_name_in_the_card_of_a_key_that_works_is_strong() -> None:
    lines = ("Demobakeriet AS · 310 000 000 · vanlig nøkkel nr. 84201",)
    async with rig(replace(READ, card=Card(State.GOOD, "Nøkkelen virker", lines))) as here:
        row = next(strip for strip in strips_of(here.app) if "Demobakeriet" in strip.text)
        assert [text for text, style, _ in row if style is not None and style.bold] == ["Demobakeriet AS"]
