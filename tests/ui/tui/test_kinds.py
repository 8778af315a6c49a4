"""Every kind of question on its screen: what is answered, and what a wrong answer looks like."""

import asyncio
from dataclasses import replace

import pytest
from textual import events
from textual.widgets import Input

from tests.keys import make_key
from tests.ui.scripted import (
    ASK_SECRET,
    ASK_TEXT,
    CHOOSE,
    EVERY_KIND,
    LAST,
    MISSING_CLIENT,
    OVERVIEW,
    READ,
    REVIEW,
    RUN_CHECKS,
    Scripted,
)
from tests.ui.tui.screen import asking, at, paste, shown, text_of
from wizard.domain.secret import Secret
from wizard.findings import StepId, Verdict, codes
from wizard.flow.questions import (
    Again,
    AskText,
    CheckLine,
    Choose,
    Chosen,
    Continue,
    Option,
    Outcome,
    Overview,
    Pasted,
    Picked,
    Reply,
    Report,
    Review,
    Row,
    Typed,
)
from wizard.ui.tui.widgets.secret_field import SecretField

KEY = make_key()
SILENT = codes.NO_ANSWER.found(host="tripletex.no")


async def test_a_whole_conversation_by_the_keyboard_alone() -> None:
    conversation = Scripted(EVERY_KIND)
    async with shown(conversation) as (app, pilot):
        await pilot.press("enter")
        await paste(app, pilot, KEY.reveal())
        await pilot.press("enter")
        await pilot.press("enter")
        await pilot.press(*"fisk", "enter")
        await pilot.press("enter")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.press("enter")
        await pilot.pause()
    assert app.return_value == 0
    assert conversation.replies == [
        Continue(),
        Pasted(KEY),
        Chosen("bureau"),
        Picked(("982463718",)),
        Continue(),
        Continue(),
        Again(),
        Continue(),
        Continue(),
    ]


async def test_read_tells_its_steps_and_the_word_for_going_on() -> None:
    async with shown(at(0)) as (app, _):
        text = text_of(app)
    assert "1. Administrator rights → five minutes" in text
    assert "Enter begin" in text
    assert "**" not in text


class TestChoose:
    async def test_arrows_move_and_enter_takes(self) -> None:
        conversation = at(2)
        async with shown(conversation) as (app, pilot):
            assert "• The key works: Demo AS (974 760 673)." in text_of(app)
            assert "▸ 2  An accounting office" in text_of(app)
            await pilot.press("up", "enter")
        assert conversation.replies == [Chosen("single-company")]

    async def test_a_number_highlights_and_does_not_answer(self) -> None:
        conversation = at(2)
        async with shown(conversation) as (app, pilot):
            await pilot.press("1")
            assert "▸ 1  A single company" in text_of(app)
        assert conversation.replies == []

    async def test_what_is_not_available_is_told_of_and_cannot_be_highlighted(self) -> None:
        lacking = Option(value="keyring", label="Keyring: not available", is_available=False)
        conversation = Scripted([replace(CHOOSE, options=(*CHOOSE.options, lacking))])
        async with shown(conversation) as (app, pilot):
            await pilot.press("3", "down", "down")
            assert "   -  Keyring: not available" in text_of(app)
            assert "▸ 2  An accounting office" in text_of(app)

    async def test_the_foot_tells_what_enter_does_with_the_highlighted_one(self) -> None:
        one, two = CHOOSE.options
        conversation = Scripted([replace(CHOOSE, options=(one, replace(two, proceed="Finish")))])
        async with shown(conversation) as (app, pilot):
            assert "Enter finish" in text_of(app)
            await pilot.press("up")
            assert "Enter go on" in text_of(app)

    async def test_nothing_highlighted_is_not_answered(self) -> None:
        conversation = Scripted([replace(CHOOSE, selected=None)])
        async with shown(conversation) as (app, pilot):
            await pilot.press("enter")
            assert "Choose one first" in text_of(app)
            assert conversation.replies == []
            await pilot.press("down", "enter")
        assert conversation.replies == [Chosen("single-company")]

    async def test_more_options_than_rows_scroll_to_the_highlight(self) -> None:
        options = tuple(Option(value=str(n), label=f"Option {n}", detail="Detail") for n in range(20))
        question: Choose = replace(CHOOSE, options=options, selected="0")
        async with shown(Scripted([question]), size=(60, 15)) as (app, pilot):
            await pilot.press(*["down"] * 15)
            assert "▸ 16  Option 15" in text_of(app)


