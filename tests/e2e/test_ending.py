"""How a run ends: by itself, by a signal, cut off and resumed; what stays on the terminal and on the disk."""

import signal
import stat
import time
from collections.abc import Callable

import pytest

from tests.e2e.faces import (
    BOTH,
    BUREAU_CLIENT,
    BUREAU_SHARED,
    SINGLE_COMPANY,
    Face,
    FullScreen,
    Lines,
    Walk,
    wrapped,
)
from tests.support.house import House
from tests.support.sandbox import Fault
from wizard.findings import StepId, codes
from wizard.text import Texts

EVERY_FACE = pytest.mark.parametrize("face", BOTH)
GO_ON = Texts("nb")("The steps you have finished are saved. Run the same command again to continue.")


def said_last(person: Face) -> str:
    """Return the text at the end, without line breaks."""
    return " ".join(person.terminal.plain[-1500:].split())


@EVERY_FACE
def test_a_finished_set_up_leaves_a_summary(house: House, face: type[Face]) -> None:
    person = face(house.set_up(house.config, *face.flags))
    SINGLE_COMPANY.take(person, house)
    assert person.terminal.end() == 0
    last = said_last(person)
    for said in (
        "Tripletex er koblet til Visma Finale",
        house.sandbox.world.company.name,
        f"Oppsettsfil {house.config}",
        "In Finale" if person.language == "en" else "I Finale: Firmaopplysninger",
        "validate",
    ):
        assert said in last, said


@EVERY_FACE
def test_a_set_up_that_could_not_be_proven_ends_with_3(house: House, face: type[Face]) -> None:
    person = face(house.set_up(house.config, *face.flags))
    BUREAU_SHARED.take(person, house, to=StepId.ORG_NUMBER)
    house.sandbox.faults.append(Fault(path="*", trouble="captive-portal", times=None))
    person.go_on()
    person.at(StepId.REVIEW)
    person.hears(codes.NOT_TRIPLETEX)
    person.choose(2)
    person.at(StepId.FINALE)
    person.leave()
    assert person.terminal.end() == 3
    assert GO_ON not in said_last(person)
    assert list(house.written) == [house.config.name]


