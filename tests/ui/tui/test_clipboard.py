"""What goes to the terminal's clipboard, and how it gets there."""

import base64
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from tests.ui.tui.test_terminal import Session
from wizard.ui.tui.clipboard import has_clipboard, send_to_clipboard

ROOT = Path(__file__).parents[3]
SENT = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")


async def sent(text: str, environ: Mapping[str, str]) -> str:
    """Return what is written to the terminal."""
    written: list[str] = []
    await send_to_clipboard(text, environ, written.append)
    return "".join(written)


def decoded(written: str) -> list[str]:
    """Return the texts of all plain sequences."""
    return [base64.b64decode(text).decode() for text in SENT.findall(written)]


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


def test_a_real_terminal_gets_the_sequence() -> None:
    session = Session("copies", TMUX="", STY="")
    try:
        session.see("Enter begynn")
        session.send("\x1b[15~")
        session.see("Hva skal kopieres?")
        session.send("\x1b[B\r")
        session.see("Sendt til utklippstavlen: VismaFinale")
        session.send("\x03\x03")
        assert session.end() == 130
    finally:
        session.child.close(force=True)
    assert decoded(session.written.decode()) == ["VismaFinale"]


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

    see("Enter begynn")
    tmux("send-keys", "F5")
    see("Hva skal kopieres?")
    tmux("send-keys", "Enter")
    see("Sendt til utklippstavlen: %ORGNR%")
    assert tmux("show-buffer") == "%ORGNR%"
