"""A home, a site's defaults and a sandbox: what a person has who logs on and starts the wizard."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.wizard_process import WIZARD, Home
from tests.e2e.terminal import Terminal
from tests.leaks.canary import Canary, files_that_tell
from tests.support.sandbox import Sandbox


@dataclass
class House:
    """Everything that a run of the wizard can touch lies in one folder.

    Attributes:
        folder: That folder.
        home: The home folder in it, and the environment of a program that is run there.
        terminals: Every terminal that was opened; closed at the end.
    """

    folder: Path
    sandbox: Sandbox
    base_url: str
    home: Home
    terminals: list[Terminal] = field(default_factory=list)

    @property
    def configs(self) -> Path:
        """The folder in which the site wants its configs."""
        return self.folder / "configs"

    @property
    def config(self) -> Path:
        """A config with a name that the person chose."""
        return self.configs / "finale.toml"

    @property
    def written(self) -> dict[str, str]:
        """The configs that were written, byte for byte, by their names."""
        return {path.name: path.read_bytes().decode() for path in sorted(self.configs.glob("*.toml"))}

    @property
    def keys(self) -> list[Path]:
        """The files in the key store, the application's token not among them."""
        return self._files(".local/share/tripletex-wizard/keys")

    @property
    def journals(self) -> list[Path]:
        """The journals of unfinished runs."""
        return self._files(".local/state/tripletex-wizard")

    def _files(self, folder: str) -> list[Path]:
        return sorted(path for path in (self.home.folder / folder).rglob("*") if path.is_file())

    @property
    def flags(self) -> list[str]:
        """Where Tripletex is."""
        return ["--environment", "sandbox", "--base-url", self.base_url]

    def furnish(self) -> None:
        """Lay out an empty home with what an administrator provides."""
        for folder in (self.home.folder, self.configs):
            shutil.rmtree(folder, ignore_errors=True)
        site = self.home.folder / ".config/tripletex-wizard"
        site.mkdir(parents=True)
        token = site / "consumer.token"
        token.touch(0o600)
        token.write_text(self.sandbox.world.consumer_token)
        (site / "defaults.toml").write_text(
            f'store = "file"\nfolder = "{self.configs}"\nconsumer_token = {{ file = "consumer.token" }}\n'
        )
        self.configs.mkdir()

    @property
    def telling(self) -> list[Path]:
        """Every file that gives a token away, but for the application's own, which was provided."""
        world = self.sandbox.world
        canaries = [Canary(key.title, key.employee_token) for key in world.keys]
        found = files_that_tell(self.folder, [*canaries, Canary("the application's", world.consumer_token)])
        return sorted(path for path in found if path.name != "consumer.token")

    def start(self, *words: str | Path, **size: int) -> Terminal:
        """Start the wizard on a terminal of its own."""
        return self.run_on_terminal((*WIZARD, *words), self.home.environment, **size)

    def set_up(self, *words: str | Path, **size: int) -> Terminal:
        """Start a set-up against the sandbox on a terminal of its own."""
        return self.start("setup", *words, *self.flags, **size)

    def run_on_terminal(
        self, command: tuple[str | Path, ...], environ: dict[str, str], **size: int
    ) -> Terminal:
        """Run any program on a terminal of its own."""
        terminal = Terminal(command, environ, self.folder, **size)
        self.terminals.append(terminal)
        return terminal


@contextmanager
def house_in(folder: Path, **ways: Any) -> Iterator[House]:  # noqa: ANN401 - whatever a sandbox takes
    """Serve a sandbox and lay out a house; nothing of either is left running."""
    sandbox = Sandbox(**ways)
    with sandbox.serve() as base_url:
        house = House(folder, sandbox, base_url, Home(folder / "home", {"TRIPLETEX_WIZARD_LANG": "nb"}))
        house.furnish()
        try:
            yield house
        finally:
            for terminal in house.terminals:
                terminal.close()
