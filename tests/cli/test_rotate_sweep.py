"""A rotation of two configs is killed, or fails, at every system call that changes a file. So is a rollback.

Afterwards every config works, and a second run does the rest.
"""

import re
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from tests.support.forked import ForkedHome
from tests.support.home import WIZARD, key_in
from tests.support.sandbox import DemoKey, Sandbox
from wizard.checks.outcomes import wanted_of
from wizard.checks.probe import KeyProbe, Probes
from wizard.checks.setup import check_setup
from wizard.config.reading import read_config
from wizard.context import VARIABLE, AppContext
from wizard.findings import Verdict
from wizard.site import SiteDefaults

pytestmark = pytest.mark.system

CHANGING: Final = "rename,renameat,renameat2,fsync,unlink,unlinkat,link,linkat"


# Which thread makes the calls: the main one, the one that tries the store, those that fill it.
PLACES: Final = ("main", "probe", "store")


def flags(place: str, keys: Path, calls: str) -> list[str]:
    """Return the flags with which strace follows the calls of one place."""
    threads = {"main": [], "probe": ["-f"], "store": ["-f", "-P", str(keys)]}[place]
    return [*threads, "-e", f"trace={calls}"]


def harms(call: str, number: int) -> tuple[str, ...]:
    """What can happen at a call: the end, or one of two errors; taking a name away needs no space."""
    error = "EIO" if call.startswith("unlink") or number % 2 else "ENOSPC"
    return ("signal=SIGKILL", f"error={error}")


