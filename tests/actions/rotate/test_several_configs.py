"""All configs that share a key move in one run: one log-on a key, one table, and a second run finishes."""

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.actions.rotate.rig import EN, Rig, codes_of
from tests.support.sandbox import DemoKey, Fault
from wizard.actions.rotate.locks import hold_all
from wizard.actions.rotate.members import SeveralKeys
from wizard.config import read_config, save
from wizard.domain.secret import Secret
from wizard.files.lock import hold
from wizard.findings import StepId, Verdict
from wizard.flow.known import ANEW
from wizard.flow.questions import Choose, Chosen, Continue, Overview, Pasted, Review
from wizard.flow.rotation.answers import Fate


async def clients_of_the_office(rig: Rig, count: int) -> list[Path]:
    """Write a config for each of several clients, all with the office's key."""
    for number in range(count):
        rig.world.give_client_access(rig.world.office_second, rig.world.add_client(f"Klient {number} AS"))
    for client in rig.world.clients:
        rig.world.give_client_access(rig.world.office_second, client)
    numbers = [company.organization_number for company in rig.world.clients[-count:]]
    return [
        await rig.config(f"{number}.toml", rig.world.office, "bureau-client", f'org_number = "{number}"\n')
        for number in numbers
    ]


def numbers_in(paths: list[Path]) -> list[int]:
    return [tomllib.loads(path.read_text())["key"]["id"] for path in paths]


@pytest.mark.parametrize("count", [1, 12])
async def test_requests_do_not_grow_with_the_number_of_configs(rig: Rig, count: int) -> None:
    paths = await clients_of_the_office(rig, count)
    run = rig.rotation(*paths)
    assert await rig.walk(run, rig.world.office_second) == ()

    assert numbers_in(paths) == [rig.world.office_second.token_id] * count
    assert rig.log_ons(rig.world.office) == 1
    # Once before anything is moved, and once for what stands in the files afterwards.
    assert rig.log_ons(rig.world.office_second) == 2
    # Besides those: the figures of each client, once with each key before and once with the new one after.
    about_keys = [request for request in rig.sandbox.requests if request.username in {None, "0"}]
    assert len(about_keys) <= 24
    table = [run.state.fates[path].fate for path in paths]
    assert table == [Fate.MOVED] * count


async def test_a_folder_means_every_config_in_it_that_uses_the_same_key(rig: Rig) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    named = await rig.config("named.toml", old)
    copied = await rig.config("deep/copied.toml", old)
    copied.write_text(copied.read_text().replace(str(rig.key_file(old)), str(rig.folder / "copy")))
    (rig.folder / "copy").write_text(old.employee_token)
    (rig.folder / "copy").chmod(0o600)
    stranger = await rig.config(
        "stranger.toml", rig.world.office, "bureau-shared", 'org_number = "%ORGNR%"\n'
    )
    (rig.folder / "broken.toml").write_text("[finale\n")
    suspect = rig.folder / "suspect.toml"
    suspect.write_text(rig.text(old) + "[[[\n")
    before = stranger.read_bytes()

    run = rig.rotation(named, folder=rig.folder)
    group = run.state.group

    assert [member.path for member in group.members] == [named, copied]
    assert [reading.path for reading in group.broken] == [suspect]
    assert group.others == 1
    assert "1 config in the folder uses another key and stays as it is." in run.question(EN).notes
    await rig.walk(run, new, rotate_table=[Continue()])
    assert numbers_in([named, copied]) == [new.token_id] * 2
    assert stranger.read_bytes() == before
    # The broken one may still need the old key: nobody is told to delete it.
    assert run.is_finished
    assert run.state.answers.is_incomplete
    assert codes_of(run.state.trouble) == ["TW101"]


