"""``rotate`` and ``rollback`` as operators run them: exit codes, files, and what is left behind."""

import json
import os
import re
import shlex
import subprocess
import time
import tomllib
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest

from tests.support.house import WIZARD, Home
from tests.support.sandbox import DemoKey, Fault, Sandbox
from wizard.files.atomic import file_lock
from wizard.walk.journal import remembered_configs


def configured(home: Home, base_url: str, key: DemoKey, name: str = "finale.toml", more: str = "") -> Path:
    """Write a config and its key file, as a set-up leaves them."""
    key_file = home.folder / ".local/share/tripletex-wizard/keys/sandbox" / str(key.token_id)
    key_file.parent.mkdir(parents=True, exist_ok=True)
    key_file.write_text(f"{key.employee_token}\n")
    key_file.chmod(0o600)
    setup = "bureau-shared" if key.company_owned else "single-company"
    number = 'org_number = "%ORGNR%"\n' if key.company_owned else ""
    path = home.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f'schema_version = 1\n[tripletex]\nenvironment = "sandbox"\nbase_url = "{base_url}"\n'
        f'[finale]\nsetup = "{setup}"\n{number}{more}[credentials]\n'
        f'employee_token = {{ file = "{key_file}" }}\n[key]\nid = {key.token_id}\ninstalled = 2026-01-02\n'
    )
    return path


def rotate(
    home: Home, *arguments: str | Path, key: DemoKey | None = None
) -> subprocess.CompletedProcess[str]:
    given = ("--employee-token-file", "-") if key else ()
    return home.run("rotate", *arguments, "--no-input", *given, text=key.employee_token if key else "")


def stored(home: Home) -> set[str]:
    return {path.name for path in (home.folder / ".local/share").rglob("keys/**/*") if path.is_file()}


def number_in(path: Path) -> int:
    number: int = tomllib.loads(path.read_text())["key"]["id"]
    return number


def test_a_rotation_a_rollback_and_a_finish(home: Home, sandbox: Sandbox, base_url: str) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    config = configured(home, base_url, old)

    done = rotate(home, config, key=new)
    assert (done.returncode, done.stdout.split()) == (0, ["OK", "changed", str(config)])
    assert f"key no. {old.token_id}" in done.stderr
    assert number_in(config) == new.token_id
    assert home.run("validate", config).returncode == 0

    back = home.run("rollback", config)
    assert (back.returncode, back.stdout.split()) == (0, ["OK", "changed", "back", str(config)])
    assert number_in(config) == old.token_id
    assert home.run("rollback", config).returncode == 0

    alive = home.run("rotate", "--finish", config)
    assert (alive.returncode, "TW709" in alive.stdout) == (1, True)
    assert f"key no. {old.token_id}" in alive.stdout
    assert stored(home) == {str(old.token_id), str(new.token_id)}
    forced = home.run("rotate", "--finish", config, "--force", str(new.token_id))
    assert forced.returncode == 2
    sandbox.world.delete_key(old)
    ended = home.run("rotate", "--finish", config)
    assert ended.returncode == 0
    assert stored(home) == {str(new.token_id)}
    assert "previous" not in config.read_text()
    assert home.run("rollback", config).returncode == 1
    for run in (done, back, alive, ended):
        for key in (old, new):
            assert key.employee_token not in run.stdout + run.stderr


def test_a_second_identical_run_changes_nothing(home: Home, sandbox: Sandbox, base_url: str) -> None:
    config = configured(home, base_url, sandbox.world.single_company)
    assert rotate(home, config, key=sandbox.world.single_company_second).returncode == 0
    after = config.read_bytes()
    again = rotate(home, config, key=sandbox.world.single_company_second)
    assert (again.returncode, again.stdout.split()[1:3]) == (0, ["already", "changed"])
    assert config.read_bytes() == after


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("deleted", "TW402"),
        ("expired", "TW402"),
        ("other_application", "TW402"),
        ("single_company", "TW314"),
        ("office", "TW415"),
        ("single_company_without_rights", "TW404"),
    ],
)
def test_a_refused_rotation_changes_nothing(
    home: Home, sandbox: Sandbox, base_url: str, name: str, finding: str
) -> None:
    config = configured(home, base_url, sandbox.world.single_company)
    before = config.read_bytes()
    done = rotate(home, config, key=getattr(sandbox.world, name))
    assert done.returncode == 1
    assert finding in done.stderr
    assert config.read_bytes() == before
    assert stored(home) == {str(sandbox.world.single_company.token_id)}
    assert not list((home.folder / ".local/state").rglob("*.json"))
    assert not sandbox.open_sessions


