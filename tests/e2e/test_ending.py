"""How a run ends: by itself, by a signal, cut off and resumed; what stays on the terminal and on the disk."""

import ctypes
import signal
import stat
from pathlib import Path

import pytest

from tests.e2e.faces import (
    BUREAU_CLIENT,
    EVERY_FACE,
    SINGLE_COMPANY,
    SOON,
    Face,
    FullScreen,
    Lines,
    wrapped,
)
from tests.support.home import Home
from tests.support.sandbox import Fault
from tests.support.waiting import wait_for
from wizard.findings import StepId, codes
from wizard.text import Texts

GO_ON = Texts("nb")("The steps you have finished are saved. Run the same command again to continue.")


def said_last(person: Face) -> str:
    """Return the text at the end, without line breaks."""
    return " ".join(person.terminal.plain[-1500:].split())


@EVERY_FACE
def test_leaving_early_says_how_to_continue_and_finishing_what_was_done(home: Home, face: type[Face]) -> None:
    person = face.set_up(home)
    person.at(StepId.WELCOME)
    person.leave()
    assert person.terminal.end() == 130
    assert GO_ON not in said_last(person)
    person = face.set_up(home)
    SINGLE_COMPANY.take(person, home, to=StepId.SETUP)
    person.leave()
    assert person.terminal.end() == 130
    assert GO_ON in said_last(person)
    person = face.set_up(home)
    person.at(StepId.WELCOME)
    person.choose(1)
    SINGLE_COMPANY.take(person, home, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    last = said_last(person)
    assert GO_ON not in last
    for said in (
        "Tripletex er koblet til Visma Finale",
        home.world.company.name,
        f"Oppsettsfil {home.target}",
        "I Finale: Firmaopplysninger",
        "validate",
    ):
        assert said in last, said


@pytest.mark.parametrize(("face", "keeps"), [(FullScreen, False), (Lines, True)])
def test_a_demo_says_that_it_was_one_and_what_it_leaves(home: Home, face: type[Face], keeps: bool) -> None:  # noqa: FBT001 - a case
    temporary, kept = home.folder / "tmp", home.folder / "kept"
    home.guard.stores.add(kept)
    folder = ("--folder", str(kept)) if keeps else ()
    person = face.start(home, "demo", *folder)
    SINGLE_COMPANY.take(person, home, to=StepId.CREATE_KEY)
    person.paste("avvist")
    person.hears(codes.KEY_REJECTED)
    person.still_at(StepId.CREATE_KEY)
    person.paste("selskap")
    person.works()
    SINGLE_COMPANY.take(person, home, after=StepId.CREATE_KEY)
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
    assert not home.written
    assert not home.journals
    assert not home.sandbox.requests


@pytest.mark.parametrize("number", [1, 15])
def test_a_demo_that_is_killed_leaves_no_files(home: Home, number: int) -> None:
    person = FullScreen.start(home, "demo")
    person.at(StepId.WELCOME)
    person.terminal.signal(number)
    assert person.terminal.end() == 128 + number
    assert not list((home.folder / "tmp").iterdir())


EVERY_SIGNAL = pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
SLOW = Fault(path="*whoAmI", trouble="slow", delay=30)


def at_the_key(home: Home, face: type[Face]) -> Face:
    person = face.set_up(home)
    SINGLE_COMPANY.take(person, home, to=StepId.CREATE_KEY)
    return person


def trying_the_key(home: Home, face: type[Face]) -> Face:
    """Wait until the program has logged on and waits for Tripletex's word."""
    home.sandbox.faults.append(SLOW)
    person = at_the_key(home, face)
    person.paste(wrapped(home.world.single_company.employee_token))
    person.terminal.until(lambda: bool(home.sandbox.faults.hits(SLOW)), "a question")
    assert home.sandbox.open_sessions
    return person


@EVERY_SIGNAL
@EVERY_FACE
def test_a_signal_at_a_prompt_ends_the_run_cleanly(
    home: Home, face: type[Face], number: signal.Signals
) -> None:
    person = at_the_key(home, face)
    person.terminal.signal(number)
    assert person.terminal.end(SOON) == 128 + number
    person.terminal.assert_restored()
    assert not home.written
    assert (GO_ON in said_last(person)) is (number == signal.SIGTERM)


@EVERY_FACE
def test_a_signal_after_a_rotation_does_not_say_to_repeat_it(home: Home, face: type[Face]) -> None:
    config = home.config()
    person = face.start(home, "rotate", config)
    person.at(StepId.ROTATE_START)
    person.go_on()
    person.at(StepId.CREATE_KEY)
    person.paste(home.world.single_company_second.employee_token)
    person.works()
    person.at(StepId.ROTATE_REVIEW)
    person.go_on()
    person.at(StepId.ROTATE_END)
    person.terminal.signal(signal.SIGTERM)
    assert person.terminal.end(SOON) == 128 + signal.SIGTERM
    assert not home.journals
    assert GO_ON not in said_last(person)


@EVERY_SIGNAL
@EVERY_FACE
def test_a_signal_in_the_middle_of_a_check_leaves_no_session_open(
    home: Home, face: type[Face], number: signal.Signals
) -> None:
    person = trying_the_key(home, face)
    person.terminal.signal(number)
    assert person.terminal.end(SOON) == 128 + number
    person.terminal.assert_restored()
    assert not home.sandbox.open_sessions
    assert home.keys
    assert home.journals


@EVERY_FACE
def test_the_key_is_stored_even_if_the_terminal_stopped_reading(home: Home, face: type[Face]) -> None:
    # No session comes about: one could be left open where nothing can be done but to end the process.
    home.sandbox.faults.append(Fault(path="*:create", trouble="hang", times=None))
    person = at_the_key(home, face)
    person.paste(wrapped(home.world.single_company.employee_token))
    stored = [str(home.world.single_company.token_id)]
    # The key is written next to its place, and then moved there.
    wait_for(lambda: [path.name for path in home.keys] == stored, "the key in its store")
    wait_for(lambda: '"key": null' not in home.journals[0].read_text(), "the key in the journal")
    assert [path.name for path in home.leaking] == stored
    person.terminal.signal(signal.SIGTERM)
    assert person.terminal.end(SOON) == 128 + signal.SIGTERM


def test_a_signal_ends_an_idle_program_whichever_thread_gets_it(home: Home) -> None:
    """Only the main thread handles a signal, and it sleeps until something is typed."""
    person = at_the_key(home, FullScreen)
    process = person.terminal.child.pid
    *_, thread = sorted(int(path.name) for path in Path(f"/proc/{process}/task").iterdir())
    assert thread != process
    assert ctypes.CDLL(None).tgkill(process, thread, signal.SIGTERM) == 0
    assert person.terminal.end(SOON) == 128 + signal.SIGTERM


_GO_ON = 1


def assert_that_only_the_store_holds_the_key(home: Home) -> None:
    (key_file,) = home.keys
    (journal,) = home.journals
    assert home.leaking == [key_file]
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert str(key_file) in journal.read_text()


@pytest.mark.parametrize(("first", "second"), [(FullScreen, Lines), (Lines, FullScreen)])
def test_a_killed_run_continues_in_the_other_face_with_its_key(
    home: Home, first: type[Face], second: type[Face]
) -> None:
    person = first.set_up(home)
    BUREAU_CLIENT.take(person, home, to=StepId.ORG_NUMBER)
    person.terminal.signal(signal.SIGKILL)
    assert person.terminal.end() == -signal.SIGKILL
    assert not home.written
    assert_that_only_the_store_holds_the_key(home)
    person = second.set_up(home)
    person.at(StepId.WELCOME)
    person.choose(_GO_ON)
    BUREAU_CLIENT.take(person, home, after=StepId.SETUP)
    assert person.terminal.end() == 0
    assert not home.journals
    written = home.written
    home.furnish()
    key = home.world.office.employee_token
    home.run(*BUREAU_CLIENT.flags(home), text=key, code=0)
    assert home.written == written


@EVERY_FACE
def test_a_run_killed_while_the_key_is_tested_keeps_the_key(home: Home, face: type[Face]) -> None:
    hang = Fault(path="*:create", trouble="hang")
    home.sandbox.faults.append(hang)
    person = face.set_up(home)
    SINGLE_COMPANY.take(person, home, to=StepId.CREATE_KEY)
    person.paste(wrapped(home.world.single_company.employee_token))
    person.terminal.until(lambda: bool(home.sandbox.faults.hits(hang)), "the log-on")
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()
    # On the full screen nothing but the paste: Enter was never pressed.
    assert_that_only_the_store_holds_the_key(home)
    person = face.set_up(home)
    person.at(StepId.WELCOME)
    person.choose(_GO_ON)
    person.at(StepId.CREATE_KEY)
    person.go_on()
    SINGLE_COMPANY.take(person, home, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    assert home.target.exists()


@EVERY_FACE
def test_a_run_killed_after_writing_knows_what_it_wrote(home: Home, face: type[Face]) -> None:
    person = face.set_up(home)
    SINGLE_COMPANY.take(person, home, to=StepId.FINALE)
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()
    written = home.written
    assert list(written) == [home.target.name]
    person = face.set_up(home)
    person.at(StepId.WELCOME)
    person.choose(_GO_ON)
    person.at(StepId.FINALE)
    person.go_on()
    assert person.terminal.end() == 0
    assert home.written == written
    assert not home.journals


def test_a_broken_journal_does_not_prevent_a_new_start(home: Home) -> None:
    person = Lines.set_up(home)
    SINGLE_COMPANY.take(person, home, to=StepId.ENABLE_API)
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()
    (journal,) = home.journals
    journal.write_text(journal.read_text()[:-20])
    person = Lines.set_up(home)
    SINGLE_COMPANY.take(person, home, to=StepId.ENABLE_API)
    person.leave()
    assert person.terminal.end() == 130


def test_a_journal_that_cannot_be_written_is_no_error(home: Home) -> None:
    (home.folder / ".local").mkdir()
    (home.folder / ".local/state").write_text("no folder")
    person = Lines.set_up(home)
    SINGLE_COMPANY.take(person, home)
    assert person.terminal.end() == 0
    assert home.target.exists()
