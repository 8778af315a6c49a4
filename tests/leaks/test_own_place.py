"""A key in a place of the user's own: neither what a command prints nor what a variable holds is told."""

import textwrap
from pathlib import Path

import pytest

from tests.support.house import COMPANY_KEY, CONSUMER, NEXT_KEY, OFFICE_KEY, House
from tests.support.terminal import CLIPBOARD, Terminal

FACES = pytest.mark.parametrize("face", [(), ("--plain",)], ids=["full screen", "line by line"])
COMMAND, VARIABLE = "2", "3"


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


def begin(stage: House, terminal: Terminal, face: tuple[str, ...], place: str, text: str) -> None:
    """Walk to the key, which is to lie in a place of one's own."""
    terminal.answer("Have these ready")
    terminal.asked("Where shall the key lie?")
    terminal.send(f"{place}\r")
    terminal.asked("A place of your own")
    terminal.send(f"{text}\r")
    terminal.answer("Switch on API 2.0")
    terminal.asked("Paste the API key here")


@FACES
@pytest.mark.parametrize("place", [COMMAND, VARIABLE])
def test_neither_of_two_keys_that_differ_is_told(stage: House, face: tuple[str, ...], place: str) -> None:
    script = talkative(stage)
    stage.home.variables["FINALE_KEY"] = OFFICE_KEY.token
    words = ["setup", "finale.toml", "--environment", "sandbox", "--base-url", stage.base_url, "-v", *face]
    with stage.on_terminal(*words) as terminal:
        begin(stage, terminal, face, place, str(script) if place == COMMAND else "FINALE_KEY")
        terminal.paste(COMPANY_KEY.token, enter="\r")
        terminal.asked("TW337")
        (stage.folder / "vault").write_text(COMPANY_KEY.token)
        terminal.send("\x11" if not face else "\x03")
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
        begin(stage, terminal, face, COMMAND, str(script))
        terminal.paste(COMPANY_KEY.token, enter="\r")
        terminal.answer("What is to be connected?")
        terminal.answer("Is this the right company?")
        terminal.answer("Look it over")
        terminal.answer("The company is found")
        terminal.answer("Enter it in Finale")
        terminal.answer("Commands for later")
        assert terminal.end() == 0
    assert stage.saw(COMPANY_KEY)
    assert stage.saw(CONSUMER)
    assert f'command = ["{script}"]' in (stage.folder / "finale.toml").read_text()
    stage.assert_untold(terminal.written)


SHOWN = pytest.mark.parametrize(
    ("at", "keys"),
    [
        ("Have these ready", ""),
        ("Where shall the key lie?", "\r"),
        ("A place of your own", f"\r{COMMAND}\r"),
    ],
)


@SHOWN
def test_a_key_at_a_line_that_can_be_read_goes_no_further_than_the_screen(
    stage: House, at: str, keys: str
) -> None:
    """The terminal itself has echoed it: that is said, and it is noted nowhere."""
    words = ["setup", "finale.toml", "--environment", "sandbox", "--base-url", stage.base_url, "-v"]
    with stage.on_terminal(*words, "--plain") as terminal:
        terminal.asked("Have these ready")
        for key in keys.split("\r")[:-1]:
            terminal.send(f"{key}\r")
            terminal.asked("> ")
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
        terminal.answer("Have these ready")
        terminal.asked("Where shall the key lie?")
        terminal.send(f"{COMMAND}\r")
        terminal.asked("A place of your own")
        terminal.send(f"{COMPANY_KEY.token}\r")
        terminal.asked("TW315")
        assert COMPANY_KEY.token[-20:] not in terminal.text
        terminal.send("\x1b")
        terminal.asked("Where shall the key lie?")
        terminal.send("\r")
        terminal.asked("A place of your own")
        assert COMPANY_KEY.token[-20:] not in terminal.text
        terminal.send("\x11")
        assert terminal.end() == 130
    stage.assert_untold()
