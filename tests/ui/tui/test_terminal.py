"""The full screen on a real terminal: what it writes, what it leaves behind, how it ends."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.keys import make_key
from tests.support.terminal import Terminal

ROOT = Path(__file__).parents[3]
KEY = make_key()
COPY = b"\x1b]52"
CLEAR = b"\x1b[H\x1b[2J"
COLOURS = re.compile(rb"\x1b\[[0-9;]*\b(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;]*m")


class Session(Terminal):
    """The program in a terminal."""

    def __init__(self, script: str, **environment: str) -> None:
        dropped = {"COLORTERM", "NO_COLOR", "FORCE_COLOR"}
        inherited = {name: value for name, value in os.environ.items() if name not in dropped}
        inherited |= {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"}
        super().__init__(
            [sys.executable, "-m", "tests.ui.tui.program", script], {**inherited, **environment}, ROOT
        )

    def settle(self, quiet: float = 0.3) -> int:
        """Read until nothing has come for a while, and return how much it was."""
        before = len(self.written)
        while self.read(quiet):
            pass
        return len(self.written) - before


Start = Callable[..., Session]


@pytest.fixture
def start() -> Iterator[Start]:
    sessions: list[Session] = []

    def begin(script: str, **environment: str) -> Session:
        session = Session(script, **environment)
        sessions.append(session)
        return session

    yield begin
    for session in sessions:
        session.close()


def assert_in_order(session: Session) -> None:
    """The terminal is as it was: modes, ordinary screen, cursor, pastes, line wrap."""
    assert "restored: True" in session.text
    after = session.written[session.written.rindex(b"\x1b[?1049l") :]
    assert b"\x1b[?25h" in after
    for off in (b"\x1b[?2004l", b"\x1b[?7h", b"\x1b[<u"):
        assert session.written.rindex(off) > session.written.index(b"\x1b[?1049h")


def test_no_byte_of_a_key_reaches_the_terminal(start: Start) -> None:
    session = start("secret")
    session.see("Lim inn API-nøkkelen")
    session.paste(f"\n{KEY.reveal()[:50]}\r\n{KEY.reveal()[50:]}\r")
    session.see("Nøkkelen virker")
    session.send("\x18\x03")
    session.see("Trykk Ctrl+C en gang til")
    session.send("\x03")
    assert session.end() == 130
    assert COPY not in session.written
    assert not any(KEY.reveal()[n : n + 8].encode() in session.written for n in range(len(KEY) - 8))
    assert "replies: ['" in session.text
    assert_in_order(session)


def test_keys_that_come_in_one_go_act_in_their_order(start: Start) -> None:
    """As they do over a slow line."""
    session = start("typed")
    session.see("Skriv her")
    session.send("wrong\x1597476067\x1b[D\x1b[C3\r")
    session.see("Fyll inn i Finale")
    session.send("\r")
    assert session.end() == 0
    assert "Typed(text='974760673')" in session.text


def test_a_window_that_changes_is_filled_again(start: Start) -> None:
    session = start("all", COLUMNS="80", LINES="24")
    session.see("Enter begynn")
    session.resize(60, 20)
    session.see(" Tripletex → Finale ")
    session.resize(50, 10)
    session.see("Nå er det 50 x 10")
    session.resize(80, 24)
    session.see("Visma Finale")
    session.resize(50, 10)
    session.see("Ctrl+Q avslutt")
    session.send("\x11")
    assert session.end() == 130


@pytest.mark.parametrize(
    ("number", "is_busy"), [(signal.SIGTERM, True), (signal.SIGHUP, False), (signal.SIGINT, True)]
)
def test_a_signal_ends_it_in_order(start: Start, number: signal.Signals, is_busy: bool) -> None:  # noqa: FBT001 - a case
    session = start("endless")
    session.see("Enter begynn")
    if is_busy:
        session.send("\r")
        session.settle()
    session.signal(number)
    assert session.end() == 128 + number
    assert_in_order(session)


def test_a_lost_connection_ends_it(start: Start) -> None:
    session = start("endless")
    session.see("Enter begynn")
    session.hang_up()
    assert session.end() == 128 + signal.SIGHUP


def test_a_terminal_that_has_stopped_reading_cannot_keep_it_alive(start: Start) -> None:
    session = start("all")
    session.see("Enter begynn")
    # Far more than the terminal's buffer and Textual's queue hold: each F1 draws the page again, if it
    # does not come together with the next. The main thread then waits in a write.
    for _ in range(60):
        session.send("\x1bOP")
        time.sleep(0.03)
    session.signal(signal.SIGTERM)
    end = time.monotonic() + 20
    while session.child.isalive():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert session.child.exitstatus == 128 + signal.SIGTERM


def test_a_crash_shows_where_and_nothing_of_what_it_held(start: Start) -> None:
    session = start("crash")
    session.see("Lim inn API-nøkkelen")
    session.paste(KEY.reveal())
    assert session.end() == 70
    assert "builtins.RuntimeError" in session.text
    assert "break_down" in session.text
    assert KEY.reveal()[:16].encode() not in session.written
    assert b"canary is" not in session.written
    assert_in_order(session)


def test_a_limit_of_the_machine_is_no_crash(start: Start) -> None:
    session = start("full")
    session.see("Enter begynn")
    session.send("\r")
    assert session.end() == 4
    assert "Det kan ikke startes flere prosesser eller tråder (ulimit -u)." in session.text
    assert "krasjet" not in session.text
    assert_in_order(session)


def test_a_crash_before_the_first_page_leaves_the_terminal_in_order(start: Start) -> None:
    session = start("broken")
    assert session.end() != 0
    assert b"\x1b[?1049h" not in session.written or b"\x1b[?1049l" in session.written


def test_the_summary_stays_in_the_terminal(start: Start) -> None:
    session = start("last")
    session.see("Fyll inn i Finale")
    session.send("\r")
    assert session.end() == 0
    assert "\nTripletex er koblet til Visma Finale\n\n  Selskap\n" in session.text
    assert b"\x1b[1mTripletex er koblet" in session.written
    assert_in_order(session)


def test_f3_puts_the_step_on_a_clean_ordinary_screen(start: Start) -> None:
    """In GNU screen, mosh and some tmux, as in pyte, there is no other: what was drawn must be gone."""
    session = start("all")
    session.see("Enter begynn")
    session.send("\x1bOR")
    session.see("Trykk Enter for å gå tilbake")
    assert "Tripletex åpent i nettleseren" in session.text
    assert "────────────────" not in session.text.split("Velkommen")[0]
    session.send("\r")
    session.see("Enter begynn")
    assert b"til veiviseren. \r\n" in session.written
    session.send("\x1bOR")
    session.see("Trykk Enter for å gå tilbake")
    # In PuTTY, a click that was meant to copy the text pastes what was copied before.
    session.send(KEY.reveal())
    session.settle()
    session.signal(signal.SIGTERM)
    assert session.end() == 128 + signal.SIGTERM
    assert session.written.count(CLEAR) >= 2
    assert KEY.reveal()[:16].encode() not in session.written
    assert_in_order(session)


def test_bytes_stay_within_what_a_slow_line_bears(start: Start) -> None:
    """Goals: first paint 6 kB, next screen 8 kB, a character 0.5 kB, nothing while nothing changes."""
    session = start("all")
    for answer, seen, most in (("", "Enter begynn", 6_000), ("\r", "Lim inn", 8_000), ("a", "1 tegn", 500)):
        before = len(session.written)
        session.send(answer)
        session.see(seen)
        session.settle()
        assert len(session.written) - before <= most, seen
    assert session.settle(1) == 0
    working = start("endless")
    working.see("Enter begynn")
    working.send("\r")
    working.settle()
    assert working.settle(1) == 0


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_sixteen_colours_are_enough_for_putty(start: Start, theme: str) -> None:
    session = start("all", TERM="xterm", TRIPLETEX_WIZARD_THEME=theme)
    session.see("Enter begynn")
    assert COLOURS.search(session.written)
    assert b"38;5" not in session.written
    assert b"38;2" not in session.written
    assert (b";107m" if theme == "light" else b";40m") in session.written


@pytest.mark.parametrize(("no_color", "has_colours"), [("1", False), ("", True)])
def test_no_color_counts_when_it_is_not_empty(start: Start, no_color: str, has_colours: bool) -> None:  # noqa: FBT001 - a case
    session = start("all", NO_COLOR=no_color)
    session.see("Enter begynn")
    assert bool(COLOURS.search(session.written)) is has_colours


def test_ascii_where_the_font_has_nothing_else(start: Start) -> None:
    session = start("all", TRIPLETEX_WIZARD_SIGNS="ascii")
    session.see("Enter begynn")
    assert set(session.text) - set("æøåÆØÅ") == {sign for sign in session.text if sign.isascii()}


def test_nothing_that_textual_is_told_by_the_environment_logs_a_key(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "log"
    session = start("secret", TEXTUAL_LOG=str(log), TEXTUAL_DEBUG="1", TEXTUAL="devtools,debug")
    session.see("Lim inn API-nøkkelen")
    session.paste(KEY.reveal())
    session.see("Nøkkelen virker")
    session.send("\x03\x03")
    assert session.end() == 130
    assert not log.exists()
