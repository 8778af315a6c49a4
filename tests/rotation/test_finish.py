"""The end of a rotation: the previous key leaves its store, and only when nobody needs it."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.rotation.rig import EN, Rig, codes_of
from tests.support.sandbox import DemoKey, Fault
from wizard.context import VARIABLE
from wizard.findings import Verdict, verdict
from wizard.rotation import finish as finishing
from wizard.rotation.finish import finish
from wizard.rotation.members import read_candidates
from wizard.rotation.tally import Fate, Tally


async def end(rig: Rig, *paths: Path, force: DemoKey | None = None, dry_run: bool = False) -> Tally:
    members = read_candidates(paths, None, rig.context).given
    number = None if force is None else str(force.token_id)
    return await finish(rig.context, members, {}, force=number, dry_run=dry_run)


async def rotated(rig: Rig, *names: str, is_dead: bool = True) -> list[Path]:
    paths = [await rig.config(name, rig.world.single_company) for name in names or ("finale.toml",)]
    assert await rig.walk(rig.rotation(*paths), rig.world.single_company_second) == ()
    if is_dead:
        rig.world.delete_key(rig.world.single_company)
    rig.sandbox.requests.clear()
    return paths


async def test_a_dead_key_is_dropped(rig: Rig) -> None:
    (path,) = await rotated(rig)
    tally = await end(rig, path)
    assert [fate.fate for fate in tally.fates] == [Fate.MOVED]
    assert tally.findings == ()
    assert "previous" not in tomllib.loads(path.read_text())["key"]
    assert rig.stored == {str(rig.world.single_company_second.token_id)}
    assert rig.log_ons(rig.world.single_company_second) == 1

    again = await end(rig, path)
    assert [fate.fate for fate in again.fates] == [Fate.ALREADY_MOVED]


async def test_a_key_that_logs_on_stays_and_is_named(rig: Rig) -> None:
    (path,) = await rotated(rig, is_dead=False)
    before = path.read_bytes()
    tally = await end(rig, path)
    assert codes_of(tally.findings) == ["TW709"]
    assert verdict(tally.findings) is Verdict.INVALID
    assert f"key no. {rig.world.single_company.token_id}" in tally.findings[0].hint(EN)
    assert path.read_bytes() == before
    assert str(rig.world.single_company.token_id) in rig.stored


async def test_a_key_that_cannot_be_asked_about_counts_as_alive(rig: Rig) -> None:
    (path,) = await rotated(rig)
    number = str(rig.world.single_company.token_id)
    # The key in use logs on; the question about the previous one is lost.
    rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, after=1, status=502))
    tally = await end(rig, path)
    assert verdict(tally.findings) is Verdict.UNKNOWN
    assert number in rig.stored
    assert "previous" in path.read_text()


async def test_another_applications_token_proves_no_death(rig: Rig) -> None:
    """It makes Tripletex refuse every key, the one in use too."""
    (path,) = await rotated(rig, is_dead=False)
    other = rig.world.other_application.employee_token
    context = replace(rig.context, environ={**rig.context.environ, VARIABLE: other})
    tally = await finish(context, read_candidates((path,), None, rig.context).given, {})
    assert [fate.fate for fate in tally.fates] != [Fate.MOVED]
    assert str(rig.world.single_company.token_id) in rig.stored


async def test_a_dry_run_drops_nothing(rig: Rig) -> None:
    (path,) = await rotated(rig)
    before = path.read_bytes()
    tally = await end(rig, path, dry_run=True)
    assert "-previous = " in tally.document
    assert path.read_bytes() == before
    assert str(rig.world.single_company.token_id) in rig.stored


@pytest.mark.parametrize(("trouble", "fate"), [("dead", Fate.FAILED), ("down", Fate.NOT_CHECKED)])
async def test_nothing_is_dropped_while_the_new_key_is_not_proven(rig: Rig, trouble: str, fate: Fate) -> None:
    (path,) = await rotated(rig)
    before = path.read_bytes()
    if trouble == "dead":
        rig.world.delete_key(rig.world.single_company_second)
    else:
        rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    tally = await end(rig, path)
    assert [each.fate for each in tally.fates] == [fate]
    assert path.read_bytes() == before
    assert str(rig.world.single_company.token_id) in rig.stored


@pytest.mark.parametrize("where", ["neighbour.toml", "below/deep/copy.toml", "elsewhere/link.toml"])
async def test_force_is_refused_while_a_known_config_needs_the_key(
    rig: Rig, where: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    old = rig.world.single_company
    (path,) = await rotated(rig, is_dead=False)
    user = await rig.config(where, old)
    given = path
    if where.startswith("elsewhere"):
        given = user.with_name("finale.toml")
        path.rename(given)
        path = tmp_path_factory.mktemp("links") / "finale.toml"
        path.symlink_to(given)
    tally = await end(rig, path, force=old)
    assert codes_of(tally.findings) == ["TW705", "TW710"]
    assert verdict(tally.findings) is Verdict.INVALID
    assert user.name in tally.findings[0].message(EN)
    assert str(given.parent) in tally.findings[1].message(EN)
    assert str(old.token_id) in rig.stored

    user.unlink()
    assert codes_of((await end(rig, path, force=old)).findings) == ["TW710"]
    assert str(old.token_id) not in rig.stored
    assert "previous" not in path.read_text()


async def test_force_drops_what_cannot_be_asked_about(rig: Rig) -> None:
    (path,) = await rotated(rig, is_dead=False)
    rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    assert codes_of((await end(rig, path)).findings) == ["TW508"]
    assert codes_of((await end(rig, path, force=rig.world.single_company)).findings) == ["TW710"]
    assert rig.stored == {str(rig.world.single_company_second.token_id)}


async def test_configs_that_share_the_previous_key_let_it_go_together(rig: Rig) -> None:
    paths = await rotated(rig, "a.toml", "b.toml", "deep/c.toml")
    tally = await end(rig, *paths)
    assert [fate.fate for fate in tally.fates] == [Fate.MOVED] * 3
    assert tally.findings == ()
    assert rig.stored == {str(rig.world.single_company_second.token_id)}


@pytest.mark.parametrize("place", ["keys/by-hand", "mine"])
async def test_what_somebody_put_there_is_left_alone(rig: Rig, place: str) -> None:
    (path,) = await rotated(rig)
    mine = rig.folder / place
    rig.key_file(rig.world.single_company).rename(mine)
    path.write_text(path.read_text().replace(str(rig.key_file(rig.world.single_company)), str(mine)))
    tally = await end(rig, path)
    assert codes_of(tally.findings) == ["TW336"]
    assert mine.exists()
    assert "previous" not in tomllib.loads(path.read_text())["key"]


async def test_killed_between_the_store_and_the_config_a_second_run_ends_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = await rotated(rig)

    async def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(finishing, "write_key", die)
        with pytest.raises(KeyboardInterrupt):
            await end(rig, path)
    assert str(rig.world.single_company.token_id) not in rig.stored
    assert "previous" in path.read_text()

    tally = await end(rig, path)
    assert [fate.fate for fate in tally.fates] == [Fate.MOVED]
    assert tally.findings == ()


async def test_a_sandbox_config_cannot_have_a_key_of_production_deleted(rig: Rig) -> None:
    (path,) = await rotated(rig)
    old = rig.world.single_company
    stored = rig.key_file(old)
    real = stored.parent.parent / "production" / stored.name
    real.parent.mkdir(mode=0o700)
    stored.rename(real)
    path.write_text(path.read_text().replace(str(stored), str(real)))
    assert codes_of((await end(rig, path, force=old)).findings)[0] == "TW344"
    assert real.exists()
