"""What the keys do, without a terminal: replies, typing, moving, asking, saying."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.keys import make_key
from tests.ui.tui import pages as drawn
from tests.ui.tui.scripted import ScriptedWalk, never_end
from wizard.domain.exits import Exit
from wizard.text import Language
from wizard.ui.tui.controls import Controls, completed_path
from wizard.ui.tui.rows import text_of
from wizard.walk.page import (
    Again,
    Anyway,
    Back,
    Chosen,
    Continue,
    Emptied,
    Key,
    Leave,
    Marked,
    NextFinding,
    Page,
    Paragraph,
    Pasted,
    Progress,
    Searched,
    SearchList,
    SecretField,
    Table,
    TextField,
    Toggled,
    Topic,
    Typed,
)

LEAVE = Leave("Avslutte?", ("Alt er lagret.",), drawn.choices("stay", "quit", "erase"))
READ = Page(
    step="read", title="Les", progress=Progress(1, 6, ""), leave=LEAVE, keys=drawn.keys("Enter videre")
)
CHOOSE = replace(READ, step="choose", choices=drawn.choices("a", "b", "c"), marked="b")
TEXT = replace(READ, step="text", answer=TextField("Skriv"))
PATH = replace(READ, step="path", answer=TextField("Sti", is_path=True))
SECRET = replace(READ, step="secret", answer=SecretField("Lim inn"), is_held=True)
CLIENTS = replace(drawn.COMMON, step="clients", leave=LEAVE)


@dataclass
class Terminal:
    """Remembers what was asked of it."""

    codes: list[int] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    is_ticking: bool = False

    def redraw(self) -> None: ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.ensure_future(work)

    def tick(self, *, is_on: bool) -> None:
        self.is_ticking = is_on

    def leave(self, code: int) -> None:
        self.codes.append(code)

    def print_out(self, text: str) -> None:
        self.printed.append(text)

    def copy(self, text: str) -> None:
        self.copied.append(text)


@dataclass
class Rig:
    walk: ScriptedWalk
    controls: Controls
    terminal: Terminal

    async def press(self, *names: str) -> None:
        for name in names:
            self.controls.key(name, " " if name == "space" else name if len(name) == 1 else None)
            await settle()

    async def type(self, text: str) -> None:
        await self.press(*("space" if sign == " " else sign for sign in text))

    @property
    def screen(self) -> str:
        return "\n".join(text_of(row).rstrip() for row in self.controls.draw(80, 24).rows)


async def settle() -> None:
    for _ in range(6):
        await asyncio.sleep(0)


async def rig(*pages: Page | tuple[Page, Page], language: Language = "nb", work: Any = None) -> Rig:  # noqa: ANN401
    walk = ScriptedWalk(list(pages), work)
    terminal = Terminal()
    controls = Controls(walk, language, terminal)
    controls.begin()
    await settle()
    return Rig(walk, controls, terminal)


async def test_every_kind_of_page_answers_with_enter() -> None:
    expected = [
        (READ, [], Continue()),
        (CHOOSE, ["down"], Chosen("c")),
        (CHOOSE, ["up", "up"], Chosen("a")),
        (TEXT, ["x", "y", "home", "z"], Typed("zxy")),
        (TEXT, ["x", "ctrl+u", "y"], Typed("y")),
        (TEXT, ["x", "y", "backspace", "left", "delete", "z"], Typed("z")),
        (CLIENTS, [], Continue()),
        (drawn.PICK, ["down"], Chosen("310000027.toml")),
        (drawn.VALIDATE, ["down"], Chosen("310000108.toml")),
    ]
    wrong = []
    for page, keys, reply in expected:
        here = await rig(page, READ)
        await here.press(*keys, "enter")
        if here.walk.replies != [reply]:
            wrong.append((page.step, keys, here.walk.replies))
    assert not wrong


async def test_other_keys_answer_where_the_page_offers_them() -> None:
    offering = replace(READ, keys=drawn.keys("Ctrl+R igjen, F6 likevel, PgDn neste"))
    expected = [
        (offering, "ctrl+r", [Again()], []),
        (offering, "f6", [Anyway()], []),
        (offering, "pagedown", [], [NextFinding()]),
        (READ, "ctrl+r", [], []),
        (READ, "f6", [], []),
        (READ, "escape", [Back()], []),
        (CHOOSE, "3", [Chosen("c")], []),
        (CHOOSE, "9", [], []),
        (replace(CHOOSE, is_held=True), "1", [], []),
        (replace(READ, is_held=True), "enter", [], []),
        (replace(READ, is_busy=True), "enter", [], []),
        (drawn.CLIENTS, "space", [], [Toggled("Demo Rørlegger AS")]),
        (drawn.VALIDATE, "down", [], [Marked("310000108.toml")]),
        (drawn.VALIDATE, "f", [], [Marked("felles.toml")]),
    ]
    wrong = []
    for page, key, replies, edits in expected:
        here = await rig(page, READ)
        await here.press(key)
        if here.walk.replies != replies or here.walk.edits != edits:
            wrong.append((page.step, key, here.walk.replies, here.walk.edits))
    assert not wrong


class TestASearch:
    async def test_ticks_with_enter_and_looks_for_what_is_typed_among_the_rows(self) -> None:
        here = await rig(CLIENTS, READ)
        await here.type("demo")
        assert here.controls.view.mark == "Demo Fiskemottak AS"
        await here.press("enter")
        assert here.walk.edits[-1] == Toggled("Demo Fiskemottak AS")
        assert here.walk.replies == []

    async def test_takes_a_blank_until_an_arrow_was_used_or_one_row_is_left(self) -> None:
        answer = CLIENTS.answer
        assert isinstance(answer, SearchList)
        alone = replace(CLIENTS, answer=replace(answer, rows=answer.rows[:1]))
        found = []
        for page, keys in ((CLIENTS, "a b"), (CLIENTS, "310 0"), (alone, "310 0"), (alone, "fisk ")):
            here = await rig(page, READ)
            await here.type(keys)
            found.append(here.controls.view.typed)
        assert found == ["a b", "310 0", "310 0", "fisk"]
        here = await rig(CLIENTS, READ)
        await here.press("d", "down", "space")
        assert isinstance(here.walk.edits[-1], Toggled)

    async def test_is_emptied_by_escape_before_that_goes_back(self) -> None:
        here = await rig(READ, CLIENTS, READ)
        await here.press("enter", "x")
        assert "Esc tøm søket" in here.screen
        await here.press("escape")
        assert "Esc tilbake" in here.screen
        assert here.walk.edits[-1] == Searched("")
        assert here.walk.replies == [Continue()]
        await here.press("escape")
        assert here.walk.replies == [Continue(), Back()]

    async def test_home_and_end_move_in_the_text_else_in_the_list(self) -> None:
        here = await rig(drawn.KEY_CLIENTS, READ)
        await here.press("end")
        assert here.controls.view.mark == "404"
        await here.press("x", "home", "y")
        assert here.controls.view.typed == "yx"


class TestAToken:
    async def test_is_answered_with_as_it_was_pasted(self) -> None:
        here = await rig(SECRET, READ)
        here.controls.paste(f"\n{make_key().reveal()}\r\n")
        await settle()
        (reply,) = here.walk.replies
        assert isinstance(reply, Pasted)
        assert reply.text.reveal() == f"\n{make_key().reveal()}\r\n"

    async def test_a_second_paste_takes_the_place_of_the_first(self) -> None:
        here = await rig(SECRET, READ, work=never_end)
        for text in ("first", "second"):
            here.controls.paste(text)
            await settle()
        replies = [reply.text.reveal() for reply in here.walk.replies if isinstance(reply, Pasted)]
        assert replies == ["first", "second"]
        assert here.controls.is_busy

    async def test_typed_text_is_dots_and_goes_with_enter(self) -> None:
        here = await rig(SECRET, READ)
        await here.type("byrå")
        assert "byrå" not in here.screen
        assert "4 tegn" in here.screen
        await here.press("backspace", "å", "enter")
        assert [reply.text.reveal() for reply in here.walk.replies if isinstance(reply, Pasted)] == ["byrå"]

    async def test_what_is_held_is_emptied_by_the_walk(self) -> None:
        here = await rig(replace(SECRET, answer=SecretField("x", length=10)), READ)
        await here.press("ctrl+u")
        assert here.walk.edits == [Emptied()]
        assert "10 tegn" not in here.screen

    async def test_is_not_taken_where_it_could_be_read(self) -> None:
        here = await rig(TEXT, READ)
        here.controls.paste(make_key().reveal())
        assert here.controls.view.typed == ""
        assert "ser ut som en nøkkel" in here.screen

    async def test_ctrl_v_says_how_to_paste(self) -> None:
        here = await rig(SECRET, READ)
        await here.press("ctrl+v")
        assert "Ctrl+V limer ikke inn her. Bruk høyreklikk eller Shift+Insert." in here.screen


async def test_a_paste_on_several_lines_is_one_line() -> None:
    here = await rig(TEXT, READ)
    here.controls.paste("\n974 760\n673\u200b\n")
    assert here.controls.view.typed == "974 760 673"


class TestLeaving:
    async def test_ctrl_c_asks_for_a_second_press(self) -> None:
        here = await rig(READ, READ)
        await here.press("ctrl+c")
        assert "Trykk Ctrl+C en gang til" in here.screen
        await here.press("enter")
        assert (here.walk.replies, here.terminal.codes) == ([], [])
        await here.press("ctrl+c", "ctrl+c")
        assert here.terminal.codes == [Exit.INTERRUPTED]

    async def test_ctrl_q_asks(self) -> None:
        expected = {"1": [], "2": [Exit.INTERRUPTED], "3": [Exit.INTERRUPTED], "escape": [], "enter": []}
        for key, codes in expected.items():
            here = await rig(READ)
            await here.press("ctrl+q")
            assert "Avslutte?" in here.screen
            await here.press(key)
            assert here.terminal.codes == codes, key
            assert here.walk.is_abandoned is (key == "3")

    async def test_escape_on_the_first_page_asks(self) -> None:
        here = await rig(READ, READ)
        await here.press("escape")
        assert "Avslutte?" in here.screen

    async def test_where_nothing_is_broken_off_leaving_is_finishing(self) -> None:
        here = await rig(replace(READ, leave=None))
        await here.press("ctrl+q")
        assert here.walk.replies == [Continue()]
        assert here.terminal.codes == [Exit.DONE]

    async def test_the_last_page_ends_it_or_leads_to_the_next_walk(self) -> None:
        here = await rig(READ)
        here.walk.successor = ScriptedWalk([CHOOSE])
        await here.press("enter")
        assert here.terminal.codes == []
        assert "► 2  b" in here.screen
        await here.press("enter")
        assert here.terminal.codes == [Exit.DONE]


class TestWaiting:
    async def test_escape_cancels_and_enter_does_nothing(self) -> None:
        here = await rig(READ, READ, work=never_end)
        await here.press("enter", "enter", "enter")
        assert here.walk.replies == [Continue()]
        await here.press("escape")
        assert not here.controls.is_busy
        assert not here.terminal.is_ticking
        assert here.walk.at == 0

    async def test_a_spinner_comes_after_a_moment(self) -> None:
        page = replace(drawn.PROVING, step="secret")
        here = await rig(page, READ, work=never_end)
        await here.press("escape")
        here.controls.paste("x")
        await settle()
        row = next(line for line in here.screen.splitlines() if "Spør Tripletex" in line)
        assert row == "  ▌   Spør Tripletex om den virker …"
        here.controls.tick()
        here.controls.tick()
        seen = here.screen
        here.controls.tick()
        assert seen != here.screen


async def test_the_language_changes_and_what_was_typed_stays() -> None:
    here = await rig((TEXT, replace(TEXT, title="Read")), READ)
    await here.type("x")
    await here.press("f2")
    assert "Read" in here.screen
    assert here.controls.view.typed == "x"


async def test_a_draft_is_there_when_one_comes_back() -> None:
    here = await rig(READ, TEXT, READ)
    await here.press("enter", "x", "escape", "enter")
    assert here.controls.view.typed == "x"


async def test_f3_shows_the_file_or_the_page_as_text() -> None:
    here = await rig(drawn.REVIEW_FAIL, READ)
    await here.press("f3")
    (text,) = here.terminal.printed
    for said in ("Se over og lagre", "× FEIL      Saldobalansen kan ikke leses", "1  Sjekk på nytt", "TW418"):
        assert said in text
    here = await rig(replace(READ, has_document=True))
    await here.press("f3")
    assert here.terminal.printed == ["the document in nb"]


async def test_f5_copies_the_named_value_and_asks_where_there_are_two() -> None:
    here = await rig(replace(READ, copies=drawn.KEY.copies[:1]))
    await here.press("f5")
    assert here.terminal.copied == ["VismaFinale"]
    here = await rig(drawn.KEY)
    await here.press("f5", "down", "enter")
    assert here.terminal.copied == ["Visma Finale"]
    here.controls.sent("Visma Finale")
    assert "PuTTY tar ikke imot" in here.screen


async def test_a_short_list_takes_no_row_from_the_card() -> None:
    clients = drawn.FINALE_SEVERAL.answer
    assert isinstance(clients, Table)
    answer = replace(clients, rows=clients.rows[:2])
    here = await rig(replace(drawn.FINALE_SEVERAL, answer=answer))
    assert "kopier OrgNr etterpå." in here.screen


async def test_f1_scrolls_and_closes() -> None:
    here = await rig(drawn.KEY)
    await here.press("f1")
    assert "Hjelp: Lag API-nøkkel" in here.screen
    assert "1 av 3" in here.screen
    await here.press("pagedown")
    assert "2 av 3" in here.screen
    await here.press("pagedown", "pagedown", "end")
    assert "3 av 3" in here.screen
    assert "Punkt 14" in here.screen
    assert "Enter     videre" in here.screen
    await here.press("escape")
    assert "Hjelp:" not in here.screen


async def test_a_marked_row_stays_in_sight_however_long_the_list_is() -> None:
    here = await rig(drawn.KEY_CLIENTS)
    wrong = []
    for key in ("down",) * 12 + ("pagedown",) * 60 + ("pageup",) * 3 + ("up",) * 12 + ("end", "home"):
        await here.press(key)
        rows = [row for row in here.screen.splitlines() if row.startswith("  ► ")]
        if len(rows) != 1:
            wrong.append((key, here.screen))
    assert not wrong, wrong[0][1]


async def test_another_state_of_the_page_keeps_what_was_marked() -> None:
    here = await rig(drawn.VALIDATE)
    await here.press("down", "down")
    here.walk.show(replace(drawn.VALIDATE, note="på nytt"))
    answer = drawn.VALIDATE.answer
    assert isinstance(answer, Table)
    assert here.controls.view.mark == answer.rows[2].value


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("{}/fel", "{}/felles.toml"), ("{}/3", "{}/3100000"), ("{}/u", "{}/unter/"), ("{}/x", "{}/x"), ("", "")],
)
def test_tab_completes_a_path(tmp_path: Path, typed: str, completed: str) -> None:
    for name in ("felles.toml", "310000019.toml", "310000027.toml"):
        (tmp_path / name).touch()
    (tmp_path / "unter").mkdir()
    assert completed_path(typed.format(tmp_path)) == completed.format(tmp_path)


async def test_tab_does_so_only_for_a_path(tmp_path: Path) -> None:
    (tmp_path / "felles.toml").touch()
    for page, ending in ((PATH, "felles.toml"), (TEXT, "f")):
        here = await rig(page)
        await here.type(f"{tmp_path}/f")
        await here.press("tab")
        assert here.controls.view.typed == f"{tmp_path}/{ending}"


def test_the_footer_names_at_most_five_keys_with_help_at_the_edge() -> None:
    many = replace(READ, keys=(*tuple(Key(f"F{n}", "gjør noe") for n in range(2, 9)), Key("F1", "hjelp")))
    row = text_of(Controls(ScriptedWalk([many]), "nb", Terminal()).draw(80, 24).rows[-1])
    assert row.endswith("F1 hjelp  ")
    assert row.count("gjør noe") == 4


async def test_addresses_are_links_in_the_help_and_nowhere_else() -> None:
    said = (Paragraph("Se https://www.tripletex.no/integrasjoner/visma-finale/."),)
    here = await rig(replace(READ, body=said, help=(Topic("Mer", said),)))
    links = []
    for _ in range(2):
        rows = here.controls.draw(80, 24).rows
        links.append([piece for row in rows for piece in row if " link " in piece.style])
        await here.press("f1")
    (link,) = links[1]
    assert links[0] == []
    assert link.text == "https://www.tripletex.no/integrasjoner/visma-finale/"
    assert link.style.endswith(f" link {link.text}")
