"""A new key for one config or several: what is refused, what is written, and what survives."""

import asyncio
import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.rotation import EN, Rig, codes_of
from tests.support.sandbox import Fault, add_client, remove_client_access
from wizard.config.editing import save
from wizard.domain.key import Secret
from wizard.findings import StepId, Verdict
from wizard.rotation.ending import LATER
from wizard.rotation.members import SeveralKeys
from wizard.rotation.walk import RotationWalk
from wizard.rotation.writing import Outcome
from wizard.walk.pages import Again, Chosen, Continue, Pasted
from wizard.walk.words import FRESH


async def test_a_rotation_changes_the_reference_and_keeps_both_keys(rig: Rig) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    path = await rig.config("finale.toml", old)

    run = rig.rotation(path)
    assert await rig.walk(run, new) == ()

    assert run.is_finished
    written = tomllib.loads(path.read_text())
    assert written["credentials"] == {"employee_token": {"file": str(rig.key_file(new))}}
    assert written["key"] == {
        "id": new.token_id,
        "installed": rig.context.today,
        "company_id": new.company.id,
        "previous": {"file": str(rig.key_file(old))},
    }
    assert rig.stored == {str(old.token_id), str(new.token_id)}
    assert rig.key_file(old).read_text() == f"{old.employee_token}\n"
    assert rig.pages == []
    assert not rig.sandbox.open_sessions


