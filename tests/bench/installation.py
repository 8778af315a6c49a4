"""An installation as a user has it: no hooks of development tools at the interpreter's start, compiled."""

import compileall
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent.parent

_SCRIPT = """\
#!{python}
import sys
from wizard.cli import main
if __name__ == "__main__":
    sys.exit(main())
"""


@dataclass(frozen=True)
class Installation:
    """A Python, the program in it, and a home of its own.

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
    """Make one beside this environment; the packages are the same files."""
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
