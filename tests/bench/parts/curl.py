"""The same calls by a shell script with curl: what the program's own work costs beside them."""

import shlex
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.configs import company_configs
from tests.bench.figure import Figure
from tests.bench.installation import Installation
from tests.bench.sandbox import sandbox
from tests.bench.timing import interleave

_KEYS = 50
_TIMES = 3

# What `validate` asks of Tripletex for one company, and nothing of what it makes of the answers.
_SCRIPT = """\
set -eu
check() {{
  key=$(cat "$1")
  body="{{\\"consumerToken\\":\\"$TRIPLETEX_CONSUMER_TOKEN\\",\\"employeeToken\\":\\"$key\\",\\"expirationDate\\":\\"$2\\"}}"
  token=$(curl -sf -H 'Content-Type: application/json' -d "$body" {url}/token/session/:create |
    sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
  for path in {paths}; do
    curl -sf -u "0:$token" "{url}$path" > /dev/null
  done
  curl -s -X DELETE -u "0:$token" "{url}/token/session/$token" > /dev/null
}}
tomorrow=$(date -d 'now + 2 days' +%F)
"""
_ONE_BY_ONE = 'for key in *.key; do check "$key" "$tomorrow"; done\n'
_SIXTEEN = """\
running=0
for key in *.key; do
  check "$key" "$tomorrow" &
  running=$((running + 1))
  if [ $running -ge 16 ]; then wait; running=0; fi
done
wait
"""


def curl(installed: Installation) -> list[Figure]:
    """Measure both on the same configs."""
    if shutil.which("curl") is None:
        return []
    with TemporaryDirectory() as name, sandbox(keys=_KEYS) as served:
        folder = company_configs(Path(name, "configs"), served)
        environ = {**installed.environ, "TRIPLETEX_CONSUMER_TOKEN": served.consumer_token}
        paths = "/token/session/%3EwhoAmI"
        head = _SCRIPT.format(url=shlex.quote(served.base_url).strip("'"), paths=paths)
        one_by_one, sixteen = folder / "one_by_one.sh", folder / "sixteen.sh"
        one_by_one.write_text(head + _ONE_BY_ONE)
        sixteen.write_text(head + _SIXTEEN)
        commands = {
            "wizard": (installed.wizard, "validate", "--quiet", folder),
            "one by one": ("sh", one_by_one),
            "sixteen at a time": ("sh", sixteen),
        }
        found = interleave(commands, times=_TIMES, environ=environ, folder=folder)
    wizard = found.pop("wizard")
    return [
        Figure(
            f"{_KEYS} configs to a script with curl, {how}",
            wizard.median / times.median,
            None,
            detail=f"{wizard.median:.2f} s to {times.median:.2f} s",
        )
        for how, times in found.items()
    ]
