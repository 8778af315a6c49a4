"""The line-by-line face on a real terminal: echo, pastes, signals, and what it leaves behind."""

import os
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.keys import make_key
from tests.support.terminal import Terminal
from wizard.domain.key import Secret
from wizard.ui.plain.keyboard import Terminal as Keyboard

ROOT = Path(__file__).parents[3]
KEY = make_key()


class Session(Terminal):
    """The program in a terminal, whose text is read once from beginning to end."""

    def __init__(self, script: str, encoding: str = "utf-8") -> None:
        environ = {**os.environ, "TERM": "dumb", "PYTHONIOENCODING": encoding}
        super().__init__([sys.executable, "-m", "tests.ui.plain.program", script], environ, ROOT)
        self._expected = 0

    def expect(self, text: str) -> None:
        """Read on until a text has come."""
        self.until(lambda: text.encode() in self.written[self._expected :], repr(text))
        self._expected = self.written.index(text.encode(), self._expected) + len(text.encode())

    def reply(self, text: str = "") -> None:
        """Wait for the next question, and answer it."""
        self.expect("> ")
        self.send(f"{text}\r")


Start = Callable[..., Session]


@pytest.fixture
def start() -> Iterator[Start]:
    sessions: list[Session] = []

    def run(script: str, **options: str) -> Session:
        sessions.append(Session(script, **options))
        return sessions[-1]

    yield run
    for session in sessions:
        session.close()


def test_the_whole_dialogue_writes_no_escape_sequence(start: Start) -> None:
    session = start("all")
    for answer in ("", KEY.reveal(), "1", "?", ""):
        session.reply(answer)
    assert session.end() == 0
    assert "restored: True" in session.plain
    assert KEY.fingerprint in session.plain
    assert b"\x1b" not in session.written
    assert KEY.reveal() not in session.plain


def test_the_echo_is_off_for_a_secret_and_on_for_everything_else(start: Start) -> None:
    session = start("secret")
    session.expect("Key\r\nAPI key (not shown) > ")
    assert not session.child.getecho()
    session.send(f"{KEY.reveal()}\r")
    session.expect("The last page\r\n[Enter: continue] > ")
    assert session.child.getecho()
    session.send("echoed\r")
    session.expect("echoed")
    session.reply()
    assert session.end() == 0


PASTES = {
    "one line": KEY.reveal() + "\r",
    "bracketed": f"\x1b[200~{KEY.reveal()}\x1b[201~\r",
    "bracketed with a line break": f"\x1b[200~{KEY.reveal()}\r\x1b[201~\r",
    "a line break in front": f"\r{KEY.reveal()}\r",
    "corrected": f"x{KEY.reveal()}\x15\x1b[D{KEY.reveal()}x\x7f\r",
}


@pytest.mark.parametrize("paste", PASTES.values(), ids=PASTES.keys())
def test_a_paste_arrives_whole(start: Start, paste: str) -> None:
    session = start("secret")
    session.expect("Key\r\nAPI key (not shown) > ")
    session.send(paste)
    session.expect("The last page")
    session.reply()
    assert session.end() == 0
    assert "Continue()" in session.plain
    assert KEY.reveal() not in session.plain


def test_all_lines_of_a_wrapped_key_are_one_answer(start: Start) -> None:
    session = start("secret")
    session.expect("Key\r\nAPI key (not shown) > ")
    key = KEY.reveal()
    session.send(f"{key[:40]}\r")
    session.send(f"{key[40:]}\r")
    session.expect("The last page")
    session.reply()
    assert session.end() == 0
    # The reply is what was pasted, line break and all; the walk repairs it.
    assert Secret(f"{key[:40]}\n{key[40:]}").fingerprint in session.plain


def test_a_paste_without_a_last_line_break_waits_for_enter(start: Start) -> None:
    session = start("secret")
    session.expect("Key\r\nAPI key (not shown) > ")
    session.send(f"\x1b[200~{KEY.reveal()[:40]}\r{KEY.reveal()[40:]}\x1b[201~")
    while session.read(0.5):
        assert "The last page" not in session.plain
    session.send("\r")
    session.expect("The last page")
    session.reply()
    assert session.end() == 0


def test_a_huge_paste_neither_spills_nor_hangs(start: Start) -> None:
    session = start("secret")
    session.expect("Key\r\nAPI key (not shown) > ")
    for _ in range(200):
        session.send("y" * 999 + "\r")
    session.expect("The last page")
    session.reply()
    assert session.end() == 0
    assert "y" * 20 not in session.plain


def test_the_rest_of_a_paste_does_not_answer_the_next_question(start: Start) -> None:
    session = start("choose")
    session.expect("Number [2] > ")
    session.send("1\rno\r\r\r")
    session.expect("The last page\r\n[Enter: continue] > ")
    session.send("\r")
    assert session.end() == 0
    assert session.plain.count("Continue()") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
