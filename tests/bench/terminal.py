"""A program on a pseudo-terminal of 80x24, and the bytes that it sends there."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class Terminal:
    """What a running program has written, and when.

    Attributes:
        began: When it was started.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", descriptor: int) -> None:
        self.began = time.perf_counter()
        self._process = process
        self._descriptor = descriptor

    def until(self, mark: str, *, patience: float = 20.0) -> tuple[bytes, float]:
        """Read until a word has come; return what was read and the seconds since the start.

        Raises:
            TimeoutError: it did not come.
        """
        read = b""
        deadline = time.perf_counter() + patience
        while mark.encode() not in read:
            if time.perf_counter() > deadline:
                raise TimeoutError(f"no {mark!r} in {read[-3000:]!r}")
            read += self._read(0.05)
        return read, time.perf_counter() - self.began

    def settle(self, quiet: float = 0.4) -> bytes:
        """Read until nothing more has come for a while."""
        read = b""
        while piece := self._read(quiet):
            read += piece
        return read

    def during(self, seconds: float) -> bytes:
        """Read for a while."""
        read = b""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            read += self._read(left)
        return read

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._descriptor, keys.encode())

    @property
    def memory(self) -> int:
        """The memory that is resident, in bytes."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    @property
    def processor_seconds(self) -> float:
        """The time of a processor that it has used."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / _TICKS

    def _read(self, patience: float) -> bytes:
        if not select.select([self._descriptor], [], [], patience)[0]:
            return b""
        try:
            return os.read(self._descriptor, 1 << 16)
        except OSError:  # the other end is closed
            return b""


@contextmanager
def on_terminal(
    command: Sequence[str | Path], environ: Mapping[str, str], folder: Path
) -> Iterator[Terminal]:
    """Run a program on a new terminal, and end it afterwards."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        list(map(str, command)),
        env=dict(environ),
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        terminal = Terminal(process, ours)
        try:
            yield terminal
        finally:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                deadline = time.perf_counter() + 3
                while process.poll() is None and time.perf_counter() < deadline:
                    terminal.during(0.05)
            process.kill()
            os.close(ours)
