"""The end of a rotation: the previous key leaves its store, and only when nobody needs it."""

import tomllib
from pathlib import Path

import pytest

from tests.actions.rotate.rig import EN, Rig, codes_of
from tests.support.sandbox import Fault
from wizard.actions.rotate import finish as finishing
from wizard.actions.rotate.finish import finish
from wizard.actions.rotate.members import read_candidates
from wizard.actions.rotate.tally import Tally
from wizard.flow.rotation.answers import Fate


async def end(rig: Rig, *paths: Path, proves_old_dead: bool = False, is_rehearsal: bool = False) -> Tally:
    members = read_candidates(paths, None, rig.context).given
    return await finish(rig.context, members, {}, proves_old_dead=proves_old_dead, is_rehearsal=is_rehearsal)


async def rotated(rig: Rig, *names: str) -> list[Path]:
    paths = [await rig.config(name, rig.world.single_company) for name in names or ("finale.toml",)]
    assert await rig.walk(rig.rotation(*paths), rig.world.single_company_second) == ()
    rig.sandbox.requests.clear()
    return paths


async def test_the_previous_key_is_dropped(rig: Rig) -> None:
    (path,) = await rotated(rig)
    tally = await end(rig, path)
    assert [fate.fate for fate in tally.fates] == [Fate.MOVED]
    assert tally.findings == ()
    assert "previous" not in tomllib.loads(path.read_text())["key"]
    assert rig.stored == {str(rig.world.single_company_second.token_id)}
    assert rig.log_ons(rig.world.single_company_second) == 1

    again = await end(rig, path)
    assert [fate.fate for fate in again.fates] == [Fate.ALREADY_MOVED]


async def test_a_rehearsal_drops_nothing(rig: Rig) -> None:
    (path,) = await rotated(rig)
    before = path.read_bytes()
    tally = await end(rig, path, is_rehearsal=True)
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


async def test_a_key_that_another_config_uses_stays(rig: Rig) -> None:
    (path,) = await rotated(rig)
    neighbour = await rig.config("neighbour.toml", rig.world.single_company)

    tally = await end(rig, path)

    assert codes_of(tally.findings) == ["TW705"]
    assert str(neighbour) in tally.findings[0].message(EN)
    assert "previous" not in tomllib.loads(path.read_text())["key"]
    assert str(rig.world.single_company.token_id) in rig.stored


async def test_configs_that_share_the_previous_key_let_it_go_together(rig: Rig) -> None:
    paths = await rotated(rig, "a.toml", "b.toml", "deep/c.toml")
    tally = await end(rig, *paths)
    assert [fate.fate for fate in tally.fates] == [Fate.MOVED] * 3
    assert tally.findings == ()
    assert rig.stored == {str(rig.world.single_company_second.token_id)}


async def test_one_of_two_leaves_the_key_for_the_other(rig: Rig) -> None:
    a, b = await rotated(rig, "a.toml", "b.toml")
    assert codes_of((await end(rig, a)).findings) == ["TW705"]
    assert str(rig.world.single_company.token_id) in rig.stored
    assert (await end(rig, b)).findings == ()
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


async def test_the_old_key_is_proven_dead_before_it_is_forgotten(rig: Rig) -> None:
    (path,) = await rotated(rig)
    assert codes_of((await end(rig, path, proves_old_dead=True, is_rehearsal=True)).findings) == ["TW413"]
    rig.world.delete_key(rig.world.single_company)
    tally = await end(rig, path, proves_old_dead=True)
    assert tally.findings == ()
    assert rig.log_ons(rig.world.single_company) == 2