async def test_a_folder_alone_must_leave_no_doubt_about_the_key(rig: Rig) -> None:
    await rig.config("a.toml", rig.world.single_company)
    await rig.config("b.toml", rig.world.single_company)
    assert len(rig.rotation(folder=rig.folder).state.group.members) == 2
    await rig.config("c.toml", rig.world.single_company_second)
    with pytest.raises(SeveralKeys):
        rig.rotation(folder=rig.folder)


async def test_no_config_comes_twice(rig: Rig) -> None:
    path = await rig.config("a.toml", rig.world.single_company)
    link = rig.folder / "link.toml"
    link.symlink_to(path)
    run = rig.rotation(path, path, link, folder=rig.folder)
    assert [member.path for member in run.state.group.members] == [path]


class Killed(BaseException):
    """The process ended here."""


@contextmanager
def dying_after(moved: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a run die when so many configs have been moved."""
    left = [moved]

    def dying(path: Path, text: str) -> None:
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        save(path, text)

    with monkeypatch.context() as patch:
        patch.setattr("wizard.actions.rotate.writing.save", dying)
        with pytest.raises(Killed):
            yield


@pytest.mark.parametrize("moved", [0, 1, 2])
async def test_a_second_run_finishes_what_a_first_began(
    rig: Rig, moved: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    paths = [await rig.config(f"{name}.toml", old) for name in "abc"]
    with dying_after(moved, monkeypatch):
        await rig.walk(rig.rotation(*paths), new)
    assert numbers_in(paths).count(new.token_id) == moved
    assert not any(new.employee_token in page.read_text() for page in rig.pages)

    run = rig.rotation(*paths)
    start = run.question(EN)
    assert isinstance(start, Choose)
    assert start.step is StepId.ROTATE_START
    steps = []
    while not run.is_finished:
        question = run.question(EN)
        steps.append(question.step)
        proposed = Chosen(question.selected or "") if isinstance(question, Choose) else Continue()
        assert (await rig.submit(run, proposed)).moved

    assert StepId.CREATE_KEY not in steps
    assert numbers_in(paths) == [new.token_id] * 3
    fates = [run.state.fates[path].fate for path in paths]
    assert sorted(fates) == sorted([Fate.ALREADY_MOVED] * moved + [Fate.MOVED] * (3 - moved))
    assert rig.pages == []


async def test_a_discarded_run_leaves_its_key(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    third = rig.world.add_key("a third key", rig.world.company)
    paths = [await rig.config(f"{name}.toml", old) for name in "ab"]
    with dying_after(0, monkeypatch):
        await rig.walk(rig.rotation(*paths), new)
    assert str(new.token_id) in rig.stored

    run = rig.rotation(*paths)
    assert await rig.walk(run, third, rotate_start=Chosen(ANEW)) == ()

    assert numbers_in(paths) == [third.token_id] * 2
    assert rig.stored == {str(old.token_id), str(new.token_id), str(third.token_id)}
    assert str(rig.key_file(new)) in run.state.left_keys[0].message(EN)


async def test_starting_anew_keeps_a_key_that_a_config_uses_by_now(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    third = rig.world.add_key("a third key", rig.world.company)
    paths = [await rig.config(f"{name}.toml", old) for name in "ab"]
    with dying_after(1, monkeypatch):
        await rig.walk(rig.rotation(*paths), new)

    run = rig.rotation(*paths)
    assert await rig.walk(run, third, rotate_start=Chosen(ANEW)) == ()

    assert numbers_in(paths) == [third.token_id] * 2
    assert rig.stored == {str(old.token_id), str(new.token_id), str(third.token_id)}


async def test_a_page_whose_key_was_never_stored_asks_for_the_key(rig: Rig) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    path = await rig.config("a.toml", old)
    first = rig.rotation(path)
    await rig.submit(first, Continue())
    await rig.submit(first, Pasted(Secret(new.employee_token)))
    rig.key_file(new).unlink()

    run = rig.rotation(path)
    await rig.submit(run, Continue())
    assert run.question(EN).step is StepId.CREATE_KEY
    assert rig.pages == []
    assert await rig.walk(run, new) == ()
    assert run.state.is_complete


async def test_tripletex_down_after_the_paste_loses_nothing(rig: Rig) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    path = await rig.config("a.toml", old)
    before = path.read_bytes()
    run = rig.rotation(path)
    await rig.submit(run, Continue())
    rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))

    outcome = await rig.submit(run, Pasted(Secret(new.employee_token)))

    assert codes_of(outcome.findings) == ["TW508"]
    assert path.read_bytes() == before
    assert rig.key_file(new).read_text() == f"{new.employee_token}\n"
    rig.sandbox.faults.clear()
    second = rig.rotation(path)
    assert await rig.walk(second) == ()
    assert numbers_in([path]) == [new.token_id]


async def test_tripletex_down_after_the_change_is_not_called_done(rig: Rig) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    path = await rig.config("a.toml", old)
    run = rig.rotation(path)
    await rig.submit(run, Continue())
    await rig.submit(run, Pasted(Secret(new.employee_token)))
    rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))

    outcome = await rig.submit(run, Continue())

    assert codes_of(outcome.findings) == ["TW508"]
    table = run.question(EN)
    assert isinstance(table, Overview)
    assert table.rows[0].verdict is Verdict.UNKNOWN
    assert table.rows[0].cells[0] == "moved"
    assert run.state.answers.is_incomplete
    assert rig.pages


async def test_a_config_that_another_run_holds_is_left_to_it(rig: Rig) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    mine, theirs = await rig.config("a.toml", old), await rig.config("b.toml", old)
    before = theirs.read_bytes()
    with hold(theirs), hold_all([mine, theirs]) as refused:
        assert list(refused) == [theirs]
        assert f"pid {os.getpid()}" in refused[theirs].message(EN)
        run = rig.rotation(mine, theirs, refused=refused)
        await rig.walk(run, new, rotate_table=[Continue()])
    assert run.is_finished
    assert theirs.read_bytes() == before
    assert run.state.fates[theirs].fate is Fate.NOT_CHECKED
    assert codes_of(run.state.trouble) == ["TW523"]
    assert run.state.answers.is_incomplete
    assert list(rig.folder.glob(".*.lock")) == []

    second = rig.rotation(mine, theirs)
    assert await rig.walk(second) == ()
    assert numbers_in([mine, theirs]) == [new.token_id] * 2


async def test_what_is_left_of_a_run_stays_noted_when_only_a_part_is_finished(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    a, b, c = [await rig.config(f"{name}.toml", old) for name in "abc"]
    with dying_after(1, monkeypatch):
        await rig.walk(rig.rotation(a, b, c), new)

    assert await rig.walk(rig.rotation(b)) == ()
    assert numbers_in([a, b, c]) == [new.token_id, new.token_id, old.token_id]
    assert len(rig.pages) == 1
    assert await rig.walk(rig.rotation(c)) == ()
    assert numbers_in([c]) == [new.token_id]
    assert rig.pages == []


async def test_a_journal_that_cannot_be_read_keeps_nobody_from_starting(rig: Rig) -> None:
    path = await rig.config("a.toml", rig.world.single_company)
    folder = rig.folder / "state" / "rotations"
    folder.mkdir(parents=True)
    for name, text in (("a", "{"), ("b", "[]"), ("c", '{"version": 1}'), ("d", '{"version": 99}')):
        (folder / f"{name}.json").write_text(text)
    run = rig.rotation(path)
    assert run.state.unfinished is None


async def test_known_before_a_key_that_all_configs_were_moved_to_is_no_new_one(rig: Rig) -> None:
    """An identical second run from a script changes nothing and is no failure."""
    old, new = rig.world.single_company, rig.world.single_company_second
    path = await rig.config("a.toml", old)
    assert await rig.walk(rig.rotation(path, pasted=new), new) == ()
    after = path.read_bytes()

    run = rig.rotation(path, pasted=new)
    assert await rig.walk(run, new) == ()
    assert run.state.fates[path].fate is Fate.ALREADY_MOVED
    assert path.read_bytes() == after


async def test_known_before_the_key_in_use_is_refused(rig: Rig) -> None:
    path = await rig.config("a.toml", rig.world.single_company)
    run = rig.rotation(path, pasted=rig.world.single_company)
    assert codes_of(await rig.walk(run, rig.world.single_company)) == ["TW314"]


@pytest.mark.parametrize("kind", ["env", "command", "file"])
async def test_a_key_of_the_users_own_place_needs_a_store(rig: Rig, kind: str) -> None:
    old: DemoKey = rig.world.single_company
    mine = rig.folder / "mine"
    mine.write_text(old.employee_token)
    mine.chmod(0o600)
    value = {"env": '"MY_KEY"', "command": f'["cat", "{mine}"]', "file": '"mine"'}[kind]
    path = await rig.config("a.toml", old)
    path.write_text(
        path.read_text().replace(f'{{ file = "{rig.key_file(old)}" }}', f"{{ {kind} = {value} }}")
    )
    path.chmod(0o600)
    assert read_config(path).config is not None

    run = rig.rotation(path)
    await rig.submit(run, Continue())
    assert run.question(EN).step is StepId.STORAGE
    await rig.submit(run, Chosen("file"))
    assert await rig.walk(run, rig.world.single_company_second) == ()
    assert run.state.is_complete
    # What the wizard does not own it does not touch.
    assert mine.read_text() == old.employee_token
    assert tomllib.loads(path.read_text())["key"]["previous"] is not None

    asked = rig.rotation(path, store="file")
    await rig.submit(asked, Continue())
    assert asked.question(EN).step is StepId.CREATE_KEY


async def test_a_store_that_does_not_work_is_told_and_another_one_asked_for(rig: Rig) -> None:
    path = await rig.config("a.toml", rig.world.single_company)
    run = rig.rotation(path, store="keyring")
    outcome = await rig.submit(run, Continue())
    assert run.question(EN).step is StepId.STORAGE
    assert codes_of(outcome.findings)[0] in {"TW331", "TW525", "TW519", "TW329"}
    await rig.submit(run, Chosen("file"))
    assert await rig.walk(run, rig.world.single_company_second) == ()


async def test_a_run_without_questions_never_throws_away_what_somebody_pasted(rig: Rig) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    path = await rig.config("a.toml", old)
    first = rig.rotation(path)
    await rig.submit(first, Continue())
    await rig.submit(first, Pasted(Secret(new.employee_token)))

    rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    script = rig.rotation(path)
    assert codes_of(await rig.walk(script)) == ["TW508"]

    assert str(new.token_id) in rig.stored
    assert rig.pages


async def test_a_screen_shows_the_changes_of_some_and_counts_the_others(rig: Rig) -> None:
    paths = await clients_of_the_office(rig, 23)
    run = rig.rotation(*paths)
    await rig.submit(run, Continue())
    await rig.submit(run, Pasted(Secret(rig.world.office_second.employee_token)))
    review = run.question(EN)
    assert isinstance(review, Review)
    assert review.path == "23 configs"
    assert review.text.count("+++ ") == 20
    assert review.notes[-1] == "3 more configs change alike."
    assert len(run.state.differences) == 23


async def test_what_could_not_be_seen_of_the_old_key_is_no_excuse_for_the_new_one(rig: Rig) -> None:
    (path,) = await clients_of_the_office(rig, 1)
    before = path.read_bytes()
    rig.sandbox.faults.append(Fault(path="/company/>withLoginAccess", times=None, status=500))
    findings = await rig.walk(rig.rotation(path), rig.world.office_second)
    assert codes_of(findings) == ["TW508"]
    assert path.read_bytes() == before
