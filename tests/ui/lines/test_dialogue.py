"""Every kind of question is asked and answered by lines alone."""

import io
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from tests.keys import make_key
from tests.ui.lines.talk import talk
from tests.ui.scripted import (
    ASK_SECRET,
    ASK_TEXT,
    CHOOSE,
    LAST,
    MISSING_CLIENT,
    OVERVIEW,
    READ,
    REVIEW,
    RUN_CHECKS,
    Scripted,
)
from wizard.findings import Finding, StepId, Verdict, codes
from wizard.flow.questions import (
    Again,
    AskText,
    Chosen,
    Continue,
    Option,
    Outcome,
    Pasted,
    Picked,
    Question,
    Reply,
    Report,
    Row,
    Typed,
)
from wizard.ui.lines import kinds, run_lines

KEY = make_key()


def staying(outcome: Outcome) -> Callable[[Scripted, Reply, Report], Awaitable[Outcome]]:
    """A step that does not take the first reply, and then goes on."""

    async def work(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
        return outcome if len(conversation.replies) == 1 else conversation.advance()

    return work


def test_one_of_each_kind_is_answered_by_lines() -> None:
    conversation = Scripted()
    result = talk(conversation, "", KEY.reveal(), "1", "2", "r", "", "", "", "")
    assert result.code == 0
    assert conversation.is_finished
    assert conversation.replies == [
        Continue(),
        Pasted(KEY),
        Chosen("single-company"),
        Picked(("971032146",)),
        Again(),
        Continue(),
        Continue(),
        Again(),
        Continue(),
        Continue(),
    ]
    for told in (
        "Step 1 of 7: Make an API key",
        "Choose «NY NØKKEL»",
        "1. «Administrator» rights → five minutes",
        "[Enter: Begin] > ",
        "The key works: Demo AS (974 760 673).",
        "   2  An accounting office\n      Made in the office's Tripletex.\n",
        "WRONG    971 032 146  not reached",
        "OK       974 760 673  Demo Regnskap AS",
        "New file /srv/configs/demo.toml:",
        '[finale]\nsetup = "bureau-client"\n',
        "OK       The key is accepted",
        "WRONG    Is the client reached?\n         Error (TW407):",
        "Tripletex's request id: req-1",
        "UNKNOWN  Log-on to the client",
    ):
        assert told in result.text
    assert "\x1b" not in result.text
    assert KEY.reveal() not in result.text


def test_a_line_of_a_check_is_told_once_as_it_comes_and_anew_when_one_returns() -> None:
    conversation = Scripted([RUN_CHECKS, LAST])
    result = talk(conversation, "", "<", "r", "")
    assert result.text.count("Log-on to the client") == 3
    assert result.text.count("Error (TW407)") == 3
    assert conversation.replies == [Again(), Continue(), Again(), Continue()]


def test_a_secret_is_told_by_its_length_and_sign() -> None:
    result = talk(Scripted([ASK_SECRET]), "12345", KEY.reveal())
    length = len(KEY)
    assert f"Read: {length} characters · {KEY.fingerprint} · Key no. 2147628461" in result.text
    assert "Error (TW302)" in result.text
    assert "(what you paste is not shown) > " in result.text


@pytest.mark.parametrize(
    ("question", "replies"),
    [
        (replace(ASK_SECRET, held="Key no. 1"), [Continue()]),
        (replace(ASK_SECRET, is_optional=True), [Continue()]),
        (ASK_SECRET, []),
    ],
)
def test_an_empty_secret_keeps_the_one_that_is_held(question: Question, replies: list[Reply]) -> None:
    conversation = Scripted([question])
    result = talk(conversation, "")
    assert conversation.replies == replies
    if not replies:
        assert "Error (TW301)" in result.text


def test_enter_takes_the_default() -> None:
    conversation = Scripted([CHOOSE, replace(ASK_TEXT, options=(), text="974760673")])
    result = talk(conversation, "", "")
    assert conversation.replies == [Chosen("bureau"), Typed("974760673")]
    assert "Number [2] > " in result.text
    assert "[974760673] > " in result.text


@pytest.mark.parametrize("wrong", ["0", "3", "1,2", "one", "²", "-1", "9" * 5000, ""])
def test_a_wrong_number_is_asked_for_again(wrong: str) -> None:
    conversation = Scripted([replace(CHOOSE, selected=None)])
    result = talk(conversation, wrong, "1")
    assert conversation.replies == [Chosen("single-company")]
    assert "Answer with a number from 1 to 2." in result.text


def test_a_choice_without_options_can_be_left() -> None:
    assert talk(Scripted([replace(CHOOSE, options=(), selected=None)]), "1", "q").code == 130


def test_what_is_not_available_is_told_of_and_has_no_number() -> None:
    lacking = Option(
        value="keyring", label="Keyring: not available", detail="There is none.", is_available=False
    )
    conversation = Scripted([replace(CHOOSE, options=(*CHOOSE.options, lacking))])
    result = talk(conversation, "3", "1")
    assert "\n   -  Keyring: not available\n      There is none.\n" in result.text
    assert "Answer with a number from 1 to 2." in result.text
    assert conversation.replies == [Chosen("single-company")]


def test_leaving_is_finishing_where_nothing_is_left_to_do() -> None:
    conversation = Scripted([LAST])
    result = talk(conversation, "q")
    assert result.code == 0
    assert "You left before the end." not in result.text
    assert conversation.replies == [Continue()]


def test_other_text_where_enter_is_wanted_is_not_agreement() -> None:
    conversation = Scripted([REVIEW])
    result = talk(conversation, "no", "")
    assert "That is not one of the answers." in result.text
    assert conversation.replies == [Continue()]


def test_a_diff_is_called_changes() -> None:
    question = replace(REVIEW, is_diff=True, text="-a = 1\n+a = 2\n")
    assert "Changes in /srv/configs/demo.toml:\n\n-a = 1\n+a = 2\n" in talk(Scripted([question]), "").text


def test_back_help_and_language_are_one_key_away() -> None:
    conversation = Scripted([READ, ASK_SECRET])
    result = talk(conversation, "<", "", "?", "<", "!", "q")
    assert result.code == 130
    assert "This is the first question." in result.text
    assert "The key is shown once." in result.text
    assert "The steps:\n    Welcome\n  * Make an API key\n" in result.text
    assert conversation.replies == [Continue()]
    assert conversation.languages[-1] == "nb"


def test_the_end_of_input_is_told_and_is_no_answer() -> None:
    conversation = Scripted([READ])
    result = talk(conversation)
    assert result.code == 2
    assert not conversation.replies
    assert "There is no more input" in result.text


def test_one_key_leads_to_the_step_that_mends() -> None:
    conversation = Scripted([CHOOSE, OVERVIEW], {StepId.SETUP: staying(Outcome(moved=False))})
    conversation.at = 1
    finding = codes.OFFICE_KEY_FOR_COMPANY.found()
    conversation.questions[1] = replace(OVERVIEW, findings=(finding,))
    result = talk(conversation, "g", "q")
    assert "g: go to “" in result.text
    assert conversation.at == 0
    assert "Error (TW405)" in result.text.rpartition("Step 2 of 7")[2]


def test_several_steps_that_mend_are_numbered() -> None:
    findings = (
        codes.OFFICE_KEY_FOR_COMPANY.found(),
        codes.KEY_REJECTED.found(application="VismaFinale"),
    )
    conversation = Scripted([CHOOSE, ASK_SECRET, replace(OVERVIEW, findings=findings)])
    conversation.at = 2
    result = talk(conversation, "g3", "g2", "q")
    assert "g1: go to “" in result.text
    assert "That is not one of the answers." in result.text
    assert conversation.at == 1


def test_what_stays_is_explained_once_and_asked_again() -> None:
    outcome = Outcome(moved=False, findings=(MISSING_CLIENT,))
    conversation = Scripted([OVERVIEW], {StepId.CLIENT_ACCESS: staying(outcome)})
    result = talk(conversation, "r", "")
    assert result.text.count("Error (TW407)") == 2  # with the question, and after reading again
    assert result.text.count("Step 4 of 7") == 1
    assert "Advice: Give it Klienttilgang" in result.text


def test_unknown_is_not_called_an_error() -> None:
    finding = codes.CONSUMER_TOKEN_MISSING.found()
    result = talk(Scripted([replace(READ, findings=(finding,))]), "")
    assert "Could not be checked (TW510)" in result.text
    assert "Error" not in result.text


@pytest.mark.parametrize(
    ("answers", "last"),
    [(("",), Continue()), (("r", "1"), Chosen("single-company")), (("?", ""), Continue())],
)
def test_what_is_settled_can_be_left_as_it_is(answers: tuple[str, ...], last: Reply) -> None:
    outcome = Outcome(moved=False, findings=(codes.KIND_UNKNOWN.found(),), is_settled=True)
    conversation = Scripted([CHOOSE], {StepId.SETUP: staying(outcome)})
    talk(conversation, "2", *answers)
    assert conversation.replies == [Chosen("bureau"), last]


def test_findings_of_the_way_here_stand_with_the_next_question() -> None:
    async def work(conversation: Scripted, reply: Reply, report: Report) -> Outcome:
        report(lambda _: "Testing the key against Tripletex …")
        return conversation.advance(codes.ORG_NUMBER_UNUSUAL.found(number="310000000"))

    text = talk(Scripted([READ, LAST], {StepId.WELCOME: work}), "", "").text
    assert text.index("Trying the key") < text.index("Done") < text.index("Warning (TW209)")


def many_clients() -> AskText:
    options = tuple(
        Option(value=str(900_000_000 + number), label=f"Klient {number} AS", detail=f"900 {number:06}")
        for number in range(3000)
    )
    return replace(ASK_TEXT, options=(*options, *ASK_TEXT.options))


def test_a_long_list_is_found_by_a_part_of_the_name() -> None:
    conversation = Scripted([many_clients()])
    result = talk(conversation, "klient 17", "bakeri", "1")
    assert "The list has 3003." in result.text
    assert "  20  Klient " in result.text
    assert "  21  " not in result.text
    assert "more fit. Type more to see fewer." in result.text
    assert conversation.replies == [Picked(("971032146",))]


@pytest.mark.parametrize("typed", ["østlandets", "OESTLANDETS", "ostland", "971 03", "bakeri øst"])
def test_a_name_is_found_however_it_is_typed(typed: str) -> None:
    conversation = Scripted([many_clients()])
    talk(conversation, typed, "1")
    assert conversation.replies == [Picked(("971032146",))]


def test_a_search_that_finds_one_is_taken_by_enter() -> None:
    conversation = Scripted([replace(many_clients(), text="974760673")])
    assert "[1] > " in talk(conversation, "klient", "bakeri", "").text
    assert conversation.replies == [Picked(("971032146",))]


@pytest.mark.parametrize("typed", ["974 760 673", "%ORGNR", "123"])
def test_what_is_a_number_or_in_no_list_is_handed_in_as_typed(typed: str) -> None:
    conversation = Scripted([ASK_TEXT])
    talk(conversation, "", typed)
    assert conversation.replies == [Typed(typed)]


def test_several_are_chosen_by_numbers_and_ranges() -> None:
    conversation = Scripted([replace(ASK_TEXT, takes_several=True)])
    result = talk(conversation, "", "1,2-3", "2", "1-9", "nobody", "")
    assert conversation.replies == [Picked(("974760673", "982463718"))]
    assert "3 chosen: Demo Regnskap AS, Østlandets Bakeri, Demo Fisk AS\n" in result.text
    assert "2 chosen: Demo Regnskap AS, Demo Fisk AS\n" in result.text
    assert result.text.count("Nothing in the list fits.") == 2
    assert "Type something" in result.text


@pytest.mark.parametrize(
    ("answers", "reply"),
    [
        (("974 760 673",), Typed("974 760 673")),
        (("%ORGNR",), Typed("%ORGNR")),
        (("974760673; 971 032 146", ""), Picked(("974760673", "971032146"))),
        (("3", "974 760 673", ""), Picked(("982463718", "974760673"))),
        (("1-3", "1-3", "2", ""), Picked(("971032146",))),
        (("bakeri", ""), Picked(("971032146",))),
    ],
)
def test_where_several_may_be_chosen_one_can_be_typed(answers: tuple[str, ...], reply: Reply) -> None:
    conversation = Scripted([replace(ASK_TEXT, takes_several=True)])
    talk(conversation, *answers)
    assert conversation.replies == [reply]


def test_what_is_chosen_beyond_a_screenful_is_counted() -> None:
    clients = many_clients().options[:15]
    others = tuple(replace(option, value=f"x{option.value}") for option in clients[:5])
    same = tuple(replace(option, label="Twin") for option in clients[:1])
    conversation = Scripted([replace(ASK_TEXT, options=(*clients, *others), takes_several=True)])
    assert "20 chosen: Klient 0 AS, " in talk(conversation, "1-20", "").text
    twins = Scripted([replace(ASK_TEXT, options=(*clients[:1], *same), takes_several=True)])
    talk(twins, "1,2", "")
    assert twins.replies == [Picked((clients[0].value,))]


def test_several_can_be_gathered_from_several_searches() -> None:
    conversation = Scripted([replace(many_clients(), takes_several=True, text="982463718")])
    result = talk(conversation, "bakeri", "1", "klient 2999", "1", "")
    assert conversation.replies == [Picked(("982463718", "971032146", "900002999"))]
    assert "3 chosen: Demo Fisk AS, Østlandets Bakeri, Klient 2999 AS" in result.text


def test_a_long_table_shows_what_is_wrong_first_and_finds_the_rest() -> None:
    rows = [Row(verdict=Verdict.VALID, cells=(str(number), f"Klient {number}")) for number in range(3000)]
    rows.append(Row(verdict=Verdict.INVALID, cells=("971 032 146", "no access")))
    result = talk(Scripted([replace(OVERVIEW, rows=tuple(rows), findings=())]), "klient 2999", "none", "")
    lines = result.text.splitlines()
    assert next(line for line in lines if "reached" in line).startswith("WRONG")
    assert "2981 more. Type a part of a name to find one." in result.text
    assert any(line.endswith("Klient 2999") for line in lines)
    assert len(lines) < 60


def test_an_empty_table_says_so() -> None:
    assert "The list is empty." in talk(Scripted([replace(OVERVIEW, rows=())]), "").text


def test_nothing_from_outside_can_forge_or_garble_a_line() -> None:
    evil = "A\x1b[2J\nOK  all good \u202egnorw"
    finding = Finding(codes.SEVERAL_CLIENTS, {"count": 2, "number": "1", "names": evil})
    conversation = Scripted(
        [
            replace(CHOOSE, findings=(finding,), notes=(evil,), options=(Option(value="1", label=evil),)),
            replace(ASK_TEXT, options=(Option(value="1", label=evil, detail=evil),)),
            replace(OVERVIEW, rows=(Row(verdict=Verdict.VALID, cells=(evil, evil)),), findings=()),
            replace(REVIEW, path=evil, text=evil),
        ]
    )
    result = talk(conversation, "1", "1", "", "")
    assert result.code == 0
    assert "\x1b" not in result.text
    assert "\u202e" not in result.text
    assert "\\x1b[2J\\nOK" in result.text
    # The text of a file keeps its lines; nothing else may begin one.
    assert sum(line.startswith("OK  all") for line in result.text.splitlines()) == 1


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "«Administrator» rights → five"),
        ("latin-1", "«Administrator» rights -> five"),
        ("ascii", '"Administrator" rights -> five'),
    ],
)
def test_a_terminal_gets_only_what_its_encoding_has(encoding: str, told: str) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding)
    assert run_lines(Scripted([READ]), "nb", stdin=io.StringIO("\n"), stdout=out) == 0
    assert told in raw.getvalue().decode(encoding)


def test_a_wrong_byte_in_the_input_is_a_wrong_answer() -> None:
    conversation = Scripted([CHOOSE])
    stdin = io.TextIOWrapper(io.BytesIO(b"\xff\n1\n"), encoding="utf-8")
    assert run_lines(conversation, "nb", stdin=stdin, stdout=io.StringIO()) == 0
    assert conversation.replies == [Chosen("single-company")]


def test_every_kind_of_question_has_a_way_to_be_asked() -> None:
    assert set(kinds._ASK) == set(Question.__subclasses__())
