"""What can go wrong during a rotation: disks, stores, permissions, and changes by others."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from tests.keys import make_key
from tests.support.rotation import EN, Rig, codes_of
from wizard.config.editing import save
from wizard.config.syntax import EditRefused
from wizard.domain.key import Secret
from wizard.files.locks import file_lock, lock_all
from wizard.findings import Finding, StepId
from wizard.rotation.ending import LATER
from wizard.rotation.finish import roll_back
from wizard.rotation.journal import latest_rotation
from wizard.rotation.walk import RotationWalk as RotateRun
from wizard.rotation.writing import Outcome
from wizard.secrets.trust import Trust
from wizard.site import SiteDefaults
from wizard.walk.pages import Back, Chosen, Continue, Pasted


async def at_review(rig: Rig, path: Path) -> RotateRun:
    """Return a rotation that needs nothing but a yes."""
    run = rig.rotation(path)
    await rig.submit(run, Continue())
    await rig.submit(run, Pasted(Secret(rig.world.single_company_second.employee_token)))
    assert run.page(EN).step is StepId.ROTATE_REVIEW
    return run


async def test_the_hook_is_run_although_esc_came_after_the_config_was_written(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    rig.defaults = SiteDefaults(hook=("touch", str(ran)))
    path = await rig.config("finale.toml", rig.world.single_company)
    run = await at_review(rig, path)

    async def cancelled(*_: object) -> Finding | None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr("wizard.rotation.writing.read_back", cancelled)
        with pytest.raises(asyncio.CancelledError):
            await rig.submit(run, Continue())
    leave = run.page(EN).leave
    assert leave is not None
    assert "Some config files may already have it" in leave.lines[0]
    await rig.submit(run, Continue())
    assert run.page(EN).step is StepId.ROTATE_END
    assert run.state.is_complete
    assert ran.exists()


async def test_a_config_that_cannot_be_changed_is_reported(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)

    def refuse(*_: object, **__: object) -> str:
        raise EditRefused

    monkeypatch.setattr("wizard.rotation.writing.update", refuse)
    assert codes_of(await rig.walk(rig.rotation(path), rig.world.single_company_second)) == ["TW707"]


async def test_a_config_that_somebody_changed_meanwhile_is_left_alone(rig: Rig) -> None:
    """Somebody gives it another key, or is in the middle of a line."""
    for name, code in (("another-key.toml", "TW703"), ("half-a-line.toml", "TW101")):
        path = await rig.config(name, rig.world.single_company)
        await rig.keep(rig.world.expired)
        run = await at_review(rig, path)
        text = rig.text(rig.world.expired) if code == "TW703" else "[finale\n"
        path.write_text(text)
        page = await rig.submit(run, Continue())
        assert codes_of(run.state.failures) == [code], name
        assert path.read_text() == text, name
        assert page.part == "failed"
        assert f"Do not delete key no. {rig.world.single_company.token_id}" in str(page.body)
        await rig.submit(run, Chosen(LATER))
        assert run.is_finished
        assert not run.state.is_complete
        assert rig.pages, name


async def test_a_config_that_another_run_holds_is_skipped(rig: Rig) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    mine, theirs = await rig.config("a.toml", old), await rig.config("b.toml", old)
    before = theirs.read_bytes()
    with file_lock(theirs), lock_all([mine, theirs], rig.context.trust.refusal) as refused:
        assert list(refused) == [theirs]
        assert f"pid {os.getpid()}" in refused[theirs].message(EN)
        run = rig.rotation(mine, theirs, refused=refused)
        assert codes_of(await rig.walk(run, new)) == ["TW523"]
    assert theirs.read_bytes() == before
    assert [run.state.outcomes[path].outcome for path in (mine, theirs)] == [
        Outcome.MOVED,
        Outcome.NOT_CHECKED,
    ]
    assert not list(rig.folder.glob(".*.lock"))
    assert await rig.walk(rig.rotation(mine, theirs)) == ()
    assert f"id = {new.token_id}" in theirs.read_text()
    assert not rig.pages


async def test_a_key_that_the_config_cannot_reach_is_removed_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file disappears between the test and the write."""
    path = await rig.config("finale.toml", rig.world.single_company)
    before = path.read_bytes()
    run = await at_review(rig, path)
    new_file = rig.key_file(rig.world.single_company_second)
    content = new_file.read_text()

    def losing(config: Path, text: str) -> None:
        save(config, text)
        new_file.unlink(missing_ok=True)

    with monkeypatch.context() as patch:
        patch.setattr("wizard.rotation.writing.save", losing)
        await rig.submit(run, Continue())
    assert codes_of(run.state.failures) == ["TW322"]
    assert run.state.outcomes[path].outcome is Outcome.FAILED
    assert path.read_bytes() == before
    new_file.write_text(content)
    new_file.chmod(0o600)
    assert await rig.walk(rig.rotation(path)) == ()


