"""Ten thousand configs without network: time for each, whether it grows with their number, memory."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.configs import offline_configs
from tests.bench.figure import Figure
from tests.bench.installation import Installation
from tests.bench.timing import timed

_FEW, _MANY = 1_000, 10_000
_TIMES = 3

# The most that was ever resident, told by the process itself: what the system tells of an ended child
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
        one, few, many = (offline_configs(Path(name, str(count)), count) for count in (1, _FEW, _MANY))
        seconds = {
            folder: min(
                timed(
                    (installed.wizard, "validate", "--offline", "--quiet", folder), installed.environ, folder
                )
                for _ in range(_TIMES)
            )
            for folder in (one, few, many)
        }
        peak = _peak(installed, many)
    each = {
        count: (seconds[folder] - seconds[one]) / (count - 1) * 1000
        for count, folder in ((_FEW, few), (_MANY, many))
    }
    return [
        Figure(
            f"{_MANY:,} configs offline, each",
            each[_MANY],
            3,
            "ms",
            f"{seconds[many]:.1f} s in all, start-up taken off",
        ),
        Figure(
            f"one of {_MANY:,} to one of {_FEW:,}",
            each[_MANY] / each[_FEW],
            1.2,
            detail=f"{each[_MANY]:.2f} ms to {each[_FEW]:.2f} ms; linear is 1",
        ),
        Figure(f"{_MANY:,} configs offline, memory at its highest", peak / 2**20, 200, "MB"),
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