@EVERY_FACE
def test_leaving_early_says_how_to_continue(house: House, face: type[Face]) -> None:
    person = face(house.set_up(house.config, *face.flags))
    person.at(StepId.WELCOME)
    person.leave()
    assert person.terminal.end() == 130
    assert GO_ON not in said_last(person)
    person = face(house.set_up(house.config, *face.flags))
    SINGLE_COMPANY.take(person, house, to=StepId.SETUP)
    person.leave()
    assert person.terminal.end() == 130
    assert GO_ON in said_last(person)
    person = face(house.set_up(house.config, *face.flags))
    person.at(StepId.WELCOME)
    person.choose(1)
    SINGLE_COMPANY.take(person, house, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    assert GO_ON not in said_last(person)


@pytest.mark.parametrize("keeps", [False, True])
@EVERY_FACE
def test_a_demo_says_that_it_was_one_and_what_it_leaves(house: House, face: type[Face], keeps: bool) -> None:  # noqa: FBT001 - a case
    temporary, kept = house.folder / "tmp", house.folder / "kept"
    temporary.mkdir()
    house.home.variables["TMPDIR"] = str(temporary)
    house.guard.stores.add(kept)
    folder = ("--folder", str(kept)) if keeps else ()
    person = face(house.start("demo", *folder, *face.flags))
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    person.paste("avvist")
    person.hears(codes.KEY_REJECTED)
    person.still_at(StepId.CREATE_KEY)
    person.paste("selskap")
    person.works()
    SINGLE_COMPANY.take(person, house, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    assert not list(temporary.iterdir())
    last = said_last(person)
    assert "Tripletex er koblet til" not in last
    if keeps:
        assert "Dette var en demo" in last
        assert str(kept) in last
        assert list(kept.glob("*.toml"))
    else:
        assert "Demoen er ferdig. Alt var oppdiktet, og ingenting er igjen på maskinen." in last
        assert last.endswith("Start på ordentlig med: tripletex-wizard")
    assert not house.written
    assert not house.journals
    assert not house.sandbox.requests


@pytest.mark.parametrize("number", [1, 15])
def test_a_demo_that_is_killed_leaves_no_files(house: House, number: int) -> None:
    temporary = house.folder / "tmp"
    temporary.mkdir()
    house.home.variables["TMPDIR"] = str(temporary)
    person = FullScreen(house.start("demo"))
    person.at(StepId.WELCOME)
    person.terminal.signal(number)
    assert person.terminal.end() == 128 + number
    assert not list(temporary.iterdir())


def test_ctrl_c_leaves_the_line_face_with_the_same_message(house: House) -> None:
    person = Lines(house.set_up(house.config, "--plain"))
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    person.terminal.send("\x03")
    assert person.terminal.end() == 130
    assert GO_ON in said_last(person)


SOON = 3.0
"""Seconds; half a second is what is wanted, on a machine that has nothing else to do."""
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
def test_a_signal_at_a_prompt_ends_the_run_cleanly(
    house: House, face: type[Face], number: signal.Signals
) -> None:
    person = at_the_key(house, face)
    person.terminal.signal(number)
    assert person.terminal.end(SOON) == 128 + number
    person.terminal.assert_restored()
    assert not house.written
    assert (GO_ON in said_last(person)) is (number == signal.SIGTERM)


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
def test_a_lost_terminal_ends_the_run(house: House, face: type[Face], stage: Stage) -> None:
    person = stage(house, face)
    person.terminal.hang_up()
    assert person.terminal.end(SOON) == 128 + signal.SIGHUP
    assert not house.sandbox.open_sessions


@EVERY_FACE
def test_the_key_is_stored_even_if_the_terminal_stopped_reading(house: House, face: type[Face]) -> None:
    # No session comes about: one could be left open where nothing can be done but to end the process.
    house.sandbox.faults.append(Fault(path="*:create", trouble="hang", times=None))
    person = at_the_key(house, face)
    person.paste(wrapped(house.sandbox.world.single_company.employee_token))
    deadline = time.monotonic() + 20
    while not house.keys or '"key": null' in house.journals[0].read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert [path.name for path in house.leaking] == [str(house.sandbox.world.single_company.token_id)]
    person.terminal.signal(signal.SIGTERM)
    assert person.terminal.end(SOON) == 128 + signal.SIGTERM


def test_ctrl_c_leaves_the_full_screen_when_it_is_pressed_twice(house: House) -> None:
    person = at_the_key(house, FullScreen)
    person.terminal.send("\x03")
    person.hears("Trykk Ctrl+C en gang til for å avslutte.")
    person.terminal.send("\x03")
    assert person.terminal.end(SOON) == 130
    person.terminal.assert_restored()


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
    assert house.leaking == [key_file]
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert str(key_file) in journal.read_text()


@pytest.mark.parametrize(("first", "second"), [(FullScreen, Lines), (Lines, FullScreen)])
def test_a_killed_run_continues_in_the_other_face_with_its_key(
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


def test_a_pasted_key_is_stored_before_enter_is_pressed(house: House) -> None:
    person = begin(house, FullScreen)
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    person.terminal.paste("2147628461")
    person.hears(codes.KEY_IS_ID)
    # No program could close a session that is opened while this one is killed.
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
def test_a_run_killed_while_the_key_is_tested_keeps_the_key(house: House, face: type[Face]) -> None:
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
def test_a_run_killed_after_writing_knows_what_it_wrote(house: House, face: type[Face]) -> None:
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
def test_a_broken_journal_does_not_prevent_a_new_start(house: House, face: type[Face]) -> None:
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
def test_a_journal_that_cannot_be_written_is_no_error(house: House, face: type[Face]) -> None:
    (house.home.folder / ".local").mkdir()
    (house.home.folder / ".local/state").write_text("no folder")
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house)
    assert person.terminal.end() == 0
    assert house.config.exists()