class TestAskSecret:
    async def test_what_is_said_of_a_paste_fits_a_narrow_window(self) -> None:
        async with shown(at(1), "nb", size=(60, 20)) as (app, pilot):
            await paste(app, pilot, "2147628461")
            assert "Ctrl+U tømmer feltet." in " ".join(text_of(app).split())
            await paste(app, pilot, KEY.reveal())
            assert f"{len(KEY.reveal())} tegn · {KEY.fingerprint} │" in text_of(app)

    @pytest.mark.parametrize(
        "text",
        [
            KEY.reveal(),
            f"\n{KEY.reveal()}\n",
            f"{KEY.reveal()[:40]}\r\n{KEY.reveal()[40:]}",
            f"  «{KEY.reveal()}» ",
        ],
    )
    async def test_a_paste_arrives_whole(self, text: str) -> None:
        conversation = at(1)
        async with shown(conversation) as (app, pilot):
            await paste(app, pilot, text)
            assert "Key no. 2147628461" in text_of(app)
            assert KEY.fingerprint in text_of(app)
            await pilot.press("enter")
        assert conversation.replies == [Pasted(Secret(text))]

    async def test_nothing_of_the_key_is_shown(self) -> None:
        async with shown(at(1)) as (app, pilot):
            await paste(app, pilot, KEY.reveal())
            text = text_of(app)
        assert "••••••••" in text
        assert not any(KEY.reveal()[n : n + 6] in text for n in range(len(KEY) - 6))

    async def test_a_wrong_paste_is_explained_at_once(self) -> None:
        async with shown(at(1)) as (app, pilot):
            await paste(app, pilot, "2147628461")
            text = text_of(app)
            assert "✗ Error: This is only digits" in text
            assert "TW302" in text
            assert "Another paste replaces this one. Ctrl+U empties the field." in text
            await paste(app, pilot, KEY.reveal())
            assert "Key no. 2147628461" in text_of(app)
            await pilot.press("ctrl+u")
            assert "only digits" not in text_of(app)

    async def test_typing_works_and_is_judged_when_it_has_become_a_key(self) -> None:
        conversation = at(1)
        async with shown(conversation) as (app, pilot):
            await pilot.press(*"2147", "backspace")
            assert "3 characters" in text_of(app)
            assert "Error" not in text_of(app)
            await pilot.press("ctrl+u")
            await paste(app, pilot, KEY.reveal()[:-1])
            await pilot.press(KEY.reveal()[-1])
            assert "Key no. 2147628461" in text_of(app)
            await pilot.press("enter")
        assert conversation.replies == [Pasted(KEY)]

    async def test_nothing_is_an_answer_too_and_is_judged_by_the_flow(self) -> None:
        conversation = at(1)
        async with shown(conversation) as (_, pilot):
            await pilot.press("enter")
        assert conversation.replies == [Pasted(Secret(""))]

    async def test_a_held_key_is_kept_by_enter(self) -> None:
        conversation = Scripted([replace(ASK_SECRET, held="Key no. 7 · 88 characters · 3f2a-c1"), LAST])
        async with shown(conversation) as (app, pilot):
            assert "kept · key no. 7 · 88 characters · 3f2a-c1" in text_of(app)
            assert "It is kept safely." in text_of(app)
            await pilot.press("enter")
        assert conversation.replies == [Continue()]

    async def test_a_key_that_is_safe_empties_its_field(self) -> None:
        async def not_reached(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
            if isinstance(reply, Continue):
                return conversation.advance()
            conversation.questions[0] = replace(ASK_SECRET, held="Key no. 2147628461")
            return Outcome(moved=False, findings=(SILENT,), is_settled=True)

        conversation = Scripted([ASK_SECRET, LAST], {StepId.CREATE_KEY: not_reached})
        async with shown(conversation) as (app, pilot):
            await paste(app, pilot, KEY.reveal())
            await pilot.press("enter")
            await pilot.pause()
            text = text_of(app)
            assert "kept · key no. 2147628461" in text
            assert "? Could not be checked: Tripletex did not answer in time." in text
            assert "Enter goes on all the same." in text
            assert app.screen.query_one(SecretField).is_empty
            await pilot.press("enter")
        assert conversation.replies == [Pasted(KEY), Continue()]

    async def test_a_new_paste_after_a_settled_answer_is_sent(self) -> None:
        async def settle(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
            return Outcome(moved=False, findings=(SILENT,), is_settled=True)

        conversation = Scripted([ASK_SECRET], {StepId.CREATE_KEY: settle})
        async with shown(conversation) as (app, pilot):
            await pilot.press("enter")
            await pilot.pause()
            await paste(app, pilot, KEY.reveal())
            await pilot.press("enter")
        assert conversation.replies == [Pasted(Secret("")), Pasted(KEY)]

    async def test_a_paste_and_enter_at_once_after_a_settled_answer_is_sent_too(self) -> None:
        async def settle(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
            return Outcome(moved=False, findings=(SILENT,), is_settled=True)

        conversation = Scripted([ASK_SECRET], {StepId.CREATE_KEY: settle})
        async with shown(conversation) as (app, pilot):
            await pilot.press("enter")
            await pilot.pause()
            app.post_message(events.Paste(KEY.reveal()))
            app.post_message(events.Key("enter", "\r"))
            await pilot.pause()
            await pilot.pause()
            assert "did not answer in time" in text_of(app)
        assert conversation.replies == [Pasted(Secret("")), Pasted(KEY)]

    async def test_the_field_is_wiped_when_the_screen_is_left(self) -> None:
        async with shown(at(1)) as (app, pilot):
            field = app.screen.query_one(SecretField)
            memory = field._buffer
            await paste(app, pilot, KEY.reveal())
            assert bytes(memory) == KEY.reveal().encode()
            await pilot.press("escape")
            await pilot.pause()
            assert field.is_empty
            assert not any(memory)

    async def test_no_key_copies(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with shown(at(1)) as (app, pilot):
            written: list[str] = []
            assert app._driver is not None
            monkeypatch.setattr(app._driver, "write", written.append)
            await paste(app, pilot, KEY.reveal())
            await pilot.press("ctrl+x", "ctrl+shift+c", "super+c", "ctrl+a", "ctrl+insert")
            app.copy_to_clipboard(KEY.reveal())
            assert app.clipboard == ""
        assert "\x1b]52" not in "".join(written)


class TestAskText:
    async def test_what_is_typed_is_answered(self) -> None:
        conversation = at(3)
        async with shown(conversation) as (_, pilot):
            await pilot.press(*"995000000", "enter")
        assert conversation.replies == [Typed("995000000")]

    async def test_typing_searches_names_and_numbers(self) -> None:
        async with shown(at(3)) as (app, pilot):
            await pilot.press(*"demo")
            assert "Demo Fisk AS" in text_of(app)
            assert "Bakeri" not in text_of(app)
            await pilot.press("ctrl+u", *"971 03")
            assert "▸ Østlandets Bakeri" in text_of(app)
            await pilot.press("ctrl+u", *"nobody")
            assert "Nothing matches." in text_of(app)

    async def test_several_hits_are_never_guessed_from(self) -> None:
        conversation = at(3)
        async with shown(conversation) as (app, pilot):
            await pilot.press(*"demo", "enter")
            assert "Several match." in text_of(app)
            assert conversation.replies == []
            await pilot.press("down", "down", "enter")
        assert conversation.replies == [Picked(("982463718",))]

    async def test_a_number_that_several_clients_share_is_answered_as_typed(self) -> None:
        twice = (*ASK_TEXT.options, Option(value="974760673", label="Twin", detail="974 760 673"))
        conversation = Scripted([replace(ASK_TEXT, options=twice)])
        async with shown(conversation) as (_, pilot):
            await pilot.press(*"974 760 673", "enter")
        assert conversation.replies == [Typed("974 760 673")]

    async def test_nothing_typed_and_nothing_chosen_is_not_answered(self) -> None:
        conversation = Scripted([ASK_TEXT])
        async with shown(conversation) as (app, pilot):
            await pilot.press("enter")
            assert "Type something first, or choose from the list" in text_of(app)
        assert not conversation.replies

    async def test_several_are_ticked_with_the_space_bar(self) -> None:
        conversation = Scripted([replace(ASK_TEXT, takes_several=True), LAST])
        async with shown(conversation) as (app, pilot):
            await pilot.press("down", "space", "down", "down", "space")
            assert "[x] Demo Regnskap AS" in text_of(app)
            assert "2 chosen: Demo Regnskap AS, Demo Fisk AS" in text_of(app)
            await pilot.press("enter")
        assert conversation.replies == [Picked(("974760673", "982463718"))]

    async def test_a_blank_is_typed_while_no_row_is_highlighted(self) -> None:
        conversation = Scripted([replace(ASK_TEXT, takes_several=True), LAST])
        async with shown(conversation) as (app, pilot):
            await pilot.press(*"demo", "space", *"fi")
            assert app.screen.query_one(Input).value == "demo fi"

    async def test_a_paste_of_several_lines_is_joined(self) -> None:
        conversation = Scripted([replace(ASK_TEXT, options=()), LAST])
        async with shown(conversation) as (app, pilot):
            await paste(app, pilot, "\n974\u200b 760\r\n\x1b673\n")
            await pilot.press("enter")
        assert conversation.replies == [Typed("974 760 673")]

    async def test_the_former_answer_stands_in_the_field_with_the_cursor_behind_it(self) -> None:
        conversation = Scripted([replace(ASK_TEXT, options=(), text="9747"), LAST])
        async with shown(conversation) as (_, pilot):
            await pilot.press("6", "enter")
        assert conversation.replies == [Typed("97476")]

    async def test_three_thousand_clients_are_searched_and_only_the_visible_ones_drawn(self) -> None:
        options = tuple(
            Option(value=f"{n:09}", label=f"Client {n} AS", detail=f"{n:09}") for n in range(3000)
        )
        question: AskText = replace(ASK_TEXT, options=options)
        conversation = Scripted([question, LAST])
        async with shown(conversation) as (app, pilot):
            assert text_of(app).count("Client") < 20
            assert "PgDn shows more" in text_of(app)
            await pilot.press("pagedown", "pagedown", "pageup", "ctrl+u", *"client 2999", "enter")
        assert conversation.replies == [Picked(("000002999",))]


class TestOverview:
    async def test_the_table_tells_the_verdict_in_words(self) -> None:
        async with shown(at(4)) as (app, _):
            text = text_of(app)
        assert "✗ WRONG     971 032 146   not reached" in text
        assert "✓ OK        974 760 673   Demo Regnskap AS" in text

    async def test_r_reads_again_and_shows_what_came(self) -> None:
        async def reread(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
            rows = (Row(verdict=Verdict.VALID, cells=("971 032 146", "Østlandets Bakeri")),)
            conversation.questions[0] = replace(OVERVIEW, rows=rows, findings=())
            return Outcome(moved=False)

        conversation = Scripted([OVERVIEW], {StepId.CLIENT_ACCESS: reread})
        async with shown(conversation) as (app, pilot):
            await pilot.press("r")
            await pilot.pause()
            assert "✓ OK        971 032 146   Østlandets Bakeri" in text_of(app)
            assert "no access" not in text_of(app)
        assert conversation.replies == [Again()]

    async def test_a_row_that_is_too_wide_is_told_whole(self) -> None:
        why = "The key does not reach the client, and nobody knows what it would take to get there."
        rows = (Row(verdict=Verdict.INVALID, cells=("failed", "/etc/finale/clients/bakery.toml", why)),) * 9
        async with shown(Scripted([replace(OVERVIEW, rows=rows, columns=("Result", "Config", "Why"))])) as (
            app,
            pilot,
        ):
            text = text_of(app)
            assert "/etc/finale/clients/bakery.toml" in text
            assert "would take to get there." in " ".join(text.split())
            await pilot.press("pagedown", "pagedown", "pagedown", "pagedown")
            assert "PgUp goes back up" in text_of(app)

    @pytest.mark.parametrize(("width", "is_there"), [(80, True), (60, False)])
    async def test_a_column_without_room_has_no_half_name(self, width: int, *, is_there: bool) -> None:
        rows = (Row(verdict=Verdict.VALID, cells=("moved", "/etc/finale/bakery-12.toml", "")),)
        question = replace(OVERVIEW, rows=rows, columns=("Result", "Config", "With the new key"))
        async with shown(Scripted([question]), size=(width, 20)) as (app, _):
            heading = next(line for line in text_of(app).splitlines() if "Result" in line)
        assert ("With the new key" in heading, "With" in heading) == (is_there, is_there)

    async def test_names_that_would_upset_a_terminal_are_harmless(self) -> None:
        rows = (Row(verdict=Verdict.VALID, cells=("1", "\x1b[2J\x07[bold]Evil[/] AS\u202e")),)
        question: Overview = replace(OVERVIEW, rows=rows, findings=())
        async with shown(Scripted([question])) as (app, _):
            text = text_of(app)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert r"\x1b[2J\x07[bold]Evil[/] AS\u202e" in text


class TestReview:
    async def test_the_document_and_its_place_are_shown(self) -> None:
        async with shown(at(5)) as (app, _):
            text = text_of(app)
        assert "Will be written to /srv/configs/demo.toml" in text
        assert 'setup = "bureau-client"' in text
        assert "Enter write the file" in text

    async def test_a_long_document_scrolls(self) -> None:
        lines = "".join(f"+line {n}\n" for n in range(60))
        question: Review = replace(REVIEW, text=lines, is_diff=True)
        async with shown(Scripted([question])) as (app, pilot):
            assert "What changes in" in text_of(app)
            assert "▼ PgDn shows more" in text_of(app)
            await pilot.press(*["pagedown"] * 8)
            assert "+line 59" in text_of(app)
            assert "▲ PgUp goes back up" in text_of(app)

    async def test_a_long_line_goes_on_after_a_sign(self) -> None:
        question: Review = replace(REVIEW, text=f'key = "{"x" * 100}"\n')
        async with shown(Scripted([question])) as (app, _):
            assert f"↳ {'x' * 20}" in text_of(app)
            assert text_of(app).count("x") == 101  # one stands in «next»


class TestRunChecks:
    async def test_checks_start_by_themselves_and_lead_to_the_step_that_mends(self) -> None:
        conversation = Scripted([OVERVIEW, RUN_CHECKS])
        conversation.at = 1
        async with shown(conversation) as (app, pilot):
            await pilot.pause()
            text = text_of(app)
            assert "✓ OK       The key is accepted" in text
            assert "✗ WRONG    Is the client reached?" in text
            assert "? UNKNOWN  Log-on to the client" in text
            assert text.count("req-1") == 1
            assert "F4 goes to “Give access to the clients”" in text
            await pilot.press("f4")
            await pilot.pause()
            assert asking(app).question.step is StepId.CLIENT_ACCESS
            assert MISSING_CLIENT.message(app.look.t) in text_of(app)
        assert conversation.replies == [Again()]

    async def test_results_that_are_known_are_not_asked_for_again(self) -> None:
        conversation = Scripted([replace(RUN_CHECKS, lines=()), LAST])
        async with shown(conversation) as (_, pilot):
            await pilot.pause()
            await pilot.press("r")
            await pilot.pause()
            assert conversation.replies == [Again(), Again()]
            await pilot.press("enter")
            await pilot.pause()
            await pilot.press("escape")
            await pilot.pause()
        assert conversation.replies == [Again(), Again(), Continue()]

    async def test_each_result_is_seen_as_it_comes(self) -> None:
        gate = asyncio.Event()

        async def slow(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
            conversation.run_checks(report)
            await gate.wait()
            return Outcome(moved=False)

        async with shown(Scripted([RUN_CHECKS], {StepId.CHECK: slow})) as (app, pilot):
            await pilot.pause()
            assert "The key is accepted" in text_of(app)
            assert "Esc cancel" in text_of(app)
            gate.set()
            await pilot.pause()
            assert "Esc cancels" not in text_of(app)

    async def test_a_warning_beneath_a_check_that_went_well_is_called_one(self) -> None:
        noticed = codes.SEVERAL_CLIENTS.found(number="974760673", count=2, names="A, B")
        lines = (CheckLine(Verdict.VALID, "The key has access to the clients", (noticed,)),)
        async with shown(Scripted([replace(RUN_CHECKS, lines=lines)])) as (app, _):
            assert "! Warning: " in text_of(app)

    async def test_results_that_have_come_change_their_language_too(self) -> None:
        gate = asyncio.Event()

        async def slow(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
            report(lambda t: CheckLine(Verdict.VALID, t("The key is accepted")))
            report(lambda t: t("Checking again …"))
            await gate.wait()
            return Outcome(moved=False)

        async with shown(Scripted([RUN_CHECKS], {StepId.CHECK: slow})) as (app, pilot):
            await pilot.press("f2")
            await pilot.pause()
            assert "Nøkkelen er godtatt" in text_of(app)
            assert "The key is accepted" not in text_of(app)
            assert "Kontrollerer på nytt …" in text_of(app)
            gate.set()
            await pilot.pause()
            await pilot.press("f2")
            await pilot.pause()
            assert "The key is accepted" in text_of(app)


async def test_a_sentence_of_the_face_changes_its_language_too() -> None:
    async with shown(Scripted([replace(CHOOSE, selected=None)])) as (app, pilot):
        await pilot.press("enter", "f2")
        await pilot.pause()
        assert "Velg først, med piltastene" in text_of(app)


async def test_a_finding_that_came_with_a_move_is_shown_on_the_next_question() -> None:
    async def warn(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
        return conversation.advance(SILENT)

    async with shown(Scripted([READ, LAST], {StepId.WELCOME: warn})) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert asking(app).question.step is StepId.DONE
        assert "did not answer in time" in text_of(app)
