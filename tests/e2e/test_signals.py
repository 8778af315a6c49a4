"""The end by a signal or a lost terminal: soon, with the terminal as it was and no session left open."""

import signal
import time
from collections.abc import Callable

import pytest

from tests.e2e.faces import BOTH, Face, FullScreen
from tests.e2e.walks import SINGLE_COMPANY, wrapped
from tests.support.house import House
from tests.support.sandbox import Fault
from wizard.findings import StepId

SOON = 3.0
"""Seconds; half a second is what is wanted, on a machine that has nothing else to do."""

EVERY_FACE = pytest.mark.parametrize("face", BOTH)
EVERY_SIGNAL = pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
SLOW = Fault(path="*whoAmI", trouble="slow", delay=30)


Stage = Callable[[House, type[Face]], Face]


def at_the_key(house: House, face: type[Face]) -> Face:
    person = face(house.set_up(house.config, *face.flags))
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    return person


def trying_the_key(house: House, face: type[Face]) -> Face:
    """Wait until the program has logged on and waits for Tripletex's word."""
    house.sandbox.faults.append(SLOW)
    person = at_the_key(house, face)
    person.paste(wrapped(house.sandbox.world.single_company.employee_token))
    person.terminal.until(lambda: bool(house.sandbox.faults.hits(SLOW)), "a question")
    assert house.sandbox.open_sessions
    return person


@EVERY_SIGNAL
@EVERY_FACE
def test_a_signal_at_a_question_ends_it_in_order(
    house: House, face: type[Face], number: signal.Signals
) -> None:
    person = at_the_key(house, face)
    person.terminal.signal(number)
    assert person.terminal.end(SOON) == 128 + number
    person.terminal.assert_restored()
    assert not house.written


@EVERY_SIGNAL
@EVERY_FACE
def test_a_signal_in_the_middle_of_a_check_leaves_no_session_open(
    house: House, face: type[Face], number: signal.Signals
) -> None:
    person = trying_the_key(house, face)
    person.terminal.signal(number)
    assert person.terminal.end(SOON) == 128 + number
    person.terminal.assert_restored()
    assert not house.sandbox.open_sessions
    assert house.keys
    assert house.journals


@pytest.mark.parametrize("stage", [at_the_key, trying_the_key])
@EVERY_FACE
def test_a_terminal_that_is_gone_ends_it(house: House, face: type[Face], stage: Stage) -> None:
    person = stage(house, face)
    person.terminal.hang_up()
    assert person.terminal.end(SOON) == 128 + signal.SIGHUP
    assert not house.sandbox.open_sessions


@EVERY_FACE
def test_a_terminal_that_has_stopped_reading_does_not_keep_the_key_from_the_disk(
    house: House, face: type[Face]
) -> None:
    # No session comes about: one could be left open where nothing can be done but to end the process.
    house.sandbox.faults.append(Fault(path="*:create", trouble="hang", times=None))
    person = at_the_key(house, face)
    person.paste(wrapped(house.sandbox.world.single_company.employee_token))
    deadline = time.monotonic() + 20
    while not house.keys or '"key": null' in house.journals[0].read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert [path.name for path in house.telling] == [str(house.sandbox.world.single_company.token_id)]
    person.terminal.signal(signal.SIGTERM)
    assert person.terminal.end(SOON) == 128 + signal.SIGTERM


def test_ctrl_c_leaves_the_full_screen_when_it_is_pressed_twice(house: House) -> None:
    person = at_the_key(house, FullScreen)
    person.terminal.send("\x03")
    person.hears("Trykk Ctrl+C en gang til for å avslutte.")
    person.terminal.send("\x03")
    assert person.terminal.end(SOON) == 130
    person.terminal.assert_restored()
