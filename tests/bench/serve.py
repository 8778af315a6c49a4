"""The sandbox in a separate process, so that its work is not counted as the program's.

    python -m tests.bench.serve CLIENTS KEYS LATENCY

Prints one line of JSON about its companies and keys, and for each line on its standard input another about
the requests since the last one.
"""

import json
import sys
from collections import Counter

from tests.support.sandbox import Behaviour, Sandbox, world_with_clients

_SEEDED = 5


def main(clients: int, keys: int, latency: float) -> None:
    """Serve until standard input ends."""
    world = world_with_clients(max(clients, _SEEDED))
    office = [client.organization_number or "" for client in world.clients]
    companies = [
        world.add_company(f"Demo Bedrift {number:05} AS", organization_number=world.new_organization_number())
        for number in range(keys)
    ]
    sandbox = Sandbox(world=world, behaviour=Behaviour(), latency=latency)
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
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
