"""The sandbox in a separate process, so that its work is not counted as the program's.

    python -m tests.bench.sandbox CLIENTS KEYS LATENCY

It prints one line of JSON about its companies and keys, and for each line on its standard input another about
the requests since the last one.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.sandbox import Sandbox, world_with_clients

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
    command = [sys.executable, "-m", "tests.bench.sandbox", str(clients), str(keys), str(latency)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            if process.stdout is None:
                raise RuntimeError
            yield BenchSandbox(**json.loads(process.stdout.readline()), process=process)
        finally:
            process.terminate()


def _serve(clients: int, keys: int, latency: float) -> None:
    """Serve until standard input ends."""
    world = world_with_clients(clients)
    office = [client.organization_number or "" for client in world.clients]
    companies = [
        world.add_company(f"Demo Bedrift {number:05} AS", organization_number=world.new_organization_number())
        for number in range(keys)
    ]
    sandbox = Sandbox(world=world, latency=latency)
    said = {
        "consumer_token": world.consumer_token,
        "office_key": world.office.employee_token,
        # Only numbers that are unique: the seeded twins share one.
        "clients": [
            number for number in office if number and office.count(number) == 1 and " " not in number
        ],
        "keys": [world.add_key("bench", company).employee_token for company in companies],
    }
    with sandbox.serve() as base_url:
        _say({"base_url": base_url, **said})
        for _ in sys.stdin:
            requests, sandbox.requests[:] = list(sandbox.requests), []
            peak, sandbox.peak_concurrency = sandbox.peak_concurrency, 0
            _say({"calls": Counter(request.call for request in requests), "peak": peak})


def _say(document: object) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
