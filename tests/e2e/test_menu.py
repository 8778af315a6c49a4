"""The start menu and a rotation on a terminal."""

import signal
import tomllib

import pytest

from tests.e2e.faces import BOTH, BUREAU_CLIENT, SINGLE_COMPANY, Face, FullScreen, Lines, wrapped
from tests.support.house import House
from tests.support.sandbox import Fault
from wizard.findings import StepId, codes

EVERY_FACE = pytest.mark.parametrize("face", BOTH)
MENU = "Hva vil du gjøre?"


@EVERY_FACE
def test_an_unfinished_set_up_is_offered_once_with_its_company(house: House, face: type[Face]) -> None:
    person = face(house.start(*face.flags))
    person.asked(MENU)
    if face is FullScreen:
        person.hears("Ingen oppsettsfiler ennå. Velg 1.")
    person.leave()
    assert person.terminal.end() == 0
    person = face(house.set_up(*face.flags))
    SINGLE_COMPANY.take(person, house, to=StepId.ORG_NUMBER)
    person.leave()
    assert person.terminal.end() == 130
    person = face(house.start(*face.flags))
    person.asked(MENU)
    person.hears("Et oppsett er ikke ferdig")
    person.hears(house.sandbox.world.company.name)
    person.hears("steg 4 av 6: Organisasjonsnummer")
    person.choose(1)
    SINGLE_COMPANY.take(person, house, after=StepId.SETUP)
    assert person.terminal.end() == 0
    assert len(house.written) == 1


def test_the_menu_checks_configs_with_the_worst_first(house: House) -> None:
    world = house.sandbox.world
    for walk in (SINGLE_COMPANY, BUREAU_CLIENT):
        words = [word for word in walk.flags(house) if word != str(house.config)]
        name = house.configs / f"{walk.setup}.toml"
        done = house.home.run("setup", name, *words[1:], text=walk.key(world).employee_token)
        assert done.returncode == 0, done.stderr
    world.delete_key(world.office)
    person = FullScreen(house.start())
    person.asked(MENU)
    person.hears("2 filer")
    person.terminal.send("3")
    person.asked("Kontroller oppsett")
    person.hears("1 feil · 1 i orden")
    rows = [row for row in person.terminal.rows if ".toml" in row]
    assert rows[0].startswith("  ► × FEIL      bureau-client.toml")
    assert rows[1].startswith("    √ OK        single-company.toml     Demobakeriet AS"[:32])
    person.hears(codes.KEY_REJECTED)
    person.go_on()
    person.at(StepId.CREATE_KEY)
    person.hears("Bytt API-nøkkel")
    person.go_back()
    person.asked("Kontroller oppsett")
    person.terminal.send("\x1b[B")
    person.hears("Alt er i orden.")
    person.go_back()
    person.asked(MENU)
    person.hears("sist kontrollert")
    person.hears("1 må rettes")
    person.leave()
    assert person.terminal.end() == 0
    # The command alone shows the same table.
    person = FullScreen(house.start("validate"))
    person.asked("Kontroller oppsett")
    person.hears("1 feil · 1 i orden")
    person.leave()
    assert person.terminal.end() == 1


@EVERY_FACE
def test_going_back_from_a_rotation_leads_to_the_menu(house: House, face: type[Face]) -> None:
    words = [word for word in SINGLE_COMPANY.flags(house) if word != str(house.config)]
    name = house.configs / "one.toml"
    done = house.home.run(
        "setup", name, *words[1:], text=SINGLE_COMPANY.key(house.sandbox.world).employee_token
    )
    assert done.returncode == 0, done.stderr
    person = face(house.start(*face.flags))
    person.asked(MENU)
    person.choose(2)
    person.at(StepId.ROTATE_START)
    if face is FullScreen:
        person.hears("Esc meny")
    person.go_back()
    person.asked(MENU)
    person.leave()
    assert person.terminal.end() == 0


_GO_ON, _BEGIN_ANEW, _LEAVE_THE_OLD_KEY = 1, 2, 2


@pytest.fixture
def two_configs(house: House) -> House:
    """Return a house with two configs that share a key."""
    key = house.sandbox.world.single_company.employee_token
    for name in ("a", "b"):
        words = SINGLE_COMPANY.flags(house)
        words[1] = str(house.configs / f"{name}.toml")
        done = house.home.run(*words, text=key)
        assert done.returncode == 0, done.stderr
    house.sandbox.requests.clear()
    return house


def begin(house: House, face: type[Face]) -> Face:
    return face(house.start("rotate", *sorted(house.configs.glob("*.toml")), *face.flags))


