"""A Tripletex that knows the canaries, and a home from which the program is run against it."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from tests.cli.wizard_process import Home
from tests.leaks.canary import Canary, canary, files_that_tell, leaks
from tests.support.sandbox import DemoKey, DemoWorld, Fault, RecordedRequest, Sandbox, basic_credentials
from wizard.sandbox.world import APPLICATION

ROOT: Final = Path(__file__).parents[2]

CONSUMER: Final = canary("the consumer token", 913_372_801)
COMPANY_KEY: Final = canary("the company's key", 2_113_377_001)
NEXT_KEY: Final = canary("the company's next key", 2_113_377_003)
OFFICE_KEY: Final = canary("the office's key", 2_113_377_005)
DELETED_KEY: Final = canary("a deleted key", 2_113_377_007)


class CanaryWorld(DemoWorld):
    """The seeded world, whose tokens can be told from all others."""

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
class Stage:
    """The sandbox being served, and a home in which the application's token is provisioned.

    Attributes:
        allowed: The files below the home that were given a token by the test itself.
    """

    sandbox: Sandbox
    base_url: str
    home: Home
    allowed: set[Path]

    @property
    def folder(self) -> Path:
        """The home folder."""
        return self.home.folder

    @property
    def canaries(self) -> tuple[Canary, ...]:
        """Every token that must not be told, those of the sessions among them."""
        sessions = {
            credentials[1]
            for request in self.sandbox.requests
            if (credentials := basic_credentials(request.headers.get("authorization")))
        }
        known = (CONSUMER, COMPANY_KEY, NEXT_KEY, OFFICE_KEY, DELETED_KEY)
        return (*known, *(Canary("a session token", session) for session in sessions))

    @property
    def defaults(self) -> Path:
        """The site's defaults."""
        return self.folder / ".config/tripletex-wizard/defaults.toml"

    def key_file(self, key: Canary) -> Path:
        """Return where the file store keeps a key of the sandbox."""
        return self.folder / ".local/share/tripletex-wizard/keys/sandbox" / str(key.number)

    def given(self, name: str, token: str) -> Path:
        """Put a token into a private file in the home, as an operator might."""
        path = self.folder / name
        path.touch(0o600)
        path.write_text(f"{token}\n")
        self.allowed.add(path)
        return path

    def saw(self, token: Canary) -> bool:
        """Whether a token came over the wire, in a request's body or address."""
        return any(token.token in _all_of(request) for request in self.sandbox.requests)

    def run(
        self, *words: str | Path, text: str = "", program: str = "wizard"
    ) -> subprocess.CompletedProcess[str]:
        """Run the program, or one of the tests' own around it, to its end."""
        return subprocess.run(
            [sys.executable, "-m", program, *map(str, words)],
            input=text,
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @contextmanager
    def running(
        self, *words: str | Path, text: str = "", prefix: Sequence[str] = ()
    ) -> Iterator[subprocess.Popen[str]]:
        """Run the program while the context lasts, and end it if it has not ended by itself."""
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "wizard", *map(str, words)],
            env=self.environment,
            cwd=self.folder,
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

    def await_hit(self, fault: Fault) -> None:
        """Wait until a fault has struck: the program is then in the middle of what it troubles."""
        deadline = time.monotonic() + 20
        while not self.sandbox.faults.hits(fault):
            assert time.monotonic() < deadline, f"nothing came that {fault} concerns"
            time.sleep(0.01)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the program."""
        return {**self.home.environment, "PYTHONPATH": str(ROOT)}

    def setup(self, *more: str | Path, setup: str = "single-company") -> list[str]:
        """Return the command line of a set-up without questions, its key from standard input."""
        place = ["--environment", "sandbox", "--base-url", self.base_url, "--store", "file"]
        return ["setup", "finale.toml", "--no-input", "--setup", setup, *place, *map(str, more)]

    def config(self, reference: str, *, setup: str = "single-company", org_number: str = "") -> Path:
        """Write a config by hand whose key lies where a reference says."""
        path = self.folder / "finale.toml"
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

    def assert_untold(self, *texts: str | bytes, kept: tuple[Canary, ...] = ()) -> None:
        """Assert that texts and files tell nothing of any token, but for the key files of those kept."""
        for text in texts:
            assert not leaks(text, self.canaries)
        told = files_that_tell(self.folder, self.canaries)
        assert told - self.allowed == {self.key_file(key) for key in kept}

    def assert_run_untold(
        self, run: subprocess.CompletedProcess[str], *, kept: tuple[Canary, ...] = ()
    ) -> None:
        """Assert the same of all that a run has written; and that it wrote something."""
        assert run.stdout + run.stderr
        self.assert_untold(run.stdout, run.stderr, kept=kept)


@contextmanager
def serve_stage(folder: Path, **ways: Any) -> Iterator[Stage]:  # noqa: ANN401 - whatever a sandbox takes
    """Serve a sandbox that knows the canaries, and lay out a home; nothing of either is left open."""
    sandbox = Sandbox(world=CanaryWorld(), **ways)
    with sandbox.serve() as base_url:
        stage = Stage(sandbox, base_url, Home(folder), set())
        consumer = stage.given("consumer.token", CONSUMER.token)
        stage.defaults.parent.mkdir(parents=True)
        stage.defaults.write_text(f'consumer_token = {{ file = "{consumer}" }}\n')
        temporary = folder / "tmp"
        temporary.mkdir()
        stage.home.variables["TMPDIR"] = str(temporary)
        yield stage
        assert not sandbox.open_sessions


def _all_of(request: RecordedRequest) -> str:
    return request.body.decode() + unquote(request.raw_query) + unquote(request.raw_path)
