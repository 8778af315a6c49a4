"""The set-up as a conversation: what each reply leads to, whoever gives it."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tests.actions.setup.walker import T, Walker, codes_of, key_files
from tests.support.sandbox import Fault, Sandbox
from wizard.actions.context import AppContext
from wizard.actions.setup import SetupRun
from wizard.config import read_config
from wizard.domain.setup import Setup
from wizard.findings import StepId as S
from wizard.findings import Verdict
from wizard.flow.answers import Answers
from wizard.flow.known import ANEW, BUREAU, CLIENT, NO, SHARED, SINGLE, YES
from wizard.flow.questions import (
    Again,
    AskSecret,
    AskText,
    CheckLine,
    Choose,
    Chosen,
    Continue,
    Overview,
    Picked,
    Review,
    Typed,
)
from wizard.text import Texts


async def test_a_single_company_from_the_first_step_to_the_last(
    walker: Walker, sandbox: Sandbox, tmp_path: Path
) -> None:
    await walker.to_key()
    assert (await walker.paste(sandbox.world.single_company)).moved
    question = walker.run.question(T)
    assert isinstance(question, Choose)
    assert question.selected == SINGLE
    assert any("Demobakeriet" in note for note in question.notes)
    await walker.give(Chosen(SINGLE))
    assert walker.step() is S.ORG_NUMBER
    await walker.give(Chosen(YES))
    review = walker.run.question(T)
    assert isinstance(review, Review)
    assert not Path(review.path).exists()
    await walker.give(Continue())
    written = Path(review.path)
    assert written.read_text() == review.text
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert walker.step() is S.CHECK
    checked = await walker.give(Again())
    assert (checked.moved, checked.findings, checked.is_settled) == (False, (), True)
    lines = [line for line in (tell(T) for tell in walker.told) if isinstance(line, CheckLine)]
    assert lines
    assert {line.verdict for line in lines} == {Verdict.VALID}
    for step in (S.FINALE, S.DONE):
        await walker.give(Continue())
        assert walker.step() is step
    await walker.give(Continue())
    assert walker.run.is_finished
    assert len(key_files(tmp_path)) == 1
    assert not list((tmp_path / "state").rglob("*.json"))
    assert not sandbox.open_sessions


async def test_a_key_is_safe_before_it_is_tried(walker: Walker, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.faults.append(Fault(status=503, times=None))
    await walker.to_key()
    outcome = await walker.paste(sandbox.world.single_company)
    assert codes_of(outcome) == ["TW508"]
    assert outcome.is_settled
    assert not outcome.moved
    (kept,) = key_files(tmp_path)
    assert kept.read_text().strip() == sandbox.world.single_company.employee_token
    assert (await walker.give(Continue())).moved
    assert walker.step() is S.SETUP


@pytest.mark.parametrize("name", ["expired", "deleted", "other_application"])
async def test_a_bad_key_holds_one_up(walker: Walker, sandbox: Sandbox, name: str) -> None:
    await walker.to_key()
    for _ in range(2):
        outcome = await walker.paste(getattr(sandbox.world, name))
        assert not outcome.moved
        assert not outcome.is_settled
    assert not (await walker.give(Continue())).moved
    assert (await walker.paste(sandbox.world.single_company)).moved


async def test_keys_pasted_on_the_way_stay_and_are_named_at_the_end(
    walker: Walker, sandbox: Sandbox, tmp_path: Path
) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.deleted)
    await walker.paste(sandbox.world.single_company)
    assert len(key_files(tmp_path)) == 2
    for reply in (Chosen(SINGLE), Chosen(YES), Continue(), Again(), Continue(), Continue(), Continue()):
        await walker.give(reply)
    assert walker.run.is_finished
    assert len(key_files(tmp_path)) == 2
    (left,) = walker.run.state.left_keys
    assert left.code.id == "TW708"
    assert f"no. {sandbox.world.deleted.token_id} " in left.message(T)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12345", "TW302"),
        ("974760673", "TW303"),
        ("VismaFinale", "TW304"),
        ("", "TW301"),
        ("eyJ0b2", "TW308"),
    ],
)
async def test_what_is_no_key_is_refused_before_anybody_is_asked(
    walker: Walker, sandbox: Sandbox, tmp_path: Path, text: str, code: str
) -> None:
    await walker.to_key()
    outcome = await walker.paste(text)
    assert codes_of(outcome) == [code]
    assert not key_files(tmp_path)
    assert not sandbox.requests


async def test_the_consumer_token_pasted_as_key_is_recognised(walker: Walker, sandbox: Sandbox) -> None:
    await walker.to_key()
    assert codes_of(await walker.paste(sandbox.world.consumer_token)) == ["TW307"]


@pytest.mark.parametrize(
    ("key", "choice", "code"), [("single_company", BUREAU, "TW406"), ("office", SINGLE, "TW405")]
)
async def test_a_choice_that_the_key_contradicts_is_explained(
    walker: Walker, sandbox: Sandbox, key: str, choice: str, code: str
) -> None:
    await walker.to_key()
    await walker.paste(getattr(sandbox.world, key))
    outcome = await walker.give(Chosen(choice))
    assert codes_of(outcome) == [code]
    assert outcome.findings[0].step is S.CREATE_KEY
    assert walker.step() is S.SETUP


async def test_the_wrong_company_leads_back_to_the_key(walker: Walker, sandbox: Sandbox) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    await walker.give(Chosen(SINGLE))
    assert (await walker.give(Chosen(NO))).moved
    assert walker.step() is S.CREATE_KEY


async def test_one_client_of_a_bureau(walker: Walker, sandbox: Sandbox) -> None:
    world = sandbox.world
    number = world.client_with_spaces.organization_number or ""
    await walker.to_key()
    await walker.paste(world.office)
    await walker.give(Chosen(BUREAU))
    await walker.give(Chosen(CLIENT))
    question = walker.run.question(T)
    assert isinstance(question, AskText)
    assert number.replace(" ", "") in [option.value for option in question.options]
    assert codes_of(await walker.give(Typed("97476067"))) == ["TW201"]
    assert codes_of(await walker.give(Typed("01017012345"))) == ["TW205"]
    await walker.give(Typed(f"NO {number} MVA"))
    table = walker.run.question(T)
    assert isinstance(table, Overview)
    assert [row.verdict for row in table.rows] == [Verdict.VALID]
    await walker.give(Continue())
    await walker.give(Continue())
    config = read_config(walker.run.state.written[0]).config
    assert config is not None
    assert (config.setup, config.org_number) == (Setup.BUREAU_CLIENT, number.replace(" ", ""))


async def test_access_that_is_given_meanwhile_is_seen_when_read_again(
    walker: Walker, sandbox: Sandbox
) -> None:
    world = sandbox.world
    await walker.to_key()
    await walker.paste(world.office)
    await walker.give(Chosen(BUREAU))
    await walker.give(Chosen(CLIENT))
    await walker.give(Typed(world.client_without_access.organization_number or ""))
    table = walker.run.question(T)
    assert isinstance(table, Overview)
    assert [row.verdict for row in table.rows] == [Verdict.INVALID]
    world.give_client_access(world.office, world.client_without_access)
    await walker.give(Again())
    table = walker.run.question(T)
    assert isinstance(table, Overview)
    assert [row.verdict for row in table.rows] == [Verdict.VALID]


async def test_a_config_for_each_client_that_was_picked(
    walker: Walker, sandbox: Sandbox, tmp_path: Path
) -> None:
    world = sandbox.world
    numbers = (world.client.organization_number or "", "310000043")
    await walker.to_key()
    await walker.paste(world.office)
    for reply in (Chosen(BUREAU), Chosen(CLIENT), Picked(numbers), Continue(), Continue()):
        await walker.give(reply)
    assert sorted(path.name for path in tmp_path.glob("*.toml")) == sorted(f"{each}.toml" for each in numbers)
    await walker.give(Again())
    assert not [finding for finding in walker.run.state.check_findings if finding.is_error]


async def test_common_for_all_clients(walker: Walker, sandbox: Sandbox) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.office)
    for reply in (Chosen(BUREAU), Chosen(SHARED), Continue(), Continue(), Continue()):
        await walker.give(reply)
    config = read_config(walker.run.state.written[0]).config
    assert config is not None
    assert (config.setup, config.org_number) == (Setup.BUREAU_SHARED, "%ORGNR%")


async def test_an_unfinished_run_goes_on_without_asking_for_the_key(
    walker: Walker, context: AppContext, answers: Answers, sandbox: Sandbox, tmp_path: Path
) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    (page,) = (tmp_path / "state").rglob("*.json")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    noted = json.loads(page.read_text())
    assert noted["flow"]["current"] == "setup"
    assert sandbox.world.single_company.employee_token not in page.read_text()
    second = Walker(SetupRun(context, answers, T))
    assert isinstance(second.run.question(T), Choose)
    await second.give(Continue())
    assert second.step() is S.SETUP
    second.run.back()
    question = second.run.question(T)
    assert isinstance(question, AskSecret)
    assert question.held is not None
    assert (await second.give(Continue())).moved


async def test_starting_over_leaves_the_key_and_says_where_it_is(
    walker: Walker, context: AppContext, answers: Answers, sandbox: Sandbox, tmp_path: Path
) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    second = Walker(SetupRun(context, answers, T))
    outcome = await second.give(Chosen(ANEW))
    assert second.step() is S.ENABLE_API
    (kept,) = key_files(tmp_path)
    assert codes_of(outcome) == ["TW708"]
    said = outcome.findings[0].message(T)
    assert str(kept) in said
    assert f"no. {sandbox.world.single_company.token_id} " in said


async def test_a_config_that_is_there_is_left_alone(
    context: AppContext, answers: Answers, sandbox: Sandbox, tmp_path: Path
) -> None:
    target = tmp_path / "mine.toml"
    walker = Walker(SetupRun(context, answers, T, target=target))
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    await walker.give(Chosen(SINGLE))
    await walker.give(Chosen(YES))
    target.write_text("# somebody was quicker\n")
    outcome = await walker.give(Continue())
    assert codes_of(outcome) == ["TW120"]
    assert target.read_text() == "# somebody was quicker\n"


async def test_a_file_that_cannot_be_written_is_a_sentence(
    context: AppContext, answers: Answers, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("")
    walker = Walker(SetupRun(context, answers, T, target=tmp_path / "taken" / "x.toml"))
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    for reply in (Chosen(SINGLE), Chosen(YES)):
        await walker.give(reply)
    assert codes_of(await walker.give(Continue())) == ["TW530"]


async def test_without_an_application_token_it_is_asked_for_and_may_be_left_out(
    context: AppContext, answers: Answers, sandbox: Sandbox
) -> None:
    walker = Walker(SetupRun(replace(context, environ={}), answers, T))
    await walker.give(Continue())
    question = walker.run.question(T)
    assert isinstance(question, AskSecret)
    assert (question.step, question.is_optional) == (S.APPLICATION, True)
    await walker.to_key()
    outcome = await walker.paste(sandbox.world.single_company)
    assert codes_of(outcome) == ["TW510"]
    assert outcome.is_settled
    assert not sandbox.requests


async def test_an_application_token_that_is_given_is_kept_and_used(
    context: AppContext, answers: Answers, sandbox: Sandbox
) -> None:
    walker = Walker(SetupRun(replace(context, environ={}), answers, T))
    await walker.give(Continue())
    await walker.paste(sandbox.world.consumer_token)
    await walker.to_key()
    assert (await walker.paste(sandbox.world.single_company)).moved


async def test_the_language_may_change_in_the_middle(walker: Walker, sandbox: Sandbox) -> None:
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    english, norwegian = walker.run.question(T), walker.run.question(Texts("nb"))
    assert english.title != norwegian.title
    assert english.step is norwegian.step


async def test_the_choice_of_a_store_is_remembered_and_comes_before_any_token(
    context: AppContext, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    undecided = replace(answers, store=None)
    first = Walker(SetupRun(replace(context, environ={}), undecided, T))
    await first.give(Continue())
    question = first.run.question(T)
    assert isinstance(question, Choose)
    assert (question.step, question.selected) == (S.STORAGE, None)
    available = [option.value for option in question.options if option.is_available]
    assert available == ["file", "command", "env"]
    assert not question.findings
    await first.give(Chosen("file"))
    assert first.step() is S.APPLICATION
    second = Walker(SetupRun(replace(context, environ={}), undecided, T))
    await second.give(Chosen(ANEW))
    assert second.step() is S.APPLICATION
