"""What goes to the terminal's clipboard, and how it gets there."""

import base64
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ui.scripted import ASK_TEXT, LAST, READ, Scripted
from tests.ui.tui.program import COPIES
from tests.ui.tui.screen import Shown, shown, text_of
from tests.ui.tui.test_terminal import Session
from wizard.flow.questions import Copy
from wizard.ui.tui.clipboard import has_clipboard, send_to_clipboard

ROOT = Path(__file__).parents[3]
ONE = replace(ASK_TEXT, options=(), copies=(Copy("OrgNr", "974760673"),))
TWO = replace(READ, copies=COPIES)
SENT = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")


async def sent(text: str, environ: Mapping[str, str]) -> str:
    """Return what is written to the terminal."""
    written: list[str] = []
    await send_to_clipboard(text, environ, written.append)
    return "".join(written)


def decoded(written: str) -> list[str]:
    """Return the texts of all plain sequences."""
    return [base64.b64decode(text).decode() for text in SENT.findall(written)]


async def copied(app_and_pilot: Shown, *keys: str) -> list[str]:
    """Press keys and return what was sent."""
    app, pilot = app_and_pilot
    written: list[str] = []
    assert app._driver is not None
    write = app._driver.write

    def noted(data: str) -> None:
        written.append(data)
        write(data)

    app._driver.write = noted  # type: ignore[method-assign]
    await pilot.press(*keys)
    await app.workers.wait_for_complete()
    await pilot.pause()
    return decoded("".join(written))


class TestSequence:
    async def test_holds_the_text_in_base64(self) -> None:
        assert decoded(await sent("/srv/Åsgård.toml", {"TERM": "xterm"})) == ["/srv/Åsgård.toml"]

    @pytest.mark.parametrize("environ", [{"TERM": "tmux-256color"}, {"TMUX": "/nowhere,1,0", "PATH": ""}])
    async def test_comes_wrapped_too_for_a_tmux_that_takes_nothing_else(
        self, environ: dict[str, str]
    ) -> None:
        written = await sent("x", environ)
        assert written.endswith("\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\")
        assert written.startswith("\x1b]52;c;eA==\x07")

    async def test_comes_in_pieces_for_gnu_screen(self) -> None:
        text = "/srv/" + "long/" * 100
        pieces = re.findall(
            r"\x1bP(.*?)\x1b\\", await sent(text, {"STY": "1.pts", "TERM": "screen"}), re.DOTALL
        )
        assert len(pieces) > 1
        assert max(map(len, pieces)) <= 250
        assert decoded("".join(pieces)) == [text]

    def test_is_not_offered_where_there_is_no_clipboard(self) -> None:
        assert not has_clipboard({"TERM": "linux"})
        assert has_clipboard({"TERM": "xterm-256color"})


class TestKey:
    async def test_one_thing_is_sent_at_once_and_said(self) -> None:
        async with shown(Scripted([ONE, LAST])) as (app, pilot):
            assert "F5 copy" in text_of(app)
            await pilot.press(*"half")
            assert await copied((app, pilot), "f5") == ["974760673"]
            assert "Sent to the terminal's clipboard: 974760673." in text_of(app)
            assert "half" in text_of(app)
            await pilot.press("f2")
            assert "Sendt til terminalens utklippstavle: 974760673." in text_of(app)

    async def test_of_several_one_is_chosen(self) -> None:
        async with shown(Scripted([TWO, LAST])) as (app, pilot):
            assert await copied((app, pilot), "f5") == []
            assert "What should be copied?" in text_of(app)
            assert "Check it" in text_of(app)
            assert await copied((app, pilot), "f2", "down", "enter") == [
                "tripletex-wizard validate /srv/demo.toml"
            ]
            assert "Sendt til terminalens utklippstavle" in text_of(app)

    @pytest.mark.parametrize("key", ["escape", "f5"])
    async def test_nothing_is_sent_by_going_back(self, key: str) -> None:
        async with shown(Scripted([TWO, LAST])) as (app, pilot):
            assert await copied((app, pilot), "f5", "2", key) == []
            assert "You need" in text_of(app)

    async def test_is_not_named_where_there_is_nothing_to_copy(self) -> None:
        async with shown(Scripted([READ, LAST])) as (app, pilot):
            assert "F5" not in text_of(app)
            assert await copied((app, pilot), "f5") == []

    async def test_is_not_named_on_a_console(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TERM", "linux")
        async with shown(Scripted([ONE, LAST])) as (app, pilot):
            assert "F5" not in text_of(app)
            assert await copied((app, pilot), "f5") == []


def test_a_real_terminal_gets_the_sequence() -> None:
    session = Session("copies", TMUX="", STY="")
    try:
        session.see("F5 copy")
        session.send("\x1b[15~")
        session.see("What should be copied?")
        session.send("\x1b[B\r")
        session.see("Sent to the terminal's clipboard")
        session.send("\x11")
        assert session.end() == 130
    finally:
        session.child.close(force=True)
    assert decoded(session.written.decode()) == ["tripletex-wizard validate /srv/demo.toml"]


Tmux = Callable[..., str]


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux here")
    (tmp_path / "tmux.conf").write_text("")

    def run(*words: str) -> str:
        place = ["-S", str(tmp_path / "tmux"), "-f", str(tmp_path / "tmux.conf")]
        done = subprocess.run(
            ["tmux", *place, *words], check=True, capture_output=True, text=True, timeout=20
        )
        return done.stdout

    yield run
    with suppress(subprocess.CalledProcessError):
        run("kill-server")


@pytest.mark.parametrize("setting", ["external", "on"])
def test_tmux_takes_it_as_it_comes_and_as_it_is_told_to(tmux: Tmux, setting: str) -> None:
    """«external», its default, drops what a program sends."""
    tmux("new-session", "-d", "-x", "80", "-y", "24", "-c", str(ROOT), "sh")
    tmux("set-option", "-s", "set-clipboard", setting)
    tmux("send-keys", f"{sys.executable} -m tests.ui.tui.program copies", "Enter")
    end = time.monotonic() + 20

    def see(text: str) -> None:
        while text not in tmux("capture-pane", "-p"):
            assert time.monotonic() < end, tmux("capture-pane", "-p")
            time.sleep(0.05)

    see("F5 copy")
    tmux("send-keys", "F5")
    see("What should be copied?")
    tmux("send-keys", "Enter")
    see("Sent to the terminal's clipboard")
    assert tmux("show-buffer") == "/srv/demo.toml"
