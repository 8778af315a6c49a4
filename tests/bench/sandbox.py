"""The other end of ``serve``: starts it, asks it, ends it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Asked:
    """What was asked of the sandbox.

    Attributes:
        calls: How often each call was made.
        peak: The most requests at once.
    """

    calls: dict[str, int]
    peak: int

    @property
    def total(self) -> int:
        """The number of requests."""
        return sum(self.calls.values())


@dataclass(frozen=True)
class BenchSandbox:
    """A running sandbox, and what there is in it."""

    base_url: str
    consumer_token: str = field(repr=False)
    office_key: str = field(repr=False)
    clients: list[str]
    keys: list[str] = field(repr=False)
    process: "subprocess.Popen[str]"

    def asked(self) -> Asked:
        """Return what was asked since the last time."""
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError
        stdin.write("\n")
        stdin.flush()
        return Asked(**json.loads(stdout.readline()))


@contextmanager
def sandbox(*, clients: int = 0, keys: int = 0, latency: float = 0.0) -> Iterator[BenchSandbox]:
    """Serve a sandbox with so many clients of one office, and so many companies with a key each."""
    command = [sys.executable, "-m", "tests.bench.serve", str(clients), str(keys), str(latency)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            if process.stdout is None:
                raise RuntimeError
            yield BenchSandbox(**json.loads(process.stdout.readline()), process=process)
        finally:
            process.terminate()