def test_a_key_of_another_company_is_refused(home: Home, sandbox: Sandbox, base_url: str) -> None:
    stranger = sandbox.world.add_key("another company's", sandbox.world.client_without_access)
    config = configured(home, base_url, sandbox.world.single_company)
    before = config.read_bytes()
    done = rotate(home, config, key=stranger)
    assert done.returncode == 1
    assert "TW408" in done.stderr
    assert config.read_bytes() == before
    assert stored(home) == {str(sandbox.world.single_company.token_id)}


def test_a_key_that_reaches_fewer_clients_is_refused(home: Home, sandbox: Sandbox, base_url: str) -> None:
    config = configured(home, base_url, sandbox.world.office)
    before = config.read_bytes()
    done = rotate(home, config, key=sandbox.world.office_second)
    assert done.returncode == 1
    assert "TW414" in done.stderr
    assert "The new key lacks access to 3 clients." in done.stderr
    assert config.read_bytes() == before
    assert stored(home) == {str(sandbox.world.office.token_id)}


def test_a_key_that_reads_fewer_figures_is_refused(home: Home, sandbox: Sandbox, base_url: str) -> None:
    config = configured(home, base_url, sandbox.world.single_company)
    before = config.read_bytes()
    for key, lost in (
        (sandbox.world.without_balances, "balances"),
        (sandbox.world.without_all_vouchers, "transactions"),
    ):
        done = rotate(home, config, key=key)
        assert done.returncode == 1, lost
        assert "TW428" in done.stderr, lost
        assert "The new key reads less than the old one: " in done.stderr, lost
        assert lost in done.stderr
        assert config.read_bytes() == before
        assert stored(home) == {str(sandbox.world.single_company.token_id)}


@pytest.mark.parametrize("trouble", ["down", "gone", "no consumer token"])
def test_a_rotation_that_cannot_be_checked_changes_nothing(
    home: Home, sandbox: Sandbox, base_url: str, trouble: str
) -> None:
    config = configured(home, base_url, sandbox.world.single_company)
    if trouble == "down":
        sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    elif trouble == "gone":
        nowhere = "http://127.0.0.1:1/v2"
        config.write_text(config.read_text().replace(base_url, nowhere))
    else:
        home.variables.clear()
    before = config.read_bytes()
    done = rotate(home, config, key=sandbox.world.single_company_second)
    assert done.returncode == 3, done.stderr
    assert config.read_bytes() == before
    assert stored(home) == {str(sandbox.world.single_company.token_id)}


def test_a_key_that_was_stored_before_is_kept(home: Home, sandbox: Sandbox, base_url: str) -> None:
    config = configured(home, base_url, sandbox.world.single_company)
    configured(home, base_url, sandbox.world.deleted, "elsewhere/other.toml")
    assert rotate(home, config, key=sandbox.world.deleted).returncode == 1
    assert str(sandbox.world.deleted.token_id) in stored(home)


def test_a_dry_run_shows_the_change_and_writes_nothing(home: Home, sandbox: Sandbox, base_url: str) -> None:
    config = configured(home, base_url, sandbox.world.single_company)
    before = {path: path.stat().st_mtime_ns for path in home.folder.rglob("*")}
    done = rotate(home, config, "--dry-run", key=sandbox.world.single_company_second)
    assert done.returncode == 0
    assert f"+id = {sandbox.world.single_company_second.token_id}" in done.stdout.splitlines()
    assert {path: path.stat().st_mtime_ns for path in home.folder.rglob("*")} == before


