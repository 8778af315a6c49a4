"""Wrong input at every field, and runs that have no terminal to ask on."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from tests.e2e.faces import BUREAU_CLIENT, EVERY_FACE, SINGLE_COMPANY, Face, FullScreen, wrapped
from tests.support.home import WIZARD, Home
from tests.support.sandbox import DemoWorld, Fault
from wizard.findings import Code, StepId, codes


def wrong_keys(world: DemoWorld) -> dict[str, Code]:
    """What people paste instead of a key, and the finding for it."""
    key = world.office.employee_token
    return {
        "2147628461": codes.KEY_IS_ID,
        "974 760 673": codes.KEY_IS_ORG_NUMBER,
        "VismaFinale": codes.KEY_IS_NAME,
        key[:50]: codes.KEY_CUT_OFF,
        key[20:]: codes.KEY_CUT_OFF,
        f"{key} {world.single_company.employee_token}": codes.SEVERAL_KEYS,
        world.consumer_token: codes.KEY_IS_CONSUMER_TOKEN,
    }


@EVERY_FACE
def test_text_that_is_not_a_key_is_refused_and_never_stored(home: Home, face: type[Face]) -> None:
    person = face.set_up(home)
    BUREAU_CLIENT.take(person, home, to=StepId.CREATE_KEY)
    for text, code in wrong_keys(home.world).items():
        person.paste(text)
        person.hears(code)
        person.still_at(StepId.CREATE_KEY)
    assert not home.keys
    assert not home.sandbox.requests
    person.paste(wrapped(home.world.office.employee_token))
    person.works()
    person.at(StepId.SETUP)
    assert not home.written


@EVERY_FACE
def test_an_office_is_led_through_every_contradiction(home: Home, face: type[Face]) -> None:
    world = home.world
    person = face.set_up(home)
    BUREAU_CLIENT.take(person, home, to=StepId.SETUP)
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
    BUREAU_CLIENT.take(person, home, after=StepId.ORG_NUMBER)
    assert person.terminal.end() == 0
    assert missing in home.written[home.target.name]


def test_a_search_survives_resize_language_and_help(home: Home) -> None:
    person = FullScreen.set_up(home)
    BUREAU_CLIENT.take(person, home, to=StepId.ORG_NUMBER)
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
    assert not home.written


@EVERY_FACE
def test_what_was_answered_stays_after_going_back_and_in_the_other_language(
    home: Home, face: type[Face]
) -> None:
    person = face.start(home, "setup", *home.flags)
    BUREAU_CLIENT.take(person, home, to=StepId.ORG_NUMBER)
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
    assert len(home.written) == 2


@EVERY_FACE
def test_a_config_that_appeared_meanwhile_is_not_overwritten(home: Home, face: type[Face]) -> None:
    person = face.set_up(home)
    SINGLE_COMPANY.take(person, home, to=StepId.REVIEW)
    home.target.write_text("# somebody else's\n")
    person.go_on()
    person.hears(codes.ALREADY_THERE)
    person.still_at(StepId.REVIEW)
    person.leave()
    assert person.terminal.end() == 130
    assert home.target.read_text() == "# somebody else's\n"


@EVERY_FACE
def test_an_outage_of_tripletex_is_unknown_and_can_be_skipped(home: Home, face: type[Face]) -> None:
    home.sandbox.faults.append(Fault(path="*", trouble="captive-portal", times=None))
    person = face.set_up(home)
    SINGLE_COMPANY.take(person, home, to=StepId.CREATE_KEY)
    person.paste(home.world.single_company.employee_token)
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


Open = Callable[[Path], AbstractContextManager[int | None]]
MENU, SETUP, ROTATION = (), ("setup", "new.toml"), ("rotate", "configs/finale.toml")


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


STDIN: dict[str, Open] = {
    "nowhere": nowhere,
    "a file": file,
    "a pipe": pipe,
    "a connection": connection,
    "closed": lambda _: nullcontext(None),
}


def run(home: Home, *words: str, stdin: int | None) -> subprocess.CompletedProcess[str]:
    """Run the wizard with another standard input, or a closed one; nothing of it is a terminal."""
    closed = ("sh", "-c", 'exec "$@" <&-', "sh") if stdin is None else ()
    return subprocess.run(
        [*closed, *WIZARD, *words],
        env=home.environment,
        cwd=home.folder,
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_nothing_is_asked_without_a_terminal(home: Home) -> None:
    home.config(home.target, reference='env = "KEY"')
    wrong = []
    for command, name in (*((SETUP, name) for name in STDIN), (MENU, "a pipe"), (ROTATION, "a pipe")):
        with STDIN[name](home.folder) as descriptor:
            refused = run(home, *command, stdin=descriptor)
        is_told = "--no-input" in refused.stderr and "Traceback" not in refused.stderr
        if refused.returncode != 2 or not is_told or refused.stdout:
            wrong.append((command, name, refused))
    assert wrong == []
    assert not (home.folder / "new.toml").exists()
    assert not home.journals


def test_an_announced_pipe_can_answer_a_whole_set_up(home: Home) -> None:
    key = home.world.single_company.employee_token
    answers = ["", "", key, "", "1", "1", "", ""]
    text = "".join(f"{answer}\n" for answer in answers)
    done = home.shell('exec "$@"', "setup", home.target, "--plain", *home.flags, text=text, code=0)
    assert list(home.written) == [home.target.name]
    assert key not in done.out + done.err


def test_a_pipe_that_ends_early_leaves_a_resumable_run(home: Home) -> None:
    key = home.world.single_company.employee_token
    ended = home.shell('exec "$@"', "setup", home.target, "--plain", *home.flags, text=f"\n\n{key}\n", code=2)
    assert "Kjør den samme kommandoen på nytt" in " ".join(ended.err.split())
    assert not home.written
    assert [path.name for path in home.leaking] == [str(home.world.single_company.token_id)]
    rest = "".join(f"{answer}\n" for answer in ("1", "", "1", "1", "", ""))
    home.shell('exec "$@"', "setup", home.target, "--plain", *home.flags, text=rest, code=0)
    assert home.written
