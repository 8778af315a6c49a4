"""What is measured: an installation of the program, and configs for it."""

import compileall
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.sandbox import ROOT, BenchSandbox

_SCRIPT = """\
#!{python}
import sys
from wizard.cli import main
if __name__ == "__main__":
    sys.exit(main())
"""


@dataclass(frozen=True)
class Installation:
    """A Python with the program, and an empty home.

    Attributes:
        python: The interpreter.
        wizard: The program.
        home: An empty folder.
    """

    python: Path
    wizard: Path
    home: Path

    @property
    def environ(self) -> dict[str, str]:
        """The variables of an ordinary session, and nothing else of this machine's."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "nb_NO.UTF-8",
            "PYTHONUTF8": "1",
            "XDG_CONFIG_DIRS": str(self.home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "TERM": "xterm-256color",
        }


@contextmanager
def installation() -> Iterator[Installation]:
    """Make an installation that shares the packages of this environment."""
    _compile()
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        venv.create(folder / "venv", with_pip=False, symlinks=True)
        python = folder / "venv" / "bin" / "python"
        # Further .pth files in those folders are not run, and that is the point.
        packages = next((folder / "venv" / "lib").glob("python*/site-packages"))
        packages.joinpath("bench.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
        wizard = python.with_name("tripletex-wizard")
        wizard.write_text(_SCRIPT.format(python=python))
        wizard.chmod(0o755)
        home = folder / "home"
        home.mkdir()
        yield Installation(python, wizard, home)


def _compile() -> None:
    """Write the bytecode that pip would have written."""
    compileall.compile_dir(ROOT / "wizard", quiet=1)
    compileall.compile_dir(ROOT / "tests" / "bench", quiet=1)
    subprocess.run([sys.executable, "-c", "import textual.app, httpx, keyring"], check=True)


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
    """Write a config for each company, with its own key."""
    folder.mkdir()
    for number, key in enumerate(served.keys):
        _write_key(folder / f"{number:05}.key", key)
        _write_company(folder, number, served.base_url)
    return folder


def offline_configs(folder: Path, count: int) -> Path:
    """Write configs with their keys next to them, for a run without a network."""
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