def test_a_dry_run_of_several_configs_shows_the_first_change_in_full(
    home: Home, sandbox: Sandbox, base_url: str
) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    first, *others = [configured(home, base_url, old, f"{name}.toml") for name in "abc"]
    done = rotate(home, "--all", home.folder, "--dry-run", key=new)
    assert done.returncode == 0
    assert done.stdout.count(f"+id = {new.token_id}") == 1
    assert done.stdout.startswith(f"--- {first}\n")
    assert done.stderr.count("Nothing was written") == 1
    more = ["2 more configs change in the same way (-v shows how):", *(f"  {path}" for path in others)]
    assert done.stdout.splitlines()[-3:] == more
    assert rotate(home, "--all", home.folder, "--dry-run", "-v", key=new).stdout.count("+id = ") == 3


def test_every_config_in_a_folder_with_the_same_key_is_rotated(
    home: Home, sandbox: Sandbox, base_url: str
) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    shared = [configured(home, base_url, old, f"configs/{name}.toml") for name in "abc"]
    stranger = configured(home, base_url, sandbox.world.office, "configs/office.toml")
    refused = rotate(home, "--all", home.folder / "configs", key=new)
    assert refused.returncode == 2
    done = rotate(home, shared[1], "--all", home.folder / "configs", key=new)
    assert done.returncode == 0, done.stderr
    assert [line.split()[-1] for line in done.stdout.splitlines()] == [
        str(path) for path in (shared[1], shared[0], shared[2])
    ]
    assert [number_in(path) for path in shared] == [new.token_id] * 3
    assert number_in(stranger) == sandbox.world.office.token_id


def test_a_config_of_the_folder_that_cannot_be_read_is_named(
    home: Home, sandbox: Sandbox, base_url: str
) -> None:
    """It may use the key that is about to be deleted."""
    path = configured(home, base_url, sandbox.world.single_company, "configs/a.toml")
    os.mkfifo(path.with_name("b.toml"))
    path.with_name("c.toml").write_text("\n")
    done = rotate(home, "--all", path.parent, key=sandbox.world.single_company_second)
    assert done.returncode == 4, done.stderr
    assert f"{path.with_name('b.toml')}\n  could not be checked TW110" in done.stdout
    assert "c.toml" not in done.stdout
    assert number_in(path) == sandbox.world.single_company_second.token_id


def test_a_run_that_was_interrupted_is_finished_without_the_key(
    home: Home, sandbox: Sandbox, base_url: str
) -> None:
    """The second of three cannot be written; afterwards it can."""
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    paths = [configured(home, base_url, old, f"{name}/finale.toml") for name in "abc"]
    original = paths[1].read_text()
    paths[1].write_text(original.replace("[key]\nid", "[key]\n# kept\nid"))
    with file_lock(paths[1]):
        first = rotate(home, *paths, key=new)
    assert first.returncode == 4
    assert "TW523" in first.stdout
    assert "not checked" in first.stdout
    assert [number_in(path) for path in paths] == [new.token_id, old.token_id, new.token_id]

    second = rotate(home, *paths)
    assert second.returncode == 0, second.stderr
    assert [line.split()[1] for line in second.stdout.splitlines()] == ["already", "changed", "already"]
    assert [number_in(path) for path in paths] == [new.token_id] * 3


def test_more_configs_than_files_may_be_open(home: Home, sandbox: Sandbox, base_url: str) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    paths = [configured(home, base_url, old, f"all/{number:02}.toml") for number in range(60)]
    words = ["rotate", "--all", "all", "--no-input", "--employee-token-file", "-"]
    done = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -n 300; exec "$@"', "sh", *WIZARD, *words],
        env=home.environment,
        cwd=home.folder,
        input=new.employee_token,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {number_in(path) for path in paths} == {new.token_id}
    assert not [path for path in (home.folder / "all").iterdir() if path.suffix != ".toml"]


