"""What can go wrong on the way: disks, stores, rights, and a world that changes meanwhile."""

import json
import os
import resource
from pathlib import Path

import pytest

from tests.keys import make_key
from tests.rotation.rig import EN, Rig, codes_of
from wizard.config import EditRefused
from wizard.domain.secret import Secret
from wizard.findings import StepId
from wizard.rotation.locks import hold_all
from wizard.rotation.rollback import roll_back
from wizard.rotation.walk import RotationWalk as RotateRun
from wizard.secrets.trust import Trust
from wizard.walk.page import Continue, Pasted


async def at_review(rig: Rig, path: Path) -> RotateRun:
    """Return a rotation that needs nothing but a yes."""
    run = rig.rotation(path)
    await rig.submit(run, Continue())
    await rig.submit(run, Pasted(Secret(rig.world.single_company_second.employee_token)))
    assert run.page(EN).step is StepId.ROTATE_REVIEW
    return run


async def test_a_config_that_cannot_be_changed_says_so(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)

    def refuse(*_: object, **__: object) -> str:
        raise EditRefused

    monkeypatch.setattr("wizard.rotation.writing.set_key", refuse)
    assert codes_of(await rig.walk(rig.rotation(path), rig.world.single_company_second)) == ["TW707"]


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


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "a.toml"
    with hold_all([path], Trust()) as refused:
        assert codes_of(tuple(refused.values())) == ["TW530"]


def test_more_configs_than_a_shell_allows_open_files(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, before[1]))
    try:
        paths = [tmp_path / f"{number}.toml" for number in range(400)]
        with hold_all(paths, Trust()) as refused:
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

    monkeypatch.setattr("wizard.rotation.writing.save", full)
    members = rig.rotation(path).state.group.members
    tally = await roll_back(rig.context, members, {})
    assert codes_of(tally.findings) == ["TW530"]
    assert path.read_bytes() == before
