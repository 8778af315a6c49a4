"""A rotation of three configs is killed, or refused, at every call that changes a file.

Whatever the moment, every config works afterwards, and a second run does the rest.
"""

import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest
from wizard.rotation.run import RotateRun

from tests.cli.test_rotate import configured
from tests.support.house import WIZARD, Home
from tests.support.sandbox import DemoKey, Sandbox
from wizard.actions.consumer import VARIABLE
from wizard.actions.context import AppContext
from wizard.actions.defaults import SiteDefaults
from wizard.checks.config import check_config
from wizard.config import read_config
from wizard.domain.secret import Secret
from wizard.findings import StepId, Verdict
from wizard.flow.questions import Choose, Chosen, Continue, Pasted
from wizard.rotation.locks import hold_all
from wizard.rotation.members import gather, read_candidates
from wizard.text import Texts

pytestmark = pytest.mark.system

EN = Texts("en")
KEYS: Final = ".local/share/tripletex-wizard/keys/sandbox"
STATE: Final = ".local/state/tripletex-wizard"
CHANGING: Final = "rename,renameat,renameat2,fsync,unlink,unlinkat,link,linkat"


@dataclass(frozen=True)
class Moment:
    """One call, counted by strace among those of its name in one thread.

    Attributes:
        where: ``main``; ``probe``, the first thread that tries the store; ``store``, the calls that
            put the new key into its folder.
    """

    where: str
    call: str
    number: int

    @property
    def harms(self) -> tuple[str, ...]:
        """What can happen at this call; taking a name away needs no space on the disk."""
        takes_away = self.call.startswith("unlink")
        return ("signal=SIGKILL", "error=EIO", *(() if takes_away else ("error=ENOSPC",)))

    def flags(self, home: Path, harm: str) -> list[str]:
        """Return what strace must be told to do harm at this moment."""
        threads = {"main": [], "probe": ["-f"], "store": ["-f", "-P", str(home / KEYS)]}[self.where]
        return [*threads, "-e", f"trace={self.call}", "-e", f"inject={self.call}:{harm}:when={self.number}"]


def moments(where: str, **calls: int) -> list[Moment]:
    return [Moment(where, call, each + 1) for call, count in calls.items() for each in range(count)]


# The journal and three configs: each is brought to the disk, renamed, its temporary name removed if it
# is still there, and the folder brought to the disk. Then the journal and three locks are removed.
MAIN: Final = moments("main", fsync=8, renameat=4, unlinkat=4, unlink=4)
MOMENTS: Final = [
    *MAIN,
    *moments("probe", fsync=2, linkat=1, unlinkat=1, unlink=1),
    *moments("store", fsync=1, linkat=1, unlinkat=1),
]


@dataclass
class Stage:
    """Three configs that share a key, and a key to rotate to."""

    home: Home
    sandbox: Sandbox
    paths: list[Path]
    strace: str

    @property
    def old(self) -> DemoKey:
        return self.sandbox.world.single_company

    @property
    def new(self) -> DemoKey:
        return self.sandbox.world.single_company_second

    @property
    def context(self) -> AppContext:
        context = AppContext.inside(self.home.folder, SiteDefaults())
        return replace(
            context,
            environ={VARIABLE: self.sandbox.world.consumer_token},
            key_folder=(self.home.folder / KEYS).parent,
            state_folder=self.home.folder / STATE,
        )

    def rotate(self, *flags: str) -> subprocess.CompletedProcess[str]:
        """Rotate under strace, as a script does."""
        given = self.home.folder / "new-key"
        given.write_text(self.new.employee_token)
        words = [*WIZARD, "rotate", *map(str, self.paths), "--no-input", "--employee-token-file", str(given)]
        return subprocess.run(
            [self.strace, "-qq", "-o", str(self.home.folder / "trace"), *flags, *words],
            env=self.home.undisturbed,
            cwd=self.home.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    async def prove_all(self) -> list[int]:
        """Prove every config as it stands, and return the number of the key that each uses."""
        numbers = []
        for path in self.paths:
            config = read_config(path).config
            assert config is not None, path.read_text()
            results = [result async for result in check_config(self.context, config, path)]
            assert {result.verdict for result in results} == {Verdict.VALID}, results
            assert config.key_id is not None
            numbers.append(config.key_id)
        return numbers

    async def finish(self) -> None:
        """Run the same again, in this process, which is quicker."""
        secret = Secret(self.new.employee_token)
        gathering = gather(read_candidates(self.paths, None, self.context), self.context, secret)
        with hold_all(self.paths) as refused:
            assert not refused
            run = RotateRun(self.context, gathering.group, EN, unfinished=gathering.page)
            while not run.is_finished:
                question = run.question(EN)
                reply = (
                    Chosen(question.selected or "")
                    if isinstance(question, Choose)
                    else Pasted(secret)
                    if question.step is StepId.CREATE_KEY
                    else Continue()
                )
                outcome = await run.submit(reply, lambda _: None)
                assert outcome.moved, outcome.findings
            assert run.state.is_complete


@pytest.fixture
def stage(home: Home, sandbox: Sandbox, base_url: str, system_program: Callable[[str], str]) -> Stage:
    paths = [configured(home, base_url, sandbox.world.single_company, f"{name}.toml") for name in "abc"]
    return Stage(home, sandbox, paths, system_program("strace"))


@pytest.mark.parametrize(
    ("moment", "harm"),
    [(moment, harm) for moment in MOMENTS for harm in moment.harms],
    ids=lambda value: value if isinstance(value, str) else f"{value.where}-{value.call}-{value.number}",
)
async def test_whatever_the_moment_nothing_is_broken_and_a_second_run_finishes(
    stage: Stage, moment: Moment, harm: str
) -> None:
    done = stage.rotate(*moment.flags(stage.home.folder, harm))

    trace = (stage.home.folder / "trace").read_text()
    assert ("killed by SIGKILL" if "KILL" in harm else "(INJECTED)") in trace, trace
    assert done.returncode in ({-9} if "KILL" in harm else {0, 1, 4}), done.stderr
    assert "defect" not in done.stderr
    assert set(await stage.prove_all()) <= {stage.old.token_id, stage.new.token_id}
    for page in (stage.home.folder / STATE).rglob("*"):
        assert not page.is_file() or stage.new.employee_token not in page.read_text()

    await stage.finish()

    assert await stage.prove_all() == [stage.new.token_id] * 3
    for path in stage.paths:
        previous = tomllib.loads(path.read_text())["key"]["previous"]["file"]
        assert (path.parent / previous).read_text().strip() == stage.old.employee_token
    assert list((stage.home.folder / STATE).rglob("*.json")) == []


def test_the_sweep_leaves_no_call_out(stage: Stage) -> None:
    done = stage.rotate("-e", f"trace={CHANGING}")
    assert done.returncode == 0, done.stderr
    made = Counter(re.findall(r"^(\w+)\(", (stage.home.folder / "trace").read_text(), re.MULTILINE))
    assert made == Counter(moment.call for moment in MAIN)
