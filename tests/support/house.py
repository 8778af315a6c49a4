"""A home folder, a site's defaults and a sandbox: what a person has who logs on and starts the wizard."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from tests.support.canary import Canary, canary, leaks
from tests.support.guard import Guard
from tests.support.sandbox import DemoKey, DemoWorld, Fault, RecordedRequest, Sandbox
from tests.support.terminal import Terminal
from wizard.sandbox.world import APPLICATION

ROOT: Final = Path(__file__).parents[2]
WIZARD: Final = (sys.executable, "-m", "wizard")
MEASURING: Final = "COVERAGE_PROCESS_CONFIG"

CONSUMER: Final = canary("the consumer token", 913_372_801)
COMPANY_KEY: Final = canary("the company's key", 2_113_377_001)
NEXT_KEY: Final = canary("the company's next key", 2_113_377_003)
OFFICE_KEY: Final = canary("the office's key", 2_113_377_005)
DELETED_KEY: Final = canary("a deleted key", 2_113_377_007)


@dataclass
class Home:
    """A home folder that contains only what the test puts there.

    Attributes:
        folder: The home folder.
        variables: Additions to the environment of the programs that run there.
        sandbox: The Tripletex that they talk to, if any.
        guard: What looks for that sandbox's tokens in everything that the programs leave behind.
    """

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    sandbox: Sandbox | None = None
    guard: Guard = field(init=False)

    def __post_init__(self) -> None:
        self.guard = Guard(self.folder, self.sandbox, {self.key_store})

    @property
    def key_store(self) -> Path:
        """The folder in which the file store keeps keys."""
        return self.folder / ".local/share/tripletex-wizard/keys"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process, without the settings of this machine."""
        kept = {name: os.environ[name] for name in ("PATH", MEASURING) if name in os.environ}
        return {
            **kept,
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "XDG_CONFIG_DIRS": str(self.folder / "etc"),
            "TRIPLETEX_WIZARD_LANG": "en",
            "PYTHONPATH": str(ROOT),
            **self.variables,
        }

    @property
    def undisturbed(self) -> dict[str, str]:
        """The same for a process whose system calls are counted or made to fail.

        Coverage and the compiling of modules would add calls of their own.
        """
        environment = {**self.environment, "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop(MEASURING, None)
        return environment

    def run(
        self, *words: str | Path, text: str = "", program: str = "wizard"
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        command = [sys.executable, "-m", program, *map(str, words)]
        self.guard.begin()
        with self._started(command, subprocess.PIPE) as process:
            out, err = self.guard.end(process, text, 60)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """Start one command, which reads nothing, and return its process."""
        self.guard.begin()
        return self._started([*WIZARD, *map(str, words)], subprocess.DEVNULL)

    def _started(self, command: Sequence[str], stdin: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            env=self.environment,
            cwd=self.folder,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


class CanaryWorld(DemoWorld):
    """The seeded world, with the numbers that real keys have."""

    def __init__(self) -> None:
        super().__init__()
        application = self._applications[APPLICATION]
        self._applications[APPLICATION] = replace(application, consumer_token=CONSUMER.token)
        self.single_company = self._renamed(self.single_company, COMPANY_KEY)
        self.single_company_second = self._renamed(self.single_company_second, NEXT_KEY)
        self.office = self._renamed(self.office, OFFICE_KEY)
        self.deleted = self._renamed(self.deleted, DELETED_KEY)
        self.delete_key(self.deleted)

    def _renamed(self, key: DemoKey, its: Canary) -> DemoKey:
        renamed = replace(key, token_id=its.number, employee_token=its.token)
        del self._keys[key.employee_token]
        self._keys[its.token] = renamed
        self._client_access[its.number] = self._client_access.pop(key.token_id, {})
        return renamed


@dataclass
class House:
    """Everything that a run of the wizard can touch is in one folder.

    Attributes:
        folder: That folder.
        home: The home folder in it, and the environment of a program that is run there.
        guard: What searches that folder at the end.
    """

    folder: Path
    sandbox: Sandbox
    base_url: str
    home: Home

    def __post_init__(self) -> None:
        self.guard = self.home.guard
        self.guard.folder = self.folder
        self.guard.adopts = False

    # What is there

    @property
    def configs(self) -> Path:
        """The folder of the site's configs."""
        return self.folder / "configs"

    @property
    def config(self) -> Path:
        """A config with a name that the person chose."""
        return self.configs / "finale.toml"

    @property
    def defaults(self) -> Path:
        """The site's defaults."""
        return self.home.folder / ".config/tripletex-wizard/defaults.toml"

    @property
    def written(self) -> dict[str, str]:
        """The configs that were written, byte for byte, by their names."""
        return {path.name: path.read_bytes().decode() for path in sorted(self.configs.glob("*.toml"))}

    @property
    def key_store(self) -> Path:
        """The folder in which the file store keeps keys."""
        return self.home.key_store

    @property
    def keys(self) -> list[Path]:
        """The files in the key store."""
        return _files(self.key_store)

    def key_file(self, key: Canary) -> Path:
        """Return where the file store keeps a key of the sandbox."""
        return self.key_store / "sandbox" / str(key.number)

    @property
    def journals(self) -> list[Path]:
        """The journals of unfinished runs."""
        noted = _files(self.home.folder / ".local/state/tripletex-wizard")
        return [path for path in noted if path.suffix == ".json"]

    @property
    def flags(self) -> list[str]:
        """Where Tripletex is."""
        return ["--environment", "sandbox", "--base-url", self.base_url]

    # What an administrator provides

    def furnish(self, defaults: str | None = None) -> None:
        """Lay out an empty home with the consumer token and the site's defaults."""
        if self.home.folder != self.folder:
            shutil.rmtree(self.home.folder, ignore_errors=True)
        shutil.rmtree(self.configs, ignore_errors=True)
        self.defaults.parent.mkdir(parents=True)
        token = self.given("consumer.token", self.sandbox.world.consumer_token)
        settings = f'store = "file"\nfolder = "{self.configs}"\n' if defaults is None else defaults
        self.defaults.write_text(f'{settings}consumer_token = {{ file = "{token}" }}\n')
        self.configs.mkdir()

    def given(self, name: str, token: str) -> Path:
        """Put a token into a private file in the home, as an operator might."""
        path = self.home.folder / name
        path.touch(0o600)
        path.write_text(f"{token}\n")
        self.guard.stores.add(path)
        return path

    def setup(self, *more: str | Path, setup: str = "single-company") -> list[str]:
        """Return the command line of a set-up without questions, its key from standard input."""
        place = [*self.flags, "--store", "file"]
        return ["setup", "finale.toml", "--no-input", "--setup", setup, *place, *map(str, more)]

    def write_config(self, reference: str, *, setup: str = "single-company", org_number: str = "") -> Path:
        """Write a config with a reference to its key."""
        path = self.home.folder / "finale.toml"
        path.write_text(
            f"""\
schema_version = 1
[tripletex]
environment = "sandbox"
base_url = "{self.base_url}"
[finale]
setup = "{setup}"
org_number = "{org_number}"
[credentials]
employee_token = {reference}
"""
        )
        return path

    # What is run

    def run(
        self, *words: str | Path, text: str = "", program: str = "wizard"
    ) -> subprocess.CompletedProcess[str]:
        """Run the program, or one of the tests' own around it, to its end."""
        return self.home.run(*words, text=text, program=program)

    @contextmanager
    def running(
        self, *words: str | Path, text: str = "", prefix: Sequence[str] = ()
    ) -> Iterator[subprocess.Popen[str]]:
        """Run the program while the context lasts, and end it if it has not ended by itself."""
        process = subprocess.Popen(
            [*prefix, *WIZARD, *map(str, words)],
            env=self.home.environment,
            cwd=self.home.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                if process.stdin:
                    process.stdin.write(text)
                    process.stdin.close()
                    process.stdin = None
                yield process
            finally:
                process.kill()

    def start(self, *words: str | Path, **size: int) -> Terminal:
        """Start the wizard on a new terminal."""
        return self.run_on_terminal((*WIZARD, *words), self.home.environment, **size)

    def set_up(self, *words: str | Path, **size: int) -> Terminal:
        """Start a set-up against the sandbox on a new terminal."""
        return self.start("setup", *words, *self.flags, **size)

    def run_on_terminal(
        self, command: tuple[str | Path, ...], environ: dict[str, str], **size: int
    ) -> Terminal:
        """Run any program on a new terminal."""
        terminal = Terminal(command, environ, self.folder, **size)
        self.guard.watch(terminal)
        return terminal

    @contextmanager
    def on_terminal(self, *words: str | Path, program: str = "wizard", **environ: str) -> Iterator[Terminal]:
        """Run a program on a terminal while the context lasts."""
        command = (sys.executable, "-m", *program.split(), *words)
        terminal = self.run_on_terminal(command, {**self.home.environment, **environ})
        try:
            yield terminal
        finally:
            terminal.close()

    # What is asserted

    @property
    def canaries(self) -> list[Canary]:
        """Every token that must not leak, those of the sessions included."""
        return self.guard.canaries

    @property
    def leaking(self) -> list[Path]:
        """Every file with a token, except those in which the test has put it."""
        return sorted(self.guard.leaking - self.guard.stores)

    def saw(self, token: Canary) -> bool:
        """Whether a token came over the wire, in a request's body or address."""
        return any(token.token in _all_of(request) for request in self.sandbox.requests)

    def await_hit(self, fault: Fault) -> None:
        """Wait until a fault has struck: the program is then in the middle of what it troubles."""
        deadline = time.monotonic() + 20
        while not self.sandbox.faults.hits(fault):
            assert time.monotonic() < deadline, f"nothing came that {fault} concerns"
            time.sleep(0.01)

    def assert_no_leak(self, *texts: str | bytes, kept: tuple[Canary, ...] = ()) -> None:
        """Assert that no text and no file has a token, except the key files of those that are kept."""
        for text in texts:
            assert not leaks(text, self.canaries)
        assert set(self.leaking) == {self.key_file(key) for key in kept}

    def assert_run_leaks_nothing(
        self, run: subprocess.CompletedProcess[str], *, kept: tuple[Canary, ...] = ()
    ) -> None:
        """Assert the same of all that a run has written; and that it wrote something."""
        assert run.stdout + run.stderr
        self.assert_no_leak(run.stdout, run.stderr, kept=kept)


@contextmanager
def house_in(folder: Path, **ways: Any) -> Iterator[House]:  # noqa: ANN401 - whatever a sandbox takes
    """Serve a sandbox and lay out a house; nothing of either is left running."""
    sandbox = Sandbox(**ways)
    with sandbox.serve() as base_url:
        home = Home(folder / "home", {"TRIPLETEX_WIZARD_LANG": "nb"}, sandbox)
        house = House(folder, sandbox, base_url, home)
        house.furnish()
        try:
            yield house
        finally:
            for terminal in house.guard.terminals:
                terminal.close()
        assert not sandbox.open_sessions


@contextmanager
def stage_in(folder: Path, **ways: Any) -> Iterator[House]:  # noqa: ANN401 - whatever a sandbox takes
    """The same with the folder as home, a sandbox with the canaries, and defaults that leave all to ask."""
    sandbox = Sandbox(world=CanaryWorld(), **ways)
    with sandbox.serve() as base_url:
        temporary = folder / "tmp"
        temporary.mkdir()
        house = House(folder, sandbox, base_url, Home(folder, {"TMPDIR": str(temporary)}, sandbox))
        house.furnish(defaults="")
        house.configs.rmdir()
        try:
            yield house
        finally:
            for terminal in house.guard.terminals:
                terminal.close()
        assert not sandbox.open_sessions


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _all_of(request: RecordedRequest) -> str:
    return request.body.decode() + unquote(request.raw_query) + unquote(request.raw_path)
