"""Finishing a rotation, and rolling it back."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.rotation import EN, Rig, codes_of
from tests.support.sandbox import DemoKey, Fault
from wizard.context import VARIABLE
from wizard.findings import Finding, Verdict, codes, verdict
from wizard.rotation import finish as finishing
from wizard.rotation.finish import finish, roll_back
from wizard.rotation.members import read_candidates
from wizard.rotation.writing import Outcome, Results


async def end(rig: Rig, *paths: Path, force: DemoKey | None = None, dry_run: bool = False) -> Results:
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


async def test_a_dead_previous_key_is_dropped(rig: Rig) -> None:
    (path,) = await rotated(rig)
    results = await end(rig, path)
    assert [outcome.outcome for outcome in results.outcomes] == [Outcome.MOVED]
    assert results.findings == ()
    assert "previous" not in tomllib.loads(path.read_text())["key"]
    assert rig.stored == {str(rig.world.single_company_second.token_id)}
    assert rig.log_ons(rig.world.single_company_second) == 1

    again = await end(rig, path)
    assert [outcome.outcome for outcome in again.outcomes] == [Outcome.ALREADY_MOVED]


async def test_a_previous_key_that_logs_on_is_kept_and_named(rig: Rig) -> None:
    (path,) = await rotated(rig, is_dead=False)
    before = path.read_bytes()
    results = await end(rig, path)
    assert codes_of(results.findings) == ["TW709"]
    assert verdict(results.findings) is Verdict.INVALID
    assert f"key no. {rig.world.single_company.token_id}" in results.findings[0].hint(EN)
    assert path.read_bytes() == before
    assert str(rig.world.single_company.token_id) in rig.stored


async def test_a_previous_key_that_cannot_be_tested_counts_as_alive(rig: Rig) -> None:
    (path,) = await rotated(rig)
    number = str(rig.world.single_company.token_id)
    # The key in use logs on; the question about the previous one is lost.
    rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, after=1, status=502))
    results = await end(rig, path)
    assert verdict(results.findings) is Verdict.UNKNOWN
    assert number in rig.stored
    assert "previous" in path.read_text()


async def test_the_token_of_another_application_proves_nothing(rig: Rig) -> None:
    """It makes Tripletex refuse every key, the one in use too."""
    (path,) = await rotated(rig, is_dead=False)
    other = rig.world.other_application.employee_token
    context = replace(rig.context, environ={**rig.context.environ, VARIABLE: other})
    results = await finish(context, read_candidates((path,), None, rig.context).given, {})
    assert [outcome.outcome for outcome in results.outcomes] != [Outcome.MOVED]
    assert str(rig.world.single_company.token_id) in rig.stored


async def test_without_a_consumer_token_the_advice_is_to_enter_it(rig: Rig) -> None:
    """The usual advice, to fetch figures in Finale, says nothing about the previous key."""
    (path,) = await rotated(rig)
    context = replace(rig.context, environ={})
    members = read_candidates((path,), None, context).given
    for results in (await finish(context, members, {}), await roll_back(context, members, {})):
        (finding,) = results.findings
        assert finding.code is codes.CONSUMER_TOKEN_MISSING
        assert "TRIPLETEX_CONSUMER_TOKEN" in finding.hint(EN)
        assert "Finale" not in finding.hint(EN)


async def test_a_dry_run_drops_nothing(rig: Rig) -> None:
    (path,) = await rotated(rig)
    before = path.read_bytes()
    results = await end(rig, path, dry_run=True)
    assert "-previous = " in "".join(results.differences)
    assert path.read_bytes() == before
    assert str(rig.world.single_company.token_id) in rig.stored


@pytest.mark.parametrize(("trouble", "outcome"), [("dead", Outcome.FAILED), ("down", Outcome.NOT_CHECKED)])
async def test_nothing_is_dropped_while_the_new_key_is_not_proven(
    rig: Rig, trouble: str, outcome: Outcome
) -> None:
    (path,) = await rotated(rig)
    before = path.read_bytes()
    if trouble == "dead":
        rig.world.delete_key(rig.world.single_company_second)
    else:
        rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    results = await end(rig, path)
    assert [each.outcome for each in results.outcomes] == [outcome]
    assert path.read_bytes() == before
    assert str(rig.world.single_company.token_id) in rig.stored


@pytest.mark.parametrize(
    "where", ["neighbour.toml", "below/deep/copy.toml", "elsewhere/link.toml", "broken.toml"]
)
async def test_force_is_refused_while_a_known_config_needs_the_key(
    rig: Rig, where: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    old = rig.world.single_company
    (path,) = await rotated(rig, is_dead=False)
    user = await rig.config(where, old)
    if where == "broken.toml":
        # It cannot be read as TOML, but it has the name of the key.
        user.write_text(f"{user.read_text()}unfinished =")
    given = path
    if where.startswith("elsewhere"):
        given = user.with_name("finale.toml")
        path.rename(given)
        path = tmp_path_factory.mktemp("links") / "finale.toml"
        path.symlink_to(given)
    results = await end(rig, path, force=old)
    assert codes_of(results.findings) == ["TW705", "TW710"]
    assert verdict(results.findings) is Verdict.INVALID
    assert user.name in results.findings[0].message(EN)
    assert str(given.parent) in results.findings[1].message(EN)
    assert str(old.token_id) in rig.stored

    user.unlink()
    assert codes_of((await end(rig, path, force=old)).findings) == ["TW710"]
    assert str(old.token_id) not in rig.stored
    assert "previous" not in path.read_text()


async def test_force_drops_a_key_that_cannot_be_tested(rig: Rig) -> None:
    (path,) = await rotated(rig, is_dead=False)
    rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    assert codes_of((await end(rig, path)).findings) == ["TW508"]
    assert codes_of((await end(rig, path, force=rig.world.single_company)).findings) == ["TW710"]
    assert rig.stored == {str(rig.world.single_company_second.token_id)}


async def test_configs_that_share_a_previous_key_drop_it_together(rig: Rig) -> None:
    paths = await rotated(rig, "a.toml", "b.toml", "deep/c.toml")
    results = await end(rig, *paths)
    assert [outcome.outcome for outcome in results.outcomes] == [Outcome.MOVED] * 3
    assert results.findings == ()
    assert rig.stored == {str(rig.world.single_company_second.token_id)}


@pytest.mark.parametrize("place", ["keys/by-hand", "mine"])
async def test_a_previous_key_that_the_wizard_did_not_store_is_left_alone(rig: Rig, place: str) -> None:
    (path,) = await rotated(rig)
    mine = rig.folder / place
    rig.key_file(rig.world.single_company).rename(mine)
    path.write_text(path.read_text().replace(str(rig.key_file(rig.world.single_company)), str(mine)))
    results = await end(rig, path)
    assert codes_of(results.findings) == ["TW336"]
    assert mine.exists()
    assert "previous" not in tomllib.loads(path.read_text())["key"]


async def test_a_second_run_finishes_what_was_killed_after_the_deletion(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = await rotated(rig)

    async def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(finishing, "write_config", die)
        with pytest.raises(KeyboardInterrupt):
            await end(rig, path)
    assert str(rig.world.single_company.token_id) not in rig.stored
    assert "previous" in path.read_text()

    results = await end(rig, path)
    assert [outcome.outcome for outcome in results.outcomes] == [Outcome.MOVED]
    assert results.findings == ()


async def test_a_sandbox_config_cannot_delete_a_production_key(rig: Rig) -> None:
    (path,) = await rotated(rig)
    old = rig.world.single_company
    stored = rig.key_file(old)
    real = stored.parent.parent / "production" / stored.name
    real.parent.mkdir(mode=0o700)
    stored.rename(real)
    path.write_text(path.read_text().replace(str(stored), str(real)))
    assert codes_of((await end(rig, path, force=old)).findings)[0] == "TW344"
    assert real.exists()


async def back(rig: Rig, *paths: Path, refused: Mapping[Path, Finding] | None = None) -> Results:
    return await roll_back(rig.context, read_candidates(paths, None, rig.context).given, refused or {})


async def test_a_rollback_restores_the_reference_and_keeps_both_keys(rig: Rig) -> None:
    (path,) = await rotated(rig, is_dead=False)
    old, new = rig.world.single_company, rig.world.single_company_second

    rotated_text = path.read_text()

    results = await back(rig, path)

    assert [outcome.outcome for outcome in results.outcomes] == [Outcome.MOVED]
    written = tomllib.loads(path.read_text())
    assert written["credentials"]["employee_token"] == {"file": str(rig.key_file(old))}
    assert written["key"] == {
        "id": old.token_id,
        "installed": rig.context.today,
        "company_id": old.company.id,
        "previous": {"file": str(rig.key_file(new))},
    }
    assert rig.stored == {str(old.token_id), str(new.token_id)}

    assert [outcome.outcome for outcome in (await back(rig, path)).outcomes] == [Outcome.MOVED]
    assert path.read_text() == rotated_text


async def test_a_rollback_changes_only_the_lines_about_the_key(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    before = path.read_text()
    await rig.walk(rig.rotation(path), rig.world.single_company_second)
    await back(rig, path)
    after = path.read_text()
    assert set(before.splitlines()) - set(after.splitlines()) == {"installed = 2026-01-02"}
    assert set(after.splitlines()) - set(before.splitlines()) == {
        f"installed = {rig.context.today}",
        f'previous = {{ file = "{rig.key_file(rig.world.single_company_second)}" }}',
        f"company_id = {rig.world.single_company.company.id}",
    }


async def test_a_rollback_needs_a_previous_key_that_works(rig: Rig) -> None:
    (path,) = await rotated(rig, is_dead=False)
    before = path.read_bytes()
    for outcome, code in ((Outcome.NOT_CHECKED, "TW508"), (Outcome.FAILED, "TW402")):
        rig.sandbox.faults.clear()
        if outcome is Outcome.NOT_CHECKED:
            rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
        else:
            rig.world.delete_key(rig.world.single_company)
        results = await back(rig, path)
        assert [each.outcome for each in results.outcomes] == [outcome]
        assert codes_of(results.findings) == [code]
        assert path.read_bytes() == before


async def test_a_rollback_without_a_previous_key_is_refused(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    before = path.read_bytes()
    assert codes_of((await back(rig, path)).findings) == ["TW702"]
    assert path.read_bytes() == before


async def test_a_rollback_of_several_configs_logs_on_once(rig: Rig) -> None:
    paths = await rotated(rig, "a.toml", "b.toml", "c.toml", is_dead=False)
    results = await back(rig, *paths)
    assert [outcome.outcome for outcome in results.outcomes] == [Outcome.MOVED] * 3
    assert rig.log_ons(rig.world.single_company) == 1
    assert rig.log_ons(rig.world.single_company_second) == 0


async def test_a_rollback_skips_a_config_that_another_run_holds(rig: Rig) -> None:
    a, b = await rotated(rig, "a.toml", "b.toml", is_dead=False)
    before = a.read_bytes()
    results = await back(rig, a, b, refused={a: codes.BUSY.found(path=str(a), holder="?")})
    assert [outcome.outcome for outcome in results.outcomes] == [Outcome.NOT_CHECKED, Outcome.MOVED]
    assert a.read_bytes() == before


async def test_after_a_rollback_the_key_can_be_rotated_again(rig: Rig) -> None:
    (path,) = await rotated(rig, is_dead=False)
    await back(rig, path)
    run = rig.rotation(path)
    assert run.state.unfinished is None
    assert await rig.walk(run, rig.world.single_company_second) == ()
    assert tomllib.loads(path.read_text())["key"]["id"] == rig.world.single_company_second.token_id


def back_on(key: DemoKey, paths: list[Path]) -> set[str]:
    return {path.name for path in paths if tomllib.loads(path.read_text())["key"]["id"] == key.token_id}


async def test_the_progress_counts_every_config(rig: Rig) -> None:
    paths = await rotated(rig, "a.toml", "b.toml", "c.toml", is_dead=False)
    paths[1].write_text(paths[1].read_text().replace("previous =", "# previous ="))
    done: list[set[str]] = []
    members = read_candidates(paths, None, rig.context).given
    results = await roll_back(
        rig.context, members, {}, lambda: done.append(back_on(rig.world.single_company, paths))
    )
    assert [outcome.outcome for outcome in results.outcomes] == [Outcome.MOVED, Outcome.FAILED, Outcome.MOVED]
    assert done == [{"a.toml"}, {"a.toml"}, {"a.toml", "c.toml"}]


async def test_a_rollback_runs_the_hook_too(rig: Rig, tmp_path: Path) -> None:
    path = await rig.config("a.toml", rig.world.single_company)
    await rig.walk(rig.rotation(path), rig.world.single_company_second)
    out = tmp_path / "out"
    rig.defaults = rig.defaults._replace(hook=("touch", str(out)))
    results = await roll_back(rig.context, read_candidates([path], None, rig.context).given, {})
    assert results.findings == ()
    assert out.exists()


async def test_a_config_that_was_changed_after_it_was_read_is_left_alone(rig: Rig) -> None:
    """Another run may change it before it is locked."""
    for name, again in (("a.toml", roll_back), ("b.toml", finish)):
        (path,) = await rotated(rig, name, is_dead=name == "b.toml")
        members = read_candidates([path], None, rig.context).given
        path.write_text(f"{path.read_text()}# changed\n")
        before = path.read_text()
        results = await again(rig.context, members, {})
        assert codes_of(results.findings) == ["TW703"]
        assert path.read_text() == before
