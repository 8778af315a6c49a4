"""Writes as many configs as are wanted."""

from collections.abc import Iterable
from pathlib import Path

from tests.bench.sandbox import BenchSandbox

_CONFIG = """\
schema_version = 1

[tripletex]
environment = "sandbox"
base_url = "{base_url}"
application = "VismaFinale"

[finale]
setup = "{setup}"
org_number = "{org_number}"

[credentials]
employee_token = {{ file = "{key_file}" }}      # private
consumer_token = {{ env = "TRIPLETEX_CONSUMER_TOKEN" }}
"""

# Shaped like a year's worth of hand-kept files: some comments, every table.
_ELSEWHERE = "http://127.0.0.1:9/v2"


def bureau_configs(folder: Path, served: BenchSandbox, clients: Iterable[str]) -> Path:
    """Write a config for each client, all of them with the office's one key."""
    folder.mkdir()
    _write_key(folder / "office.key", served.office_key)
    for client in clients:
        text = _CONFIG.format(
            base_url=served.base_url, setup="bureau-client", org_number=client, key_file="office.key"
        )
        (folder / f"{client}.toml").write_text(text)
    return folder


def company_configs(folder: Path, served: BenchSandbox) -> Path:
    """Write a config with a key of its own for each company."""
    folder.mkdir()
    for number, key in enumerate(served.keys):
        _write_key(folder / f"{number:05}.key", key)
        _write_company(folder, number, served.base_url)
    return folder


def offline_configs(folder: Path, count: int) -> Path:
    """Write configs whose keys lie beside them, for a run that asks nobody."""
    folder.mkdir()
    for number in range(count):
        _write_key(folder / f"{number:05}.key", "-")
        _write_company(folder, number, _ELSEWHERE)
    return folder


def _write_company(folder: Path, number: int, base_url: str) -> None:
    text = _CONFIG.format(
        base_url=base_url, setup="single-company", org_number="", key_file=f"{number:05}.key"
    )
    (folder / f"{number:05}.toml").write_text(text)


def _write_key(path: Path, key: str) -> None:
    path.touch(mode=0o600)
    path.write_text(f"{key}\n")
