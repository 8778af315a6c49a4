"""A rotation as a walk: its pages, what stops it, and what a person can override."""

import tomllib
from dataclasses import replace
from pathlib import Path

from tests.support.rotation import EN, Rig, codes_of
from tests.support.sandbox import Fault, remove_client_access
from wizard.cli.commands.rotate import found_in
from wizard.domain.key import Secret
from wizard.findings import Verdict, codes
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.walk.journal import LEFT_TO_FIX, remembered_configs
from wizard.walk.pages import Again, Back, Chosen, Comparison, Continue, Pasted, State, Table


def pasted(key: object) -> Pasted:
    return Pasted(Secret(key.employee_token))  # type: ignore[attr-defined]  # any of the sandbox's keys


async def test_a_rotation_takes_four_enter_and_the_paste(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    run = rig.rotation(path)
    await run.begin(lambda: None)
    page = run.page(EN)
    assert page.card is not None
    assert (page.progress.number, page.card.state) == (1, State.GOOD)
    await run.reply(Continue(), lambda: None)
    await run.reply(pasted(rig.world.single_company_second), lambda: None)
    await run.reply(Continue(), lambda: None)
    review = run.page(EN)
    assert review.step == "rotate_review"
    compared = next(block for block in review.body if isinstance(block, Comparison))
    assert ("Company", rig.world.company.name, "the same company") in compared.rows
    assert path.read_text() == rig.text(rig.world.single_company)
    assert f"-id = {rig.world.single_company.token_id}" in run.document(EN).splitlines()
    await run.reply(Continue(), lambda: None)
    end = run.page(EN)
    assert (end.step, end.is_end, end.can_go_back) == ("rotate_end", True, False)
    await run.reply(Back(), lambda: None)
    assert run.page(EN).step == "rotate_end"
    await run.reply(Chosen("later"), lambda: None)
    assert run.is_finished
    assert "rollback" in run.summary(EN)


async def test_only_paths_make_a_line_of_the_summary_longer_than_79_columns(rig: Rig) -> None:
    world = rig.world
    for each in world.clients_of(world.office):
        world.grant_client_access(world.office_second, each)
    key, client = world.office, f'org_number = "{world.client.organization_number}"'
    paths = [
        await rig.config("felles.toml", key, "bureau-shared", 'org_number = "%ORGNR%"'),
        await rig.config("kunde.toml", key, "bureau-client", client),
    ]
    run = rig.rotation(*paths)
    assert await rig.walk(run, world.office_second) == ()
    undo = f"tripletex-wizard rollback {' '.join(map(str, paths))}"
    for t, label in ((Texts("nb"), "Angre"), (EN, "Undo")):
        lines = run.summary(t).splitlines()
        assert f"  {label:<16} {undo}" in lines
        long = [line for line in lines if len(line) > 79 and line.strip() != str(rig.folder)]
        assert [line for line in long if undo not in line] == []


async def test_the_summary_names_the_folder_of_many_configs(rig: Rig) -> None:
    paths = [await rig.config(f"{number}.toml", rig.world.single_company) for number in range(11)]
    run = rig.rotation(*paths)
    assert await rig.walk(run, rig.world.single_company_second) == ()
    assert f"  {'Undo':<16} tripletex-wizard rollback --all {rig.folder}" in run.summary(EN).splitlines()


async def test_the_first_page_claims_nothing_about_a_key_that_was_not_tried(rig: Rig) -> None:
    run = rig.rotation(await rig.config("finale.toml", rig.world.single_company))
    page = run.page(EN)
    assert page.card is not None
    assert page.card.state is State.RESTING
    page = await rig.submit(run, Again())
    assert page.step == "rotate_start"
    assert page.card is not None
    assert page.card.state is State.GOOD
    run.state.in_use = replace(run.state.in_use, finding=codes.CONSUMER_TOKEN_MISSING.found())
    assert "We check" not in str(run.page(EN).body)


async def test_the_last_step_proves_whether_the_old_key_still_works(rig: Rig) -> None:
    said = {}
    run = rig.rotation(await rig.config("other.toml", rig.world.single_company))
    await rig.submit(run, Continue())
    await rig.submit(run, pasted(rig.world.single_company_second))
    await rig.submit(run, Continue())
    for when in ("alive", "dead"):
        if when == "dead":
            rig.world.delete_key(rig.world.single_company)
        page = await rig.submit(run, Chosen("prove"))
        said[when] = page.card.state if page.card else None
    assert said["alive"] in {State.BAD, State.WARNING}
    assert said["dead"] is State.GOOD
    assert run.state.old_is_dead


async def test_a_key_that_reads_less_is_reported_and_can_be_overridden(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    run = rig.rotation(path)
    found = await rig.walk(run, rig.world.without_balances)
    assert [finding.code.id for finding in found] == ["TW428"]
    assert run.page(EN).step == "rotate_review"
    assert path.read_text() == rig.text(rig.world.single_company)
    assert [choice.value for choice in run.page(EN).choices][-1] == "anyway"
    await rig.submit(run, Chosen("anyway"))
    assert tomllib.loads(path.read_text())["key"]["id"] == rig.world.without_balances.token_id
    assert run.page(EN).step == "rotate_end"
    assert [each.said for each in remembered_configs(rig.context.state_folder)] == [LEFT_TO_FIX]


async def test_lost_clients_stop_a_rotation_until_access_is_given(rig: Rig) -> None:
    world = rig.world
    path = await rig.config("felles.toml", world.office, "bureau-shared", 'org_number = "%ORGNR%"')
    for client in world.clients_of(world.office)[1:]:
        world.grant_client_access(world.office_second, client)
    for client in world.clients_of(world.office)[:1]:
        remove_client_access(world, world.office_second, client)
    run = rig.rotation(path)
    assert codes_of(await rig.walk(run, world.office_second))[:1] == ["TW414"]
    page = await rig.submit(run, Chosen("access"))
    assert page.step == "client_access"
    for client in world.clients_of(world.office):
        world.grant_client_access(world.office_second, client)
    assert (await rig.submit(run, Chosen("again"))).step == "rotate_review"
    assert await rig.walk(run) == ()
    assert tomllib.loads(path.read_text())["key"]["id"] == world.office_second.token_id


async def test_without_a_consumer_token_only_a_person_can_change_the_key(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    run = rig.rotation(path)
    run.state.context = run.state.context.__class__.inside(rig.folder, SiteDefaults())
    await rig.submit(run, Continue())
    await rig.submit(run, pasted(rig.world.single_company_second))
    page = await rig.submit(run, Continue())
    assert page.step == "rotate_review"
    assert [choice.value for choice in page.choices] == ["anyway"]
    assert page.fix_step is not None
    assert page.fix_step[0] == "application"
    page = await rig.submit(run, Chosen("anyway"))
    # Nor can the old key be checked.
    assert page.choices == ()
    assert page.card is not None
    assert page.card.lines == ("Do not delete it before Finale gets its figures: until then you can undo.",)
    written = tomllib.loads(path.read_text())["key"]
    assert written["id"] == rig.world.single_company_second.token_id
    assert str(rig.key_file(rig.world.single_company)) in str(written["previous"])
    assert found_in(run) == ()
    assert [each.said for each in remembered_configs(rig.context.state_folder)] == ["unknown"]
    await rig.submit(run, Continue())
    assert run.is_finished


async def test_an_outage_of_tripletex_moves_nothing_and_a_second_run_continues(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    before = path.read_text()
    run = rig.rotation(path)
    await rig.submit(run, Continue())
    rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    found = await rig.walk(run, rig.world.single_company_second)
    assert all(finding.code.is_unknown for finding in found)
    assert path.read_text() == before
    rig.sandbox.faults.clear()
    again = rig.rotation(path)
    await again.begin(lambda: None)
    assert [choice.value for choice in again.page(EN).choices] == ["resume", "fresh"]
    chosen = rig.rotation(path, resumes=True)
    await chosen.begin(lambda: None)
    assert (chosen.page(EN).step, chosen.state.in_use.verdict) == ("create_key", Verdict.VALID)
    assert await rig.walk(again) == ()
    assert tomllib.loads(path.read_text())["key"]["id"] == rig.world.single_company_second.token_id


async def test_after_resuming_another_key_is_still_stored_next_to_the_users_own_file(rig: Rig) -> None:
    own = rig.folder / "mine" / "old.key"
    own.parent.mkdir()
    own.write_text(rig.world.single_company.employee_token)
    own.chmod(0o600)
    path = await rig.config("finale.toml", rig.world.single_company)
    path.write_text(path.read_text().replace(str(rig.key_file(rig.world.single_company)), str(own)))
    run = rig.rotation(path)
    await rig.submit(run, Continue())
    await rig.submit(run, pasted(rig.world.single_company_second))
    again = rig.rotation(path, resumes=True)
    await again.begin(lambda: None)
    third = rig.world.add_key("a third key", rig.world.company)
    await rig.submit(again, pasted(third))
    assert sorted(each.name for each in own.parent.iterdir()) == [
        f"{rig.world.single_company_second.token_id}.key",
        f"{third.token_id}.key",
        "old.key",
    ]


async def test_a_partial_failure_is_a_table_without_advice_to_delete_the_key(rig: Rig) -> None:
    paths = [await rig.config(f"{name}.toml", rig.world.single_company) for name in ("one", "two")]
    run = rig.rotation(*paths)
    await rig.submit(run, Continue())
    await rig.submit(run, pasted(rig.world.single_company_second))
    paths[0].write_text(paths[0].read_text().replace("[finale]", "[finale"))
    page = await rig.submit(run, Continue())
    assert page.part == "failed"
    assert isinstance(page.answer, Table)
    assert [row.state for row in page.answer.rows] == [State.BAD, State.GOOD]
    assert "Do not delete" in repr(page.body)
    paths[0].write_text(rig.text(rig.world.single_company))
    page = await rig.submit(run, Chosen("again"))
    assert page.part == ""


async def test_a_failed_hook_is_reported_and_can_be_repeated(rig: Rig, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    rig.defaults = SiteDefaults(hook=("test", "-e", str(marker)))
    path = await rig.config("finale.toml", rig.world.single_company)
    run = rig.rotation(path)
    await rig.submit(run, Continue())
    await rig.submit(run, pasted(rig.world.single_company_second))
    await rig.submit(run, Continue())
    assert codes_of(found_in(run)) == ["TW701"]
    rig.defaults = SiteDefaults(hook=("true",))
    run.state.context = rig.context
    await rig.submit(run, Chosen("again"))
    assert found_in(run) == ()
