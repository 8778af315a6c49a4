"""What it takes to begin: the program against a bare Python, the full screen against a bare Textual."""

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.bare_app import MARK
from tests.bench.installation import Installation
from tests.bench.sandbox import ROOT
from tests.bench.timing import Figure, Times, interleave
from tests.support.terminal import Terminal

_TIMES = 30
_CONFIG = ROOT / "config-samples" / "single-company.toml"


def start_up(installed: Installation) -> list[Figure]:
    """Measure ``--version``, ``--help`` and the check of one config without network."""
    commands = {
        "bare": (installed.python, "-c", "pass"),
        "--version": (installed.wizard, "--version"),
        "--help": (installed.wizard, "--help"),
        "validate --help": (installed.wizard, "validate", "--help"),
        "validate --offline, one config": (installed.wizard, "validate", "--offline", _CONFIG),
    }
    found = interleave(commands, times=_TIMES, environ=installed.environ, folder=installed.home)
    bare = found.pop("bare")
    goals = {"--version": 3, "--help": 3, "validate --help": 3, "validate --offline, one config": 10}
    return [_against(bare, name, times, goals[name]) for name, times in found.items()]


def _against(bare: Times, name: str, times: Times, goal: float) -> Figure:
    # Nothing makes a process do less than it does: the least disturbed repetition is the truest.
    work, bare_work = min(times.work), min(bare.work)
    detail = (
        f"processor, best of {len(times.work)}: {work * 1000:.0f} ms to {bare_work * 1000:.0f} ms; "
        f"on the clock {times.best * 1000:.0f} ms to {bare.best * 1000:.0f} ms"
    )
    return Figure(f"`{name}` to a bare `python -c pass`", work / bare_work, goal, detail=detail)


_SCREEN_TIMES = 9
_IDLE = 5.0
_WELCOME = "Velkommen"
_FIRST_STEP = "Slå på API 2.0"
_WORD = "selskap"
_FIELD = "Lim inn API-nøkkelen"


@dataclass(frozen=True)
class _Shown:
    """One start: seconds until something could be read, on the clock and of a processor; bytes; memory."""

    seconds: float
    work: float
    painted: int
    memory: int


@contextmanager
def _on_terminal(command: Sequence[str | Path], installed: Installation, folder: Path) -> Iterator[Terminal]:
    terminal = Terminal(command, installed.environ, folder)
    try:
        yield terminal
    finally:
        terminal.close()


def _settle(terminal: Terminal) -> None:
    """Read until nothing more has come for a while."""
    while terminal.read(0.4):
        pass


