"""A key that users keep themselves: it is read and compared there, and stored nowhere else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.sandbox import Sandbox
from tests.support.walker import Walker, key_files
from wizard.config.reading import read_config
from wizard.context import AppContext
from wizard.domain.exits import Exit, exit_for
from wizard.domain.reference import CommandReference
from wizard.findings import Verdict
from wizard.walk.pages import Back, Chosen, Continue, Marked, Page, State, TextField, Typed


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """Return the file that the user's own command reads, still empty of anything."""
    return tmp_path / "vault"


Begin = Callable[..., Walker]


@pytest.fixture
def started(begin: Begin, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Return what begins a set-up on a machine without a keyring."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")

    def started(**environ: str) -> Walker:
        here = replace(context, environ={**context.environ, "PATH": "/usr/bin:/bin", **environ})
        return begin(here, store=None, resumes=False)

    return started


async def choose(walker: Walker, kind: str, text: str) -> Page:
    await walker.give(Continue(), Continue())
    assert (walker.page.step, walker.page.marked) == ("storage", "file")
    assert "This machine has no keyring." in str(walker.page.body)
    await walker.give(Chosen("more"), Chosen(kind))
    assert isinstance(walker.page.answer, TextField)
    return await walker.give(Typed(text))


async def to_the_end(walker: Walker) -> None:
    await walker.give(Continue(), Chosen("single-company"), Chosen("yes"), Continue(), Continue())
    assert walker.walk.is_finished


async def test_a_command_that_prints_the_pasted_key_is_accepted(
    started: Begin, vault: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    walker = started()
    await choose(walker, "command", f"cat '{vault}'")
    assert walker.card.code == "TW342"
    assert f'["cat", "{vault}"]' in walker.card.headline
    await walker.give(Continue())
    vault.write_text(f"{sandbox.world.single_company.employee_token}\n")
    await walker.paste(sandbox.world.single_company)
    assert walker.card.state is State.GOOD
    await to_the_end(walker)
    config = read_config(walker.walk.state.written[0]).config
    assert config is not None
    assert config.employee_token == CommandReference(("cat", str(vault)))
    assert config.key_id == sandbox.world.single_company.token_id
    assert not key_files(tmp_path)
    assert not list((tmp_path / "state").rglob("*.json"))


async def test_a_key_that_is_already_in_place_need_not_be_pasted(started: Begin, sandbox: Sandbox) -> None:
    walker = started(FINALE_KEY=sandbox.world.single_company.employee_token)
    assert (await choose(walker, "env", "$FINALE_KEY")).step == "create_key"
    await walker.give(Continue())
    assert walker.walk.state.key_verdict is Verdict.VALID


async def test_another_key_in_place_is_never_taken_for_the_pasted_one(
    started: Begin, vault: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    vault.write_text(sandbox.world.single_company_second.employee_token)
    walker = started()
    await choose(walker, "command", f"cat {vault}")
    await walker.give(Continue())
    await walker.paste(sandbox.world.single_company)
    assert walker.card.code == "TW337"
    await walker.give(Continue())
    assert walker.card.code == "TW337"
    assert not sandbox.requests
    assert not key_files(tmp_path)
    # Nothing is lost: what was pasted is still in hand when the vault has been corrected.
    vault.write_text(sandbox.world.single_company.employee_token)
    await walker.give(Continue())
    await to_the_end(walker)


async def test_an_unreadable_place_is_unknown_and_the_walk_can_continue(
    started: Begin, sandbox: Sandbox
) -> None:
    walker = started()
    await choose(walker, "command", "false")
    await walker.give(Continue())
    await walker.paste(sandbox.world.single_company)
    assert walker.page.step == "create_key"
    await walker.give(Continue())
    assert walker.page.step == "setup"
    await walker.give(Chosen("single-company"), Chosen("yes"))
    assert walker.page.step == "review"
    assert walker.card.state is State.UNKNOWN
    assert {row.state for row in walker.checks} == {State.GOOD}
    await walker.give(Chosen("anyway"), Continue())
    assert walker.walk.is_finished
    assert walker.walk.state.written
    assert exit_for(walker.walk.state.check_findings) is Exit.MACHINE


async def test_a_malformed_place_is_refused_before_any_key(started: Begin, sandbox: Sandbox) -> None:
    token = sandbox.world.single_company.employee_token
    found = {}
    for kind, text in (("env", "FINALE KEY"), ("command", "no-such-program-here"), ("command", token)):
        walker = started()
        await choose(walker, kind, text)
        found[text] = (walker.page.step, walker.card.state)
        assert token not in repr(walker.page)
    assert set(found.values()) == {("storage", State.BAD)}


async def test_the_choice_is_proposed_the_next_time(started: Begin, vault: Path) -> None:
    walker = started()
    await choose(walker, "command", f"cat {vault}")
    again = started()
    await again.give(Continue(), Continue())
    assert isinstance(again.page.answer, TextField)
    assert again.page.answer.text == f"cat {vault}"
    marked = [(await again.give(Back())).marked]
    again.walk.edit(Marked("file"))
    marked += [again.page.marked, (await again.give(Back())).marked]
    assert marked == ["command", "file", "file"]
    assert again.page.step == "storage"
    assert (await again.give(Back())).step == "enable_api"


async def test_a_stored_key_follows_to_another_place_and_back(
    started: Begin, vault: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    walker = started()
    await walker.give(Continue(), Continue(), Chosen("file"))
    await walker.paste(sandbox.world.single_company)
    vault.write_text(sandbox.world.single_company.employee_token)
    await walker.give(Back(), Chosen("more"), Chosen("command"), Typed(f"cat {vault}"), Continue())
    assert walker.page.step == "create_key"
    await walker.give(Continue())
    assert walker.walk.state.key is not None
    assert walker.walk.state.key.owned is False
    assert len(key_files(tmp_path)) == 1
    await to_the_end(walker)
    assert [finding.code.id for finding in walker.walk.state.left_keys] == ["TW711"]
