"""Back to the previous key: proven first, and then the two references change places."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from tests.rotation.rig import Rig, codes_of
from tests.support.sandbox import Fault
from wizard.findings import Finding, codes
from wizard.rotation.finish import roll_back
from wizard.rotation.members import read_candidates
from wizard.rotation.tally import Fate, Tally


async def back(rig: Rig, *paths: Path, refused: Mapping[Path, Finding] | None = None) -> Tally:
    return await roll_back(rig.context, read_candidates(paths, None, rig.context).given, refused or {})


async def rotated(rig: Rig, *names: str) -> list[Path]:
    paths = [await rig.config(name, rig.world.single_company) for name in names or ("finale.toml",)]
    assert await rig.walk(rig.rotation(*paths), rig.world.single_company_second) == ()
    rig.sandbox.requests.clear()
    return paths


async def test_the_reference_goes_back_and_nothing_in_the_store_is_forgotten(rig: Rig) -> None:
    (path,) = await rotated(rig)
    old, new = rig.world.single_company, rig.world.single_company_second

    tally = await back(rig, path)

    assert [fate.fate for fate in tally.fates] == [Fate.MOVED]
    written = tomllib.loads(path.read_text())
    assert written["credentials"]["employee_token"] == {"file": str(rig.key_file(old))}
    assert written["key"] == {
        "id": old.token_id,
        "company_id": old.company.id,
        "previous": {"file": str(rig.key_file(new))},
    }
    assert rig.stored == {str(old.token_id), str(new.token_id)}

    assert [fate.fate for fate in (await back(rig, path)).fates] == [Fate.MOVED]
    assert tomllib.loads(path.read_text())["key"]["id"] == new.token_id


async def test_all_lines_but_those_about_the_key_are_as_before(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    before = path.read_text()
    await rig.walk(rig.rotation(path), rig.world.single_company_second)
    await back(rig, path)
    after = path.read_text()
    assert set(before.splitlines()) - set(after.splitlines()) == {"installed = 2026-01-02"}
    assert set(after.splitlines()) - set(before.splitlines()) == {
        f'previous = {{ file = "{rig.key_file(rig.world.single_company_second)}" }}',
        f"company_id = {rig.world.single_company.company.id}",
    }


async def test_a_dead_previous_key_is_refused(rig: Rig) -> None:
    (path,) = await rotated(rig)
    rig.world.delete_key(rig.world.single_company)
    before = path.read_bytes()
    tally = await back(rig, path)
    assert [fate.fate for fate in tally.fates] == [Fate.FAILED]
    assert codes_of(tally.findings) == ["TW402"]
    assert path.read_bytes() == before


async def test_a_previous_key_that_cannot_be_asked_is_not_put_back(rig: Rig) -> None:
    (path,) = await rotated(rig)
    rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    before = path.read_bytes()
    tally = await back(rig, path)
    assert [fate.fate for fate in tally.fates] == [Fate.NOT_CHECKED]
    assert codes_of(tally.findings) == ["TW508"]
    assert path.read_bytes() == before


async def test_without_a_previous_key_there_is_no_way_back(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    before = path.read_bytes()
    assert codes_of((await back(rig, path)).findings) == ["TW702"]
    assert path.read_bytes() == before


async def test_several_configs_go_back_with_one_log_on(rig: Rig) -> None:
    paths = await rotated(rig, "a.toml", "b.toml", "c.toml")
    tally = await back(rig, *paths)
    assert [fate.fate for fate in tally.fates] == [Fate.MOVED] * 3
    assert rig.log_ons(rig.world.single_company) == 1
    assert rig.log_ons(rig.world.single_company_second) == 0


async def test_one_that_another_run_holds_is_left_to_it(rig: Rig) -> None:
    a, b = await rotated(rig, "a.toml", "b.toml")
    before = a.read_bytes()
    tally = await back(rig, a, b, refused={a: codes.BUSY.found(path=str(a), holder="?")})
    assert [fate.fate for fate in tally.fates] == [Fate.NOT_CHECKED, Fate.MOVED]
    assert a.read_bytes() == before


async def test_after_a_rollback_the_key_can_be_rotated_again(rig: Rig) -> None:
    (path,) = await rotated(rig)
    await back(rig, path)
    run = rig.rotation(path)
    assert run.state.unfinished is None
    assert await rig.walk(run, rig.world.single_company_second) == ()
    assert tomllib.loads(path.read_text())["key"]["id"] == rig.world.single_company_second.token_id


def moved(paths: list[Path]) -> set[str]:
    return {path.name for path in paths if "installed" not in tomllib.loads(path.read_text())["key"]}


async def test_every_config_is_counted_for_the_one_who_waits(rig: Rig) -> None:
    paths = await rotated(rig, "a.toml", "b.toml", "c.toml")
    paths[1].write_text(paths[1].read_text().replace("previous =", "# previous ="))
    done: list[set[str]] = []
    members = read_candidates(paths, None, rig.context).given
    tally = await roll_back(rig.context, members, {}, lambda: done.append(moved(paths)))
    assert [fate.fate for fate in tally.fates] == [Fate.MOVED, Fate.FAILED, Fate.MOVED]
    assert done == [{"a.toml"}, {"a.toml"}, {"a.toml", "c.toml"}]
