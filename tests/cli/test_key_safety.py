"""No command, face, failure or signal loses a stored key that may still work."""

import base64
import json
import shutil
import signal
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.forked import ForkedHome
from tests.support.house import WIZARD, Home
from tests.support.sandbox import DemoKey, Fault, Sandbox
from wizard.domain.exits import PATIENCE
from wizard.domain.key import Secret
from wizard.walk.journal import RememberedConfig, remember_configs


def damaged(key: DemoKey) -> str:
    """Return a key with the number of another one that Tripletex does not know."""
    document = {"tokenId": key.token_id, "token": "00000000-0000-0000-0000-00000000dead"}
    return base64.b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()


def set_up(config: Path | str, base_url: str, kind: str = "single-company", *more: str) -> tuple[str, ...]:
    there = ("--environment", "sandbox", "--base-url", base_url, "--store", "file")
    what = ("--setup", kind, "--employee-token-file", "-")
    return ("setup", str(config), "--no-input", *there, *what, *more)


def stored(home: ForkedHome) -> set[str]:
    folder = home.folder / ".local/share/tripletex-wizard/keys/sandbox"
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def configured(home: ForkedHome, base_url: str, key: DemoKey, *names: str) -> list[Path]:
    """Set a config up for each name; all use the same key."""
    first, *others = [home.folder / name for name in names]
    done = home.run(*set_up(first, base_url), text=key.employee_token)
    assert done.returncode == 0, done.stderr
    for other in others:
        other.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(first, other)
        other.chmod(0o600)
    return [first, *others]


@pytest.mark.parametrize(("delay", "turns"), [(0.0, 12), (0.03, 6)])
def test_two_set_ups_at_once_never_lose_the_shared_key(tmp_path: Path, delay: float, turns: int) -> None:
    """The run with the wrong key once deleted the key of the other config in 30 of 60 attempts."""
    sandbox = Sandbox()
    office, number = sandbox.world.office, sandbox.world.office.token_id
    if delay:
        sandbox.faults.append(Fault(trouble="slow", delay=delay, times=None))
    lost = []
    with sandbox.serve() as base_url:
        for turn in range(turns):
            folder = tmp_path / str(turn)
            folder.mkdir()
            home = ForkedHome(folder, {"TRIPLETEX_CONSUMER_TOKEN": sandbox.world.consumer_token}, sandbox)
            right = (*set_up("right.toml", base_url, "bureau-shared"),)
            wrong = (*set_up("wrong.toml", base_url, "bureau-shared"),)
            pair = [(right, office.employee_token), (wrong, damaged(office))]
            runs = [home.begin(*words, text=key) for words, key in pair[:: 1 if turn % 2 else -1]]
            codes = sorted(run.end().returncode for run in runs)
            kept = folder / f".local/share/tripletex-wizard/keys/sandbox/{number}"
            is_good = kept.is_file() and kept.read_text().strip() == office.employee_token
            if codes != [0, 1] or not is_good or (folder / "wrong.toml").exists():
                lost.append((turn, codes, is_good))
    assert lost == []


@pytest.mark.parametrize("key", ["deleted", "office", "damaged"])
def test_a_refused_set_up_leaves_nothing_behind(
    home: ForkedHome, sandbox: Sandbox, base_url: str, key: str
) -> None:
    (config,) = configured(home, base_url, sandbox.world.single_company, "a.toml")
    before = stored(home)
    token = (
        damaged(sandbox.world.single_company)
        if key == "damaged"
        else getattr(sandbox.world, key).employee_token
    )
    done = home.run(*set_up("b.toml", base_url), text=token)
    assert done.returncode == 1
    assert stored(home) == before
    assert not (home.folder / "b.toml").exists()
    assert home.run("validate", config).returncode == 0


