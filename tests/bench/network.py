"""How often Tripletex is asked, when many configs share one key."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.configs import bureau_configs
from tests.bench.figure import Figure
from tests.bench.installation import Installation
from tests.bench.sandbox import sandbox
from tests.bench.timing import timed

_COUNTS = (1, 60, 600)
_MOST = 4
_CLIENTS_A_PAGE = 1000


def requests(installed: Installation) -> list[Figure]:
    """Count the requests for 1, 60 and 600 configs of one office."""
    figures = []
    with TemporaryDirectory() as name, sandbox(clients=max(_COUNTS) + 10) as served:
        environ = {**installed.environ, "TRIPLETEX_CONSUMER_TOKEN": served.consumer_token}
        for count in _COUNTS:
            folder = bureau_configs(Path(name, str(count)), served, served.clients[:count])
            served.asked()
            timed((installed.wizard, "validate", "--quiet", folder), environ, folder)
            asked = served.asked()
            calls = ", ".join(f"{number} × {call}" for call, number in asked.calls.items())
            pages = -(-len(served.clients) // _CLIENTS_A_PAGE)
            what = f"requests for {count} configs that share a key, {len(served.clients)} clients"
            figures.append(Figure(what, asked.total, _MOST + pages, "requests", calls))
    return figures
