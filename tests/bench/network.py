"""What talks to Tripletex: requests, latency, figures; and ten thousand configs without a network."""

import statistics
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.installation import Installation, bureau_configs, company_configs, offline_configs
from tests.bench.sandbox import sandbox
from tests.bench.timing import Figure, children_seconds, interleave, timed
from wizard.checks.results import DEFAULT_JOBS

_COUNTS = (1, 60, 600)
_MOST = 4
_CLIENTS_A_PAGE = 1000


def requests(installed: Installation) -> list[Figure]:
    """Count the requests for 1, 60 and 600 configs of one office."""
    figures = []
    with TemporaryDirectory() as name, sandbox(clients=max(_COUNTS) + 10) as served:
        environ = {**installed.environ, "TRIPLETEX_CONSUMER_TOKEN": served.consumer_token}
        for count in _COUNTS:
            folder = bureau_configs(Path(name, str(count)), served, served.clients[:count])
            served.asked()
            timed((installed.wizard, "validate", "--quiet", folder), environ, folder)
            asked = served.asked()
            calls = ", ".join(f"{number} × {call}" for call, number in asked.calls.items())
            pages = -(-len(served.clients) // _CLIENTS_A_PAGE)
            what = f"requests for {count} configs that share a key, {len(served.clients)} clients"
            figures.append(Figure(what, asked.total, _MOST + pages, "requests", calls))
    return figures


_LATENCY = 0.08
_GOAL = 1.3


def latency(installed: Installation, keys: int) -> list[Figure]:
    """Measure so many configs with a key each, at 80 ms an answer."""
    with TemporaryDirectory() as name, sandbox(keys=keys, latency=_LATENCY) as served:
        folder = company_configs(Path(name, "configs"), served)
        environ = {**installed.environ, "TRIPLETEX_CONSUMER_TOKEN": served.consumer_token}
        served.asked()
        before = children_seconds()
        seconds = timed((installed.wizard, "validate", "--quiet", folder), environ, folder)
        used = children_seconds() - before  # the sandbox has not ended yet, so it is not counted
        asked = served.asked()
    bound = asked.total * _LATENCY / DEFAULT_JOBS
    detail = (
        f"{seconds:.1f} s ({used:.1f} s of processor) to {bound:.1f} s: {asked.total} requests, "
        f"{DEFAULT_JOBS} at a time allowed, {asked.peak} seen"
    )
    what = f"{keys:,} configs with {keys:,} keys at 80 ms, to the latency alone"
    return [Figure(what, seconds / bound, _GOAL, detail=detail)]


_FIGURE_TIMES = 7
_CLIENTS = 300
# Tripletex's limit for one key, as observed: so many requests in so many seconds.
_LIMIT, _WINDOW = 100, 10.0


def figures(installed: Installation) -> list[Figure]:
    """Measure the round trips for one company, and hundreds of clients at the pace of the rate limit."""
    return [_round_trips(installed), _pace(installed)]


def _round_trips(installed: Installation) -> Figure:
    # What the program itself needs is there without latency, too.
    near, far = (_seconds(installed, latency) for latency in (0.0, _LATENCY))
    detail = (
        f"log-on, who, company, its figures together, log-off; median of {_FIGURE_TIMES}: "
        f"{far * 1000:.0f} ms at 80 ms an answer, {near * 1000:.0f} ms at none"
    )
    what = "round trips of one company and its figures, one after the other"
    return Figure(what, (far - near) / _LATENCY, 5.5, "of 80 ms", detail)


def _seconds(installed: Installation, latency: float) -> float:
    with TemporaryDirectory() as name, sandbox(keys=1, latency=latency) as served:
        environ = {**installed.environ, "TRIPLETEX_CONSUMER_TOKEN": served.consumer_token}
        folder = company_configs(Path(name, "one"), served)
        command = (installed.wizard, "validate", "--quiet", folder)
        return statistics.median(timed(command, environ, folder) for _ in range(_FIGURE_TIMES))


def _pace(installed: Installation) -> Figure:
    with TemporaryDirectory() as name, sandbox(clients=_CLIENTS) as served:
        environ = {**installed.environ, "TRIPLETEX_CONSUMER_TOKEN": served.consumer_token}
        folder = bureau_configs(Path(name, "all"), served, served.clients[:_CLIENTS])
        served.asked()
        seconds = timed((installed.wizard, "validate", "--quiet", "--deep", folder), environ, folder)
        asked = served.asked()
    windows = -(-asked.total // _LIMIT) - 1
    bound = windows * _WINDOW
    detail = f"{seconds:.1f} s to {bound:.0f} s: {asked.total} requests, {_LIMIT} in {_WINDOW:.0f} s"
    return Figure(
        f"--deep over {_CLIENTS} clients, to the rate limit alone", seconds / bound, 1.1, detail=detail
    )


_FEW, _MANY = 1_000, 10_000
_OFFLINE_TIMES = 3
# The peak of resident memory, read by the process itself: what the system reports of an ended child
# counts in what its parent was when it forked.
_TELLING = """\
import sys
from wizard.cli import main
code = main(sys.argv[1:])
with open("/proc/self/status") as status:
    peak = next(line for line in status if line.startswith("VmHWM:"))
sys.stderr.write(peak)
sys.exit(code)
"""


def offline(installed: Installation) -> list[Figure]:
    """Measure a thousand and ten thousand configs."""
    with TemporaryDirectory() as name:
        folders = {count: offline_configs(Path(name, str(count)), count) for count in (1, _FEW, _MANY)}
        found = interleave(
            {
                str(count): (installed.wizard, "validate", "--offline", "--quiet", folder)
                for count, folder in folders.items()
            },
            times=_OFFLINE_TIMES,
            environ=installed.environ,
            folder=installed.home,
        )
        peak = _peak(installed, folders[_MANY])
    start_up, whole = found["1"].best, found[str(_MANY)].best
    each = {count: (found[str(count)].best - start_up) / (count - 1) * 1000 for count in (_FEW, _MANY)}
    return [
        Figure(
            f"{_MANY:,} configs offline, each",
            each[_MANY],
            1,
            "ms",
            f"best of {_OFFLINE_TIMES}: {whole:.1f} s in all, start-up taken off",
        ),
        Figure(
            f"one of {_MANY:,} to one of {_FEW:,}",
            each[_MANY] / each[_FEW],
            1.2,
            detail=f"{each[_MANY]:.2f} ms to {each[_FEW]:.2f} ms; linear is 1",
        ),
        Figure(f"{_MANY:,} configs offline, memory at its highest", peak / 2**20, 60, "MB"),
    ]


def _peak(installed: Installation, folder: Path) -> int:
    run = subprocess.run(
        [installed.python, "-c", _TELLING, "validate", "--offline", "--quiet", folder],
        env=installed.environ,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(run.stderr.split()[-2]) * 1024
