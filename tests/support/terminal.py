"""A program on a pseudo-terminal: its screen, every byte that it wrote, and how it ended."""

import re
import signal
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pexpect
import pyte

CLIPBOARD: Final = b"\x1b]52"

PATIENCE: Final = 30.0
"""Seconds until a test gives up waiting; two busy cores need a good part of it."""

# pyte prints the ends of these queries, which no terminal does.
_QUERIES: Final = re.compile(rb"\x1b\[(?:\?\d+\$p|[<>]\d*u)|\x1b\]22;[^\x1b]*?(?=\x1b|$)")

_MODES: Final = {"alternate screen": 1049, "bracketed paste": 2004, "mouse": 1000, "focus": 1004}


class Terminal:
    """A terminal emulator of 80x24 with one program in it.

    Attributes:
        written: Every byte that the program has written so far.
        modes_before: The terminal's own settings when the program began, as ``stty -a`` shows them.
        on_seen: Called whenever what was waited for has come, while the program still runs.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        environ: Mapping[str, str],
        folder: Path,
        *,
        columns: int = 80,
        lines: int = 24,
    ) -> None:
        program, *arguments = map(str, command)
        self.child: pexpect.spawn[bytes] = pexpect.spawn(
            program,
            arguments,
            env={"TERM": "xterm-256color", **environ},
            cwd=folder,
            timeout=PATIENCE,
            dimensions=(lines, columns),
        )
        self.child.delaybeforesend = None
        self.written = b""
        self._sent_at = 0
        self.on_seen: Callable[[], object] = lambda: None
        self.modes_before = termios.tcgetattr(self.child.child_fd)
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)

    # What is on the screen

    @property
    def rows(self) -> list[str]:
        """The lines on the screen."""
        return [row.rstrip() for row in self._screen.display]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.rows)

    @property
    def plain(self) -> str:
        """Everything that was ever written, without the sequences that steer the terminal."""
        bare = re.sub(rb"\x1b\[[0-?]*[ -/]*[@-~]", b"", self.written)
        return bare.decode(errors="replace").replace("\r\n", "\n")

    def see(self, text: str) -> None:
        """Read until a text is on the screen."""
        self.until(lambda: text in self.text, f"{text!r} on the screen")

    def came(self, text: str) -> None:
        """Read until a text has come since the last answer; it may have scrolled away by now."""
        self.until(lambda: self._has_come(text), repr(text))

    def asked(self, *texts: str) -> None:
        """Read until all of the texts have come since the last answer, and another is waited for."""

        def asks() -> bool:
            return self.is_ready and all(map(self._has_come, texts))

        self.until(asks, f"the question {texts}")
        # The rows arrive one after the other: the last of them may be of the page before.
        while self.read(0.1):
            self.until(asks, f"the question {texts}")

    def answer(self, question: str, keys: str = "\r") -> None:
        """Wait for a question and press keys."""
        self.asked(question)
        self.send(keys)

    @property
    def is_ready(self) -> bool:
        """Whether an answer is waited for: a prompt, or a footer that offers more than to cancel."""
        last = self.text.rstrip().split("\n")[-1]
        is_footer = re.search(r"  F1 \w+$", last) and not last.strip().startswith(
            ("Esc cancel", "Esc avbryt")
        )
        return last.endswith(">") or bool(is_footer)

    def _has_come(self, text: str) -> bool:
        # The screen may still show what was there before.
        return text in self.text or text in self.written[self._sent_at :].decode(errors="replace")

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        """Read until something is so.

        Raises:
            AssertionError: it never was, or the program has ended.
        """
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            left = deadline - time.monotonic()
            assert left > 0, f"never saw {what}:\n{self.text}"
            assert self.read(min(left, 0.5)) or not self.has_ended, f"ended before {what}:\n{self.text}"
        self.on_seen()

    def read(self, patience: float) -> bool:
        """Read what has come; return whether there was anything."""
        try:
            read = self.child.read_nonblocking(65536, patience)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.written += read
        self._stream.feed(_QUERIES.sub(b"", read))
        return True

    # What a person does

    def send(self, keys: str) -> None:
        """Press keys."""
        self._sent_at = len(self.written)
        self.child.send(keys)

    def paste(self, text: str, enter: str = "") -> None:
        """Paste as a terminal does that was asked to mark pastes; line breaks arrive as Return."""
        self.send(f"\x1b[200~{text.replace(chr(10), chr(13))}\x1b[201~{enter}")

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the window."""
        self._screen.resize(lines, columns)
        self.child.setwinsize(lines, columns)

    # How it ends

    @property
    def has_ended(self) -> bool:
        """Whether the program is gone."""
        return not self.child.isalive()

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        self.child.kill(number)

    def hang_up(self) -> None:
        """Let the terminal disappear, as when a connection is lost; the system then sends SIGHUP."""
        terminal = getattr(self.child, "ptyproc")  # noqa: B009 - its types do not know it
        terminal.fileobj.close()
        terminal.closed = self.child.closed = True

    def end(self, patience: float = PATIENCE) -> int:
        """Read to the end, and return the exit code; minus the signal, where that killed the program."""
        deadline = time.monotonic() + patience
        while not self.has_ended:
            assert time.monotonic() < deadline, f"did not end:\n{self.text}"
            if self.child.closed:
                time.sleep(0.01)
            else:
                self.read(0.05)
        while not self.child.closed and self.read(0):
            pass
        status = self.child.exitstatus
        return -(self.child.signalstatus or 0) if status is None else status

    def close(self) -> None:
        """End the program, if it has not ended, and give the terminal back."""
        if self.child.isalive():
            self.child.kill(signal.SIGKILL)
        if not self.child.closed:
            self.child.close(force=True)

    def assert_restored(self) -> None:
        """Assert that the program has left the terminal as it found it."""
        assert termios.tcgetattr(self.child.child_fd) == self.modes_before
        for name, number in _MODES.items():
            on, off = (f"\x1b[?{number}{letter}".encode() for letter in "hl")
            assert self.written.rfind(off) >= self.written.rfind(on), f"{name} was left on"
        assert self.written.rfind(b"\x1b[?25h") >= self.written.rfind(b"\x1b[?25l"), "the cursor is hidden"
