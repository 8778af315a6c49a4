"""Keys that a person pastes: neither face shows or stores them, not even when the program crashes."""

import base64
import json
import re
import signal
import textwrap
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.leaks.conftest import Serve
from tests.support.house import COMPANY_KEY, CONSUMER, DELETED_KEY, NEXT_KEY, OFFICE_KEY, House
from tests.support.sandbox import Fault
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


def begin(
    stage: House, *words: str, setup: str = "single-company", **environ: str
) -> AbstractContextManager[Terminal]:
    """Start a set-up on a terminal, its journal and all."""
    place = ["--environment", "sandbox", "--base-url", stage.base_url, "--store", "file"]
    return stage.on_terminal("setup", "finale.toml", "--setup", setup, *place, *words, **environ)


def go_to_the_key(terminal: Terminal) -> None:
    terminal.answer("You need")
    terminal.answer("Switch on API 2.0")
    terminal.asked("Make the API key")


def leaving(face: tuple[str, ...]) -> str:
    """Return the keys that leave at once; on the full screen they must be pressed twice."""
    return "\x03" if face else "\x03\x03"


@FACES
def test_a_complete_set_up_does_not_leak(stage: House, face: tuple[str, ...]) -> None:
    before = set(stage.folder.rglob("*"))
    key = COMPANY_KEY.token
    with begin(stage, *face, "-v", **TALKATIVE) as terminal:
        go_to_the_key(terminal)
        terminal.paste(f"{key[:40]}\n{key[40:]}", enter="\r" if face else "")
        terminal.asked("The key works")
        if not face:
            terminal.send(F3)
            terminal.came("Press Enter to go back")
            terminal.send("\r")
        terminal.answer("The key works")
        terminal.answer("Single company or accounting office?")
        terminal.answer("Is this the company that you want to connect to Finale?")
        terminal.answer("Everything is in order.")
        terminal.answer("Enter this in Finale")
        assert terminal.end() == 0
    assert stage.saw(COMPANY_KEY)
    assert CLIPBOARD not in terminal.written
    stage.assert_no_leak(terminal.written, kept=(COMPANY_KEY,))
    made = {path.name for path in set(stage.folder.rglob("*")) - before if path.is_file()}
    assert made == {"finale.toml", "configs", str(COMPANY_KEY.number)}


def test_what_can_be_copied_is_never_a_key(stage: House) -> None:
    """F5 at every step, with the key in the field, in its store, and just written about."""
    with begin(stage, TMUX="", STY="") as terminal:
        go_to_the_key(terminal)
        terminal.paste(COMPANY_KEY.token)
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
    assert stage.saw(COMPANY_KEY)
    number = str(stage.sandbox.world.single_company.company.organization_number)
    assert copied(terminal) == ["VismaFinale", number]
    stage.assert_no_leak(terminal.written, *copied(terminal), kept=(COMPANY_KEY,))


def copied(terminal: Terminal) -> list[str]:
    """Return what was sent to the clipboard."""
    sequences = re.findall(re.escape(CLIPBOARD) + rb";c;([A-Za-z0-9+/=]*)\x07", terminal.written)
    assert len(sequences) == terminal.written.count(CLIPBOARD)
    return [base64.b64decode(text).decode() for text in sequences]


def journal(stage: House) -> dict[str, object]:
    """Return what was noted of the unfinished set-up."""
    (path,) = (stage.folder / ".local/state/tripletex-wizard/unfinished").glob("*.json")
    noted: dict[str, object] = json.loads(path.read_text())
    return noted


@FACES
def test_a_refused_key_is_kept_until_the_person_decides(stage: House, face: tuple[str, ...]) -> None:
    with begin(stage, *face) as terminal:
        go_to_the_key(terminal)
        terminal.paste(DELETED_KEY.token, enter="\r" if face else "")
        # What copies in Textual's own field must copy nothing here.
        terminal.answer("TW402", "?\r" if face else "\x18\x1bc")
        if face:
            terminal.asked("continue anyway")  # what is typed before a question is dropped
        terminal.send(leaving(face))
        assert terminal.end() == 130
    assert stage.saw(DELETED_KEY)
    assert CLIPBOARD not in terminal.written
    assert str(DELETED_KEY.number) in json.dumps(journal(stage))
    stage.assert_no_leak(terminal.written, kept=(DELETED_KEY,))