def test_a_set_up_that_cannot_write_keeps_the_key_and_names_it(
    home: ForkedHome, sandbox: Sandbox, base_url: str
) -> None:
    key = sandbox.world.single_company
    (home.folder / "taken").mkdir()
    (home.folder / "taken" / ".a.toml.lock").mkdir()  # anything that prevents the config from being written
    done = home.run(*set_up("taken/a.toml", base_url), text=key.employee_token)
    assert done.returncode != 0
    assert not (home.folder / "taken" / "a.toml").exists()
    assert stored(home) == {str(key.token_id)}
    assert (
        f"TW708: Key no. {key.token_id}" in done.stderr.replace("Key {", "Key no. {")
        or "TW708" in done.stderr
    )
    assert str(key.token_id) in done.stderr

    again = home.run(*set_up("b.toml", base_url), text=key.employee_token)
    assert again.returncode == 0, again.stderr
    assert stored(home) == {str(key.token_id)}, "the entry is taken over"


def test_starting_a_set_up_over_keeps_a_key_that_a_config_uses(
    home: ForkedHome, sandbox: Sandbox, base_url: str
) -> None:
    """Pasted into a set-up that was broken off, then given to a config by a rotation, then started over."""
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    (config,) = configured(home, base_url, old, "a.toml")
    by_hand = ("setup", "by-hand.toml", "--plain", "--lang", "en", *set_up("", base_url)[3:9])
    home.run(*by_hand, text=f"\n\n\n{new.employee_token}\n")
    assert str(new.token_id) in stored(home)
    rotated = home.run("rotate", config, "--no-input", "--employee-token-file", "-", text=new.employee_token)
    assert rotated.returncode == 0, rotated.stderr
    over = home.run(*by_hand, text="2\n")
    assert "TW708" in over.stdout + over.stderr, "it says which key stays"
    assert stored(home) == {str(old.token_id), str(new.token_id)}
    assert home.run("validate", config).returncode == 0


def _copy(config: Path, to: Path) -> Path:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(config, to)
    to.chmod(0o600)
    return to


