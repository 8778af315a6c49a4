"""Over a real SSH connection, which may be lost at any moment."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.faces import BOTH, Face, FullScreen, Lines
from tests.e2e.ssh import Server, serving
from tests.e2e.walks import BUREAU_CLIENT, SINGLE_COMPANY, wrapped
from tests.support.house import House
from tests.support.sandbox import Fault
from wizard.findings import StepId

pytestmark = pytest.mark.system

SOON = 3.0
"""Seconds; half a second is what is wanted, on a machine that has nothing else to do."""

EVERY_FACE = pytest.mark.parametrize("face", BOTH)
GO_ON = 1


@pytest.fixture
def server(house: House, system_program: Callable[[str], str]) -> Iterator[Server]:
    """Serve the house over SSH."""
    programs = map(system_program, ("sshd", "ssh", "ssh-keygen"))
    with serving(house, *programs) as server:
        yield server


def log_on(server: Server, face: type[Face]) -> Face:
    house = server.house
    return face(server.log_on("setup", house.config, *house.flags, *face.flags))


@EVERY_FACE
def test_a_whole_set_up(server: Server, face: type[Face]) -> None:
    house = server.house
    person = log_on(server, face)
    BUREAU_CLIENT.take(person, house, to=StepId.SETUP)
    person.terminal.resize(110, 30)
    person.still_at(StepId.SETUP)
    if face is FullScreen:
        # The list of steps, for which there is room now.
        person.hears("Fyll inn i Finale")
    BUREAU_CLIENT.take(person, house, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    person.terminal.assert_restored()
    server.await_end(SOON)
    written, key = house.written, house.sandbox.world.office.employee_token
    assert key not in person.terminal.plain
    house.furnish()
    assert house.home.run(*BUREAU_CLIENT.flags(house), text=key).returncode == 0
    assert house.written == written


def lose_connection(server: Server, person: Face) -> None:
    """Kill the ssh client: the server notices, and hangs up."""
    person.terminal.signal(signal.SIGKILL)
    person.terminal.end()


def kill_wizard(server: Server, person: Face) -> None:
    """Let the wizard end without a chance to do anything."""
    os.kill(server.wizard, signal.SIGKILL)
    assert person.terminal.end() != 0


@pytest.mark.parametrize(
    ("first", "interrupt", "second"),
    [
        (FullScreen, lose_connection, FullScreen),
        (FullScreen, kill_wizard, Lines),
        (Lines, lose_connection, Lines),
        (Lines, kill_wizard, FullScreen),
    ],
)
def test_after_the_paste_a_new_connection_goes_on_and_never_asks_for_the_key_again(
    server: Server, first: type[Face], interrupt: Callable[[Server, Face], None], second: type[Face]
) -> None:
    house = server.house
    person = log_on(server, first)
    SINGLE_COMPANY.take(person, house, to=StepId.SETUP)
    interrupt(server, person)
    server.await_end(SOON)
    assert not house.written
    assert not house.sandbox.open_sessions
    assert [path.name for path in house.telling] == [str(house.sandbox.world.single_company.token_id)]
    person = log_on(server, second)
    person.at(StepId.WELCOME)
    person.choose(GO_ON)
    SINGLE_COMPANY.take(person, house, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    assert list(house.written) == [house.config.name]
    assert not house.journals


@EVERY_FACE
def test_a_connection_that_is_lost_while_the_key_is_tried_leaves_no_session(
    server: Server, face: type[Face]
) -> None:
    house = server.house
    slow = Fault(path="*whoAmI", trouble="slow", delay=30)
    house.sandbox.faults.append(slow)
    person = log_on(server, face)
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    person.paste(wrapped(house.sandbox.world.single_company.employee_token))
    person.terminal.until(lambda: bool(house.sandbox.faults.hits(slow)), "a question")
    assert house.sandbox.open_sessions
    lose_connection(server, person)
    server.await_end(SOON)
    assert not house.sandbox.open_sessions
    assert house.keys
    assert house.journals


@EVERY_FACE
def test_an_administrator_ends_it_and_the_terminal_is_in_order(server: Server, face: type[Face]) -> None:
    person = log_on(server, face)
    SINGLE_COMPANY.take(person, server.house, to=StepId.CREATE_KEY)
    os.kill(server.wizard, signal.SIGTERM)
    assert person.terminal.end(SOON) == 128 + signal.SIGTERM
    person.terminal.assert_restored()


@pytest.mark.parametrize("stdin", [subprocess.DEVNULL, subprocess.PIPE], ids=["nowhere", "a pipe"])
@pytest.mark.parametrize("words", [(), ("setup",)], ids=["menu", "setup"])
def test_without_a_terminal_it_says_so_at_once(server: Server, words: tuple[str, ...], stdin: int) -> None:
    command = server.connect(*words, has_terminal=False)
    with subprocess.Popen(
        command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        # Nothing is written to standard input, and it is not closed either.
        code = process.wait(20)
        out, err = process.communicate()
    assert code == 2
    assert "--no-input" in err
    assert "ssh -t" in err
    assert not out
    server.await_end(SOON)
