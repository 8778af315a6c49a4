"""``python -m tests``: everything that must hold, in the order in which it is quickest to fail.

Arguments go to pytest: ``python -m tests -k rotation``, ``python -m tests --live``.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

# Whole processes on terminals, and how soon a signal ends them: one at a time, so that what is
# measured is the program and not the crowd.
ALONE = ("tests/e2e", "tests/leaks", "tests/hostile", "tests/ui/tui/test_terminal.py")

COVERAGE = ("--cov", "--cov-append", "--cov-report=")

STAGES = (
    ("format", ["ruff", "format", "--check", "."]),
    ("lint", ["ruff", "check", "."]),
    ("types", ["mypy"]),
    ("coverage of earlier runs", ["coverage", "erase"]),
    (
        "tests side by side",
        ["pytest", "-n", "auto", "--dist", "worksteal", *(f"--ignore={path}" for path in ALONE), *COVERAGE],
    ),
    ("tests one at a time", ["pytest", *ALONE, *COVERAGE]),
    ("coverage", ["coverage", "report"]),
)

NO_TESTS = 5
"""What pytest says when its arguments select nothing, as ``-k`` may in one of the two stages."""


def main() -> int:
    """Run every stage, also after one has failed, and return how many failed."""
    failed = []
    for name, (program, *arguments) in STAGES:
        sys.stdout.write(f"== {name}\n")
        sys.stdout.flush()
        more = sys.argv[1:] if program == "pytest" else []
        run = subprocess.run([sys.executable, "-m", program, *arguments, *more], cwd=ROOT, check=False)
        if run.returncode and not (more and run.returncode == NO_TESTS):
            failed.append(name)
    sys.stdout.write(f"== failed: {', '.join(failed)}\n" if failed else "== all good\n")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