def test_no_command_deletes_a_key_that_another_config_uses(
    home: ForkedHome, sandbox: Sandbox, base_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each neighbour still uses the old key when the others are through with it."""
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    number, other = str(old.token_id), tmp_path_factory.mktemp("elsewhere")
    (home.folder / "configs").mkdir()
    (config,) = configured(home, base_url, old, "configs/finale.toml")
    for copy in config.with_name("copy.toml"), config.parent / "deep/er/copy.toml", other / "copy.toml":
        _copy(config, copy)
    (other / "link.toml").symlink_to(_copy(config, other / "x" / "y.toml"))
    users = [*(p for p in (home.folder / "configs").rglob("*.toml") if p != config), *other.rglob("*.toml")]
    assert len(users) == 5
    rotated = home.run("rotate", config, "--no-input", "--employee-token-file", "-", text=new.employee_token)
    assert rotated.returncode == 0, rotated.stderr

    tried = {
        "finish": (("rotate", "--finish", config), "", 1),
        "finish, asked to prove it": (("rotate", "--finish", config, "--prove-old-dead"), "", 1),
        "finish, another consumer token": (("rotate", "--finish", config), "other", 1),
        "finish by number, beside a user": (("rotate", "--finish", config, "--force", number), "", 1),
        "finish by a number that is not it": (("rotate", "--finish", config, "--force", "1"), "", 2),
        "set-up with the key, refused": (set_up("x.toml", base_url, "bureau-shared"), old.employee_token, 1),
        "rotation to a dead key": (
            ("rotate", config, "--no-input", "--employee-token-file", "-"),
            sandbox.world.deleted.employee_token,
            1,
        ),
    }
    wrong = []
    for name, (words, text, expected) in tried.items():
        is_other = text == "other"
        somebody = ForkedHome(home.folder, dict(home.variables), home.sandbox)
        if is_other:
            somebody.variables["TRIPLETEX_CONSUMER_TOKEN"] = sandbox.world.other_application.employee_token
        done = somebody.run(*words, text="" if is_other else text)
        if done.returncode != expected or number not in stored(home) or "previous" not in config.read_text():
            wrong.append((name, done.returncode, done.stdout + done.stderr))
    assert wrong == []
    assert home.run("validate", config, *users).returncode == 0

    sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=503))
    assert home.run("rotate", "--finish", config).returncode == 3
    sandbox.faults.clear()
    sandbox.world.delete_key(old)
    finished = home.run("rotate", "--finish", config)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert stored(home) == {str(new.token_id)}, "a dead key is worthless, and gone"
    assert "previous" not in tomllib.loads(config.read_text())["key"]


def test_an_unused_key_can_be_dropped_by_its_number(
    home: ForkedHome, sandbox: Sandbox, base_url: str
) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    (home.folder / "configs").mkdir()
    (config,) = configured(home, base_url, old, "configs/finale.toml")
    home.run("rotate", config, "--no-input", "--employee-token-file", "-", text=new.employee_token)
    done = home.run("rotate", "--finish", config, "--force", str(old.token_id))
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(config.parent) in done.stderr, "it says where it looked"
    assert "hidden or not named .toml" in " ".join(done.stderr.split()), "and what it passed over there"
    assert stored(home) == {str(new.token_id)}


def test_a_key_is_kept_for_configs_in_other_folders(
    home: ForkedHome, sandbox: Sandbox, base_url: str
) -> None:
    world = sandbox.world
    old = world.office
    new = world.add_key("another", world.office_company, company_owned=True, clients=world.clients)
    config = home.folder / "configs/finale.toml"
    assert home.run(*set_up(config, base_url, "bureau-shared"), text=old.employee_token).returncode == 0
    numbers = [str(client.organization_number).replace(" ", "") for client in world.clients[:2]]
    (home.folder / "numbers.txt").write_text("\n".join(numbers))
    several = ("--org-numbers-file", str(home.folder / "numbers.txt"))
    for kind, name, more in (("bureau-shared", "one/a.toml", ()), ("bureau-client", "many", several)):
        done = home.run(*set_up(home.folder / name, base_url, kind, *more), text=old.employee_token)
        assert done.returncode == 0, done.stderr
    moved = home.run("rotate", config, "--no-input", "--employee-token-file", "-", text=new.employee_token)
    assert moved.returncode == 0, moved.stdout + moved.stderr
    done = home.run("rotate", "--finish", config, "--force", str(old.token_id))
    assert done.returncode == 1, done.stdout + done.stderr
    for name in ("one/a.toml", *(f"many/{number}.toml" for number in numbers)):
        assert str(home.folder / name) in done.stdout + done.stderr
    assert str(old.token_id) in stored(home)


def test_a_key_without_a_number_is_dropped_by_its_fingerprint(
    home: ForkedHome, sandbox: Sandbox, base_url: str
) -> None:
    """Keys from before 2022 are bare UUIDs; their entry is named by the fingerprint."""
    (config,) = configured(home, base_url, sandbox.world.single_company, "a.toml")
    old = Secret("00000000-0000-0000-0000-000000000000")
    stored_old = home.folder / f".local/share/tripletex-wizard/keys/sandbox/{old.fingerprint}"
    stored_old.write_text(old.reveal())
    stored_old.chmod(0o600)
    config.write_text(f'{config.read_text()}previous = {{ file = "{stored_old}" }}\n')
    assert home.run("rotate", "--finish", config, "--force", "None").returncode == 2
    assert stored_old.exists()
    done = home.run("rotate", "--finish", config, "--force", old.fingerprint)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not stored_old.exists()
    assert "previous" not in config.read_text()


def test_a_key_in_use_is_not_dropped_by_its_number(home: ForkedHome, sandbox: Sandbox, base_url: str) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    (home.folder / "configs").mkdir()
    (config,) = configured(home, base_url, old, "configs/finale.toml")
    key = home.folder / f".local/share/tripletex-wizard/keys/sandbox/{old.token_id}"
    (home.folder / "link.key").symlink_to(key)
    (home.folder / "keys").symlink_to(key.parent)
    where_new_ones_go = home.folder / ".config/tripletex-wizard/other.toml"
    where_new_ones_go.parent.mkdir(parents=True, exist_ok=True)
    elsewhere = home.folder / "elsewhere.toml"
    remember_configs(home.folder / ".local/state/tripletex-wizard", [RememberedConfig(str(elsewhere))])
    text = config.read_text().partition("[credentials]")[0]
    ways = {
        config.with_name("linked.toml"): '{ file = "../link.key" }',
        config.with_name("folder.toml"): f'{{ file = "../keys/{old.token_id}" }}',
        config.with_name("command.toml"): f'{{ command = ["cat", "{key}"] }}',
        where_new_ones_go: f'{{ file = "{key}" }}',
        elsewhere: f'{{ file = "{key}" }}',
    }
    home.run("rotate", config, "--no-input", "--employee-token-file", "-", text=new.employee_token)
    wrong = []
    for user, reference in ways.items():
        user.write_text(f"{text}[credentials]\nemployee_token = {reference}\n")
        user.chmod(0o600)
        assert home.run("validate", user).returncode == 0
        done = home.run("rotate", "--finish", config, "--force", str(old.token_id))
        if done.returncode != 1 or user.name not in done.stdout or not key.exists():
            wrong.append((user.name, done.returncode, done.stdout + done.stderr))
        user.unlink()
    assert wrong == []


SLOW = 0.6
"""Seconds that every fsync takes."""


class Interrupted:
    """A set-up on a slow disk, which gets a signal while it writes the key."""

    def __init__(
        self,
        home: Home,
        base_url: str,
        strace: str,
        key: str,
        number: signal.Signals,
        *,
        words: tuple[str, ...] | None = None,
        slow: float = SLOW,
    ) -> None:
        self.keys = home.folder / ".local/share/tripletex-wizard/keys"
        delay = f"inject=fsync:delay_enter={int(slow * 1e6)}"
        traced = [strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", delay]
        process = subprocess.Popen(
            [*traced, *WIZARD, *(words or set_up("a.toml", base_url))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=home.undisturbed,
            cwd=home.folder,
            text=True,
        )
        assert process.stdin
        process.stdin.write(key)
        process.stdin.close()
        process.stdin = None
        until = time.monotonic() + 30
        while not any(self.keys.rglob(".84201.*.tmp")):  # not the dummy of the probe
            assert time.monotonic() < until, "no key was written"
            time.sleep(0.02)
        # What the signal is for is the only child of the tracer.
        (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        subprocess.run(["kill", f"-{number.value}", child], check=True)
        _, self.said = process.communicate(timeout=60)

    @property
    def files(self) -> list[Path]:
        return [path for path in self.keys.rglob("*") if path.is_file()]


@pytest.mark.system
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_write_is_finished_or_undone(
    home: Home, sandbox: Sandbox, base_url: str, system_program: Callable[[str], str], number: signal.Signals
) -> None:
    key = sandbox.world.single_company
    run = Interrupted(home, base_url, system_program("strace"), key.employee_token, number)
    assert [path.name for path in run.files] == [str(key.token_id)]
    assert run.files[0].read_text().strip() == key.employee_token
    assert "TW708" in run.said, "the key that stays is named"
    assert not (home.folder / "a.toml").exists()


@pytest.mark.system
def test_the_next_run_removes_and_reports_what_a_killed_one_left(
    home: Home, sandbox: Sandbox, base_url: str, system_program: Callable[[str], str]
) -> None:
    key = sandbox.world.single_company
    run = Interrupted(home, base_url, system_program("strace"), key.employee_token, signal.SIGKILL)
    (left,) = run.files
    assert left.name.endswith(".tmp")
    done = home.run(*set_up("a.toml", base_url), text=key.employee_token)
    assert done.returncode == 0, done.stderr
    assert "TW607" in done.stderr
    assert left.name in done.stderr
    assert [path.name for path in run.files] == [str(key.token_id)]


@pytest.mark.system
def test_an_interrupted_dialogue_finishes_the_write_first(
    home: Home, sandbox: Sandbox, base_url: str, system_program: Callable[[str], str]
) -> None:
    """It ends within a second, but not while a key is being written."""
    key = sandbox.world.single_company.employee_token
    by_hand = ("setup", "a.toml", "--plain", *set_up("", base_url)[3:9], "--setup", "single-company")
    strace = system_program("strace")
    run = Interrupted(
        home, base_url, strace, f"\n\n\n{key}\n", signal.SIGTERM, words=by_hand, slow=SLOW + PATIENCE
    )
    assert [path.read_text().strip() for path in run.files] == [key]
    assert not list(run.keys.rglob(".*"))


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
