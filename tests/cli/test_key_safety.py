"""No command, face, failure or signal loses a stored key that may still work."""

import base64
import json
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.forked import ForkedHome
from tests.support.home import STDIN, VARIABLE, WIZARD, Home, home_in, key_in, reference_in
from tests.support.rows import every_row
from tests.support.sandbox import DemoKey, Fault, Sandbox
from tests.support.waiting import wait_for
from wizard.domain.exits import PATIENCE
from wizard.domain.key import Secret
from wizard.walk.journal import RememberedConfig, remember_configs


def damaged(key: DemoKey) -> str:
    """Return a key with the number of another one that Tripletex does not know."""
    document = {"tokenId": key.token_id, "token": "00000000-0000-0000-0000-00000000dead"}
    return base64.b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()


def by_hand(home: Home, *more: str) -> tuple[str, ...]:
    """Return the command line of a set-up line by line, which reads its answers from standard input."""
    flags = ("--plain", "--lang", "en", *home.flags, "--store", "file", "--setup", "single-company")
    return ("setup", "by-hand.toml", *flags, *more)


@pytest.mark.parametrize(("delay", "turns"), [(0.0, 8), (0.03, 4)])
def test_two_set_ups_at_once_never_lose_the_shared_key(tmp_path: Path, delay: float, turns: int) -> None:
    """The run with the wrong key once deleted the key of the other config in 30 of 60 attempts."""
    sandbox = Sandbox()
    office = sandbox.world.office
    if delay:
        sandbox.faults.append(Fault(trouble="slow", delay=delay, times=None))
    lost = []
    with sandbox.serve() as base_url:
        for turn in range(turns):
            folder = tmp_path / str(turn)
            folder.mkdir()
            home = ForkedHome(folder, sandbox, base_url, {VARIABLE: sandbox.world.consumer_token})
            right, wrong = (home.setup(name, *STDIN, setup="bureau-shared") for name in ("a.toml", "b.toml"))
            pair = [(right, office.employee_token), (wrong, damaged(office))]
            runs = [home.begin(*words, text=key) for words, key in pair[:: 1 if turn % 2 else -1]]
            codes = sorted(run.end().code for run in runs)
            kept = home.key_file(office)
            is_good = kept.is_file() and kept.read_text().strip() == office.employee_token
            if codes != [0, 1] or not is_good or (folder / "b.toml").exists():
                lost.append((turn, codes, is_good))
    assert lost == []


@every_row(
    ("name", "finding"),
    [
        ("office", "TW405"),
        ("single_company_without_rights", "TW404"),
        ("deleted", "TW402"),
        ("damaged", "TW402"),
    ],
)
def test_a_refused_set_up_leaves_nothing_behind(home: Home, name: str, finding: str) -> None:
    config, world, before = home.config("a.toml"), home.world, home.stored
    key = damaged(world.single_company) if name == "damaged" else getattr(world, name).employee_token
    assert finding in home.set_up("b.toml", key, setup="single-company", code=1).err
    assert home.stored == before | {str(world.single_company.token_id)}
    assert not (home.folder / "b.toml").exists()
    home.run("validate", config, code=0)


def test_a_set_up_that_cannot_write_stores_no_key(home: Home) -> None:
    (home.folder / "taken/.a.toml.lock").mkdir(parents=True)  # the config cannot be locked
    for target in ("taken/a.toml", "/proc/a.toml"):
        done = home.set_up(target)
        assert (done.code, "TW530" in done.err, "TW708" in done.err) == (4, True, False), done.err
        assert home.stored == set()
    assert not (home.folder / "taken/a.toml").exists()
    home.set_up("b.toml", code=0)


def test_a_set_up_of_several_clients_writes_all_configs_or_none(home: Home) -> None:
    """One of them cannot be locked, and not the first: no key must be stored for the others."""
    words = ("--org-numbers-file", home.write("list.txt", "310000027\n310000035\n"))
    (home.folder / "clients/.310000035.toml.lock").mkdir(parents=True)
    done = home.set_up("clients", home.world.office, *words, setup="bureau-client")
    assert (done.code, "TW530" in done.err, "TW708" in done.err) == (4, True, False), done.err
    assert home.stored == set()
    assert [path.name for path in (home.folder / "clients").iterdir()] == [".310000035.toml.lock"]


