"""A key in a place of the user's own: neither what a command prints nor what a variable holds is told."""

import textwrap
from pathlib import Path

import pytest

from tests.support.house import COMPANY_KEY, CONSUMER, NEXT_KEY, OFFICE_KEY, House
from tests.support.terminal import CLIPBOARD, Terminal

FACES = pytest.mark.parametrize("face", [(), ("--plain",)], ids=["full screen", "line by line"])
COMMAND, VARIABLE = "3", "4"


def talkative(stage: House) -> Path:
    """Return a command that gives out a key, and another where nobody should look."""
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


def to_own_place(terminal: Terminal, place: str) -> None:
    """Walk to the question for a place of one's own."""
    terminal.answer("You need")
    terminal.answer("Switch on API 2.0")
    terminal.answer("Other choices (for IT)", "2\r")
    terminal.answer("none was found on this machine", f"{place}\r")
    terminal.asked("You store the key there yourself.")


def begin(stage: House, terminal: Terminal, place: str, text: str) -> None:
    """Walk to the key, which is kept elsewhere."""
    to_own_place(terminal, place)
    terminal.send(f"{text}\r")
    if place == COMMAND:
        terminal.answer("TW342")
    terminal.asked("Make the API key")


@FACES
@pytest.mark.parametrize("place", [COMMAND, VARIABLE])
def test_neither_of_two_keys_that_differ_is_told(stage: House, face: tuple[str, ...], place: str) -> None:
    script = talkative(stage)
    stage.home.variables["FINALE_KEY"] = OFFICE_KEY.token
    words = ["setup", "finale.toml", "--environment", "sandbox", "--base-url", stage.base_url, "-v", *face]
    with stage.on_terminal(*words) as terminal:
        begin(stage, terminal, place, str(script) if place == COMMAND else "FINALE_KEY")
        terminal.paste(COMPANY_KEY.token, enter="\r")
        terminal.asked("TW337")
        (stage.folder / "vault").write_text(COMPANY_KEY.token)
        terminal.send("\x03" if face else "\x03\x03")
        assert terminal.end() == 130
    assert CLIPBOARD not in terminal.written
    assert not stage.sandbox.requests
    stage.assert_untold(terminal.written)


@FACES
def test_nor_is_one_that_was_found_there(stage: House, face: tuple[str, ...]) -> None:
    script = talkative(stage)
    (stage.folder / "vault").write_text(COMPANY_KEY.token + "\n")
    words = ["setup", "finale.toml", "--environment", "sandbox", "--base-url", stage.base_url, "-v", *face]
    with stage.on_terminal(*words) as terminal:
        begin(stage, terminal, COMMAND, str(script))
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
    stage.assert_untold(terminal.written)


@pytest.mark.parametrize("at", ["You need", "Other choices (for IT)", "own place"])
def test_a_key_at_a_line_that_can_be_read_goes_no_further_than_the_screen(stage: House, at: str) -> None:
    """The terminal itself has echoed it: that is said, and it is noted nowhere."""
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
    stage.assert_untold()


def test_a_key_that_a_terminal_types_is_taken_off_the_screen(stage: House) -> None:
    """One that does not mark pastes, such as an old PuTTY, sends the key as if it were typed."""
    words = ["setup", "finale.toml", "--environment", "sandbox", "--base-url", stage.base_url, "-v"]
    with stage.on_terminal(*words) as terminal:
        to_own_place(terminal, COMMAND)
        terminal.send(f"{COMPANY_KEY.token}\r")
        terminal.asked("TW315")
        assert COMPANY_KEY.token[-20:] not in terminal.text
        terminal.send("\x1b")
        terminal.answer("none was found on this machine")
        terminal.asked("You store the key there yourself.")
        assert COMPANY_KEY.token[-20:] not in terminal.text
        terminal.send("\x03\x03")
        assert terminal.end() == 130
    stage.assert_untold()