def at_the_key(house: House, face: type[Face]) -> Face:
    person = begin(house, face)
    person.at(StepId.ROTATE_START)
    person.go_on()
    person.at(StepId.CREATE_KEY)
    return person


def to_the_end(person: Face) -> None:
    """Go on from a key that was pasted and works."""
    person.works()
    person.at(StepId.ROTATE_REVIEW)
    person.go_on()
    person.at(StepId.ROTATE_END)


def finish(person: Face) -> None:
    to_the_end(person)
    person.choose(_LEAVE_THE_OLD_KEY)
    assert person.terminal.end() == 0


def both_keys(house: House) -> set[str]:
    world = house.sandbox.world
    return {str(world.single_company.token_id), str(world.single_company_second.token_id)}


def assert_moved(house: House) -> None:
    old, new = house.sandbox.world.single_company, house.sandbox.world.single_company_second
    for text in house.written.values():
        key = tomllib.loads(text)["key"]
        assert key["id"] == new.token_id
        assert key["previous"]["file"].endswith(str(old.token_id))
    assert {path.name for path in house.keys} == both_keys(house)
    assert not house.journals
    assert not house.sandbox.open_sessions


@EVERY_FACE
def test_two_configs_get_a_new_key(two_configs: House, face: type[Face]) -> None:
    person = at_the_key(two_configs, face)
    person.paste(two_configs.sandbox.world.single_company.employee_token)
    person.hears(codes.SAME_KEY)
    person.still_at(StepId.CREATE_KEY)
    person.paste(wrapped(two_configs.sandbox.world.single_company_second.employee_token))
    finish(person)
    assert_moved(two_configs)


@pytest.mark.parametrize("second", BOTH)
def test_a_rotation_cut_off_after_the_paste_continues_with_the_key(
    two_configs: House, second: type[Face]
) -> None:
    before = two_configs.written
    person = at_the_key(two_configs, FullScreen)
    # It is tested as soon as it is stored, and a killed program cannot close its session.
    two_configs.sandbox.faults.append(Fault(path="*:create", trouble="hang"))
    person.terminal.paste(two_configs.sandbox.world.single_company_second.employee_token)
    # Nothing but the paste: Enter was never pressed.
    names = both_keys(two_configs)
    person.terminal.until(
        lambda: {path.name for path in two_configs.keys} == names, "the new key in its store"
    )
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()
    two_configs.sandbox.faults.clear()
    assert two_configs.written == before
    (journal,) = two_configs.journals
    assert journal not in two_configs.leaking
    person = begin(two_configs, second)
    person.at(StepId.ROTATE_START)
    person.choose(_GO_ON)
    finish(person)
    assert_moved(two_configs)


@pytest.mark.parametrize(("first", "second"), [(FullScreen, Lines), (Lines, FullScreen)])
def test_a_rotation_cut_off_while_the_key_is_tested_continues(
    two_configs: House, first: type[Face], second: type[Face]
) -> None:
    before = two_configs.written
    person = at_the_key(two_configs, first)
    hang = Fault(path="*:create", trouble="hang")
    two_configs.sandbox.faults.append(hang)
    person.paste(two_configs.sandbox.world.single_company_second.employee_token)
    person.terminal.until(lambda: bool(two_configs.sandbox.faults.hits(hang)), "the log-on")
    person.terminal.signal(signal.SIGHUP)
    assert person.terminal.end() == 128 + signal.SIGHUP
    assert two_configs.written == before
    person = begin(two_configs, second)
    person.at(StepId.ROTATE_START)
    person.choose(_GO_ON)
    finish(person)
    assert_moved(two_configs)


@EVERY_FACE
def test_starting_a_rotation_over_keeps_the_new_key(two_configs: House, face: type[Face]) -> None:
    before = two_configs.written
    person = at_the_key(two_configs, face)
    person.paste(two_configs.sandbox.world.single_company_second.employee_token)
    person.works()
    person.at(StepId.ROTATE_REVIEW)
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()
    assert len(two_configs.keys) == 2
    person = begin(two_configs, face)
    person.at(StepId.ROTATE_START)
    person.choose(_BEGIN_ANEW)
    person.at(StepId.CREATE_KEY)
    assert len(two_configs.keys) == 2
    person.leave()
    person.terminal.end()
    assert two_configs.written == before
    assert not two_configs.journals


@EVERY_FACE
def test_leaving_at_the_last_question_keeps_the_old_key(two_configs: House, face: type[Face]) -> None:
    person = at_the_key(two_configs, face)
    person.paste(two_configs.sandbox.world.single_company_second.employee_token)
    to_the_end(person)
    person.leave()
    assert person.terminal.end() == 0
    assert_moved(two_configs)
    assert not two_configs.journals
