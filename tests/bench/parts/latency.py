"""Many keys, far away: how close to what the latency alone would take."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.configs import company_configs
from tests.bench.figure import Figure
from tests.bench.installation import Installation
from tests.bench.sandbox import sandbox
from tests.bench.timing import children_seconds, timed
from wizard.checks.results import DEFAULT_JOBS

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
