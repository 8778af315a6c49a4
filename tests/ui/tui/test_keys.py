"""The keys that work on every screen, and what they must never lose."""

import asyncio
from dataclasses import replace

import pytest
from textual.widgets import Input

from tests.keys import make_key
from tests.ui.scripted import ASK_SECRET, ASK_TEXT, CHOOSE, EVERY_KIND, LAST, READ, Scripted
from tests.ui.tui.screen import Bilingual, asking, at, paste, shown, text_of
from wizard.domain.secret import Secret
from wizard.findings import StepId
from wizard.flow.questions import AskText, Chosen, Continue, Outcome, Pasted, Read, Reply, Report
from wizard.ui.tui.widgets.secret_field import SecretField

KEY = make_key()


class Held:
    """Work that goes on until it is cancelled."""

    def __init__(self) -> None:
        self.cancelled = 0

    async def __call__(self, conversation: Scripted, reply: Reply, report: Report) -> Outcome:
        report(lambda _: "Trying the key …")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        raise AssertionError("unreachable")


class TestEsc:
    async def test_goes_back_and_what_was_typed_is_there_again(self) -> None:
        conversation = Bilingual([ASK_TEXT, CHOOSE, LAST])
        async with shown(conversation) as (app, pilot):
            await pilot.press(*"974760673", "enter")
            await pilot.pause()
            await pilot.press("up")
            await pilot.press("escape")
            await pilot.pause()
            assert isinstance(asking(app).question, AskText)
            await pilot.press(*"974760673", "enter")
            await pilot.pause()
            assert "▸ 1  A single company" in text_of(app)
            await pilot.press("enter")
            assert conversation.replies[-1] == Chosen("single-company")

    async def test_keeps_a_draft_that_was_never_answered(self) -> None:
        async with shown(Bilingual([READ, replace(ASK_TEXT, options=())])) as (app, pilot):
            await pilot.press("enter")
            await pilot.pause()
            await pilot.press(*"half")
            await pilot.press("escape")
            await pilot.pause()
            await pilot.press("enter")
            await pilot.pause()
            assert app.screen.query_one(Input).value == "half"

    async def test_a_draft_gives_way_to_what_has_been_learnt_since(self) -> None:
        conversation = Bilingual([READ, CHOOSE])
        conversation.at = 1
        async with shown(conversation) as (app, pilot):
            await pilot.press("up", "escape")
            await pilot.pause()
            conversation.questions[1] = replace(CHOOSE, selected=None)
            await pilot.press("enter")
            await pilot.pause()
            assert "▸" not in text_of(app)

    async def test_asks_before_leaving_where_nothing_is_behind(self) -> None:
        async with shown(at(0)) as (app, pilot):
            await pilot.press("escape")
            await pilot.pause()
            assert "Leave?" in text_of(app)
            await pilot.press("escape")
            await pilot.pause()
            assert isinstance(asking(app).question, Read)
            await pilot.press("escape")
            await pilot.pause()
            await pilot.press("enter")
            await pilot.pause()
        assert app.return_value == 130

    async def test_cancels_a_wait_and_keeps_everything(self) -> None:
        work = Held()
        conversation = Scripted([ASK_SECRET, LAST], {StepId.CREATE_KEY: work})
        async with shown(conversation) as (app, pilot):
            await paste(app, pilot, KEY.reveal())
            await pilot.press("enter")
            await pilot.pause()
            assert "Trying the key …  (Esc cancels)" in text_of(app)
            assert "Enter" not in text_of(app)
            await pilot.press("enter", "escape")
            await pilot.pause()
            assert work.cancelled == 1
            assert "Cancelled." in text_of(app)
            assert app.screen.query_one(SecretField).text == KEY.reveal()
        assert conversation.replies == [Pasted(KEY)]


class TestF2:
    async def test_changes_the_language_and_keeps_what_was_pasted(self) -> None:
        async with shown(at(1), language="nb") as (app, pilot):
            await paste(app, pilot, KEY.reveal())
            assert "Norsk: Make an API key" in text_of(app)
            assert "92 tegn" in text_of(app)
            await pilot.press("f2")
            assert "Norsk:" not in text_of(app)
            assert "92 characters" in text_of(app)
            assert app.screen.query_one(SecretField).text == KEY.reveal()

    async def test_keeps_text_highlight_and_ticks(self) -> None:
        question = replace(ASK_TEXT, takes_several=True)
        async with shown(Bilingual([question])) as (app, pilot):
            await pilot.press(*"demo", "down", "space", "down")
            await pilot.press("f2")
            text = text_of(app)
            assert "Norsk: Organisation number" in text
            assert "[x] Demo Regnskap AS" in text
            assert "▸ [ ] Demo Fisk AS" in text
            assert app.screen.query_one(Input).value == "demo"

    async def test_tells_what_was_found_in_the_other_language(self) -> None:
        async with shown(at(1)) as (app, pilot):
            await paste(app, pilot, "2147628461")
            await pilot.press("f2")
            assert "✗ Feil: Dette er bare sifre" in text_of(app)

    async def test_works_while_a_reply_is_worked_on(self) -> None:
        async with shown(Bilingual([READ, LAST], {StepId.WELCOME: Held()})) as (app, pilot):
            await pilot.press("enter")
            await pilot.press("f2")
            assert "Esc avbryter" in text_of(app)
            await pilot.press("escape")
            await pilot.pause()
            assert "Norsk: Welcome" in text_of(app)