def _processor_seconds(terminal: Terminal) -> float:
    stat = Path(f"/proc/{terminal.child.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def _start(command: Sequence[str | Path], installed: Installation, folder: Path, mark: str) -> _Shown:
    """Start a program and wait until a word can be read."""
    began = time.perf_counter()
    with _on_terminal(command, installed, folder) as terminal:
        terminal.until(lambda: mark.encode() in terminal.written, mark)
        seconds, work = time.perf_counter() - began, _processor_seconds(terminal)
        _settle(terminal)
        status = Path(f"/proc/{terminal.child.pid}/status").read_text()
        memory = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return _Shown(seconds, work, len(terminal.written), int(memory.split()[1]) * 1024)


def screen(installed: Installation) -> list[Figure]:
    """Measure first paint, memory, bytes and idling, against Textual with nothing on its screens."""
    bare_command = (installed.python, ROOT / "tests" / "bench" / "bare_app.py")
    bare, wizard = [], []
    for _ in range(_SCREEN_TIMES + 1):
        bare.append(_start(bare_command, installed, installed.home, MARK))
        with TemporaryDirectory() as folder:
            command = (installed.wizard, "setup", "kunde.toml", "--store", "file")
            wizard.append(_start(command, installed, Path(folder), _WELCOME))
    # A field that shows what is typed: a key is not shown, the words of the demo are.
    with _on_terminal((installed.wizard, "demo"), installed, installed.home) as terminal:
        figures = _use(terminal)
    del bare[0], wizard[0]  # read from a cold disk
    seconds = [min(shown.seconds for shown in side) for side in (wizard, bare)]
    work = [min(shown.work for shown in side) for side in (wizard, bare)]
    memory = [statistics.median(shown.memory for shown in side) for side in (wizard, bare)]
    return [
        Figure(
            "first paint to Textual without content",
            seconds[0] / seconds[1],
            1.3,
            detail=f"best of {_SCREEN_TIMES}: {seconds[0] * 1000:.0f} ms to {seconds[1] * 1000:.0f} ms; "
            f"processor {work[0] * 1000:.0f} ms to {work[1] * 1000:.0f} ms",
        ),
        Figure(
            "memory to Textual without content",
            memory[0] / memory[1],
            1.2,
            detail=f"{memory[0] / 2**20:.0f} MB to {memory[1] / 2**20:.0f} MB resident",
        ),
        Figure(
            "bytes of the first paint, 256 colours",
            wizard[-1].painted / 1000,
            6,
            "kB",
            f"Textual without content: {bare[-1].painted / 1000:.1f} kB",
        ),
        *figures,
    ]


def _use(terminal: Terminal) -> list[Figure]:
    """Go on from the first screen to one with a field, type, and wait."""

    def came(word: str) -> int:
        """Return how many bytes have come when a word can be read and nothing follows."""
        before = len(terminal.written)
        terminal.see(word)
        _settle(terminal)
        return len(terminal.written) - before

    came(_WELCOME)
    terminal.send("\r")
    next_screen = came(_FIRST_STEP)
    terminal.send("\r")
    came(_FIELD)
    before = len(terminal.written)
    for letter in _WORD:
        terminal.send(letter)
        _settle(terminal)
    character = (len(terminal.written) - before) / len(_WORD)
    before, work, end = len(terminal.written), _processor_seconds(terminal), time.monotonic() + _IDLE
    while (left := end - time.monotonic()) > 0:
        terminal.read(left)
    idle, used = len(terminal.written) - before, _processor_seconds(terminal) - work
    return [
        Figure("bytes of the next screen", next_screen / 1000, 8, "kB"),
        Figure("bytes of one typed character", character / 1000, 0.5, "kB"),
        Figure("bytes a second while idle", idle / _IDLE, 0, "B/s", f"over {_IDLE:.0f} s, in a field"),
        Figure("processor while idle", 100 * used / _IDLE, 1, "% of a core", f"over {_IDLE:.0f} s"),
    ]


_WORKS = "Nøkkelen virker"


def presses(installed: Installation) -> list[Figure]:
    """Count the key presses of a set-up, from its first screen to its end; the paste is not one of them."""
    walks = {"single company": "selskap", "accounting office with %ORGNR%": "byrå"}
    return [
        Figure(f"key presses beside the paste, {what}", _enters(installed, word), 7, "Enter")
        for what, word in walks.items()
    ]


def _enters(installed: Installation, word: str) -> int:
    """Press Enter on every screen that takes it until the program has ended, and return how often."""
    with TemporaryDirectory() as folder:
        terminal = Terminal((installed.wizard, "demo"), installed.environ, Path(folder))
        count, is_pasted = 0, False
        while True:
            terminal.asked()
            shown = terminal.text
            if _FIELD in shown and not is_pasted:
                terminal.paste(word)
                terminal.see(_WORKS)
                is_pasted = True
                continue
            terminal.send("\r")
            count += 1
            _wait_for_another(terminal, shown)
            if terminal.has_ended:
                return count


def _wait_for_another(terminal: Terminal, shown: str) -> None:
    """Wait until another screen takes keys, or the program has ended."""
    for _ in range(100):
        if terminal.has_ended or (terminal.is_ready and terminal.text != shown):
            return
        terminal.read(0.3)
    raise TimeoutError(terminal.text)
