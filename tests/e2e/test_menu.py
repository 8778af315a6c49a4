"""The start menu and a rotation on a terminal."""

import signal
import tomllib

import pytest

from tests.e2e.faces import EVERY_FACE, SINGLE_COMPANY, Face, FullScreen, Lines, wrapped
from tests.support.home import Home
from tests.support.sandbox import Fault
from wizard.findings import StepId, codes

MENU = "Hva vil du gjøre?"


@EVERY_FACE
def test_an_unfinished_set_up_is_offered_once_with_its_company(home: Home, face: type[Face]) -> None:
    person = face.start(home)
    person.asked(MENU)
    if face is FullScreen:
        person.hears("Ingen oppsettsfiler ennå. Velg 1.")
    person.leave()
    assert person.terminal.end() == 0
    person = face.start(home, "setup", *home.flags)
    SINGLE_COMPANY.take(person, home, to=StepId.ORG_NUMBER)
    person.leave()
    assert person.terminal.end() == 130
    person = face.start(home)
    person.asked(MENU)
    person.hears("Et oppsett er ikke ferdig")
    person.hears(home.world.company.name)
    person.hears("steg 4 av 6: Organisasjonsnummer")
    person.choose(1)
    SINGLE_COMPANY.take(person, home, after=StepId.SETUP)
    assert person.terminal.end() == 0
    assert len(home.written) == 1


def test_the_menu_checks_configs_with_the_worst_first(home: Home) -> None:
    world, number = home.world, home.world.client.organization_number
    home.config("configs/single-company.toml")
    home.config("configs/bureau-client.toml", world.office, setup="bureau-client", number=number)
    world.delete_key(world.office)
    person = FullScreen.start(home)
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
    person = FullScreen.start(home, "validate")
    person.asked("Kontroller oppsett")
    person.hears("1 feil · 1 i orden")
    person.leave()
    assert person.terminal.end() == 1


def test_flags_without_a_config_are_not_ignored(home: Home) -> None:
    home.config(home.target)
    for words in (("validate", "--format", "json"), ("validate", "--deep"), ("rotate", "--store", "file")):
        terminal = home.start(*words)
        assert terminal.end() == 2, words
        assert "Oppgi en oppsettsfil" in terminal.plain


@EVERY_FACE
def test_going_back_from_a_rotation_leads_to_the_menu(home: Home, face: type[Face]) -> None:
    home.config(home.target)
    person = face.start(home)
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
def two_configs(home: Home) -> Home:
    """Return a home with two configs that share a key."""
    for name in ("a", "b"):
        home.config(f"configs/{name}.toml")
    return home


def begin(home: Home, face: type[Face]) -> Face:
    """Start a rotation, and wait until the key in use has been tested."""
    person = face.start(home, "rotate", "-v", *sorted(home.configs.glob("*.toml")))
    person.hears(home.world.company.name)
    person.at(StepId.ROTATE_START)
    return person


def at_the_key(home: Home, face: type[Face]) -> Face:
    person = begin(home, face)
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


def both_keys(home: Home) -> set[str]:
    world = home.world
    return {str(world.single_company.token_id), str(world.single_company_second.token_id)}


def assert_moved(home: Home) -> None:
    old, new = home.world.single_company, home.world.single_company_second
    for text in home.written.values():
        key = tomllib.loads(text)["key"]
        assert key["id"] == new.token_id
        assert key["previous"]["file"].endswith(str(old.token_id))
    assert {path.name for path in home.keys} == both_keys(home)
    assert not home.journals
    assert not home.sandbox.open_sessions


@EVERY_FACE
def test_two_configs_get_a_new_key(two_configs: Home, face: type[Face]) -> None:
    person = at_the_key(two_configs, face)
    person.paste(two_configs.sandbox.world.single_company.employee_token)
    person.hears(codes.SAME_KEY)
    person.still_at(StepId.CREATE_KEY)
    person.paste(wrapped(two_configs.sandbox.world.single_company_second.employee_token))
    finish(person)
    assert_moved(two_configs)


@pytest.mark.parametrize(
    ("first", "number", "second"),
    [
        (FullScreen, signal.SIGKILL, FullScreen),
        (FullScreen, signal.SIGHUP, Lines),
        (Lines, signal.SIGHUP, FullScreen),
    ],
)
def test_a_rotation_cut_off_after_the_paste_continues_with_the_key(
    two_configs: Home, first: type[Face], number: signal.Signals, second: type[Face]
) -> None:
    before = two_configs.written
    person = at_the_key(two_configs, first)
    # It is tested as soon as it is stored, and a killed program cannot close its session.
    hang = Fault(path="*:create", trouble="hang")
    two_configs.sandbox.faults.append(hang)
    person.paste(two_configs.sandbox.world.single_company_second.employee_token)
    person.terminal.until(lambda: bool(two_configs.sandbox.faults.hits(hang)), "the log-on")
    assert {path.name for path in two_configs.keys} == both_keys(two_configs)
    person.terminal.signal(number)
    assert person.terminal.end() == (-number if number == signal.SIGKILL else 128 + number)
    two_configs.sandbox.faults.clear()
    assert two_configs.written == before
    (journal,) = two_configs.journals
    assert journal not in two_configs.leaking
    if first is Lines:
        person = second.start(two_configs)
        person.asked(MENU)
        person.choose(_GO_ON)
        person.at(StepId.CREATE_KEY)
    else:
        person = begin(two_configs, second)
        person.choose(_GO_ON)
    finish(person)
    assert_moved(two_configs)


def test_starting_a_rotation_over_keeps_the_new_key(two_configs: Home) -> None:
    before = two_configs.written
    person = at_the_key(two_configs, FullScreen)
    person.paste(two_configs.sandbox.world.single_company_second.employee_token)
    person.works()
    person.at(StepId.ROTATE_REVIEW)
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()
    assert len(two_configs.keys) == 2
    person = begin(two_configs, FullScreen)
    person.choose(_BEGIN_ANEW)
    person.at(StepId.CREATE_KEY)
    assert len(two_configs.keys) == 2
    person.leave()
    person.terminal.end()
    assert two_configs.written == before
    assert not two_configs.journals


@EVERY_FACE
def test_leaving_at_the_last_question_keeps_the_old_key(two_configs: Home, face: type[Face]) -> None:
    person = at_the_key(two_configs, face)
    person.paste(two_configs.sandbox.world.single_company_second.employee_token)
    to_the_end(person)
    person.leave()
    assert person.terminal.end() == 0
    assert_moved(two_configs)
    assert not two_configs.journals
