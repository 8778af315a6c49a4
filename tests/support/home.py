"""A home folder and the Tripletex that programs talk to there: what a person has who starts the wizard."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import unquote

from tests.support.canary import leaks
from tests.support.guard import Guard
from tests.support.sandbox import DemoKey, DemoWorld, Fault, Sandbox
from tests.support.terminal import Terminal
from tests.support.waiting import wait_for

ROOT: Final = Path(__file__).parents[2]
SAMPLES: Final = ROOT / "config-samples"
WIZARD: Final = (sys.executable, "-m", "wizard")
MEASURING: Final = "COVERAGE_PROCESS_CONFIG"
VARIABLE: Final = "TRIPLETEX_CONSUMER_TOKEN"
STDIN: Final = ("--employee-token-file", "-")


@dataclass(frozen=True)
class Done:
    """A run that has ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Both streams, without line breaks."""
        return " ".join(f"{self.out} {self.err}".split())

    @property
    def report(self) -> dict[str, Any]:
        """The JSON document on standard output."""
        document: dict[str, Any] = json.loads(self.out)
        return document


@dataclass
class Home:
    """A home folder that contains only what the test puts there.

    Attributes:
        folder: The home folder, in which programs are run.
        sandbox: The Tripletex that they talk to.
        base_url: Its address.
        variables: Additions to their environment.
        guard: What looks for the sandbox's tokens in everything that the programs leave behind.
    """

    folder: Path
    sandbox: Sandbox
    base_url: str
    variables: dict[str, str] = field(default_factory=dict)
    guard: Guard = field(init=False)

    def __post_init__(self) -> None:
        self.guard = Guard(self.folder, self.sandbox, {self.key_store})

    # What is there

    @property
    def world(self) -> DemoWorld:
        """The companies and keys of the sandbox."""
        return self.sandbox.world

    @property
    def configs(self) -> Path:
        """The folder of the site's configs."""
        return self.folder / "configs"

    @property
    def target(self) -> Path:
        """A config in that folder, with a name that the person chose."""
        return self.configs / "finale.toml"

    @property
    def written(self) -> dict[str, str]:
        """The configs in that folder, byte for byte, by their names."""
        return {path.name: path.read_bytes().decode() for path in sorted(self.configs.glob("*.toml"))}

    @property
    def defaults(self) -> Path:
        """The site's defaults, in the home of the user."""
        return self.folder / ".config/tripletex-wizard/defaults.toml"

    @property
    def state(self) -> Path:
        """The folder with journals and remembered configs."""
        return self.folder / ".local/state/tripletex-wizard"

    @property
    def journals(self) -> list[Path]:
        """The journals of unfinished runs."""
        return [path for path in _files(self.state) if path.suffix == ".json"]

    @property
    def key_store(self) -> Path:
        """The folder in which the file store keeps keys."""
        return self.folder / ".local/share/tripletex-wizard/keys"

    @property
    def keys(self) -> list[Path]:
        """The files in the key store."""
        return _files(self.key_store)

    @property
    def stored(self) -> set[str]:
        """The names of the files in the key store."""
        return {path.name for path in self.keys}

    def key_file(self, key: DemoKey) -> Path:
        """Return where the file store keeps a key of the sandbox."""
        return self.key_store / "sandbox" / str(key.token_id)

    @property
    def flags(self) -> list[str]:
        """Where Tripletex is."""
        return ["--environment", "sandbox", "--base-url", self.base_url]

    # What a person or an administrator puts there

    def write(self, name: str | Path, content: str | bytes = "", mode: int = 0o600) -> Path:
        """Write a file, and its folders; a token in it is the test's own and no leak."""
        path = self.folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch()
        path.chmod(mode)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        if leaks(content, self.guard.canaries):
            self.guard.stores.add(path)
        return path

    def site(self, settings: str) -> Path:
        """Write the site's defaults, for all users of the machine."""
        return self.write("etc/tripletex-wizard/defaults.toml", settings, 0o644)

    def furnish(self, settings: str = 'store = "file"\nfolder = "{configs}"\n') -> None:
        """Lay out the home of a new user, with settings and the consumer token from the administrator.

        Temporary files go into it too.
        """
        for name in (".config", ".local", "configs"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        token = self.write("consumer.token", self.world.consumer_token)
        settings = settings.format(configs=self.configs)
        self.write(self.defaults, f'{settings}consumer_token = {{ file = "{token}" }}\n', 0o644)
        for folder in (self.configs, self.folder / "tmp"):
            folder.mkdir(exist_ok=True)
        self.variables["TMPDIR"] = str(self.folder / "tmp")

    def config(
        self,
        name: str | Path = "finale.toml",
        key: DemoKey | None = None,
        reference: str = "",
        *,
        setup: str = "",
        number: str | None = "",
    ) -> Path:
        """Write a config, and unless it has a reference of its own, store its key, as a set-up does.

        Args:
            name: The config.
            key: The key, or that of the single company.
            reference: Where the key is, such as ``env = "KEY"``.
            setup: The set-up, or the common one that fits the key.
            number: The organisation number of a client.
        """
        key = key or self.world.single_company
        if not reference:
            self.write(self.key_file(key), f"{key.employee_token}\n")
            reference = f'file = "{self.key_file(key)}"'
        setup = setup or ("bureau-shared" if key.company_owned else "single-company")
        number = "%ORGNR%" if setup == "bureau-shared" else (number or "").replace(" ", "")
        return self.write(
            name,
            f"""\
schema_version = 1
[tripletex]
environment = "sandbox"
base_url = "{self.base_url}"
[finale]
setup = "{setup}"
org_number = "{number}"
[credentials]
employee_token = {{ {reference} }}
[key]
id = {key.token_id}
installed = {datetime.now(UTC).date()}
""",
        )

    # What is run

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
        self, *words: str | Path, text: str = "", program: str = "wizard", code: int | None = None
    ) -> Done:
        """Run one command to its end, and assert its exit code if one is given."""
        with self.running(*words, program=program, text=None) as process:
            out, err = self.guard.end(process, text, 60)
        return self.ended(Done(process.returncode, out, err), code)

    @staticmethod
    def ended(done: Done, code: int | None) -> Done:
        """Return a run after asserting its exit code, if one is given."""
        assert code is None or done.code == code, f"{done.code}: {done.out}{done.err}"
        return done

    def shell(
        self,
        script: str,
        *words: str | Path,
        text: str | bytes = "",
        code: int | None = None,
        environ: dict[str, str] | None = None,
        stdout: int = subprocess.PIPE,
        stderr: int = subprocess.PIPE,
    ) -> Done:
        """Run a script of the shell in which the command is ``"$@"``."""
        done = subprocess.run(
            ["/bin/sh", "-c", script, "sh", *WIZARD, *map(str, words)],
            input=text.encode() if isinstance(text, str) else text,
            env=environ or self.environment,
            cwd=self.folder,
            stdout=stdout,
            stderr=stderr,
            timeout=60,
            check=False,
        )
        self.guard.said += [said for said in (done.stdout, done.stderr) if said]
        out, err = ((said or b"").decode(errors="replace") for said in (done.stdout, done.stderr))
        return self.ended(Done(done.returncode, out, err), code)

    def set_up(
        self,
        target: str | Path = "finale.toml",
        key: DemoKey | str | None = None,
        *more: str | Path,
        setup: str = "",
        code: int | None = None,
    ) -> Done:
        """Run a set-up without questions, with the key on standard input."""
        key = key or self.world.single_company
        setup = setup or (
            "bureau-shared" if isinstance(key, DemoKey) and key.company_owned else "single-company"
        )
        text = key if isinstance(key, str) else key.employee_token
        return self.run(*self.setup(target, *STDIN, *more, setup=setup), text=text, code=code)

    def setup(self, target: str | Path, *more: str | Path, setup: str = "single-company") -> list[str]:
        """Return the command line of a set-up without questions."""
        start = ["setup", str(target), "--no-input", "--setup", setup]
        return [*start, *self.flags, "--store", "file", *map(str, more)]

    def rotate(self, *words: str | Path, key: DemoKey | None = None, code: int | None = None) -> Done:
        """Run a rotation without questions, with the new key on standard input."""
        given = STDIN if key else ()
        return self.run(
            "rotate", *words, "--no-input", *given, text=key.employee_token if key else "", code=code
        )

    @contextmanager
    def running(
        self, *words: str | Path, text: str | None = "", program: str = "wizard", prefix: Sequence[str] = ()
    ) -> Iterator[subprocess.Popen[str]]:
        """Run a program while the context lasts, and end it if it has not ended by itself.

        Standard input is left open if there is no text.
        """
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", program, *map(str, words)],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                if process.stdin and text is not None:
                    process.stdin.write(text)
                    process.stdin.close()
                    process.stdin = None
                yield process
            finally:
                process.kill()

    def start(self, *words: str | Path, program: str = "wizard", **environ: str) -> Terminal:
        """Start a program on a new terminal."""
        command = (sys.executable, "-m", *program.split(), *words)
        return self.on_terminal(command, {**self.environment, **environ})

    def on_terminal(self, command: Sequence[str | Path], environ: dict[str, str]) -> Terminal:
        """Run any command on a new terminal."""
        terminal = Terminal(command, environ, self.folder)
        self.guard.watch(terminal)
        return terminal

    # What is asserted

    @property
    def leaking(self) -> list[Path]:
        """Every file with a token, except those in which the test has put it."""
        return sorted(self.guard.leaking - self.guard.stores)

    def saw(self, key: DemoKey | str) -> bool:
        """Whether a token came over the wire, in a request's body or address."""
        token = key if isinstance(key, str) else key.employee_token
        return any(
            token in request.body.decode() + unquote(f"{request.raw_query} {request.raw_path}")
            for request in self.sandbox.requests
        )

    def await_hit(self, fault: Fault) -> None:
        """Wait until a fault has struck: the program is then in the middle of what it troubles."""
        wait_for(lambda: self.sandbox.faults.hits(fault), f"what {fault} concerns")

    def assert_no_leak(self, *kept: DemoKey) -> None:
        """Assert that no run has let a token out, and that these keys are stored and no other."""
        self.guard.check()
        assert set(self.keys) == {self.key_file(key) for key in kept}


CONSUMER: Final = DemoWorld().consumer_token
COMPANY_KEY, NEXT_KEY, OFFICE_KEY, DELETED_KEY = (
    getattr(DemoWorld(), name) for name in ("single_company", "single_company_second", "office", "deleted")
)

H = TypeVar("H", bound=Home)


@contextmanager
def home_in(folder: Path, sandbox: Sandbox, kind: type[H]) -> Iterator[H]:
    """Serve a sandbox to the programs in a home; at the end nothing is left running, and no session open."""
    with sandbox.serve() as base_url:
        home = kind(folder, sandbox, base_url)
        try:
            yield home
        finally:
            home.guard.close()
        assert not sandbox.open_sessions


def key_in(path: Path) -> dict[str, Any]:
    """Return the table about the key in a config."""
    table: dict[str, Any] = tomllib.loads(path.read_text())["key"]
    return table


def reference_in(path: Path) -> dict[str, Any]:
    """Return where a config says that its key is."""
    reference: dict[str, Any] = tomllib.loads(path.read_text())["credentials"]["employee_token"]
    return reference


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
