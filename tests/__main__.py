"""``python -m tests``: every check of a change, the quickest first.

Arguments go to pytest: ``python -m tests -k rotation``, ``python -m tests --live``, and ``--cov`` to measure
which lines are reached, which takes half as long again. Every test has its own home, sandbox and port, so
they run in parallel, next to the type checker.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

# One more than there are processors: a test that drives a terminal spends part of its time waiting for it.
WORKERS = str((os.cpu_count() or 1) + 1)

FIRST = (
    ("format", ["ruff", "format", "--check", "."]),
    ("lint", ["ruff", "check", "."]),
)
TYPES = ("types", ["mypy"])
TESTS = ("tests", ["pytest", "-n", WORKERS, "--dist", "worksteal"])


def main() -> int:
    """Run every stage, also after one has failed, and return how many failed."""
    failed = [name for name, command in FIRST if _run(name, command)]
    name, command = TYPES
    with subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as types:
        tests, run_tests = TESTS
        if _run(tests, [*run_tests, *sys.argv[1:]]):
            failed.append(tests)
        said, _ = types.communicate()
    _say(f"== {name}\n{said}")
    if types.returncode:
        failed.append(name)
    _say(f"== failed: {', '.join(failed)}\n" if failed else "== all good\n")
    return len(failed)


def _run(name: str, command: list[str]) -> int:
    _say(f"== {name}\n")
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
