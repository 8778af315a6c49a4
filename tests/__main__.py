"""``python -m tests``: everything that must hold, in the order in which it is quickest to fail.

Arguments go to pytest: ``python -m tests -k rotation``, ``python -m tests --live``.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

STAGES = (
    ("format", ["ruff", "format", "--check", "."]),
    ("lint", ["ruff", "check", "."]),
    ("types", ["mypy"]),
    ("tests", ["pytest", "-n", "auto", "--dist", "worksteal", "--cov", "--cov-report", "term"]),
)


def main() -> int:
    """Run every stage, also after one has failed, and return how many failed."""
    failed = []
    for name, (program, *arguments) in STAGES:
        sys.stdout.write(f"== {name}\n")
        sys.stdout.flush()
        more = sys.argv[1:] if program == "pytest" else []
        run = subprocess.run([sys.executable, "-m", program, *arguments, *more], cwd=ROOT, check=False)
        if run.returncode:
            failed.append(name)
    sys.stdout.write(f"== failed: {', '.join(failed)}\n" if failed else "== all good\n")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
