"""A key that people keep in a place of their own: it is read and compared there, and kept nowhere else."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.actions.setup.walker import T, Walker, codes_of, key_files
from tests.keys import make_key
from tests.support.sandbox import Sandbox
from wizard.actions.context import AppContext
from wizard.actions.setup import SetupRun
from wizard.config import read_config
from wizard.domain.reference import CommandReference, EnvReference
from wizard.domain.secret import Secret
from wizard.findings import StepId as S
from wizard.findings import Verdict
from wizard.flow.answers import Answers
from wizard.flow.known import ANEW, SINGLE, YES
from wizard.flow.questions import Again, AskSecret, AskText, Choose, Chosen, Continue, Outcome, Typed

Begin = Callable[..., Walker]


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """Return the file that the user's own command reads, still empty of anything."""
    return tmp_path / "vault"


@pytest.fixture
def begin(context: AppContext, answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Return what begins a set-up on a machine without a keyring."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")

    def begin(*, keeps_journal: bool = True, **environ: str) -> Walker:
        here = replace(context, environ={**context.environ, "PATH": "/usr/bin:/bin", **environ})
        return Walker(SetupRun(here, replace(answers, store=None), T, keeps_journal=keeps_journal))

    return begin


async def choose(walker: Walker, kind: str, text: str) -> Outcome:
    await walker.give(Continue())
    assert walker.step() is S.STORAGE
    await walker.give(Chosen(kind))
    assert walker.step() is S.OWN_PLACE
    return await walker.give(Typed(text))


async def to_the_end(walker: Walker) -> None:
    for reply in (Chosen(SINGLE), Chosen(YES), Continue(), Again(), Continue(), Continue(), Continue()):
        await walker.give(reply)
    assert walker.run.is_finished


async def test_a_command_that_gives_the_pasted_key(
    begin: Begin, vault: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    walker = begin()
    outcome = await choose(walker, "command", f"cat '{vault}'")
    assert codes_of(outcome) == ["TW342"]
    assert outcome.findings[0].message(T).endswith(f'["cat", "{vault}"]')
    await walker.to_key()
    question = walker.run.question(T)
    assert isinstance(question, AskSecret)
    assert (question.is_kept, question.keep) == (False, None)
    vault.write_text(f"{sandbox.world.single_company.employee_token}\n")
    assert (await walker.paste(sandbox.world.single_company)).moved
    assert walker.run.state.in_hand is None
    await to_the_end(walker)
    config = read_config(walker.run.state.written[0]).config
    assert config is not None
    assert config.employee_token == CommandReference(("cat", str(vault)))
    assert config.key_id == sandbox.world.single_company.token_id
    assert not key_files(tmp_path)
    assert not list((tmp_path / "state").rglob("*.json"))


async def test_a_variable_that_holds_the_pasted_key(begin: Begin, sandbox: Sandbox, tmp_path: Path) -> None:
    walker = begin(FINALE_KEY=sandbox.world.single_company.employee_token)
    assert (await choose(walker, "env", "$FINALE_KEY")).moved
    await walker.to_key()
    assert (await walker.paste(sandbox.world.single_company)).moved
    await to_the_end(walker)
    config = read_config(walker.run.state.written[0]).config
    assert config is not None
    assert config.employee_token == EnvReference("FINALE_KEY")
    assert not key_files(tmp_path)


async def test_a_key_that_lies_there_already_need_not_be_pasted(
    begin: Begin, vault: Path, sandbox: Sandbox
) -> None:
    vault.write_text(sandbox.world.single_company.employee_token)
    walker = begin()
    await choose(walker, "command", f"cat {vault}")
    await walker.to_key()
    assert (await walker.give(Continue())).moved
    assert walker.run.state.answers.key_verdict is Verdict.VALID


async def test_another_key_there_is_never_taken_for_the_pasted_one(
    begin: Begin, vault: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    vault.write_text(sandbox.world.single_company_second.employee_token)
    walker = begin()
    await choose(walker, "command", f"cat {vault}")
    await walker.to_key()
    for outcome in (await walker.paste(sandbox.world.single_company), await walker.give(Continue())):
        assert codes_of(outcome) == ["TW337"]
        assert (outcome.moved, outcome.is_settled) == (False, False)
    question = walker.run.question(T)
    assert isinstance(question, AskSecret)
    assert str(sandbox.world.single_company.token_id) in (question.held or "")
    assert not sandbox.requests
    assert not key_files(tmp_path)
    # Nothing is lost: what was pasted is still in hand when the vault has been mended.
    vault.write_text(sandbox.world.single_company.employee_token)
    assert (await walker.give(Continue())).moved
    await to_the_end(walker)


async def test_what_is_no_key_there_is_refused_alike(begin: Begin, vault: Path, sandbox: Sandbox) -> None:
    vault.write_text("# finale\n")
    walker = begin()
    await choose(walker, "command", f"cat {vault}")
    await walker.to_key()
    assert codes_of(await walker.paste(sandbox.world.single_company)) == ["TW337"]


async def test_a_place_that_cannot_be_read_is_unknown_and_can_be_passed(
    begin: Begin, vault: Path, sandbox: Sandbox
) -> None:
    walker = begin()
    await choose(walker, "command", f"cat {vault}")
    await walker.to_key()
    outcome = await walker.paste(sandbox.world.single_company)
    assert codes_of(outcome) == ["TW514"]
    assert (outcome.moved, outcome.is_settled) == (False, True)
    outcome = await walker.give(Continue())
    assert outcome.moved
    assert codes_of(outcome) == ["TW514"]
    assert walker.run.state.answers.key_verdict is Verdict.UNKNOWN
    assert walker.run.state.answers.company is not None, "what was pasted was tried all the same"
    for reply in (Chosen(SINGLE), Chosen(YES), Continue(), Again()):
        await walker.give(reply)
    assert [finding.code.id for finding in walker.run.state.check_findings] == ["TW514"]


async def test_a_vault_that_was_opened_meanwhile_is_read_again(
    begin: Begin, vault: Path, sandbox: Sandbox
) -> None:
    walker = begin()
    await choose(walker, "command", f"cat {vault}")
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    vault.write_text(sandbox.world.single_company.employee_token)
    outcome = await walker.give(Continue())
    assert (outcome.moved, outcome.findings) == (True, ())
    assert walker.run.state.answers.key_verdict is Verdict.VALID


async def test_a_place_that_gives_nothing_holds_one_up(begin: Begin, vault: Path, sandbox: Sandbox) -> None:
    vault.touch()
    walker = begin()
    await choose(walker, "command", f"cat {vault}")
    await walker.to_key()
    outcome = await walker.paste(sandbox.world.single_company)
    assert codes_of(outcome) == ["TW326"]
    assert not outcome.is_settled


async def test_a_variable_that_is_not_set_here_is_told_of_at_once(begin: Begin, sandbox: Sandbox) -> None:
    walker = begin()
    outcome = await choose(walker, "env", "FINALE_KEY")
    assert codes_of(outcome) == ["TW513"]
    assert (outcome.moved, outcome.is_settled) == (False, True)
    assert (await walker.give(Continue())).moved


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("command", "", "TW338"),
        ("command", "pass 'show", "TW338"),
        ("command", "cat x | head", "TW339"),
        ("command", "no-such-program show", "TW341"),
        ("command", "/etc", "TW341"),
        ("command", "./script", "TW341"),
        ("env", "", "TW340"),
        ("env", "A = B", "TW340"),
    ],
)
async def test_what_cannot_be_right_is_refused_before_any_key(
    begin: Begin, kind: str, text: str, code: str
) -> None:
    walker = begin()
    assert codes_of(await choose(walker, kind, text)) == [code]
    assert walker.step() is S.OWN_PLACE


