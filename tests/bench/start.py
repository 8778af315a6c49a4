"""What it takes to begin: the program against a Python that does nothing."""

from tests.bench.figure import Figure
from tests.bench.installation import ROOT, Installation
from tests.bench.timing import Times, interleave

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
