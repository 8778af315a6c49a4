"""Which face a terminal gets, and the progress line of a long run."""

import fcntl
import io
import os
import pty
import re
import struct
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from wizard.text import Texts
from wizard.ui import progress
from wizard.ui.face import Face, FaceChoice, can_answer, choose_face, tidy_environment
from wizard.ui.progress import Progress

T = Texts("en")
GOOD = {"TERM": "xterm-256color"}
SIZE = os.terminal_size((80, 24))


@pytest.fixture
def terminal() -> Iterator[IO[Any]]:
    parent, child = pty.openpty()
    with open(child, "w", encoding="utf-8") as stream:
        yield stream
    os.close(parent)


def reason(choice: FaceChoice) -> str:
    assert choice.face is Face.LINES
    assert choice.reason
    return choice.reason


def test_a_good_terminal_gets_the_full_screen(terminal: IO[Any]) -> None:
    assert choose_face(T, GOOD, terminal, terminal, size=SIZE) == FaceChoice(Face.FULL_SCREEN)


def test_the_line_face_can_be_requested(terminal: IO[Any]) -> None:
    assert choose_face(T, GOOD, terminal, terminal, size=SIZE, wants_lines=True) == FaceChoice(Face.LINES)


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_without_cursor_control_gets_lines(terminal: IO[Any], term: str) -> None:
    assert "TERM" in reason(choose_face(T, {"TERM": term}, terminal, terminal, size=SIZE))


@pytest.mark.parametrize("term", ["vt220", "vt100-am"])
def test_a_serial_terminal_gets_lines(terminal: IO[Any], term: str) -> None:
    assert "UTF-8" in reason(choose_face(T, {"TERM": term}, terminal, terminal, size=SIZE))


@pytest.mark.parametrize("size", [(59, 24), (80, 14)])
def test_a_small_window_gets_lines(terminal: IO[Any], size: tuple[int, int]) -> None:
    assert "60 x 15" in reason(choose_face(T, GOOD, terminal, terminal, size=os.terminal_size(size)))


def test_the_smallest_window_and_one_of_unknown_size_are_big_enough(terminal: IO[Any]) -> None:
    for size in ((60, 15), (0, 0)):
        choice = choose_face(T, GOOD, terminal, terminal, size=os.terminal_size(size))
        assert choice.face is Face.FULL_SCREEN


def test_the_window_is_measured_where_the_screen_is_drawn(terminal: IO[Any]) -> None:

    fcntl.ioctl(terminal.fileno(), termios.TIOCSWINSZ, struct.pack("HHHH", 10, 40, 0, 0))
    assert "smaller" in reason(choose_face(T, GOOD, terminal, terminal))


def test_another_encoding_gets_lines(terminal: IO[Any]) -> None:
    latin = io.TextIOWrapper(io.FileIO(os.dup(terminal.fileno()), "w"), encoding="iso-8859-1")
    with latin:
        assert "UTF-8" in reason(choose_face(T, GOOD, terminal, latin, size=SIZE))


def test_a_pipe_answers_only_if_it_was_announced(terminal: IO[Any], tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    answers.write_text("\n")
    with answers.open() as stdin:
        for wants_lines in (False, True):
            choice = choose_face(T, GOOD, stdin, terminal, size=SIZE, wants_lines=wants_lines)
            assert choice.face is Face.NONE
            assert "--no-input" in (choice.reason or "")
        choice = choose_face(T, GOOD, stdin, terminal, size=SIZE, takes_pipe=True)
        assert choice == FaceChoice(Face.LINES)


def test_a_screen_that_nobody_sees_is_not_drawn(terminal: IO[Any], tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as stderr:
        assert "not a terminal" in reason(choose_face(T, GOOD, terminal, stderr, size=SIZE))


@pytest.mark.parametrize("takes_pipe", [False, True])
def test_without_a_terminal_no_face_is_chosen(terminal: IO[Any], takes_pipe: bool) -> None:  # noqa: FBT001 - a case
    with Path(os.devnull).open() as nowhere:
        for stdin in (nowhere, None):
            choice = choose_face(T, GOOD, stdin, terminal, size=SIZE, takes_pipe=takes_pipe)
            assert choice.face is Face.NONE
            assert "--no-input" in (choice.reason or "")
    assert not can_answer(nowhere)
    assert not can_answer(None)
    assert not can_answer(io.StringIO())


def test_textual_variables_are_removed_from_the_environment() -> None:
    environment = {
        "TEXTUAL": "devtools",
        "TEXTUAL_LOG": "/tmp/log",  # noqa: S108 - never opened
        "TEXTUAL_DEBUG": "1",
        "TEXTUALLY": "stays",
        "NO_COLOR": "",
        "TERM": "xterm",
    }
    tidy_environment(environment)
    assert environment == {"TEXTUALLY": "stays", "TERM": "xterm"}


def test_no_color_is_kept() -> None:
    environment = {"NO_COLOR": "1"}
    tidy_environment(environment)
    assert environment == {"NO_COLOR": "1"}


def test_the_reason_for_a_face_is_translated(terminal: IO[Any]) -> None:
    choice = choose_face(Texts("nb"), {"TERM": "dumb"}, terminal, terminal, size=SIZE)
    assert "linje for linje" in reason(choice)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_progress_line_counts_in_place_and_disappears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PACE", 0.0)
    stream = Terminal()
    with Progress(stream, 600, T) as shown:
        for _ in range(11):
            shown.advance()
    told = stream.getvalue()
    assert "\rChecked 11 of 600" in told
    assert re.fullmatch(r"[\r\w ]+", told)
    assert told.split("\r")[-2].isspace()
    assert told.endswith("\r")


def test_the_progress_line_is_not_updated_too_often() -> None:
    stream = Terminal()
    with Progress(stream, 10_000, T) as shown:
        for _ in range(10_000):
            shown.advance()
    assert 1 <= stream.getvalue().count("Checked") < 1000


def test_without_a_terminal_no_progress_is_shown() -> None:
    stream = io.StringIO()
    with Progress(stream, 600, T) as shown:
        shown.advance()
    assert not stream.getvalue()


def test_the_progress_line_estimates_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(progress, "monotonic", lambda: now)
    stream = Terminal()
    with Progress(stream, 1, T) as shown:
        for done in range(1, 202):
            shown.count_clients(done, 301)
            now += 0.1 if done < 101 else 1.0
    told = stream.getvalue()
    # As if nothing had to be waited for at first, but the rate limit is known; later as it was measured.
    assert "Clients read: 100 of 301, about 60 seconds left" in told
    assert "Clients read: 201 of 301, about 55 seconds left" in told