def test_starting_a_set_up_over_keeps_a_key_that_a_config_uses(home: Home) -> None:
    """Pasted into a set-up that was broken off, then given to a config by a rotation, then started over."""
    old, new = home.world.single_company, home.world.single_company_second
    config = home.config()
    home.run(*by_hand(home), text=f"\n\n\n{new.employee_token}\n")
    assert str(new.token_id) in home.stored
    home.rotate(config, key=new, code=0)
    assert "TW708" in home.run(*by_hand(home), text="2\n").said, "it says which key stays"
    assert home.stored == {str(old.token_id), str(new.token_id)}
    home.run("validate", config, code=0)


def test_no_command_deletes_a_key_that_another_config_uses(
    home: Home, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each neighbour still uses the old key when the others are through with it."""
    old, new = home.world.single_company, home.world.single_company_second
    number, other = str(old.token_id), tmp_path_factory.mktemp("elsewhere")
    config = home.config("configs/finale.toml")
    users = [config.with_name("copy.toml"), config.parent / "deep/er/copy.toml"]
    users += [other / "copy.toml", other / "x/y.toml"]
    for user in users:
        home.config(user)
    users.append(other / "link.toml")
    users[-1].symlink_to(users[-2])
    home.rotate(config, key=new, code=0)

    finish = ("rotate", "--finish", config)
    tried: dict[str, tuple[tuple[str | Path, ...], str, int]] = {
        "finish": (finish, "", 1),
        "finish, asked to prove it": ((*finish, "--prove-old-dead"), "", 1),
        "finish, another consumer token": (finish, "", 1),
        "finish by number, next to a user": ((*finish, "--force", number), "", 1),
        "finish by a number that is not it": ((*finish, "--force", "1"), "", 2),
        "set-up with the key, refused": (
            (*home.setup("x.toml", *STDIN, setup="bureau-shared"),),
            old.employee_token,
            1,
        ),
        "rotation to a dead key": (
            ("rotate", config, "--no-input", *STDIN),
            home.world.deleted.employee_token,
            1,
        ),
    }
    wrong = []
    for name, (words, text, expected) in tried.items():
        is_other = "another" in name
        home.variables[VARIABLE] = (
            home.world.other_application.employee_token if is_other else home.world.consumer_token
        )
        done = home.run(*words, text=text)
        if done.code != expected or number not in home.stored or "previous" not in key_in(config):
            wrong.append((name, done))
    assert wrong == []
    home.run("validate", config, *users, code=0)

    home.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=503))
    home.run(*finish, code=3)
    home.sandbox.faults.clear()
    home.world.delete_key(old)
    home.run(*finish, code=0)
    assert home.stored == {str(new.token_id)}, "a dead key is worthless, and gone"
    assert "previous" not in key_in(config)


def test_an_unused_key_can_be_dropped_by_its_number(home: Home) -> None:
    old, new = home.world.single_company, home.world.single_company_second
    config = home.config("configs/finale.toml")
    home.rotate(config, key=new, code=0)
    done = home.run("rotate", "--finish", config, "--force", str(old.token_id), code=0)
    assert str(config.parent) in done.err, "it says where it looked"
    assert "hidden or not named .toml" in done.said, "and what it passed over there"
    assert home.stored == {str(new.token_id)}


def test_a_key_is_kept_for_configs_in_other_folders(home: Home) -> None:
    """They are remembered from their set-ups."""
    world = home.world
    old = world.office
    new = world.add_key("another", world.office_company, company_owned=True, clients=world.clients)
    config = home.config("configs/finale.toml", old)
    numbers = [str(client.organization_number).replace(" ", "") for client in world.clients[:2]]
    listed = home.write("numbers.txt", "\n".join(numbers))
    home.set_up("one/a.toml", old, code=0)
    home.set_up("many", old, "--org-numbers-file", listed, setup="bureau-client", code=0)
    home.rotate(config, key=new, code=0)
    done = home.run("rotate", "--finish", config, "--force", str(old.token_id), code=1)
    for name in ("one/a.toml", *(f"many/{number}.toml" for number in numbers)):
        assert str(home.folder / name) in done.said
    assert str(old.token_id) in home.stored


def test_a_key_without_a_number_is_dropped_by_its_fingerprint(home: Home) -> None:
    """Keys from before 2022 are bare UUIDs; their entry is named by the fingerprint."""
    config, old = home.config(), Secret("00000000-0000-0000-0000-000000000000")
    stored = home.write(home.key_store / "sandbox" / old.fingerprint, old.reveal())
    config.write_text(f'{config.read_text()}previous = {{ file = "{stored}" }}\n')
    home.run("rotate", "--finish", config, "--force", "None", code=2)
    assert stored.exists()
    home.run("rotate", "--finish", config, "--force", old.fingerprint, code=0)
    assert not stored.exists()
    assert "previous" not in config.read_text()


def test_a_key_in_use_is_not_dropped_by_its_number(home: Home) -> None:
    old, new = home.world.single_company, home.world.single_company_second
    config, key = home.config("configs/finale.toml"), home.key_file(old)
    (home.folder / "link.key").symlink_to(key)
    (home.folder / "keys").symlink_to(key.parent)
    elsewhere = home.folder / "elsewhere.toml"
    remember_configs(home.state, [RememberedConfig(str(elsewhere))])
    home.rotate(config, key=new, code=0)
    wrong = []
    for user, reference in {
        config.with_name("linked.toml"): 'file = "../link.key"',
        config.with_name("folder.toml"): f'file = "../keys/{old.token_id}"',
        config.with_name("command.toml"): f'command = ["cat", "{key}"]',
        home.folder / ".config/tripletex-wizard/other.toml": f'file = "{key}"',
        elsewhere: f'file = "{key}"',
    }.items():
        home.config(user, old, reference)
        # Without the number, only the reference leads to the key.
        user.write_text(user.read_text().replace(f"id = {old.token_id}\n", ""))
        home.run("validate", user, code=0)
        done = home.run("rotate", "--finish", config, "--force", str(old.token_id))
        if done.code != 1 or user.name not in done.out or not key.exists():
            wrong.append((user.name, done))
        user.unlink()
    assert wrong == []


def test_a_key_that_a_config_also_uses_through_a_link_is_not_dropped(home: Home) -> None:
    old = home.world.single_company
    config, key = home.config(), home.key_file(old)
    (home.folder / "link.key").symlink_to(key)
    config.write_text(
        config.read_text()
        .replace(f'"{key}"', '"link.key"')
        .replace(f"id = {old.token_id}\n", f'previous = {{ file = "{key}" }}\n')
    )
    home.run("validate", config, code=0)
    assert "TW705" in home.run("rotate", "--finish", config, "--force", str(old.token_id), code=1).out
    home.run("validate", config, code=0)


SLOW = 0.6
"""Seconds until a key that has been written gets its name."""


def interrupt(
    home: Home,
    strace: str,
    number: signal.Signals,
    *words: str,
    text: str = "",
    slow: float = SLOW,
    times: int = 1,
) -> str:
    """Run a set-up, send signals before the file of the key has its name, and return the messages."""
    delay = f"inject=linkat:delay_enter={int(slow * 1e6)}"
    traced = [strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=linkat", "-e", delay]
    process = subprocess.Popen(
        [*traced, *WIZARD, *(words or home.setup("a.toml", *STDIN))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=home.undisturbed,
        cwd=home.folder,
        text=True,
    )
    assert process.stdin
    process.stdin.write(text or home.world.single_company.employee_token)
    process.stdin.close()
    process.stdin = None
    # Not the dummy of the probe.
    wait_for(lambda: any(home.key_store.rglob(".84201.*.tmp")), "the writing of the key", 30)
    # What the signal is for is the only child of the tracer.
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for _ in range(times):
        subprocess.run(["kill", f"-{number.value}", child], check=True)
        time.sleep(0.1)
    return process.communicate(timeout=60)[1]


def assert_stored_whole(home: Home) -> None:
    key = home.world.single_company
    assert home.stored == {str(key.token_id)}
    assert home.key_file(key).read_text().strip() == key.employee_token


@pytest.mark.system
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_interrupted_write_is_finished_or_undone(
    home: Home, system_program: Callable[[str], str], number: signal.Signals
) -> None:
    """Also if the signal is repeated: a terminal that is closed may send three of them."""
    told = interrupt(home, system_program("strace"), number, times=3)
    assert "TW708" in told, "the key that stays is named"
    assert_stored_whole(home)
    assert not (home.folder / "a.toml").exists()


@pytest.mark.system
def test_the_next_run_removes_and_reports_what_a_killed_one_left(
    home: Home, system_program: Callable[[str], str]
) -> None:
    interrupt(home, system_program("strace"), signal.SIGKILL)
    (left,) = home.keys
    assert left.name.endswith(".tmp")
    done = home.set_up("a.toml", code=0)
    assert "TW607" in done.err
    assert left.name in done.err
    assert_stored_whole(home)


@pytest.mark.system
def test_an_interrupted_dialogue_finishes_the_write_first(
    home: Home, system_program: Callable[[str], str]
) -> None:
    """It ends within a second, but not while a key is being written."""
    text = f"\n\n\n{home.world.single_company.employee_token}\n"
    words, slow = by_hand(home), SLOW + PATIENCE
    interrupt(home, system_program("strace"), signal.SIGTERM, *words, text=text, slow=slow)
    assert_stored_whole(home)


NAMES = ("a.toml", "b.toml", "deep/c.toml")
KEYS = st.integers(0, 2)


class Sequences(RuleBasedStateMachine):
    """One user with one company, three keys of it and a few configs."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.serving = home_in(self.folder, Sandbox(), ForkedHome)
        self.home = self.serving.__enter__()
        world = self.home.world
        self.home.variables[VARIABLE] = world.consumer_token
        third = world.add_key("a third key", world.company)
        self.keys: list[DemoKey] = [world.single_company, world.single_company_second, third]
        (self.folder / "deep").mkdir()
        # Two configs with the first key, one of which has the next already: so few steps lead to a deletion.
        self.good = {self.home.config(name, self.keys[0]): 0 for name in NAMES[1:]}
        self.home.rotate(self.folder / NAMES[1], key=self.keys[1], code=0)
        self.good[self.folder / NAMES[1]] = 1

    def teardown(self) -> None:
        if not hasattr(self, "serving"):
            return
        alive = [path for path, key in self.good.items() if self.is_alive(key)]
        try:
            if alive:
                self.home.run("validate", *alive, code=0)
        finally:
            self.serving.__exit__(None, None, None)
            shutil.rmtree(self.folder)

    def is_alive(self, key: int) -> bool:
        return not self.home.world.is_deleted(self.keys[key])

    def numbered(self, path: Path) -> int | None:
        """Return which key a config names; None if there is no config."""
        if not path.exists():
            return None
        number = key_in(path)["id"]
        return next(index for index, key in enumerate(self.keys) if key.token_id == number)

    def run(self, *words: str | Path, text: str = "") -> int:
        done = self.home.run(*words, text=text)
        assert done.code in {0, 1, 2, 3, 4, 130}, (words, done)
        for path in map(self.folder.joinpath, NAMES):
            key = self.numbered(path)
            if key is None:
                self.good.pop(path, None)
            elif path in self.good or done.code == 0:
                self.good[path] = key
        return done.code

    @rule(name=st.sampled_from(NAMES), key=KEYS)
    def set_up(self, name: str, key: int) -> None:
        path = self.folder / name
        if self.run(*self.home.setup(name, *STDIN, "--overwrite"), text=self.token(key)) == 0:
            self.good[path] = key

    @rule(name=st.sampled_from(NAMES), key=KEYS)
    def set_up_with_a_damaged_key(self, name: str, key: int) -> None:
        self.run(*self.home.setup(name, *STDIN, "--overwrite"), text=damaged(self.keys[key]))

    @rule(key=KEYS, enters=st.integers(2, 4), is_damaged=st.booleans())
    def paste_and_break_off(self, key: int, enters: int, is_damaged: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        token = damaged(self.keys[key]) if is_damaged else self.token(key)
        self.run(*by_hand(self.home), text="\n" * enters + token + "\n")

    @rule()
    def start_over(self) -> None:
        self.run(*by_hand(self.home), text="2\n")

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
            self.home.world.delete_key(self.keys[key])

    @invariant()
    def every_config_whose_key_is_alive_can_read_it(self) -> None:
        for path, key in getattr(self, "good", {}).items():
            if self.is_alive(key):
                stored = path.parent / reference_in(path)["file"]
                assert stored.exists(), f"the key of {path} is gone: {stored}"
                assert stored.read_text().strip() == self.token(key), f"the key of {path} is another one"

    def token(self, key: int) -> str:
        return self.keys[key].employee_token

    def one_of(self, data: st.DataObject) -> Path:
        return data.draw(st.sampled_from(sorted(self.good)))


TestSequences = Sequences.TestCase
TestSequences.settings = settings(
    max_examples=8,
    stateful_step_count=10,
    deadline=None,
    phases=(Phase.reuse, Phase.generate),  # shrinking would take minutes
    suppress_health_check=list(HealthCheck),
)
