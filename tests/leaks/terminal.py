"""The program on a terminal of its own, and every byte that it wrote there."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pexpect
import pyte

from tests.leaks.stage import Stage

CLIPBOARD = b"\x1b]52"


class Terminal:
    """A terminal of 80x24 with the program on it.

    Attributes:
        written: All that came, escape sequences and all.
    """

    def __init__(self, child: "pexpect.spawn[bytes]") -> None:
        self.child = child
        self.child.delaybeforesend = None
        self.written = b""
        self._since = 0
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def rows(self) -> str:
        """What stands on the screen now."""
        return "\n".join(row.rstrip() for row in self._screen.display)

    @property
    def is_ready(self) -> bool:
        """Whether an answer is waited for: a prompt at the end, or Enter among the keys at the foot."""
        last = self.rows.rstrip().split("\n")[-2:]
        return last[-1].endswith(">") or any(row.startswith(" Enter ") for row in last)

    def see(self, *texts: str) -> None:
        """Read until all of the texts have come since the last answer, and another is waited for."""
        self._read_until(lambda: self.is_ready and all(map(self._has_come, texts)), texts)

    def read(self, text: str) -> None:
        """Read until a text has come since the last answer, whether or not another is waited for."""
        self._read_until(lambda: self._has_come(text), (text,))

    def answer(self, question: str, keys: str = "\r") -> None:
        """Wait for a question and press keys."""
        self.see(question)
        self.send(keys)

    def send(self, keys: str) -> None:
        """Press keys."""
        self._since = len(self.written)
        self.child.send(keys)

    def paste(self, text: str, enter: str = "\r") -> None:
        """Paste as a terminal does that has been told to mark pastes."""
        self.send(f"\x1b[200~{text}\x1b[201~{enter}")

    def end(self) -> int:
        """Read to the end, and return the exit code, or minus the signal that killed the program."""
        while True:
            try:
                self._take(self.child.read_nonblocking(65536, 20))
            except pexpect.EOF:
                break
        self.child.wait()
        status, signalled = self.child.exitstatus, self.child.signalstatus
        return status if status is not None else -(signalled or 0)

    def _read_until(self, is_enough: Callable[[], bool], texts: Sequence[str]) -> None:
        deadline = time.monotonic() + 30
        while not is_enough():
            assert time.monotonic() < deadline, f"never saw {texts}:\n{self.rows}"
            try:
                self._take(self.child.read_nonblocking(65536, 0.2))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                raise AssertionError(f"ended before {texts} were seen:\n{self.rows}") from None

    def _has_come(self, text: str) -> bool:
        # The screen may still show what was there before; what has come since may have scrolled away.
        since = self.written[self._since :].decode(errors="replace")
        return text in self.rows or text in since

    def _take(self, written: bytes) -> None:
        self.written += written
        self._stream.feed(written)


@contextmanager
def on_terminal(stage: Stage, *words: str, program: str = "wizard", **environ: str) -> Iterator[Terminal]:
    """Run the program on a terminal while the context lasts."""
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable,
        ["-m", *program.split(), *words],
        cwd=str(stage.folder),
        env={**stage.environment, "TERM": "xterm-256color", **environ},
        timeout=20,
        dimensions=(24, 80),
    )
    try:
        yield Terminal(child)
    finally:
        child.close(force=True)
