"""Ten thousand configs without network: time for each, whether it grows with their number, memory."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.configs import offline_configs
from tests.bench.figure import Figure
from tests.bench.installation import Installation
from tests.bench.timing import interleave

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
        folders = {count: offline_configs(Path(name, str(count)), count) for count in (1, _FEW, _MANY)}
        found = interleave(
            {
                str(count): (installed.wizard, "validate", "--offline", "--quiet", folder)
                for count, folder in folders.items()
            },
            times=_TIMES,
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
            3,
            "ms",
            f"best of {_TIMES}: {whole:.1f} s in all, start-up taken off",
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