async def test_a_missing_key_file_does_not_prevent_a_rotation(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    rig.key_file(rig.world.single_company).unlink()
    run = rig.rotation(path)
    assert await rig.walk(run, rig.world.single_company_second) == ()
    assert run.state.in_use.verdict is Verdict.INVALID
    assert run.state.is_complete


async def test_with_a_dead_old_key_the_client_of_the_config_is_compared(rig: Rig) -> None:
    world = rig.world
    more = f'org_number = "{world.client_without_access.organization_number}"\n'
    path = await rig.config("klient.toml", world.office, "bureau-client", more)
    world.delete_key(world.office)
    before = path.read_bytes()
    run = rig.rotation(path)

    findings = await rig.walk(run, world.office_second, client_access=[Continue(), Continue()])

    assert codes_of(findings) == ["TW407"]
    assert path.read_bytes() == before


async def test_a_key_that_must_not_replace_the_old_one_changes_nothing(rig: Rig) -> None:
    world = rig.world
    other = world.add_company("Et Annet Regnskapskontor AS", accountant_or_similar=True)
    office = world.add_key("another office's", other, company_owned=True, clients=world.clients)
    company = world.add_key("another company's", world.client_without_access)
    ordinary = await rig.config("finale.toml", world.single_company)
    shared = await rig.config("felles.toml", world.office, "bureau-shared", SHARED)
    rows = [
        (ordinary, world.deleted, "TW402"),
        (ordinary, world.expired, "TW402"),
        (ordinary, world.other_application, "TW402"),
        (ordinary, world.office, "TW415"),
        (ordinary, company, "TW408"),
        (ordinary, world.single_company, "TW314"),
        # Only a warning in a set-up, but here the old key reads what the new one may not.
        (ordinary, world.without_all_vouchers, "TW428"),
        (ordinary, world.without_accounts, "TW428"),
        (shared, world.single_company, "TW415"),
        (shared, office, "TW408"),
    ]
    before = {path: path.read_bytes() for path in (ordinary, shared)}
    found = {}
    for path, key, code in rows:
        for saved in rig.pages:
            saved.unlink()
        findings = await rig.walk(rig.rotation(path), key)
        found[path.name, key.token_id] = codes_of(findings)
        if key is company:
            assert findings[0].values["wanted"] == "Demobakeriet AS (310 000 000)"
            assert "Demo Uten Tilgang AS" in findings[0].message(EN)
        assert before == {path: path.read_bytes() for path in before}, code
    assert found == {(path.name, key.token_id): [code] for path, key, code in rows}


async def test_what_is_not_a_new_key_is_not_stored(rig: Rig) -> None:
    key = rig.world.single_company
    path = await rig.config("finale.toml", key)
    for text, code in (("84202", "TW302"), (key.employee_token, "TW314")):
        findings = await rig.walk(rig.rotation(path), create_key=Pasted(Secret(text)))
        assert codes_of(findings) == [code]
        assert rig.stored == {str(key.token_id)}
        assert rig.pages == []


SHARED = 'org_number = "%ORGNR%"\n'
HAND_WRITTEN = (
    "# Demobakeriet, spør Kari\r\n"
    "schema_version = 1\r\n"
    'tripletex = {{ environment = "sandbox", base_url = "{url}" }} # inline\r\n'
    "\r\n"
    "[finale]\r\n"
    'setup = "single-company"   # ordinary\r\n'
    'color = "blue"\r\n'
    "\r\n"
    "[key]\r\n"
    "installed = 2025-03-01\r\n"
    "# the number stands in Tripletex\r\n"
    "id = {number}\r\n"
    "[credentials]\r\n"
    "employee_token.file = '{file}' # no key here"
)


async def test_a_hand_written_config_keeps_its_form(rig: Rig) -> None:
    old, new = rig.world.single_company, rig.world.single_company_second
    await rig.keep(old)
    path = rig.folder / "finale.toml"
    text = HAND_WRITTEN.format(url=rig.base_url, number=old.token_id, file=rig.key_file(old))
    path.write_bytes(text.encode())

    run = rig.rotation(path)
    assert await rig.walk(run, new) == ()

    after = path.read_bytes().decode()
    before_lines, after_lines = text.split("\r\n"), after.split("\r\n")
    changed = {line for line in before_lines if line not in after_lines}
    assert changed == {
        "installed = 2025-03-01",
        f"id = {old.token_id}",
        f"employee_token.file = '{rig.key_file(old)}' # no key here",
    }
    assert len(after_lines) == len(before_lines) + 2  # the previous key, and the company
    assert "\n" not in after.replace("\r\n", "")
    assert not after.endswith("\n")
    assert after.endswith("# no key here")
    assert tomllib.loads(after)["finale"]["color"] == "blue"


async def test_a_comment_written_meanwhile_survives(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    run = rig.rotation(path)
    await rig.submit(run, Continue())
    await rig.submit(run, Pasted(Secret(rig.world.single_company_second.employee_token)))
    path.write_text(f"# written while the key was pasted\n{path.read_text()}")
    await rig.submit(run, Continue())
    assert run.state.is_complete
    assert path.read_text().startswith("# written while the key was pasted\n")


async def test_the_test_of_the_old_key_can_be_left_for_later(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    run = rig.rotation(path)
    await rig.walk(run, rig.world.single_company_second, rotate_end=Chosen(LATER))
    assert run.is_finished
    assert not run.state.old_is_dead
    assert rig.log_ons(rig.world.single_company) == 1


async def test_retrying_from_the_table_checks_again(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    run = rig.rotation(path)
    await rig.walk(run, rig.world.single_company_second, rotate_end=[Again()])
    assert run.state.outcomes[path].outcome is Outcome.MOVED
    assert run.page(EN).step is StepId.ROTATE_END
    assert rig.log_ons(rig.world.single_company_second) == 3


async def test_a_new_paste_replaces_a_refused_key(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    run = rig.rotation(path)
    assert codes_of(await rig.walk(run, rig.world.deleted)) == ["TW402"]
    assert str(rig.world.deleted.token_id) in rig.stored
    assert await rig.walk(run, rig.world.single_company_second) == ()
    assert rig.stored == {"84201", "84202", "84208"}, "what was pasted stays: nothing proves that it is dead"
    assert codes_of(run.state.left_keys) == ["TW708"]
    assert "84208" in run.state.left_keys[0].message(EN)


async def test_configs_with_different_keys_are_not_mixed(rig: Rig) -> None:
    one = await rig.config("one.toml", rig.world.single_company)
    other = await rig.config("other.toml", rig.world.single_company_second)
    with pytest.raises(SeveralKeys):
        rig.rotation(one, other)


async def test_a_link_to_a_config_stays_a_link(rig: Rig, tmp_path: Path) -> None:
    path = await rig.config("real.toml", rig.world.single_company)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    run = rig.rotation(link)
    assert await rig.walk(run, rig.world.single_company_second) == ()
    assert link.is_symlink()
    assert tomllib.loads(path.read_text())["key"]["id"] == rig.world.single_company_second.token_id


async def test_an_older_previous_key_is_reported(rig: Rig) -> None:
    path = await rig.config("finale.toml", rig.world.single_company)
    await rig.walk(rig.rotation(path), rig.world.single_company_second)
    third = rig.world.add_key("a third key", rig.world.company)
    run = rig.rotation(path)
    await rig.walk(run, third)
    assert run.is_finished
    assert codes_of(run.state.unused_keys) == ["TW706"]
    assert "84201" in run.state.unused_keys[0].message(EN)
    assert "84201" in rig.stored


async def clients_of_the_office(rig: Rig, count: int) -> list[Path]:
    """Write a config for each of several clients, all with the office's key."""
    for number in range(count):
        rig.world.grant_client_access(rig.world.office_second, add_client(rig.world, f"Klient {number} AS"))
    for client in rig.world.clients:
        rig.world.grant_client_access(rig.world.office_second, client)
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
    # Once before anything is moved, and once for the files as they are afterwards.
    assert rig.log_ons(rig.world.office_second) == 2
    # In addition, the figures of each client: with both keys before and with the new one afterwards.
    about_keys = [request for request in rig.sandbox.requests if request.username in {None, "0"}]
    assert len(about_keys) <= 24
    table = [run.state.outcomes[path].outcome for path in paths]
    assert table == [Outcome.MOVED] * count


async def test_a_folder_with_several_keys_needs_a_choice(rig: Rig) -> None:
    await rig.config("a.toml", rig.world.single_company)
    await rig.config("b.toml", rig.world.single_company)
    assert len(rig.rotation(folder=rig.folder).state.group.members) == 2
    await rig.config("c.toml", rig.world.single_company_second)
    with pytest.raises(SeveralKeys):
        rig.rotation(folder=rig.folder)


async def test_no_config_is_listed_twice(rig: Rig) -> None:
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


async def test_starting_over_keeps_the_key_of_the_former_run(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing proves that it is dead, whether or not a config uses it already."""
    old, new = rig.world.single_company, rig.world.single_company_second
    third = rig.world.add_key("a third key", rig.world.company)
    for moved in (0, 1):
        paths = [await rig.config(f"{name}.toml", old) for name in "ab"]
        with dying_after(moved, monkeypatch):
            await rig.walk(rig.rotation(*paths), new)
        run = rig.rotation(*paths)
        await rig.submit(run, Chosen(FRESH))
        # A key that a config uses is not one to delete in Tripletex.
        assert len(run.state.left_keys) == 1 - moved
        assert await rig.walk(run, third) == ()
        assert numbers_in(paths) == [third.token_id] * 2
        assert rig.stored == {str(old.token_id), str(new.token_id), str(third.token_id)}
        assert str(rig.key_file(new)) in run.state.left_keys[0].message(EN)


async def test_a_journal_without_a_stored_key_asks_for_the_key(rig: Rig) -> None:
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


async def test_a_partly_finished_rotation_keeps_its_journal(
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


async def test_an_unreadable_journal_does_not_prevent_a_rotation(rig: Rig) -> None:
    path = await rig.config("a.toml", rig.world.single_company)
    folder = rig.folder / "state" / "rotations"
    folder.mkdir(parents=True)
    for name, text in (("a", "{"), ("b", "[]"), ("c", '{"version": 1}'), ("d", '{"version": 99}')):
        (folder / f"{name}.json").write_text(text)
    run = rig.rotation(path)
    assert run.state.unfinished is None


async def test_a_key_that_all_configs_use_already_changes_nothing(rig: Rig) -> None:
    """An identical second run from a script changes nothing and is no failure."""
    old, new = rig.world.single_company, rig.world.single_company_second
    path = await rig.config("a.toml", old)
    assert await rig.walk(rig.rotation(path, pasted=new), new) == ()
    after = path.read_bytes()

    run = rig.rotation(path, pasted=new)
    assert await rig.walk(run, new) == ()
    assert run.state.outcomes[path].outcome is Outcome.ALREADY_MOVED
    assert path.read_bytes() == after


async def test_a_client_list_that_cannot_be_read_stops_a_rotation(rig: Rig) -> None:
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


async def test_a_client_that_neither_key_reaches_does_not_stop_a_rotation(rig: Rig) -> None:
    world = rig.world
    missing = world.client_without_access.organization_number
    more = f'org_number = "%ORGNR%"\nclients = ["{missing}"]\n'
    path = await rig.config("felles.toml", world.office, "bureau-shared", more)
    second = world.add_key(
        "another office key", world.office_company, company_owned=True, clients=world.clients
    )
    run = rig.rotation(path)
    assert await rig.walk(run, second) == ()
    assert run.state.is_complete


async def with_one_unchecked(rig: Rig, paths: list[Path]) -> RotationWalk:
    """Return a rotation whose new key could not be checked for the second config."""
    run = rig.rotation(*paths)
    await rig.submit(run, Continue())
    rig.sandbox.faults.append(Fault(path="/balanceSheet", after=1, times=None, status=500))
    await rig.submit(run, Pasted(Secret(rig.world.office_second.employee_token)))
    rig.sandbox.faults.clear()
    return run


async def test_trying_again_changes_no_config_that_still_cannot_be_checked(rig: Rig) -> None:
    paths = await clients_of_the_office(rig, 2)
    remove_client_access(rig.world, rig.world.office_second, rig.world.clients[0])
    run = await with_one_unchecked(rig, paths)
    await rig.submit(run, Chosen("anyway"))
    numbers = [rig.world.office_second.token_id, rig.world.office.token_id]
    assert numbers_in(paths) == numbers

    for reply in (Chosen("again"), Chosen("access"), Chosen("again"), Chosen("anyway"), Chosen("again")):
        rig.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
        await rig.submit(run, reply)
        assert numbers_in(paths) == numbers, reply
    rig.sandbox.faults.clear()
    await rig.submit(run, Chosen("again"))
    assert numbers_in(paths) == [rig.world.office_second.token_id] * 2


async def test_after_esc_during_a_check_the_former_one_counts(rig: Rig) -> None:
    paths = await clients_of_the_office(rig, 2)
    run = await with_one_unchecked(rig, paths)
    hangs = Fault(path="/balanceSheet", trouble="hang")
    rig.sandbox.faults.append(hangs)
    checking = asyncio.create_task(rig.submit(run, Again()))
    while not rig.sandbox.faults.hits(hangs):  # noqa: ASYNC110 - the sandbox runs in a thread
        await asyncio.sleep(0.01)
    checking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await checking
    await rig.submit(run, Continue())
    assert numbers_in(paths) == [rig.world.office.token_id] * 2
