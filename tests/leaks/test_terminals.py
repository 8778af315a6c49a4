"""Keys that a person pastes: neither face shows or stores them, not even when the program crashes."""

import base64
import json
import re

import pytest

from tests.keys import ZERO_UUID
from tests.support.home import COMPANY_KEY, CONSUMER, DELETED_KEY, NEXT_KEY, OFFICE_KEY, STDIN, Home
from tests.support.terminal import CLIPBOARD, Terminal

TALKATIVE = {
    "TEXTUAL": "devtools",
    "TEXTUAL_LOG": "textual.log",
    "TEXTUAL_DEBUG": "1",
    "TEXTUAL_SCREENSHOT": "0.5",
    "TEXTUAL_SCREENSHOT_LOCATION": ".",
    "SSLKEYLOGFILE": "ssl.log",
}
F3 = "\x1bOR"
F5 = "\x1b[15~"
FACES = pytest.mark.parametrize("face", [(), ("--plain",)], ids=["full screen", "line by line"])


def begin(home: Home, *words: str, setup: str = "single-company", **environ: str) -> Terminal:
    """Start a set-up on a terminal, its journal and all."""
    words = ("--setup", setup, *home.flags, "--store", "file", *words)
    return home.start("setup", "finale.toml", *words, **environ)


def go_to_the_key(terminal: Terminal) -> None:
    terminal.answer("You need")
    terminal.answer("Switch on API 2.0")
    terminal.asked("Make the API key")


def go_to_the_end(terminal: Terminal) -> None:
    """Answer what follows a key that works."""
    terminal.answer("Single company or accounting office?")
    terminal.answer("Is this the company that you want to connect to Finale?")
    terminal.answer("Everything is in order.")
    terminal.answer("Enter this in Finale")
    assert terminal.end() == 0


def leaving(face: tuple[str, ...]) -> str:
    """Return the keys that leave at once; on the full screen they must be pressed twice."""
    return "\x03" if face else "\x03\x03"


@FACES
def test_a_complete_set_up_does_not_leak(home: Home, face: tuple[str, ...]) -> None:
    before = set(home.folder.rglob("*"))
    key = COMPANY_KEY.employee_token
    terminal = begin(home, *face, "-v", **TALKATIVE)
    go_to_the_key(terminal)
    terminal.paste(f"{key[:40]}\n{key[40:]}", enter="\r" if face else "")
    terminal.asked("The key works")
    if not face:
        terminal.send(F3)
        terminal.came("Press Enter to go back")
        terminal.send("\r")
    terminal.answer("The key works")
    go_to_the_end(terminal)
    assert home.saw(COMPANY_KEY)
    assert CLIPBOARD not in terminal.written
    home.assert_no_leak(COMPANY_KEY)
    made = {path.name for path in set(home.folder.rglob("*")) - before if path.is_file()}
    assert made == {"finale.toml", "configs", str(COMPANY_KEY.token_id)}


def test_what_can_be_copied_is_never_a_key(home: Home) -> None:
    """F5 at every step, with the key in the field, in its store, and just written about."""
    terminal = begin(home, TMUX="", STY="")
    go_to_the_key(terminal)
    terminal.paste(COMPANY_KEY.employee_token)
    terminal.answer("The key works", F5)
    terminal.asked("Sent to the clipboard")
    terminal.send("\r")
    terminal.answer("Single company or accounting office?", F5 + "\r")
    terminal.answer("Is this the company that you want to connect to Finale?", F5)
    terminal.asked("Sent to the clipboard")
    terminal.send("\r")
    terminal.answer("Everything is in order.", F5 + "\r")
    terminal.answer("Enter this in Finale", F5 + "\r")
    assert terminal.end() == 0
    assert home.saw(COMPANY_KEY)
    number = str(home.sandbox.world.single_company.company.organization_number)
    assert copied(terminal) == ["VismaFinale", number]
    home.assert_no_leak(COMPANY_KEY)


def copied(terminal: Terminal) -> list[str]:
    """Return what was sent to the clipboard."""
    sequences = re.findall(re.escape(CLIPBOARD) + rb";c;([A-Za-z0-9+/=]*)\x07", terminal.written)
    assert len(sequences) == terminal.written.count(CLIPBOARD)
    return [base64.b64decode(text).decode() for text in sequences]