def test_the_holder_of_a_config_is_named_and_a_stale_lock_ignored(
    home: Home, sandbox: Sandbox, base_url: str
) -> None:
    config = configured(home, base_url, sandbox.world.single_company)
    before = config.read_bytes()
    with file_lock(config):
        done = rotate(home, config, key=sandbox.world.single_company_second)
        back = home.run("rollback", config)
    assert (done.returncode, back.returncode) == (4, 4)
    assert "TW523" in done.stderr
    assert "pid" in done.stderr
    assert "TW523" in back.stdout
    assert config.read_bytes() == before
    (home.folder / ".finale.toml.lock").write_text('{"pid": 1, "host": "elsewhere", "since": "2026-01-01"}')
    assert rotate(home, config, key=sandbox.world.single_company_second).returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--all"),
        (("missing.toml",), "missing.toml"),
        (("folder",), "--all"),
        (("--all", "folder"), "There are no config files"),
        (("finale.toml", "--finish", "--store", "file"), "--finish"),
    ],
)
def test_an_impossible_rotation_is_refused(
    home: Home, sandbox: Sandbox, base_url: str, words: tuple[str, ...], said: str
) -> None:
    configured(home, base_url, sandbox.world.single_company)
    (home.folder / "folder").mkdir()
    done = rotate(home, *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_without_questions_missing_flags_are_named(home: Home, sandbox: Sandbox, base_url: str) -> None:
    config = configured(home, base_url, sandbox.world.single_company)
    before = config.read_bytes()
    no_key = rotate(home, config)
    assert (no_key.returncode, "--employee-token-file" in no_key.stderr) == (2, True)

    config.write_text(config.read_text().replace("{ file = ", '{ env = "MY_KEY" } #'))
    home.variables["MY_KEY"] = sandbox.world.single_company.employee_token
    no_store = rotate(home, config, key=sandbox.world.single_company_second)
    assert (no_store.returncode, "--store" in no_store.stderr) == (2, True)
    assert stored(home) == {str(sandbox.world.single_company.token_id)}

    done = rotate(home, config, "--store", "file", key=sandbox.world.single_company_second)
    assert done.returncode == 0, done.stderr
    assert tomllib.loads(config.read_text())["key"]["previous"] == {"env": "MY_KEY"}
    config.write_bytes(before)


def test_questions_need_a_terminal(home: Home, sandbox: Sandbox, base_url: str) -> None:
    config = configured(home, base_url, sandbox.world.single_company)
    assert home.run("rotate", config).returncode == 2
    assert home.run("rotate", config, "--dry-run").returncode == 2


def test_the_hook_of_the_site_gets_the_paths_and_no_token(
    home: Home, sandbox: Sandbox, base_url: str
) -> None:
    config = configured(home, base_url, sandbox.world.single_company)
    defaults = home.folder / "etc/tripletex-wizard/defaults.toml"
    defaults.parent.mkdir(parents=True)
    defaults.write_text('hook = ["sh", "-c", "echo \\"$0 $TRIPLETEX_CONSUMER_TOKEN\\" > told; exit 9"]\n')
    done = rotate(home, config, key=sandbox.world.single_company_second)
    assert done.returncode == 1
    assert "TW701" in done.stderr
    assert "exit 9" in done.stderr
    assert (home.folder / "told").read_text().strip() == str(config)
    assert number_in(config) == sandbox.world.single_company_second.token_id

    defaults.write_text('hook = ["true"]\n')
    again = rotate(home, config)
    assert again.returncode == 0, again.stderr

    defaults.write_text('hook = ["sh", "-c", "echo \\"$0 $TRIPLETEX_CONSUMER_TOKEN\\" > told_again"]\n')
    back = home.run("rollback", config)
    assert back.returncode == 0, back.stderr
    assert (home.folder / "told_again").read_text().strip() == str(config)


def test_the_old_key_can_be_proven_dead(home: Home, sandbox: Sandbox, base_url: str) -> None:
    config = configured(home, base_url, sandbox.world.single_company)
    alive = rotate(home, config, "--prove-old-dead", key=sandbox.world.single_company_second)
    assert alive.returncode == 0
    assert "TW413" in alive.stderr
    assert str(sandbox.world.single_company.token_id) in alive.stderr
    sandbox.world.delete_key(sandbox.world.single_company)
    dead = rotate(home, config, "--prove-old-dead", key=sandbox.world.single_company_second)
    assert dead.returncode == 0
    assert "The old key is blocked." in dead.stderr


def test_a_signal_ends_a_rotation_cleanly(home: Home, sandbox: Sandbox, base_url: str) -> None:
    config = configured(home, base_url, sandbox.world.single_company)
    before = config.read_bytes()
    sandbox.faults.append(Fault(path="/token/session/>whoAmI", after=1, times=None, trouble="hang"))
    key_file = home.folder / "new-key"
    key_file.write_text(sandbox.world.single_company_second.employee_token)
    home.guard.stores.add(key_file)
    with home.start("rotate", config, "--no-input", "--employee-token-file", key_file) as process:
        while len(sandbox.requests) < 6:
            assert process.poll() is None
            time.sleep(0.01)
        process.terminate()
        assert process.wait(20) == 128 + 15
    assert config.read_bytes() == before
    assert stored(home) == {str(sandbox.world.single_company.token_id)}
    assert list(home.folder.glob(".*.lock")) == []


class TestAFolderOfConfigs:
    """Several keys, and several configs on each."""

    @pytest.fixture
    def folder(self, home: Home, base_url: str, sandbox: Sandbox) -> Path:
        for number in range(2):
            company = sandbox.world.add_company(f"Bedrift {number} AS")
            old, new = (sandbox.world.add_key("Finale", company) for _ in range(2))
            for copy in range(2):
                configured(home, base_url, old, f"many/{number}-{copy}.toml")
            self.keys[number] = (old, new)
        return home.folder / "many"

    keys: ClassVar[dict[int, tuple[DemoKey, DemoKey]]] = {}

    def test_several_keys_are_listed_as_commands_that_work(self, home: Home, folder: Path) -> None:
        refused = rotate(home, "--all", folder, key=self.keys[0][1])
        assert refused.returncode == 2
        commands = re.findall(r"^  tripletex-wizard (rotate .*)$", refused.stderr, re.MULTILINE)
        assert len(commands) == 2
        for number, command in enumerate(commands):
            _, *words = shlex.split(command)
            assert rotate(home, *words, key=self.keys[number][1]).returncode == 0
            assert number_in(folder / f"{number}-1.toml") == self.keys[number][1].token_id

        several = home.run("rollback", "--all", folder)
        assert several.returncode == 2
        commands = re.findall(r"^  tripletex-wizard (rollback .*)$", several.stderr, re.MULTILINE)
        done = home.run(*shlex.split(commands[0]), "--format", "json")
        report = json.loads(done.stdout)
        assert (done.returncode, report["changed"], len(report["configs"])) == (0, True, 2), done.stderr
        assert {number_in(folder / f"0-{copy}.toml") for copy in range(2)} == {self.keys[0][0].token_id}
        assert {number_in(folder / f"1-{copy}.toml") for copy in range(2)} == {self.keys[1][1].token_id}

    def test_a_folder_without_previous_keys_cannot_be_rolled_back(self, home: Home, folder: Path) -> None:
        assert home.run("rollback", "--all", folder).returncode == 2
        assert home.run("rollback").returncode == 2


def test_configs_that_were_rotated_or_checked_are_remembered(
    home: Home, sandbox: Sandbox, base_url: str
) -> None:
    """With whose they are, how they came out and when; a check that sees less forgets no name."""
    state = home.folder / ".local/state/tripletex-wizard"
    config = configured(home, base_url, sandbox.world.single_company)
    other = configured(home, base_url, sandbox.world.office, "office.toml")
    assert rotate(home, config, key=sandbox.world.single_company_second).returncode == 0

    def noted() -> list[tuple[str, str, str]]:
        found = remembered_configs(state)
        assert all(datetime.fromisoformat(each.at).tzinfo for each in found)
        return [(each.path, each.about, each.said) for each in found]

    company = sandbox.world.company.name
    assert noted() == [(str(config), company, "valid")]
    assert home.run("validate", config, "--offline").returncode == 0
    assert home.run("validate", other, config).returncode == 0
    assert noted() == [(str(other), "", "warning"), (str(config), company, "valid")]
    sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    assert home.run("validate", config).returncode == 3
    assert noted() == [(str(config), company, "unknown"), (str(other), "", "warning")]