@FACES
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_while_the_key_is_tested_does_not_leak(
    serve: Serve, face: tuple[str, ...], number: signal.Signals
) -> None:
    hang = Fault(path="*whoAmI", trouble="hang")
    stage = serve(faults=[hang])
    with begin(stage, *face) as terminal:
        go_to_the_key(terminal)
        terminal.paste(COMPANY_KEY.token, enter="\r" if face else "")
        stage.await_hit(hang)
        if face and number is signal.SIGINT:
            # Line by line, the first one only cancels what is being waited for.
            terminal.child.kill(number)
            terminal.asked("Cancelled.")
        terminal.child.kill(number)
        code = terminal.end()
    assert code == (130 if face and number is signal.SIGINT else 128 + number)
    assert stage.saw(COMPANY_KEY)
    assert str(COMPANY_KEY.number) in json.dumps(journal(stage))
    stage.assert_no_leak(terminal.written, kept=(COMPANY_KEY,))


@FACES
def test_an_interrupted_set_up_continues_with_the_key(serve: Serve, face: tuple[str, ...]) -> None:
    hang = Fault(path="*whoAmI", trouble="hang")
    stage = serve(faults=[hang])
    with begin(stage, *face) as terminal:
        go_to_the_key(terminal)
        terminal.paste(COMPANY_KEY.token, enter="\r" if face else "")
        stage.await_hit(hang)
        terminal.child.kill(signal.SIGKILL)
        terminal.end()
    assert stage.key_file(COMPANY_KEY).exists()
    with begin(stage, *face) as again:
        again.answer("Continue where you left off")
        again.answer("The key works")
        again.asked("Single company or accounting office?")
        again.send(leaving(face))
        assert again.end() == 130
    stage.assert_no_leak(terminal.written, again.written, kept=(COMPANY_KEY,))
    for session in stage.sandbox.open_sessions:
        stage.sandbox.delete_session(session)


def test_starting_over_keeps_a_key_that_a_config_uses(stage: House) -> None:
    with begin(stage, "--plain") as terminal:
        go_to_the_key(terminal)
        terminal.paste(COMPANY_KEY.token, enter="\r")
        terminal.answer("The key works")
        terminal.answer("Single company or accounting office?", "\x03")
        assert terminal.end() == 130
    words = stage.setup("--employee-token-file", "-")
    words[1] = "another.toml"
    assert stage.run(*words, text=COMPANY_KEY.token).returncode == 0
    with begin(stage, "--plain") as again:
        again.answer("Start again", "2\r")
        again.answer("Switch on API 2.0", "\x03")
        assert again.end() == 130
    checked = stage.run("validate", "another.toml")
    assert checked.returncode == 0, checked.stdout


WRONG = {
    CONSUMER.token: "TW307",
    COMPANY_KEY.token[:60]: "TW308",
    COMPANY_KEY.token[20:]: "TW308",
    f"{COMPANY_KEY.token} {OFFICE_KEY.token}": "TW317",
}


@FACES
def test_text_that_is_not_a_key_is_not_shown_either(stage: House, face: tuple[str, ...]) -> None:
    with begin(stage, *face) as terminal:
        go_to_the_key(terminal)
        for text, code in WRONG.items():
            terminal.paste(text, enter="\r" if face else "")
            terminal.asked(code)
        terminal.send(leaving(face))
        assert terminal.end() == 130
    assert not stage.sandbox.requests
    stage.assert_no_leak(terminal.written)


def test_a_key_pasted_into_a_visible_field_is_removed(stage: House) -> None:
    """The clipboard still holds it when the next question comes."""
    with begin(stage, setup="bureau-client") as terminal:
        go_to_the_key(terminal)
        terminal.paste(OFFICE_KEY.token)
        terminal.answer("The key works")
        terminal.answer("Single company or accounting office?")
        terminal.asked("Find a client")
        terminal.paste(OFFICE_KEY.token)
        terminal.asked("This looks like a key.")
        terminal.send("\x03\x03")
        assert terminal.end() == 130
    stage.assert_no_leak(terminal.written, kept=(OFFICE_KEY,))


COMMAND, VARIABLE = "3", "4"