@dataclass
class Stage:
    """Two configs that share a key, and a key to rotate to."""

    home: ForkedHome
    paths: list[Path]
    strace: str

    @property
    def old(self) -> DemoKey:
        return self.home.world.single_company

    @property
    def new(self) -> DemoKey:
        return self.home.world.single_company_second

    @property
    def context(self) -> AppContext:
        context = AppContext.inside(self.home.folder, SiteDefaults())
        return replace(
            context,
            environ={VARIABLE: self.home.world.consumer_token},
            key_folder=self.home.key_store,
            state_folder=self.home.state,
        )

    @property
    def words(self) -> list[str]:
        """The rotation as a script asks for it."""
        given = self.home.write("new-key", self.new.employee_token)
        return ["rotate", *map(str, self.paths), "--no-input", "--employee-token-file", str(given)]

    @property
    def back(self) -> list[str]:
        """The rollback of both configs."""
        return ["rollback", *map(str, self.paths)]

    def traced(self, words: Sequence[str], *flags: str) -> subprocess.CompletedProcess[str]:
        """Run a command under strace, as a script does."""
        return subprocess.run(
            [self.strace, "-qq", "-o", str(self.home.folder / "trace"), *flags, *WIZARD, *words],
            env=self.home.undisturbed,
            cwd=self.home.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    async def prove_all(self) -> list[int]:
        """Check every config against Tripletex and return the number of the key that each uses."""
        numbers = []
        for path in self.paths:
            config = read_config(path).config
            assert config is not None, path.read_text()
            async with Probes(self.context) as probes:
                probe = await probes.of(config, path)
                assert isinstance(probe, KeyProbe)
                results = [result async for result in check_setup(probe, wanted_of(config))]
            assert {result.verdict for result in results} == {Verdict.VALID}, results
            assert config.key_id is not None
            numbers.append(config.key_id)
        return numbers


@contextmanager
def stage_in(folder: Path, strace: str) -> Iterator[Stage]:
    folder.mkdir()
    sandbox = Sandbox()
    with sandbox.serve() as base_url:
        home = ForkedHome(folder, sandbox, base_url, {VARIABLE: sandbox.world.consumer_token})
        yield Stage(home, [home.config(f"{name}.toml") for name in "ab"], strace)


def calls_made(stage: Stage, place: str, words: Sequence[str]) -> Counter[str]:
    """Run a command undisturbed, and count the calls of the one thread that makes most of each."""
    done = stage.traced(words, *flags(place, stage.home.key_store / "sandbox", CHANGING))
    assert done.returncode == 0, done.stderr
    trace = (stage.home.folder / "trace").read_text()
    by_thread: dict[str, Counter[str]] = {}
    for thread, call in re.findall(r"^(\d+ +)?(\w+)\(", trace, re.MULTILINE):
        by_thread.setdefault(thread, Counter())[call] += 1
    threads = sorted(by_thread.values(), key=Counter.total)
    if place == "main":
        return threads[-1]
    # strace counts per thread; the main one, which makes most calls, is swept by itself.
    others = threads[:-1] if place == "probe" else threads
    return Counter({call: max(each[call] for each in others) for call in set().union(*others)})


@pytest.mark.timeout(400)
@pytest.mark.parametrize("harm", [0, 1], ids=["killed", "refused"])
@pytest.mark.parametrize("place", PLACES)
async def test_after_harm_at_any_system_call_a_second_run_finishes(
    tmp_path: Path, system_program: Callable[[str], str], place: str, harm: int
) -> None:
    strace = system_program("strace")
    with stage_in(tmp_path / "undisturbed", strace) as stage:
        made = calls_made(stage, place, stage.words)
    moments = [(call, number + 1) for call, count in made.items() for number in range(count)]
    assert moments
    failures = []
    for call, number in moments:
        injected = harms(call, number)[harm]
        with stage_in(tmp_path / f"{call}-{number}", strace) as stage:
            try:
                await harmed(
                    stage,
                    [
                        *flags(place, stage.home.key_store / "sandbox", call),
                        "-e",
                        f"inject={call}:{injected}:when={number}",
                    ],
                )
            except AssertionError as failure:
                failures.append(f"{call} no. {number}, {injected}: {failure}")
    assert not failures, "\n".join(failures)


async def harmed(stage: Stage, words: list[str]) -> None:
    """Rotate with harm done, and prove what is left of it."""
    done = stage.traced(stage.words, *words)

    trace = (stage.home.folder / "trace").read_text()
    killed = "SIGKILL" in words[-1]
    assert ("killed by SIGKILL" if killed else "(INJECTED)") in trace, trace
    assert done.returncode in ({-9} if killed else {0, 1, 4}), done.stderr
    assert "defect" not in done.stderr
    assert set(await stage.prove_all()) <= {stage.old.token_id, stage.new.token_id}
    stage.home.guard.check()

    stage.home.run(*stage.words, code=0)

    assert await stage.prove_all() == [stage.new.token_id] * 2
    for path in stage.paths:
        previous = key_in(path)["previous"]["file"]
        assert (path.parent / previous).read_text().strip() == stage.old.employee_token
    assert not stage.home.journals


async def test_a_rollback_that_was_killed_is_finished_by_the_same_command(
    tmp_path: Path, system_program: Callable[[str], str]
) -> None:
    """No config is changed back twice, although a config does not say which of its keys was there first."""
    strace = system_program("strace")
    with stage_in(tmp_path / "undisturbed", strace) as stage:
        stage.home.run(*stage.words, code=0)
        made = calls_made(stage, "main", stage.back)
    failures = []
    for call, number in [(call, number + 1) for call, count in made.items() for number in range(count)]:
        with stage_in(tmp_path / f"{call}-{number}", strace) as stage:
            stage.home.run(*stage.words, code=0)
            killed = ("-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={number}")
            assert stage.traced(stage.back, *killed).returncode == -signal.SIGKILL
            numbers = await stage.prove_all()
            again = stage.home.run(*stage.back)
            after = await stage.prove_all()
            if (again.code, after, stage.home.journals) != (0, [stage.old.token_id] * 2, []):
                failures.append(f"{call} no. {number}: {numbers}, then {after}: {again}")
    assert not failures, "\n".join(failures)