class TestF1:
    async def test_shows_the_background_and_leads_back_to_what_was_typed(self) -> None:
        async with shown(at(1)) as (app, pilot):
            await paste(app, pilot, KEY.reveal())
            await pilot.press("f1")
            await pilot.pause()
            assert "Help: Make an API key" in text_of(app)
            assert "The key is shown once." in text_of(app)
            await pilot.press("f2")
            assert "Hjelp: Norsk: Make an API key" in text_of(app)
            await pilot.press("escape")
            await pilot.pause()
            assert app.screen.query_one(SecretField).text == KEY.reveal()
            assert "Norsk: Make an API key" in text_of(app)

    async def test_a_long_background_scrolls(self) -> None:
        question = replace(READ, help="\n\n".join(f"Line {n}" for n in range(40)))
        async with shown(Scripted([question])) as (app, pilot):
            await pilot.press("f1")
            await pilot.pause()
            assert "Line 39" not in text_of(app)
            await pilot.press(*["pagedown"] * 6, "up", "down")
            assert "Line 39" in text_of(app)


class TestLeaving:
    @pytest.mark.parametrize(("key", "index"), [("ctrl+q", 0), ("ctrl+c", 1), ("ctrl+c", 3)])
    async def test_leaves_at_once_with_130(self, key: str, index: int) -> None:
        async with shown(at(index)) as (app, pilot):
            await pilot.press(key)
            await pilot.pause()
        assert app.return_value == 130

    @pytest.mark.parametrize("keys", [("ctrl+q",), ("ctrl+c",), ("f1", "ctrl+q")])
    async def test_leaving_is_finishing_where_nothing_is_left_to_do(self, keys: tuple[str, ...]) -> None:
        conversation = Scripted([LAST])
        async with shown(conversation) as (app, pilot):
            await pilot.press(*keys)
            await app.workers.wait_for_complete()
            await pilot.pause()
        assert conversation.replies == [Continue()]
        assert app.return_value == 0

    async def test_esc_asks_before_it_ends_what_is_done(self) -> None:
        conversation = Scripted([LAST])
        async with shown(conversation) as (app, pilot):
            await pilot.press("escape")
            assert "What has been done stays as it is." in text_of(app)
            await pilot.press("enter")
            await app.workers.wait_for_complete()
            await pilot.pause()
        assert app.return_value == 0

    async def test_leaves_in_the_middle_of_a_wait(self) -> None:
        work = Held()
        async with shown(Scripted([READ], {StepId.WELCOME: work})) as (app, pilot):
            await pilot.press("enter")
            await pilot.press("ctrl+q")
            await pilot.pause()
        assert app.return_value == 130
        assert work.cancelled == 1


class TestEnter:
    async def test_a_reply_is_sent_once_however_often_enter_is_pressed(self) -> None:
        conversation = Scripted([READ, ASK_SECRET], {StepId.WELCOME: Held()})
        async with shown(conversation) as (_, pilot):
            await pilot.press("enter", "enter", "enter")
        assert conversation.replies == [Continue()]

    async def test_a_screen_that_was_left_answers_nothing(self) -> None:
        conversation = Scripted([READ, ASK_SECRET])
        async with shown(conversation) as (app, pilot):
            left = asking(app)
            await pilot.press("enter")
            await pilot.pause()
            app.submit(left, Pasted(Secret("late")))
            await pilot.pause()
        assert conversation.replies == [Continue()]


class TestSize:
    async def test_a_window_that_is_too_small_says_so_and_keeps_everything(self) -> None:
        async with shown(at(1)) as (app, pilot):
            await paste(app, pilot, KEY.reveal())
            await pilot.resize_terminal(59, 24)
            await pilot.pause()
            assert "The window is too small." in text_of(app)
            await pilot.resize_terminal(60, 15)
            await pilot.pause()
            assert "Paste the API key here:" in text_of(app)
            assert app.screen.query_one(SecretField).text == KEY.reveal()

    async def test_a_wide_window_shows_the_whole_way(self) -> None:
        async with shown(at(2), size=(120, 40)) as (app, pilot):
            text = text_of(app)
            assert "✓ Make an API key" in text
            assert "▸ Single company or bureau" in text
            assert "  Check against Tripletex" in text
            await pilot.resize_terminal(99, 24)
            await pilot.pause()
            assert "Check against Tripletex" not in text_of(app)

    async def test_the_smallest_window_shows_every_question_with_its_keys(self) -> None:
        conversation = Scripted(EVERY_KIND)
        async with shown(conversation, size=(60, 15)) as (app, pilot):
            for number, question in enumerate(EVERY_KIND):
                app.go_to(question.step, ())
                await pilot.pause()
                assert conversation.at == number
                text = text_of(app)
                assert question.title in text
                assert getattr(question, "label", "")[:20] in text
                assert ("Ctrl+Q" in text) is (question is not LAST)
                assert "F1 help" in text

    async def test_a_guide_gives_way_to_the_answer_and_scrolls(self) -> None:
        guide = "\n".join(f"{n}. Click number {n}" for n in range(1, 31))
        async with shown(Scripted([replace(ASK_SECRET, guide=guide)])) as (app, pilot):
            assert "▼ PgDn shows more" in text_of(app)
            assert "Paste the API key here:" in text_of(app)
            await pilot.press("pagedown", "pagedown", "pagedown", "down")
            assert "Click number 30" in text_of(app)
            await pilot.press("up", "pageup", "pageup", "pageup")
            assert " 1. Click number 1\n" in text_of(app)


async def test_f3_says_so_where_the_screen_cannot_be_left() -> None:
    async with shown(at(0)) as (app, pilot):
        await pilot.press("f3")
        await pilot.pause()
        assert "cannot show the step as plain text" in text_of(app)