def talkative(stage: House) -> Path:
    """Return a command that prints a key, and another key to its other streams."""
    secret = stage.given("vault", OFFICE_KEY.token)
    other = stage.given("other", NEXT_KEY.token)
    script = stage.folder / "fetch"
    script.write_text(
        textwrap.dedent(f"""\
            #!/bin/sh
            cat {other} >&2
            cat {other} > /dev/tty
            cat {secret} {other}
            """)
    )
    script.chmod(0o700)
    return script


def choose(terminal: Terminal, question: str, number: str) -> None:
    """Answer a question with a choice; on the full screen a number needs no Enter."""
    terminal.asked(question)
    terminal.send(number if b"\x1b[?1049h" in terminal.written else f"{number}\r")


def to_own_place(terminal: Terminal, place: str) -> None:
    """Walk to the question where the user keeps the key."""
    terminal.answer("You need")
    terminal.answer("Switch on API 2.0")
    choose(terminal, "Other choices (for IT)", "2")
    choose(terminal, "none was found on this machine", place)
    terminal.asked("You store the key there yourself.")


def begin_elsewhere(stage: House, terminal: Terminal, place: str, text: str) -> None:
    """Walk to the key, which is kept elsewhere."""
    to_own_place(terminal, place)
    terminal.send(f"{text}\r")
    if place == COMMAND:
        terminal.answer("TW342")
    terminal.asked("Make the API key")


@FACES
@pytest.mark.parametrize("place", [COMMAND, VARIABLE])
def test_two_different_keys_are_both_kept_off_the_screen(
    stage: House, face: tuple[str, ...], place: str
) -> None:
    script = talkative(stage)
    stage.home.variables["FINALE_KEY"] = OFFICE_KEY.token
    words = ["setup", "finale.toml", "--environment", "sandbox", "--base-url", stage.base_url, "-v", *face]
    with stage.on_terminal(*words) as terminal:
        begin_elsewhere(stage, terminal, place, str(script) if place == COMMAND else "FINALE_KEY")
        terminal.paste(COMPANY_KEY.token, enter="\r")
        terminal.asked("TW337")
        (stage.folder / "vault").write_text(COMPANY_KEY.token)
        terminal.send("\x03" if face else "\x03\x03")
        assert terminal.end() == 130
    assert CLIPBOARD not in terminal.written
    assert not stage.sandbox.requests
    stage.assert_no_leak(terminal.written)


@FACES
def test_a_key_that_was_found_in_its_place_does_not_leak(stage: House, face: tuple[str, ...]) -> None:
    script = talkative(stage)
    (stage.folder / "vault").write_text(COMPANY_KEY.token + "\n")
    words = ["setup", "finale.toml", "--environment", "sandbox", "--base-url", stage.base_url, "-v", *face]
    with stage.on_terminal(*words) as terminal:
        begin_elsewhere(stage, terminal, COMMAND, str(script))
        terminal.paste(COMPANY_KEY.token, enter="\r")
        terminal.answer("key no. 2113377001" if face else "The key works")
        terminal.answer("Single company or accounting office?")
        terminal.answer("Is this the company that you want to connect to Finale?")
        terminal.answer("Everything is in order.")
        terminal.answer("Enter this in Finale")
        assert terminal.end() == 0
    assert stage.saw(COMPANY_KEY)
    assert stage.saw(CONSUMER)
    assert f'command = ["{script}"]' in (stage.folder / "finale.toml").read_text()
    stage.assert_no_leak(terminal.written)


@pytest.mark.parametrize("at", ["You need", "Other choices (for IT)", "own place"])
def test_a_key_typed_at_a_visible_prompt_is_stored_nowhere(stage: House, at: str) -> None:
    """The terminal has echoed it: the person is told, and it is stored nowhere."""
    stage.guard.shown.add(COMPANY_KEY.token)
    words = ["setup", "finale.toml", "--environment", "sandbox", "--base-url", stage.base_url, "-v"]
    with stage.on_terminal(*words, "--plain") as terminal:
        if at == "own place":
            to_own_place(terminal, COMMAND)
        elif at != "You need":
            terminal.answer("You need")
            terminal.answer("Switch on API 2.0")
            terminal.asked(at)
        else:
            terminal.asked(at)
        terminal.paste(COMPANY_KEY.token, enter="\r")
        terminal.asked("TW315")
        assert terminal.written.count(COMPANY_KEY.token.encode()) == 1, "only the terminal's own echo"
        terminal.send("\x03")
        assert terminal.end() == 130
    assert not stage.sandbox.requests
    stage.assert_no_leak()