async def test_a_second_run_moves_configs_that_could_not_be_written(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first config on, or in the middle: what is moved works, and a second run does the rest."""
    old, new = rig.world.single_company, rig.world.single_company_second
    for room in (0, 1):
        paths = [await rig.config(f"{name}.toml", old) for name in "abc"]
        left = [room]

        def full(path: Path, text: str, left: list[int] = left) -> None:
            if not left[0]:
                raise OSError(28, os.strerror(28), str(path))
            left[0] -= 1
            save(path, text)

        with monkeypatch.context() as patch:
            patch.setattr("wizard.rotation.writing.save", full)
            run = rig.rotation(*paths)
            assert set(codes_of(await rig.walk(run, new))) == {"TW530"}
        assert [run.state.outcomes[path].is_on_new_key for path in paths].count(True) == room
        assert {str(old.token_id), str(new.token_id)} <= rig.stored
        assert len(rig.pages) == 1
        assert await rig.walk(rig.rotation(*paths)) == ()
        assert all(f"id = {new.token_id}" in path.read_text() for path in paths)
        assert not rig.pages


async def test_a_store_that_fails_keeps_the_key_in_use(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    run = await at_review(rig, path)
    third = rig.world.add_key("a third key", rig.world.company)
    store = rig.key_file(third).parent
    aside = store.with_name("aside")
    store.rename(aside)
    store.write_text("in the way")
    await run.reply(Back(), lambda: None)
    await run.reply(Pasted(Secret(third.employee_token)), lambda: None)
    assert run.page(EN).step is StepId.CREATE_KEY
    assert run.state.trouble
    store.unlink()
    aside.rename(store)
    assert await rig.walk(rig.rotation(path)) == ()
    assert f"id = {rig.world.single_company_second.token_id}" in path.read_text()


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


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "a.toml"
    with lock_all([path], Trust().refusal) as refused:
        assert codes_of(tuple(refused.values())) == ["TW530"]


async def test_the_journal_holds_no_secret_and_is_private(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    await at_review(rig, path)
    (page,) = rig.pages
    noted = json.loads(page.read_text())
    assert noted["page"]["new"]["number"] == rig.world.single_company_second.token_id
    assert rig.world.single_company_second.employee_token not in page.read_text()
    assert page.stat().st_mode & 0o777 == 0o600
    assert page.parent.stat().st_mode & 0o777 == 0o700


async def test_a_page_without_an_envelope_is_still_read(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    await at_review(rig, path)
    noted = latest_rotation(rig.context.state_folder)
    (page,) = rig.pages
    page.write_text(json.dumps({"version": 1, **json.loads(page.read_text())["page"]}))
    assert noted is not None
    assert latest_rotation(rig.context.state_folder) == noted


async def test_a_rollback_of_a_config_that_cannot_be_changed_is_reported(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    assert await rig.walk(rig.rotation(path), rig.world.single_company_second) == ()
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28), str(path))

    monkeypatch.setattr("wizard.rotation.writing.save", full)
    members = rig.rotation(path).state.group.members
    results = await roll_back(rig.context, members, {})
    assert codes_of(results.findings) == ["TW530"]
    assert path.read_bytes() == before
