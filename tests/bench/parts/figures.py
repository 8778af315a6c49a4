"""What it costs to see whether Finale gets its figures."""

import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.configs import bureau_configs, company_configs
from tests.bench.figure import Figure
from tests.bench.installation import Installation
from tests.bench.sandbox import sandbox
from tests.bench.timing import timed

_LATENCY = 0.08
_TIMES = 7
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
        f"log-on, who, company, its figures together, log-off; median of {_TIMES}: "
        f"{far * 1000:.0f} ms at 80 ms an answer, {near * 1000:.0f} ms at none"
    )
    what = "round trips of one company and its figures, one after the other"
    return Figure(what, (far - near) / _LATENCY, 5.5, "of 80 ms", detail)


def _seconds(installed: Installation, latency: float) -> float:
    with TemporaryDirectory() as name, sandbox(keys=1, latency=latency) as served:
        environ = {**installed.environ, "TRIPLETEX_CONSUMER_TOKEN": served.consumer_token}
        folder = company_configs(Path(name, "one"), served)
        command = (installed.wizard, "validate", "--quiet", folder)
        return statistics.median(timed(command, environ, folder) for _ in range(_TIMES))


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