def test_a_key_that_a_terminal_types_is_removed_from_the_screen(stage: House) -> None:
    """A terminal that does not mark pastes, such as an old PuTTY, sends the key as if it were typed."""
    words = ["setup", "finale.toml", "--environment", "sandbox", "--base-url", stage.base_url, "-v"]
    with stage.on_terminal(*words) as terminal:
        to_own_place(terminal, COMMAND)
        stage.guard.terminals.remove(terminal)  # typed text is on the screen until it is recognised
        terminal.send(f"{COMPANY_KEY.token}\r")
        terminal.asked("This looks like a key")
        assert COMPANY_KEY.token[-20:] not in terminal.text
        while terminal.read(1.0):  # keys that follow at once count as the rest of the key
            pass
        terminal.send("\x1b")  # the first Esc takes the message away
        terminal.until(lambda: "This looks like a key" not in terminal.text, "the field without a message")
        terminal.send("\x1b")
        terminal.answer("none was found on this machine")
        terminal.asked("You store the key there yourself.")
        assert COMPANY_KEY.token[-20:] not in terminal.text
        terminal.send("\x03\x03")
        assert terminal.end() == 130
    stage.assert_no_leak()


PROGRAM = "tests.leaks.crashing"
TOKEN = COMPANY_KEY.token
WRAPPED = f"{TOKEN[:40]}\n{TOKEN[40:]}"
QUIET_AND_VERBOSE = pytest.mark.parametrize("verbose", [(), ("-v",)], ids=["quiet", "verbose"])


@QUIET_AND_VERBOSE
@pytest.mark.parametrize(("where", "code", "told"), [("kept", 70, "DefectError"), ("sent", 3, "TW5")])
def test_a_crash_without_a_terminal_does_not_leak(
    stage: House, where: str, code: int, told: str, verbose: tuple[str, ...]
) -> None:
    run = stage.run(
        where, *stage.setup("--employee-token-file", "-", *verbose), text=WRAPPED, program=PROGRAM
    )
    assert run.returncode == code, run.stderr
    assert told in run.stderr
    stage.assert_run_leaks_nothing(run, kept=(COMPANY_KEY,) if where == "sent" else ())


@QUIET_AND_VERBOSE
def test_an_uncaught_error_does_not_leak(stage: House, verbose: tuple[str, ...]) -> None:
    words = stage.setup("--employee-token-file", "-", *verbose)
    run = stage.run("unseen", *words, text=WRAPPED, program=PROGRAM)
    assert run.returncode == 0, run.stderr
    # The error of a finaliser is logged for developers only.
    assert run.stderr.count("uncaught error") == (2 if verbose else 1)
    assert "Task exception was never retrieved" in run.stderr
    assert "WARNING somebody.else: could not send ***" in run.stderr
    stage.assert_run_leaks_nothing(run, kept=(COMPANY_KEY,))


@QUIET_AND_VERBOSE
@pytest.mark.parametrize("where", ["judged", "kept"])
def test_a_crash_line_by_line_does_not_leak(stage: House, where: str, verbose: tuple[str, ...]) -> None:
    with begin(stage, "--plain", *verbose, program=f"{PROGRAM} {where}") as terminal:
        go_to_the_key(terminal)
        terminal.paste(WRAPPED, enter="\r")
        assert terminal.end() == 70
    assert b"DefectError" in terminal.written
    stage.assert_no_leak(terminal.written)


@pytest.mark.parametrize("where", ["judged", "taken", "kept", "unseen"])
def test_a_crash_on_the_full_screen_does_not_leak(stage: House, where: str) -> None:
    with begin(stage, "-v", program=f"{PROGRAM} {where}") as terminal:
        go_to_the_key(terminal)
        terminal.paste(WRAPPED)
        if where == "unseen":
            terminal.asked("The key works")
            terminal.send("\x03\x03")
            assert terminal.end() == 130
        else:
            assert terminal.end() == 70
            assert b"DefectError" in terminal.written
    stage.assert_no_leak(terminal.written, kept=(COMPANY_KEY,) if where == "unseen" else ())
