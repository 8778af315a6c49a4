"""Wrong input at every field, and runs that have no terminal to ask on."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.e2e.faces import BOTH, BUREAU_CLIENT, SINGLE_COMPANY, Face, FullScreen, wrapped
from tests.support.house import WIZARD, House
from tests.support.sandbox import DemoWorld, Fault
from wizard.findings import Code, StepId, codes

EVERY_FACE = pytest.mark.parametrize("face", BOTH)


def begin(house: House, face: type[Face], *words: str) -> Face:
    return face(house.set_up(house.config, *face.flags, *words))


def wrong_keys(world: DemoWorld) -> dict[str, Code]:
    """What people paste instead of a key, and the finding for it."""
    key = world.office.employee_token
    return {
        "2147628461": codes.KEY_IS_ID,
        "974 760 673": codes.KEY_IS_ORG_NUMBER,
        "VismaFinale": codes.KEY_IS_NAME,
        key[:50]: codes.KEY_CUT_OFF,
        world.consumer_token: codes.KEY_IS_CONSUMER_TOKEN,
    }


@EVERY_FACE
def test_text_that_is_not_a_key_is_refused_and_never_stored(house: House, face: type[Face]) -> None:
    person = begin(house, face)
    BUREAU_CLIENT.take(person, house, to=StepId.CREATE_KEY)
    for text, code in wrong_keys(house.sandbox.world).items():
        person.paste(text)
        person.hears(code)
        person.still_at(StepId.CREATE_KEY)
    assert not house.keys
    assert not house.sandbox.requests
    person.paste(wrapped(house.sandbox.world.office.employee_token))
    person.works()
    person.at(StepId.SETUP)
    assert not house.written


@EVERY_FACE
def test_a_refused_key_is_replaced_by_the_next(house: House, face: type[Face]) -> None:
    world = house.sandbox.world
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    for key, code in (
        (world.deleted, codes.KEY_REJECTED),
        (world.single_company_without_rights, codes.NO_RIGHTS),
    ):
        person.paste(key.employee_token)
        person.hears(code)
        person.still_at(StepId.CREATE_KEY)
    SINGLE_COMPANY.answer(person, StepId.CREATE_KEY, world)
    SINGLE_COMPANY.take(person, house, after=StepId.CREATE_KEY)
    assert person.terminal.end() == 0
    assert str(world.single_company.token_id) in [path.name for path in house.leaking]


@EVERY_FACE
def test_a_person_can_continue_with_a_refused_key(house: House, face: type[Face]) -> None:
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    person.paste(house.sandbox.world.deleted.employee_token)
    person.hears(codes.KEY_REJECTED)
    person.still_at(StepId.CREATE_KEY)
    person.anyway()
    person.at(StepId.SETUP)


@EVERY_FACE
def test_an_office_is_led_through_every_contradiction(house: House, face: type[Face]) -> None:
    world = house.sandbox.world
    person = begin(house, face)
    BUREAU_CLIENT.take(person, house, to=StepId.SETUP)
    person.choose(1)
    person.hears(codes.OFFICE_KEY_FOR_COMPANY)
    person.still_at(StepId.SETUP)
    person.choose(2)
    person.at(StepId.ORG_NUMBER)
    for text, code in (
        ("974760674", codes.ORG_NUMBER_CHECK_DIGIT),
        ("01017012345", codes.ORG_NUMBER_IS_PERSONAL),
    ):
        person.write(text)
        person.hears(code)
        person.still_at(StepId.ORG_NUMBER)
    if face is FullScreen:
        assert "01017012345" not in person.terminal.plain
    missing = world.client_without_access.organization_number or ""
    person.write(missing)
    person.hears(person.t("Selected: 1 client"))
    person.still_at(StepId.ORG_NUMBER)
    person.go_on()
    person.at(StepId.CLIENT_ACCESS)
    person.hears(codes.CLIENT_ACCESS_MISSING)
    person.still_at(StepId.CLIENT_ACCESS)
    person.choose(1)
    person.hears(codes.CLIENT_ACCESS_MISSING)
    person.still_at(StepId.CLIENT_ACCESS)
    world.grant_client_access(world.office, world.client_without_access)
    person.choose(1)
    BUREAU_CLIENT.take(person, house, after=StepId.ORG_NUMBER)
    assert person.terminal.end() == 0
    assert missing in house.written[house.config.name]


def test_a_search_survives_resize_language_and_help(house: House) -> None:
    person = FullScreen(house.set_up(house.config))
    BUREAU_CLIENT.take(person, house, to=StepId.ORG_NUMBER)
    terminal = person.terminal
    terminal.send("Rørlegg")
    terminal.see("│ Rørlegg")
    terminal.resize(60, 20)
    terminal.see("│ Rørlegg")
    person.at(StepId.ORG_NUMBER)
    terminal.resize(50, 10)
    person.hears("Vinduet er for lite")
    terminal.resize(120, 40)
    person.at(StepId.ORG_NUMBER)
    person.switch_language()
    person.at(StepId.ORG_NUMBER)
    terminal.see("│ Rørlegg")
    terminal.send("\x1bOP")
    person.hears("Help: ")
    terminal.send("\x1bOP")
    person.at(StepId.ORG_NUMBER)
    terminal.see("│ Rørlegg")
    terminal.send("\r")
    person.hears("Selected: 1 client")
    person.go_back()
    person.at(StepId.SETUP)
    person.go_on()
    person.at(StepId.ORG_NUMBER)
    person.hears("Selected: 1 client")
    person.leave()
    assert terminal.end() == 130
    assert not house.written


@EVERY_FACE
def test_what_was_answered_stays_after_going_back_and_in_the_other_language(
    house: House, face: type[Face]
) -> None:
    person = face(house.set_up(*face.flags))
    BUREAU_CLIENT.take(person, house, to=StepId.ORG_NUMBER)
    person.pick(1, 2)
    person.hears("Valgt: 2 klienter")
    person.still_at(StepId.ORG_NUMBER)
    person.go_on()
    person.at(StepId.REVIEW)
    person.go_back()
    person.at(StepId.ORG_NUMBER)
    person.switch_language()
    person.at(StepId.ORG_NUMBER)
    person.hears("Selected: 2 clients")
    person.go_on()
    person.at(StepId.REVIEW)
    person.go_on()
    person.at(StepId.FINALE)
    assert len(house.written) == 2


@EVERY_FACE
def test_a_config_that_appeared_meanwhile_is_not_overwritten(house: House, face: type[Face]) -> None:
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house, to=StepId.REVIEW)
    house.config.write_text("# somebody else's\n")
    person.go_on()
    person.hears(codes.ALREADY_THERE)
    person.still_at(StepId.REVIEW)
    person.leave()
    assert person.terminal.end() == 130
    assert house.config.read_text() == "# somebody else's\n"


@EVERY_FACE
def test_an_outage_of_tripletex_is_unknown_and_can_be_skipped(house: House, face: type[Face]) -> None:
    house.sandbox.faults.append(Fault(path="*", trouble="captive-portal", times=None))
    person = begin(house, face)
    SINGLE_COMPANY.take(person, house, to=StepId.CREATE_KEY)
    person.paste(house.sandbox.world.single_company.employee_token)
    person.hears(codes.NOT_TRIPLETEX)
    person.still_at(StepId.CREATE_KEY)
    person.go_on()
    person.at(StepId.SETUP)
    person.choose(1)
    person.at(StepId.ORG_NUMBER)
    person.go_on()
    person.at(StepId.REVIEW)
    assert "FEIL" not in person.words
    person.choose(2)
    person.at(StepId.FINALE)
    person.go_on()
    assert person.terminal.end() == 3


_CONFIG = """\
schema_version = 1
tripletex = {{ environment = "sandbox", base_url = "{base_url}" }}
finale = {{ setup = "single-company" }}
credentials = {{ employee_token = {{ env = "KEY" }} }}
"""
Open = Callable[[Path], AbstractContextManager[int]]
COMMANDS = {"menu": (), "setup": ("setup", "new.toml"), "rotate": ("rotate", "configs/finale.toml")}


@contextmanager
def nowhere(folder: Path) -> Iterator[int]:
    with Path(os.devnull).open() as stdin:
        yield stdin.fileno()


@contextmanager
def file(folder: Path) -> Iterator[int]:
    path = folder / "answers"
    path.write_text("\n" * 20)
    with path.open() as stdin:
        yield stdin.fileno()


@contextmanager
def pipe(folder: Path) -> Iterator[int]:
    """Open a pipe without a writer, as ``ssh host command`` has."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(reading)
        os.close(writing)