@pytest.mark.parametrize("script", ["secret", "choose", "endless"])
def test_a_signal_ends_the_dialogue_and_restores_the_terminal(
    start: Start, script: str, number: signal.Signals
) -> None:
    session = start(script)
    session.expect("> ")
    if script == "endless":
        session.send("\r")
        session.expect("Working.")
    session.signal(number)
    assert session.end() == 128 + number
    assert "restored: True" in session.plain
    assert ("Logged off." in session.plain) == (script == "endless")


def test_two_signals_at_once_restore_the_terminal(start: Start) -> None:
    session = start("secret")
    session.expect("> ")
    session.signal(signal.SIGSTOP)
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGCONT):
        session.signal(number)
    assert session.end() in {128 + signal.SIGHUP, 128 + signal.SIGTERM}
    assert "restored: True" in session.plain


def test_work_that_ignores_a_signal_is_not_waited_for(start: Start) -> None:
    session = start("deaf")
    session.reply()
    session.expect("Working.")
    session.signal(signal.SIGTERM)
    session.expect("Not yet.")
    session.signal(signal.SIGHUP)  # changes nothing: the first one counts
    assert session.end() == 128 + signal.SIGTERM
    assert termios.tcgetattr(session.child.child_fd) == session.modes_before


def test_ctrl_c_cancels_work_and_leaves_at_a_question(start: Start) -> None:
    session = start("endless")
    session.reply()
    session.expect("Working.")
    session.expect("Please wait")
    session.send("\x03")
    session.expect("Logged off.")
    session.expect("Cancelled.")
    session.expect("[Enter: continue] > ")
    session.send("\x03")
    assert session.end() == 130
    assert session.plain.count("Working.") == 1
    assert "restored: True" in session.plain


@pytest.mark.parametrize("script", ["secret", "choose"])
def test_the_end_of_input_ends_the_dialogue_with_a_message(start: Start, script: str) -> None:
    session = start(script)
    session.expect("> ")
    session.send("\x04")
    assert session.end() == 2
    assert "The input ended" in session.plain
    assert "restored: True" in session.plain


def test_ctrl_z_restores_the_echo_for_the_shell(start: Start) -> None:
    session = start("secret")
    session.expect("> ")
    session.send(f"\x1a{KEY.reveal()}\r")
    session.expect("The last page")
    session.reply()
    assert session.end() == 0


def test_a_crash_restores_the_terminal(start: Start) -> None:
    session = start("crash")
    session.reply()
    assert session.end() == 1
    assert "restored: True" in session.plain
    assert "RuntimeError: broken world" in session.plain


def test_a_terminal_without_utf_8_gets_ascii_characters(start: Start) -> None:
    session = start("all", encoding="latin-1")
    session.expect("] > ")
    session.send("q\r")
    assert session.end() == 130
    assert "«Administrator» rights -> five".encode("latin-1") in session.written


def test_a_lost_terminal_ends_the_dialogue() -> None:
    terminal, end = os.openpty()
    code = (
        "import sys; from tests.ui.plain.program import SCRIPTS, run_plain\n"
        "print('code', run_plain(SCRIPTS['choose'](), 'en'), file=sys.stderr)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=end,
        stdout=end,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        os.close(end)
        while b"] >" not in os.read(terminal, 4096):
            pass
        os.close(terminal)
        _, told = child.communicate(timeout=20)
    assert "code 2" in told


def test_nohup_is_respected() -> None:
    previous = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        session = Session("choose")
    finally:
        signal.signal(signal.SIGHUP, previous)
    try:
        session.expect("Number [2] > ")
        session.signal(signal.SIGHUP)
        session.send("1\r")
        session.reply()
        assert session.end() == 0
    finally:
        session.close()


@pytest.fixture
def reading() -> Iterator[Keyboard]:
    """Return the keyboard of a terminal without input."""
    other_end, end = os.openpty()
    try:
        yield Keyboard(end, "utf-8")
    finally:
        os.close(end)
        os.close(other_end)


def test_a_signal_that_does_not_interrupt_the_read_still_ends_the_dialogue(
    reading: Keyboard,
) -> None:
    """As one that comes just before the read; sent to another thread, it does so every time."""

    def press_ctrl_c() -> None:
        time.sleep(0.2)
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    with reading.without_echo(), pytest.raises(KeyboardInterrupt):
        reading.read_line(threading.Thread(target=press_ctrl_c, daemon=True).start)
    # The former wakeup descriptor for signals is restored.
    assert signal.set_wakeup_fd(-1) == -1
