"""All configs that share a key move in one run: one log-on a key, one table, and a second run finishes."""

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.rotation.rig import EN, Rig, codes_of
from tests.support.sandbox import Fault
from wizard.config.editing import save
from wizard.domain.secret import Secret
from wizard.findings import StepId
from wizard.rotation.members import SeveralKeys
from wizard.rotation.start import FRESH as ANEW
from wizard.rotation.tally import Fate
from wizard.walk.page import Chosen, Continue, Pasted


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
        patch.setattr("wizard.rotation.writing.save", dying)
        with pytest.raises(Killed):
            yield


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
    assert run.page(EN).step is StepId.CREATE_KEY
    assert rig.pages == []
    assert await rig.walk(run, new) == ()
    assert run.state.is_complete


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


async def test_what_could_not_be_seen_of_the_old_key_is_no_excuse_for_the_new_one(rig: Rig) -> None:
    (path,) = await clients_of_the_office(rig, 1)
    before = path.read_bytes()
    rig.sandbox.faults.append(Fault(path="/company/>withLoginAccess", times=None, status=500))
    findings = await rig.walk(rig.rotation(path), rig.world.office_second)
    assert codes_of(findings) == ["TW508"]
    assert path.read_bytes() == before


async def test_a_rotation_of_version_one_is_resumed(rig: Rig) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    path = await rig.config("a.toml", old)
    await rig.keep(new)
    folder = rig.folder / "state" / "rotations"
    folder.mkdir(parents=True)
    held = {"number": new.token_id, "length": 1, "fingerprint": "0", "owned": True}
    page = {
        "version": 1,
        "old": {
            "environment": "sandbox",
            "base_url": rig.base_url,
            "reference": {"file": str(rig.key_file(old))},
            "number": old.token_id,
        },
        "new": held | {"reference": {"file": str(rig.key_file(new))}},
        "paths": [str(path)],
    }
    (folder / "0123456789abcdef.json").write_text(json.dumps(page))
    assert await rig.walk(rig.rotation(path)) == ()
    assert numbers_in([path]) == [new.token_id]
