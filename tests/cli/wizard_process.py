"""Runs the program as a whole process, in a home of the test's own."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

WIZARD = (sys.executable, "-m", "wizard")
MEASURING = "COVERAGE_PROCESS_CONFIG"


@dataclass
class Home:
    """A home folder in which nothing is provisioned but what the test puts there."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process: nothing of the machine's own settings gets through."""
        kept = {name: os.environ[name] for name in ("PATH", MEASURING) if name in os.environ}
        return {
            **kept,
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "XDG_CONFIG_DIRS": str(self.folder / "etc"),
            "TRIPLETEX_WIZARD_LANG": "en",
            **self.variables,
        }

    @property
    def undisturbed(self) -> dict[str, str]:
        """The same for a process whose calls are counted or made to fail: its own, and nobody else's.

        What measures the coverage writes, renames and removes files in the process that it measures, and so
        does Python with the modules that it compiles.
        """
        environment = {**self.environment, "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop(MEASURING, None)
        return environment

    def run(self, *arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [*WIZARD, *map(str, arguments)],
            input=text,
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start one command and return its process."""
        return subprocess.Popen(
            [*WIZARD, *map(str, arguments)],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