def journal(home: Home) -> dict[str, object]:
    """Return what was noted of the unfinished set-up."""
    (path,) = (home.folder / ".local/state/tripletex-wizard/unfinished").glob("*.json")
    noted: dict[str, object] = json.loads(path.read_text())
    return noted


@FACES
def test_a_refused_key_is_kept_until_the_person_decides(home: Home, face: tuple[str, ...]) -> None:
    terminal = begin(home, *face)
    go_to_the_key(terminal)
    terminal.paste(DELETED_KEY.employee_token, enter="\r" if face else "")
    # What copies in Textual's own field must copy nothing here.
    terminal.answer("TW402", "?\r" if face else "\x18\x1bc")
    if face:
        terminal.asked("continue anyway")  # what is typed before a question is dropped
    terminal.send(leaving(face))
    assert terminal.end() == 130
    assert home.saw(DELETED_KEY)
    assert CLIPBOARD not in terminal.written
    assert str(DELETED_KEY.token_id) in json.dumps(journal(home))
    home.assert_no_leak(DELETED_KEY)


@pytest.mark.parametrize("pasted", [OFFICE_KEY.employee_token, f'Key: "{ZERO_UUID}"'], ids=["new", "old"])
def test_a_key_pasted_into_a_visible_field_is_removed(home: Home, pasted: str) -> None:
    """The clipboard still holds it when the next question comes."""
    terminal = begin(home, setup="bureau-client")
    go_to_the_key(terminal)
    terminal.paste(OFFICE_KEY.employee_token)
    terminal.answer("The key works")
    terminal.answer("Single company or accounting office?")
    terminal.asked("Find a client")
    terminal.paste(pasted)
    terminal.asked("This looks like a key.")
    assert ZERO_UUID not in terminal.text
    terminal.send("\x03\x03")
    assert terminal.end() == 130
    home.assert_no_leak(OFFICE_KEY)


def choose(terminal: Terminal, question: str, number: str) -> None:
    """Answer a question with a choice; on the full screen a number needs no Enter."""
    terminal.asked(question)
    terminal.send(number if b"\x1b[?1049h" in terminal.written else f"{number}\r")


def to_own_command(terminal: Terminal) -> None:
    """Walk to the question which command prints the key."""
    terminal.answer("You need")
    terminal.answer("Switch on API 2.0")
    choose(terminal, "Other choices (for IT)", "2")
    choose(terminal, "none was found on this machine", "3")
    terminal.asked("You store the key there yourself.")


@FACES
def test_no_key_that_a_command_prints_is_shown(home: Home, face: tuple[str, ...]) -> None:
    """It prints another key at first, and a third one to its other streams and the terminal."""
    vault = home.write("vault", OFFICE_KEY.employee_token)
    other = home.write("other", NEXT_KEY.employee_token)
    script = home.write(
        "fetch", f"#!/bin/sh\ncat {other} >&2\ncat {other} > /dev/tty\ncat {vault} {other}\n", 0o700
    )
    terminal = home.start("setup", "finale.toml", *home.flags, "-v", *face)
    to_own_command(terminal)
    terminal.send(f"{script}\r")
    terminal.answer("TW342")
    terminal.asked("Make the API key")
    terminal.paste(COMPANY_KEY.employee_token, enter="\r")
    terminal.asked("TW337")
    assert not home.sandbox.requests
    vault.write_text(f"{COMPANY_KEY.employee_token}\n")
    terminal.paste(COMPANY_KEY.employee_token, enter="\r")
    terminal.answer(f"key no. {COMPANY_KEY.token_id}" if face else "The key works")
    go_to_the_end(terminal)
    assert home.saw(COMPANY_KEY)
    assert home.saw(CONSUMER)
    assert f'command = ["{script}"]' in (home.folder / "finale.toml").read_text()
    assert CLIPBOARD not in terminal.written
    home.assert_no_leak()