@contextmanager
def connection(folder: Path) -> Iterator[int]:
    """Give a socket, which some versions of sshd use instead."""
    one, other = socket.socketpair()
    with one, other:
        yield one.fileno()


STDIN: dict[str, Open | None] = {
    "nowhere": nowhere,
    "a file": file,
    "a pipe": pipe,
    "a connection": connection,
    "closed": None,
}


def run(house: House, *words: str, stdin: int | None) -> subprocess.CompletedProcess[str]:
    """Run the wizard with another standard input, or a closed one; nothing of it is a terminal."""
    closed = ("sh", "-c", 'exec "$@" <&-', "sh") if stdin is None else ()
    return subprocess.run(
        [*closed, *WIZARD, *words],
        env=house.home.environment,
        cwd=house.folder,
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize("stdin", STDIN.values(), ids=STDIN.keys())
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_nothing_is_asked_without_a_terminal(
    house: House, command: tuple[str, ...], stdin: Open | None
) -> None:
    house.config.write_text(_CONFIG.format(base_url=house.base_url))
    if stdin is None:
        refused = run(house, *command, stdin=None)
    else:
        with stdin(house.folder) as descriptor:
            refused = run(house, *command, stdin=descriptor)
    assert refused.returncode == 2, refused.stderr
    assert "--no-input" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not refused.stdout
    assert not (house.folder / "new.toml").exists()
    assert not house.journals


def test_an_announced_pipe_can_answer_a_whole_set_up(house: House) -> None:
    key = house.sandbox.world.single_company.employee_token
    answers = ["", "", key, "", "1", "1", "", ""]
    text = "".join(f"{answer}\n" for answer in answers)
    done = house.home.run("setup", house.config, "--plain", *house.flags, text=text)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(house.written) == [house.config.name]
    assert key not in done.stdout + done.stderr


def test_a_pipe_that_ends_early_leaves_a_resumable_run(house: House) -> None:
    key = house.sandbox.world.single_company.employee_token
    ended = house.home.run("setup", house.config, "--plain", *house.flags, text=f"\n\n{key}\n")
    assert ended.returncode == 2
    assert "Kjør den samme kommandoen på nytt" in " ".join(ended.stderr.split())
    assert not house.written
    assert [path.name for path in house.leaking] == [str(house.sandbox.world.single_company.token_id)]
    rest = "".join(f"{answer}\n" for answer in ("1", "", "1", "1", "", ""))
    done = house.home.run("setup", house.config, "--plain", *house.flags, text=rest)
    assert done.returncode == 0, done.stdout + done.stderr
    assert house.written