@pytest.mark.parametrize("kind", ["command", "env"])
async def test_a_key_that_is_typed_there_is_refused_and_noted_nowhere(
    begin: Begin, kind: str, tmp_path: Path
) -> None:
    key = make_key(4711).reveal()
    walker = begin()
    outcome = await choose(walker, kind, f"echo {key}")
    assert codes_of(outcome) == ["TW315"]
    assert walker.step() is S.OWN_PLACE
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and key in path.read_text()]


async def test_the_choice_is_proposed_the_next_time(begin: Begin, vault: Path) -> None:
    walker = begin()
    await choose(walker, "command", f"cat {vault}")
    again = begin()
    await again.give(Chosen(ANEW))
    question = again.run.question(T)
    assert isinstance(question, Choose)
    assert (question.step, question.selected) == (S.STORAGE, "command")
    await again.give(Chosen("command"))
    named = again.run.question(T)
    assert isinstance(named, AskText)
    assert named.text == f"cat {vault}"


async def test_an_unfinished_run_goes_on_with_the_same_place(
    begin: Begin, vault: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    walker = begin()
    await choose(walker, "command", f"cat {vault}")
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    (page,) = (tmp_path / "state").rglob("*.json")
    noted = json.loads(page.read_text())
    assert noted["flow"]["key_reference"] == {"command": ["cat", str(vault)]}
    assert sandbox.world.single_company.employee_token not in page.read_text()
    vault.write_text(sandbox.world.single_company.employee_token)
    second = begin()
    await second.give(Continue())
    assert second.step() is S.CREATE_KEY
    assert (await second.give(Continue())).moved


async def test_a_stored_key_follows_to_a_place_of_ones_own_and_back(
    begin: Begin, vault: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    key = sandbox.world.single_company
    walker = begin()
    await walker.give(Continue())
    await walker.give(Chosen("file"))
    await walker.to_key()
    await walker.paste(key)
    (kept,) = key_files(tmp_path)
    walker.run.go_to(S.STORAGE)
    await walker.give(Chosen("command"))
    await walker.give(Typed(f"cat {vault}"))
    await walker.to_key()
    assert codes_of(await walker.give(Continue())) == ["TW514"]
    assert kept.exists(), "as long as it is not there, it stays where it was"
    walker.run.go_to(S.STORAGE)
    await walker.give(Chosen("file"))
    await walker.to_key()
    assert (await walker.give(Continue())).moved
    walker.run.go_to(S.STORAGE)
    vault.write_text(key.employee_token)
    await walker.give(Chosen("command"))
    await walker.give(Typed(f"cat {vault}"))
    await walker.to_key()
    assert (await walker.give(Continue())).moved
    await to_the_end(walker)
    assert key_files(tmp_path) == [kept], "what was stored is not deleted while it is alive"
    (left,) = walker.run.state.left_keys
    assert left.code.id == "TW711"


async def test_a_key_in_hand_goes_into_the_store_that_is_chosen_instead(
    begin: Begin, vault: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    walker = begin()
    await choose(walker, "command", f"cat {vault}")
    await walker.to_key()
    await walker.paste(sandbox.world.single_company)
    walker.run.go_to(S.STORAGE)
    assert walker.step() is S.STORAGE
    await walker.give(Chosen("file"))
    (kept,) = key_files(tmp_path)
    assert kept.read_text().strip() == sandbox.world.single_company.employee_token
    await walker.to_key()
    assert (await walker.give(Continue())).moved
    await to_the_end(walker)
    assert kept.exists()


async def test_an_applications_token_is_used_and_kept_nowhere(
    context: AppContext, answers: Answers, vault: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    vault.write_text(sandbox.world.single_company.employee_token)
    reference = CommandReference(("cat", str(vault)))
    given = replace(answers, store=None, key_reference=reference)
    walker = Walker(SetupRun(replace(context, environ={"PATH": "/usr/bin:/bin"}), given, T))
    await walker.give(Continue())
    assert walker.step() is S.APPLICATION, "a place that is named is not asked for"
    assert codes_of(await walker.paste(sandbox.world.consumer_token)) == ["TW343"]
    await walker.to_key()
    assert (await walker.give(Continue())).moved
    assert walker.run.state.answers.key_verdict is Verdict.VALID
    for reply in (Chosen(SINGLE), Chosen(YES), Continue(), Again()):
        await walker.give(reply)
    assert not walker.run.state.check_findings
    told = [path for path in tmp_path.rglob("*") if path.is_file() and path != vault]
    assert told
    assert not [path for path in told if sandbox.world.consumer_token in path.read_text()]


async def test_a_finding_about_the_store_leads_to_the_choice(
    context: AppContext, answers: Answers, sandbox: Sandbox
) -> None:
    """Also where the place was settled without a question."""
    walker = Walker(SetupRun(context, answers, T))
    await walker.to_key()
    walker.run.go_to(S.STORAGE)
    question = walker.run.question(T)
    assert isinstance(question, Choose)
    assert [option.value for option in question.options] == ["keyring", "file", "command", "env"]


async def test_a_bad_key_there_gives_way_to_the_one_that_is_put_there_next(
    begin: Begin, vault: Path, sandbox: Sandbox
) -> None:
    world = sandbox.world
    vault.write_text(world.deleted.employee_token)
    walker = begin()
    await choose(walker, "command", f"cat {vault}")
    await walker.to_key()
    for _ in range(2):
        assert codes_of(await walker.give(Continue())) == ["TW402"]
    vault.write_text(world.single_company.employee_token)
    assert (await walker.give(Continue())).moved
    held = walker.run.state.answers.key
    assert held is not None
    assert held.number == world.single_company.token_id


async def test_a_store_that_fails_leaves_the_key_where_it_was(
    begin: Begin, vault: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    world = sandbox.world
    walker = begin()
    await choose(walker, "command", f"cat {vault}")
    await walker.to_key()
    await walker.paste(world.single_company)
    taken = tmp_path / "keys" / "sandbox" / str(world.single_company.token_id)
    taken.mkdir(parents=True, mode=0o700)
    walker.run.go_to(S.STORAGE)
    assert codes_of(await walker.give(Chosen("file"))) == ["TW325"]
    assert walker.step() is S.STORAGE
    taken.rmdir()
    await walker.give(Chosen("file"))
    await walker.to_key()
    # What is pasted now is what counts, not what was in hand before.
    assert (await walker.paste(world.single_company_second)).moved
    employee = await walker.run.state.employee_token()
    assert isinstance(employee, Secret)
    assert employee.reveal() == world.single_company_second.employee_token
