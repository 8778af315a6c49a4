"""A set-up that was cut off, taken up again or thrown away, in the same face or in the other."""

import signal
import stat

import pytest

from tests.e2e.faces import BOTH, Face, FullScreen, Lines
from tests.e2e.walks import BUREAU_CLIENT, SINGLE_COMPANY, Walk, wrapped
from tests.support.house import House
from tests.support.sandbox import Fault
from wizard.findings import StepId, codes

EVERY_FACE = pytest.mark.parametrize("face", BOTH)
_GO_ON, _START_AGAIN = 1, 2


def begin(house: House, face: type[Face]) -> Face:
    return face(house.set_up(house.config, *face.flags))


def cut_off_at(house: House, face: type[Face], walk: Walk, step: StepId) -> None:
    """Walk up to a step, and let the program be killed there."""
    person = begin(house, face)
    walk.take(person, house, to=step)
    person.terminal.signal(signal.SIGKILL)
    assert person.terminal.end() == -signal.SIGKILL
    assert not house.written


def assert_that_only_the_store_holds_the_key(house: House) -> None:
    (key_file,) = house.keys
    (journal,) = house.journals
    assert house.telling == [key_file]
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert str(key_file) in journal.read_text()


@pytest.mark.parametrize(("first", "second"), [(FullScreen, Lines), (Lines, FullScreen)])
def test_a_killed_run_goes_on_in_the_other_face_and_never_asks_for_the_key_again(
    house: House, first: type[Face], second: type[Face]
) -> None:
    cut_off_at(house, first, BUREAU_CLIENT, StepId.ORG_NUMBER)
    assert_that_only_the_store_holds_the_key(house)
    person = begin(house, second)
    person.at(StepId.WELCOME)
    person.choose(_GO_ON)
    BUREAU_CLIENT.take(person, house, after=StepId.SETUP)
    assert person.terminal.end() == 0
    assert not house.journals
    written = house.written
    house.furnish()
    key = house.sandbox.world.office.employee_token
    assert house.home.run(*BUREAU_CLIENT.flags(house), text=key).returncode == 0
    assert house.written == written


def test_a_key_that_was_pasted_is_safe_before_enter_is_pressed(house: House) -> None:
    person = begin(house, FullScreen)
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    person.terminal.paste("2147628461")
    person.hears(codes.KEY_IS_ID)
    # A session that is opened while the program is killed would be nobody's to close.
    hang = Fault(path="*:create", trouble="hang")
    house.sandbox.faults.append(hang)
    person.terminal.paste(wrapped(house.sandbox.world.single_company.employee_token))
    name = str(house.sandbox.world.single_company.token_id)
    person.terminal.until(lambda: [path.name for path in house.keys] == [name], "the key in its store")
    assert_that_only_the_store_holds_the_key(house)
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()
    house.sandbox.faults.clear()
    person = begin(house, FullScreen)
    person.at(StepId.WELCOME)
    person.choose(_GO_ON)
    person.at(StepId.CREATE_KEY)
    person.go_on()
    person.at(StepId.SETUP)


@EVERY_FACE
def test_a_run_that_was_killed_while_the_key_was_tried_has_the_key(house: House, face: type[Face]) -> None:
    hang = Fault(path="*:create", trouble="hang")
    house.sandbox.faults.append(hang)
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    person.paste(wrapped(house.sandbox.world.single_company.employee_token))
    person.terminal.until(lambda: bool(house.sandbox.faults.hits(hang)), "the log-on")
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()
    assert_that_only_the_store_holds_the_key(house)
    person = begin(house, face)
    person.at(StepId.WELCOME)
    person.choose(_GO_ON)
    person.at(StepId.CREATE_KEY)
    person.go_on()
    SINGLE_COMPANY.take(person, house, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    assert house.config.exists()


@EVERY_FACE
def test_a_run_that_was_killed_after_writing_knows_what_it_wrote(house: House, face: type[Face]) -> None:
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house, to=StepId.FINALE)
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()
    written = house.written
    assert list(written) == [house.config.name]
    person = begin(house, face)
    person.at(StepId.WELCOME)
    person.choose(_GO_ON)
    person.at(StepId.FINALE)
    person.go_on()
    assert person.terminal.end() == 0
    assert house.written == written
    assert not house.journals


@EVERY_FACE
def test_starting_over_leaves_the_stored_key(house: House, face: type[Face]) -> None:
    cut_off_at(house, face, SINGLE_COMPANY, StepId.SETUP)
    (left,) = house.keys
    person = begin(house, face)
    person.at(StepId.WELCOME)
    person.choose(_START_AGAIN)
    person.at(StepId.ENABLE_API)
    assert house.keys == [left]
    person.go_on()
    BUREAU_CLIENT.take(person, house, after=StepId.ENABLE_API)
    assert person.terminal.end() == 0
    assert {path.name for path in house.keys} == {left.name, str(house.sandbox.world.office.token_id)}


@EVERY_FACE
def test_a_broken_journal_keeps_nobody_from_starting(house: House, face: type[Face]) -> None:
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house, to=StepId.ENABLE_API)
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()
    (journal,) = house.journals
    journal.write_text(journal.read_text()[:-20])
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house, to=StepId.ENABLE_API)
    person.leave()
    assert person.terminal.end() == 130


@EVERY_FACE
def test_a_journal_that_cannot_be_written_stops_nobody(house: House, face: type[Face]) -> None:
    (house.home.folder / ".local").mkdir()
    (house.home.folder / ".local/state").write_text("no folder")
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house)
    assert person.terminal.end() == 0
    assert house.config.exists()
