"""What can go wrong on the way: disks, stores, rights, and a world that changes meanwhile."""

import json
import os
import resource
from pathlib import Path

import pytest

from tests.actions.rotate.rig import EN, Rig, codes_of
from tests.keys import make_key
from tests.support.sandbox import Fault
from wizard.actions.consumer import VARIABLE
from wizard.actions.context import AppContext
from wizard.actions.rotate.locks import hold_all
from wizard.actions.rotate.rollback import roll_back
from wizard.actions.rotate.run import RotateRun
from wizard.config import EditRefused
from wizard.domain.secret import Secret
from wizard.findings import StepId, Verdict
from wizard.flow.questions import AskSecret, Chosen, Continue, Pasted
from wizard.flow.rotation.answers import Fate
from wizard.flow.rotation.asking import PROVE


async def at_review(rig: Rig, path: Path) -> RotateRun:
    """Return a rotation that needs nothing but a yes."""
    run = rig.rotation(path)
    await rig.submit(run, Continue())
    await rig.submit(run, Pasted(Secret(rig.world.single_company_second.employee_token)))
    assert run.question(EN).step is StepId.ROTATE_REVIEW
    return run


async def test_a_key_that_cannot_be_read_through_the_config_is_taken_back(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    before = path.read_bytes()
    run = await at_review(rig, path)
    new_file = rig.key_file(rig.world.single_company_second)
    content = new_file.read_text()
    resolver = run.state.resolver.resolve

    async def losing(reference: object, *, config_path: Path | None, **rest: object) -> object:
        # The file goes away between the proof and the moment after the write.
        if config_path is not None:
            new_file.unlink(missing_ok=True)
        return await resolver(reference, config_path=config_path, **rest)  # type: ignore[arg-type]

    run.state.resolver.resolve = losing  # type: ignore[assignment, method-assign]
    outcome = await rig.submit(run, Continue())

    assert codes_of(outcome.findings) == ["TW322"]
    assert run.state.fates[path].fate is Fate.FAILED
    assert path.read_bytes() == before
    new_file.write_text(content)


async def test_a_config_that_cannot_be_changed_says_so(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)

    def refuse(*_: object, **__: object) -> str:
        raise EditRefused

    monkeypatch.setattr("wizard.actions.rotate.writing.set_key", refuse)
    assert codes_of(await rig.walk(rig.rotation(path), rig.world.single_company_second)) == ["TW707"]


async def test_a_config_that_breaks_meanwhile_is_left_alone(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    run = await at_review(rig, path)
    path.write_text("[finale\n")
    assert codes_of((await rig.submit(run, Continue())).findings) == ["TW101"]
    assert path.read_text() == "[finale\n"


async def test_a_journal_that_cannot_be_written_stops_the_run_before_the_store(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    (rig.folder / "state").write_text("in the way")
    assert codes_of(await rig.walk(rig.rotation(path), rig.world.single_company_second)) == ["TW530"]
    assert rig.stored == {str(rig.world.single_company.token_id)}


async def test_a_damaged_copy_under_the_same_number_is_never_overwritten(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    taken = rig.key_file(rig.world.single_company_second)
    taken.write_text(make_key(7).reveal())
    taken.chmod(0o600)
    assert await rig.walk(rig.rotation(path), rig.world.single_company_second) == ()
    assert taken.read_text() == make_key(7).reveal()
    fingerprint = Secret(rig.world.single_company_second.employee_token).fingerprint
    assert f"{rig.key_file(rig.world.single_company_second)}-{fingerprint}" in path.read_text()
    assert rig.pages == []


async def test_a_key_that_cannot_be_stored_leaves_the_one_that_is_held(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    run = await at_review(rig, path)
    run.back()
    third = rig.world.add_key("a third key", rig.world.company)
    rig.key_file(third).mkdir()
    assert codes_of((await rig.submit(run, Pasted(Secret(third.employee_token)))).findings) == ["TW325"]

    second = rig.rotation(path)
    assert await rig.walk(second) == ()
    assert f"id = {rig.world.single_company_second.token_id}" in path.read_text()


async def test_the_applications_token_is_asked_for_and_used(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    token = rig.world.consumer_token
    bare = property(lambda rig: AppContext.inside(rig.folder, rig.defaults))
    monkeypatch.setattr(Rig, "context", bare)
    monkeypatch.delenv(VARIABLE, raising=False)

    run = rig.rotation(path)
    await rig.submit(run, Continue())
    asked = run.question(EN)
    assert isinstance(asked, AskSecret)
    assert asked.step is StepId.APPLICATION
    assert run.state.in_use.verdict is Verdict.UNKNOWN

    await rig.submit(run, Continue())
    question = run.question(EN)
    assert "could not be seen" in question.notes[0]
    without = await rig.submit(run, Pasted(Secret(rig.world.single_company_second.employee_token)))
    assert codes_of(without.findings) == ["TW510"]

    run.go_to(StepId.APPLICATION)
    await rig.submit(run, Pasted(Secret(f" {token}\n")))
    assert run.question(EN).notes[0].endswith("It works.")
    assert await rig.walk(run) == ()
    assert token not in "".join(each.read_text() for each in rig.folder.rglob("*.toml"))


async def test_an_unfinished_run_without_the_applications_token_asks_for_that_first(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    await at_review(rig, path)
    token = rig.world.consumer_token
    monkeypatch.setattr(Rig, "context", property(lambda rig: AppContext.inside(rig.folder, rig.defaults)))
    monkeypatch.delenv(VARIABLE, raising=False)
    run = rig.rotation(path)
    assert await rig.walk(run, application=Pasted(Secret(token))) == ()
    assert run.state.is_complete


async def test_a_key_of_the_form_before_2022_goes_by_its_sign(rig: Rig) -> None:
    old = rig.folder / "keys" / "sandbox"
    path = await rig.config("finale.toml", rig.world.single_company)
    text = path.read_text().replace(f"id = {rig.world.single_company.token_id}\n", "")
    path.write_text(text.replace("84201", "mine"))
    (old / "84201").rename(old / "mine")
    (old / "mine").write_text("00000000-0000-0000-0000-000000000000")
    run = rig.rotation(path, store="file")
    assert "the key without a number" in run.question(EN).notes[0]
    assert await rig.walk(run, rig.world.single_company_second) == ()
    assert run.state.in_use.verdict is Verdict.INVALID
    assert "previous = { file = " in path.read_text()


async def test_the_old_key_cannot_be_proven_dead_while_tripletex_is_down(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    run = await at_review(rig, path)
    for _ in range(3):
        await rig.submit(run, Continue())
    assert run.question(EN).step is StepId.ROTATE_OLD_KEY
    rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    outcome = await rig.walk(run, rotate_old_key=[Chosen(PROVE)])
    assert codes_of(outcome) == ["TW508"]
    assert run.state.old_is_dead is None


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "a.toml"
    with hold_all([path]) as refused:
        assert codes_of(tuple(refused.values())) == ["TW530"]


def test_more_configs_than_a_shell_allows_open_files(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, before[1]))
    try:
        paths = [tmp_path / f"{number}.toml" for number in range(400)]
        with hold_all(paths) as refused:
            assert refused == {}
            assert len(list(tmp_path.glob(".*.lock"))) == 400
        assert list(tmp_path.iterdir()) == []
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_the_journal_holds_no_secret_and_is_private(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    await at_review(rig, path)
    (page,) = rig.pages
    noted = json.loads(page.read_text())
    assert noted["new"]["number"] == rig.world.single_company_second.token_id
    assert rig.world.single_company_second.employee_token not in page.read_text()
    assert page.stat().st_mode & 0o777 == 0o600
    assert page.parent.stat().st_mode & 0o777 == 0o700


async def test_a_rollback_of_what_cannot_be_changed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    assert await rig.walk(rig.rotation(path), rig.world.single_company_second) == ()
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28), str(path))

    monkeypatch.setattr("wizard.actions.rotate.writing.save", full)
    members = rig.rotation(path).state.group.members
    tally = await roll_back(rig.context, members, {})
    assert codes_of(tally.findings) == ["TW530"]
    assert path.read_bytes() == before
