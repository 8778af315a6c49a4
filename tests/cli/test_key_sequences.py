"""Whatever is run in whatever order: every config that was good and whose key is alive is good."""

import shutil
import tempfile
import tomllib
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.cli.test_key_safety import damaged, set_up
from tests.support.forked import ForkedHome
from tests.support.sandbox import DemoKey, Sandbox

NAMES = ("a.toml", "b.toml", "deep/c.toml")
KEYS = st.integers(0, 2)
STDIN = ("--employee-token-file", "-")


class Sequences(RuleBasedStateMachine):
    """One user with one company, three keys of it and a few configs."""

    @initialize()
    def begin(self) -> None:
        self.sandbox = Sandbox()
        self.serving = self.sandbox.serve()
        self.url = self.serving.__enter__()
        world = self.sandbox.world
        third = world.add_key("a third key", world.company)
        self.keys: list[DemoKey] = [world.single_company, world.single_company_second, third]
        self.folder = Path(tempfile.mkdtemp())
        self.home = ForkedHome(self.folder, {"TRIPLETEX_CONSUMER_TOKEN": world.consumer_token}, self.sandbox)
        (self.folder / "deep").mkdir()
        self.good: dict[Path, int] = {}

    def teardown(self) -> None:
        if not hasattr(self, "serving"):
            return
        alive = [path for path, key in self.good.items() if self.is_alive(key)]
        try:
            if alive:
                done = self.home.run("validate", *alive)
                assert done.returncode == 0, done.stdout + done.stderr
        finally:
            self.serving.__exit__(None, None, None)
            shutil.rmtree(self.folder)

    def is_alive(self, key: int) -> bool:
        return not self.sandbox.world.is_deleted(self.keys[key])

    def numbered(self, path: Path) -> int | None:
        """Return which key a config names; None if there is no config."""
        if not path.exists():
            return None
        number = tomllib.loads(path.read_text())["key"]["id"]
        return next(index for index, key in enumerate(self.keys) if key.token_id == number)

    def run(self, *words: str | Path, text: str = "") -> int:
        done = self.home.run(*words, text=text)
        assert done.returncode in {0, 1, 2, 3, 4, 130}, (words, done.stderr)
        for path in map(self.folder.joinpath, NAMES):
            key = self.numbered(path)
            if key is None:
                self.good.pop(path, None)
            elif path in self.good or done.returncode == 0:
                self.good[path] = key
        return done.returncode

    @rule(name=st.sampled_from(NAMES), key=KEYS)
    def set_up(self, name: str, key: int) -> None:
        path = self.folder / name
        code = self.run(*set_up(name, self.url, "single-company", "--overwrite"), text=self.token(key))
        if code == 0:
            self.good[path] = key

    @rule(name=st.sampled_from(NAMES), key=KEYS)
    def set_up_with_a_damaged_key(self, name: str, key: int) -> None:
        self.run(*set_up(name, self.url, "single-company", "--overwrite"), text=damaged(self.keys[key]))

    @rule(key=KEYS, enters=st.integers(2, 4), is_damaged=st.booleans())
    def paste_and_break_off(self, key: int, enters: int, is_damaged: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        token = damaged(self.keys[key]) if is_damaged else self.token(key)
        self.run(*self.by_hand(), text="\n" * enters + token + "\n")

    @rule()
    def start_over(self) -> None:
        self.run(*self.by_hand(), text="2\n")

    @precondition(lambda self: bool(self.good))
    @rule(data=st.data(), key=KEYS)
    def rotate(self, data: st.DataObject, key: int) -> None:
        self.run("rotate", self.one_of(data), "--no-input", *STDIN, text=self.token(key))

    @precondition(lambda self: bool(self.good))
    @rule(data=st.data(), key=KEYS, enters=st.integers(0, 2))
    def paste_into_a_rotation_and_break_off(self, data: st.DataObject, key: int, enters: int) -> None:
        text = "\n" * enters + self.token(key) + "\n"
        self.run("rotate", self.one_of(data), "--plain", "--lang", "en", text=text)

    @precondition(lambda self: bool(self.good))
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def copy(self, data: st.DataObject, name: str) -> None:
        path, to = self.one_of(data), self.folder / name
        if path != to:
            shutil.copyfile(path, to)
            to.chmod(0o600)
            self.good[to] = self.good[path]

    @precondition(lambda self: bool(self.good))
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        self.run("rollback", self.one_of(data))

    @precondition(lambda self: bool(self.good))
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        self.run("rotate", "--finish", self.one_of(data))

    @precondition(lambda self: bool(self.good))
    @rule(data=st.data(), key=KEYS)
    def finish_by_number(self, data: st.DataObject, key: int) -> None:
        self.run("rotate", "--finish", self.one_of(data), "--force", str(self.keys[key].token_id))

    @rule(key=KEYS)
    def delete_in_tripletex(self, key: int) -> None:
        if self.is_alive(key):
            self.sandbox.world.delete_key(self.keys[key])

    @invariant()
    def every_config_whose_key_is_alive_can_read_it(self) -> None:
        for path, key in getattr(self, "good", {}).items():
            if self.is_alive(key):
                place = tomllib.loads(path.read_text())["credentials"]["employee_token"]["file"]
                stored = path.parent / place
                assert stored.exists(), f"the key of {path} is gone: {place}"
                assert stored.read_text().strip() == self.token(key), f"the key of {path} is another one"

    def token(self, key: int) -> str:
        return self.keys[key].employee_token

    def one_of(self, data: st.DataObject) -> Path:
        return data.draw(st.sampled_from(sorted(self.good)))

    def by_hand(self) -> tuple[str, ...]:
        there = ("--environment", "sandbox", "--base-url", self.url, "--store", "file")
        return ("setup", "by-hand.toml", "--plain", "--lang", "en", *there, "--setup", "single-company")


TestSequences = Sequences.TestCase
TestSequences.settings = settings(
    max_examples=8,
    stateful_step_count=10,
    deadline=None,
    phases=(Phase.reuse, Phase.generate),  # shrinking would take minutes
    suppress_health_check=list(HealthCheck),
)
