"""A rotation on a terminal: walked to its end, and cut off where that would cost most."""

import signal
import tomllib

import pytest

from tests.e2e.faces import BOTH, Face, FullScreen, Lines
from tests.e2e.walks import SINGLE_COMPANY, wrapped
from tests.support.house import House
from tests.support.sandbox import Fault
from wizard.findings import StepId, codes

EVERY_FACE = pytest.mark.parametrize("face", BOTH)
_GO_ON, _BEGIN_ANEW, _LEAVE_THE_OLD_KEY = 1, 2, 2


@pytest.fixture
def house(house: House) -> House:
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
def test_two_configs_get_a_new_key(house: House, face: type[Face]) -> None:
    person = at_the_key(house, face)
    person.paste(house.sandbox.world.single_company.employee_token)
    person.hears(codes.SAME_KEY)
    person.still_at(StepId.CREATE_KEY)
    person.paste(wrapped(house.sandbox.world.single_company_second.employee_token))
    finish(person)
    assert_moved(house)


@pytest.mark.parametrize("second", BOTH)
def test_cut_off_after_the_paste_it_goes_on_without_asking_for_the_key(
    house: House, second: type[Face]
) -> None:
    before = house.written
    person = at_the_key(house, FullScreen)
    # It is tested as soon as it is stored, and a killed program leaves a session that nobody can end.
    house.sandbox.faults.append(Fault(path="*:create", trouble="hang"))
    person.terminal.paste(house.sandbox.world.single_company_second.employee_token)
    # Nothing but the paste: Enter was never pressed.
    names = both_keys(house)
    person.terminal.until(lambda: {path.name for path in house.keys} == names, "the new key in its store")
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()
    house.sandbox.faults.clear()
    assert house.written == before
    (journal,) = house.journals
    assert journal not in house.telling
    person = begin(house, second)
    person.at(StepId.ROTATE_START)
    person.choose(_GO_ON)
    finish(person)
    assert_moved(house)


@pytest.mark.parametrize(("first", "second"), [(FullScreen, Lines), (Lines, FullScreen)])
def test_cut_off_while_the_new_key_is_tried(house: House, first: type[Face], second: type[Face]) -> None:
    before = house.written
    person = at_the_key(house, first)
    hang = Fault(path="*:create", trouble="hang")
    house.sandbox.faults.append(hang)
    person.paste(house.sandbox.world.single_company_second.employee_token)
    person.terminal.until(lambda: bool(house.sandbox.faults.hits(hang)), "the log-on")
    person.terminal.signal(signal.SIGHUP)
    assert person.terminal.end() == 128 + signal.SIGHUP
    assert house.written == before
    person = begin(house, second)
    person.at(StepId.ROTATE_START)
    person.choose(_GO_ON)
    finish(person)
    assert_moved(house)


@EVERY_FACE
def test_starting_over_leaves_the_new_key(house: House, face: type[Face]) -> None:
    before = house.written
    person = at_the_key(house, face)
    person.paste(house.sandbox.world.single_company_second.employee_token)
    person.works()
    person.at(StepId.ROTATE_REVIEW)
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()
    assert len(house.keys) == 2
    person = begin(house, face)
    person.at(StepId.ROTATE_START)
    person.choose(_BEGIN_ANEW)
    person.at(StepId.CREATE_KEY)
    assert len(house.keys) == 2
    person.leave()
    person.terminal.end()
    assert house.written == before
    assert not house.journals


@EVERY_FACE
def test_leaving_the_last_question_leaves_the_old_key_for_later(house: House, face: type[Face]) -> None:
    person = at_the_key(house, face)
    person.paste(house.sandbox.world.single_company_second.employee_token)
    to_the_end(person)
    person.leave()
    assert person.terminal.end() == 0
    assert_moved(house)
    assert not house.journals
