"""The line about a long run: on a terminal only, and gone at the end."""

import io
import re

import pytest

from wizard.text import Texts
from wizard.ui import progress
from wizard.ui.progress import Progress

T = Texts("en")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_it_counts_in_place_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_it_is_not_written_more_often_than_one_can_read() -> None:
    stream = Terminal()
    with Progress(stream, 10_000, T) as shown:
        for _ in range(10_000):
            shown.advance()
    assert 1 <= stream.getvalue().count("Checked") < 1000


def test_where_there_is_no_terminal_it_is_silent() -> None:
    stream = io.StringIO()
    with Progress(stream, 600, T) as shown:
        shown.advance()
    assert not stream.getvalue()


def test_it_says_how_long_the_clients_will_take(monkeypatch: pytest.MonkeyPatch) -> None:
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