@pytest.mark.parametrize("at", ["You need", "Other choices (for IT)", "own place"])
def test_a_key_typed_at_a_visible_prompt_is_stored_nowhere(home: Home, at: str) -> None:
    """The terminal has echoed it: the person is told, and it is stored nowhere."""
    home.guard.shown.add(COMPANY_KEY.employee_token)
    words = ["setup", "finale.toml", *home.flags, "-v"]
    terminal = home.start(*words, "--plain")
    if at == "own place":
        to_own_command(terminal)
    elif at != "You need":
        terminal.answer("You need")
        terminal.answer("Switch on API 2.0")
        terminal.asked(at)
    else:
        terminal.asked(at)
    terminal.paste(COMPANY_KEY.employee_token, enter="\r")
    terminal.asked("TW315")
    assert terminal.written.count(COMPANY_KEY.employee_token.encode()) == 1, "only the terminal's own echo"
    terminal.send("\x03")
    assert terminal.end() == 130
    assert not home.sandbox.requests
    home.assert_no_leak()


def test_a_key_that_a_terminal_types_is_removed_from_the_screen(home: Home) -> None:
    """A terminal that does not mark pastes, such as an old PuTTY, sends the key as if it were typed."""
    words = ["setup", "finale.toml", *home.flags, "-v"]
    terminal = home.start(*words)
    to_own_command(terminal)
    home.guard.terminals.remove(terminal)  # typed text is on the screen until it is recognised
    terminal.send(f"{COMPANY_KEY.employee_token}\r")
    terminal.asked("This looks like a key")
    assert COMPANY_KEY.employee_token[-20:] not in terminal.text
    while terminal.read(1.0):  # keys that follow at once count as the rest of the key
        pass
    terminal.send("\x1b")
    terminal.answer("none was found on this machine")
    terminal.asked("You store the key there yourself.")
    assert COMPANY_KEY.employee_token[-20:] not in terminal.text
    terminal.send("\x03\x03")
    assert terminal.end() == 130
    home.assert_no_leak()


PROGRAM = "tests.leaks.crashing"
TOKEN = COMPANY_KEY.employee_token
WRAPPED = f"{TOKEN[:40]}\n{TOKEN[40:]}"
QUIET_AND_VERBOSE = pytest.mark.parametrize("verbose", [(), ("-v",)], ids=["quiet", "verbose"])


@QUIET_AND_VERBOSE
def test_a_crash_without_a_terminal_does_not_leak(home: Home, verbose: tuple[str, ...]) -> None:
    words = home.setup("finale.toml", *STDIN, *verbose)
    for where, code, told in (("kept", 70, "DefectError"), ("sent", 3, "TW5")):
        run = home.run(where, *words, text=WRAPPED, program=PROGRAM, code=code)
        assert told in run.err
        home.assert_no_leak(*((COMPANY_KEY,) if where == "sent" else ()))


@QUIET_AND_VERBOSE
def test_an_uncaught_error_does_not_leak(home: Home, verbose: tuple[str, ...]) -> None:
    words = home.setup("finale.toml", *STDIN, *verbose)
    run = home.run("unseen", *words, text=WRAPPED, program=PROGRAM, code=0)
    # The error of a finaliser is logged for developers only.
    assert run.err.count("uncaught error") == (2 if verbose else 1)
    assert "Task exception was never retrieved" in run.err
    assert "WARNING somebody.else: could not send ***" in run.err
    home.assert_no_leak(COMPANY_KEY)


@pytest.mark.parametrize("where", ["judged", "kept"])
def test_a_crash_line_by_line_does_not_leak(home: Home, where: str) -> None:
    terminal = begin(home, "--plain", "-v", program=f"{PROGRAM} {where}")
    go_to_the_key(terminal)
    terminal.paste(WRAPPED, enter="\r")
    assert terminal.end() == 70
    assert b"DefectError" in terminal.written
    home.assert_no_leak()


@pytest.mark.parametrize("where", ["judged", "taken", "kept", "unseen"])
def test_a_crash_on_the_full_screen_does_not_leak(home: Home, where: str) -> None:
    terminal = begin(home, "-v", program=f"{PROGRAM} {where}")
    go_to_the_key(terminal)
    terminal.paste(WRAPPED)
    if where == "unseen":
        terminal.asked("The key works")
        terminal.send("\x03\x03")
        assert terminal.end() == 130
    else:
        assert terminal.end() == 70
        assert b"DefectError" in terminal.written
    home.assert_no_leak(*((COMPANY_KEY,) if where == "unseen" else ()))
