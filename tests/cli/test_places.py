"""Where keys are kept: files, a keyring, a vault of the site, and keys that were replaced in place."""

import json
import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.secrets.test_commands import VAULT
from tests.support.house import WIZARD, Home
from tests.support.sandbox import DemoKey, Sandbox
from wizard.walk.journal import remembered_configs

__all__ = ["vault"]


class Config:
    """A config that refers to a key in some place."""

    def __init__(self, home: Home, base_url: str, reference: str, key: DemoKey) -> None:
        self.home = home
        self.path = home.folder / "finale" / "kunde.toml"
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(
            f'schema_version = 1\n[tripletex]\nenvironment = "sandbox"\nbase_url = "{base_url}"\n'
            f'[finale]\nsetup = "single-company"\n[credentials]\nemployee_token = {{ {reference} }}\n'
            f"[key]\nid = {key.token_id}\ninstalled = 2026-01-02\n"
        )

    def rotate(self, key: DemoKey, *more: str) -> tuple[int, str, str]:
        words = ("rotate", self.path, "--no-input", "--employee-token-file", "-")
        done = self.home.run(*words, *more, text=key.employee_token)
        return done.returncode, done.stdout, done.stderr

    @property
    def written(self) -> dict[str, Any]:
        return tomllib.loads(self.path.read_text())


def put_key(path: Path, key: DemoKey) -> None:
    path.parent.mkdir(exist_ok=True)
    path.touch(0o600)
    path.write_text(f"{key.employee_token}\n")


def test_a_key_file_next_to_the_config_stays_there_and_relative(
    home: Home, base_url: str, sandbox: Sandbox
) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    site(home, 'store = "keyring"\n')  # a setting of the site for new keys does not move old ones
    config = Config(home, base_url, 'file = "kunde.key"', old)
    put_key(config.path.with_name("kunde.key"), old)
    code, told, said = config.rotate(new, "--format", "json")
    report = json.loads(told)
    assert (code, report["changed"]) == (0, True), said
    assert [(each["path"], each["changed"], each["status"]) for each in report["configs"]] == [
        (str(config.path), True, "valid")
    ]
    assert config.written["credentials"]["employee_token"] == {"file": f"{new.token_id}.key"}
    assert config.written["key"]["previous"] == {"file": "kunde.key"}
    assert config.written["key"]["company_id"] == new.company.id
    assert config.path.with_name("kunde.key").read_text() == f"{old.employee_token}\n"
    assert home.run("validate", config.path).returncode == 0
    assert home.run("rollback", config.path).returncode == 0
    assert config.written["credentials"]["employee_token"] == {"file": "kunde.key"}


@pytest.mark.usefixtures("vault")
def test_a_vault_gets_the_new_key_under_its_own_name(home: Home, base_url: str, sandbox: Sandbox) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    entries = home.folder / "vault"
    home.guard.stores.add(entries)
    (entries / f"tripletex-sandbox-{old.token_id}").write_text(f"{old.employee_token}\n")
    command = ["get", f"tripletex-sandbox-{old.token_id}"]
    client = home.folder / "vault-client"
    config = Config(home, base_url, f"command = {json.dumps([str(client), *command])}", old)
    code, told, said = config.rotate(new)
    assert code == 0, told + said
    entry = f"tripletex-sandbox-{new.token_id}"
    assert config.written["credentials"]["employee_token"]["command"] == [str(client), "get", entry]
    assert (entries / entry).read_text() == f"{new.employee_token}\n"
    assert (entries / f"tripletex-sandbox-{old.token_id}").exists()


def test_a_key_kept_elsewhere_is_not_moved_unasked(home: Home, base_url: str, sandbox: Sandbox) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    key_file = home.folder / "elsewhere" / "key"
    put_key(key_file, old)
    home.variables["MY_KEY"] = old.employee_token
    site(home, 'store = "file"\n')
    for reference in ('env = "MY_KEY"', f'command = ["cat", "{key_file}"]'):
        config = Config(home, base_url, reference, old)
        before = config.path.read_text()
        code, _, said = config.rotate(new)
        assert (code, config.path.read_text()) == (2, before), said
        assert f"tripletex-wizard rotate --in-place {config.path}" in said
        assert "--store" in said
        assert not list((home.folder / ".local").rglob("keys/*/*"))
    code, told, said = config.rotate(new, "--store", "file")
    assert code == 0, told + said


def test_a_dry_run_and_a_refusal_report_what_changed(home: Home, base_url: str, sandbox: Sandbox) -> None:
    old = sandbox.world.single_company
    config = Config(home, base_url, 'file = "kunde.key"', old)
    put_key(config.path.with_name("kunde.key"), old)
    before = config.path.read_text()
    code, told, said = config.rotate(sandbox.world.single_company_second, "--dry-run", "--format", "json")
    assert (code, json.loads(told)["changed"]) == (0, True), said
    assert config.path.read_text() == before
    code, told, _ = config.rotate(sandbox.world.deleted, "--format", "json")
    report = json.loads(told)
    assert (code, report["changed"]) == (1, False)
    assert "TW402" in {each["code"] for each in report["findings"]}
    assert config.path.read_text() == before


def test_finishing_gives_one_json_document(home: Home, base_url: str, sandbox: Sandbox) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    config = Config(home, base_url, 'file = "kunde.key"', old)
    put_key(config.path.with_name("kunde.key"), old)
    assert config.rotate(new)[0] == 0
    alive = home.run("rotate", "--finish", config.path, "--format", "json")
    assert (alive.returncode, json.loads(alive.stdout)["changed"]) == (1, False), alive.stderr
    sandbox.world.delete_key(old)
    for flags, is_left in ((("--dry-run",), True), ((), False)):
        done = home.run("rotate", "--finish", config.path, "--format", "json", *flags)
        assert (done.returncode, json.loads(done.stdout)["changed"]) == (0, True), done.stderr
        assert ("previous" in config.written["key"]) is is_left
    # The wizard did not create this file, so it does not delete it.
    assert config.path.with_name("kunde.key").exists()
    assert "TW336" in done.stderr


ENTRIES = (
    "import keyring; print(*(name for name in ({names}) "
    "if keyring.get_password('tripletex-wizard', f'sandbox/{{name}}')))"
)


@pytest.mark.system
def test_a_key_in_a_keyring_is_rotated_put_back_and_dropped(
    home: Home, sandbox: Sandbox, base_url: str, system_program: Callable[[str], str]
) -> None:
    old, new = sandbox.world.single_company, sandbox.world.single_company_second
    config = home.folder / "finale.toml"
    wizard = shlex.join(WIZARD)

    def pasted(key: DemoKey) -> str:
        path = home.folder / f"pasted-{key.token_id}"
        path.write_text(key.employee_token)
        home.guard.stores.add(path)
        return f"--employee-token-file {path} --no-input"

    list_entries = f'{sys.executable} -c "{ENTRIES.format(names=f"{old.token_id}, {new.token_id}")}"'
    sandbox_flags = f"--environment sandbox --base-url {base_url} --setup single-company"
    commands = [
        "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null",
        f"{wizard} setup {config} {sandbox_flags} --store keyring {pasted(old)}",
        f"{wizard} rotate {config} {pasted(new)}",
        f"cp {config} {home.folder}/rotated",
        f"{wizard} rollback {config}",
        f"cp {config} {home.folder}/back",
        f"{wizard} rollback {config}",
        # The old key is alive, so it is dropped only by its number.
        f"if {wizard} rotate --finish {config}; then exit 9; fi",
        f"{wizard} rotate --finish {config} --force {old.token_id}",
        list_entries,
    ]
    done = subprocess.run(
        [system_program("dbus-run-session"), "--", "bash", "-ec", "\n".join(commands)],
        env=home.environment,
        cwd=home.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split()[-1] == str(new.token_id)

    def said(name: str) -> tuple[object, object]:
        written = tomllib.loads((home.folder / name).read_text())
        return written["credentials"]["employee_token"], written["key"].get("previous")

    before, after = {"keyring": f"sandbox/{old.token_id}"}, {"keyring": f"sandbox/{new.token_id}"}
    assert said("rotated") == (after, before)
    assert said("back") == (before, after)
    assert said("finale.toml") == (after, None)
    for path in home.folder.rglob("*"):
        if path.is_file() and not path.name.startswith("pasted-"):
            for key in (old, new):
                assert key.employee_token.encode() not in path.read_bytes(), path


DATE = "2026-01-02"


class Place:
    """A config whose key is in a file of the operator's own, where it can be replaced."""

    def __init__(
        self, home: Home, base_url: str, key: DemoKey, *, name: str = "kunde", company: int = 0
    ) -> None:
        self._home = home
        self.key_file = home.folder / "etc-finale" / f"{name}.key"
        self.config = self.key_file.with_suffix(".toml")
        self.config.parent.mkdir(exist_ok=True)
        self.replace(key)
        noted = f"company_id = {company}  # noted\n" if company else ""
        self.config.write_text(
            f'schema_version = 1\n[tripletex]\nenvironment = "sandbox"\nbase_url = "{base_url}"\n'
            f'[finale]\nsetup = "single-company"\n[credentials]\n'
            f'employee_token = {{ file = "{name}.key" }}  # in the vault\n'
            f"[key]\nid = {key.token_id}\ninstalled = {DATE}\n{noted}"
        )

    def replace(self, key: DemoKey) -> None:
        self.key_file.touch(0o600)
        self.key_file.write_text(f"{key.employee_token}\n")

    @property
    def noted(self) -> dict[str, Any]:
        table: dict[str, Any] = tomllib.loads(self.config.read_text())["key"]
        return table

    def record(self, *more: str) -> subprocess.CompletedProcess[str]:
        return self._home.run("rotate", "--in-place", self.config, *more)


@pytest.fixture
def place(home: Home, base_url: str, sandbox: Sandbox) -> Place:
    key = sandbox.world.single_company
    return Place(home, base_url, key, company=key.company.id)


def test_a_replaced_key_is_proven_and_recorded_once(home: Home, place: Place, sandbox: Sandbox) -> None:
    second = sandbox.world.single_company_second
    place.replace(second)
    before = place.config.read_text()
    noticed = home.run("validate", "--quiet", place.config)
    assert (noticed.returncode, "TW218" in noticed.stdout) == (0, True), noticed.stdout
    assert f"tripletex-wizard rotate --in-place {place.config}" in noticed.stdout
    tried = place.record("--dry-run")
    assert f"+id = {second.token_id}" in tried.stdout
    assert place.config.read_text() == before

    done = place.record("--format", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["changed"]) == (0, True), done.stderr
    assert [(each["changed"], each["status"]) for each in report["configs"]] == [(True, "valid")]
    today = datetime.now(UTC).astimezone().date()
    assert (place.noted["id"], place.noted["installed"]) == (second.token_id, today)
    assert "# in the vault" in place.config.read_text()
    assert "# noted" in place.config.read_text()

    after = place.config.read_bytes(), place.config.stat().st_mtime_ns
    again = place.record()
    assert (again.returncode, again.stdout.split()[:2]) == (0, ["OK", "unchanged"])
    assert (place.config.read_bytes(), place.config.stat().st_mtime_ns) == after
    assert home.run("validate", "--quiet", place.config).stdout == ""
    back = home.run("rollback", place.config)
    assert (back.returncode, "replaced in place" in " ".join(back.stdout.split())) == (1, True), back.stdout
    assert not sandbox.open_sessions


def test_the_date_of_an_unchanged_key_is_kept(home: Home, base_url: str, sandbox: Sandbox) -> None:
    place = Place(home, base_url, sandbox.world.single_company)
    assert place.record().returncode == 0
    assert str(place.noted["installed"]) == DATE
    assert place.noted["company_id"] == sandbox.world.single_company.company.id
    (remembered,) = remembered_configs(home.folder / ".local/state/tripletex-wizard")
    assert (remembered.path, remembered.said) == (str(place.config), "valid")


def test_a_key_of_another_company_or_a_dead_one_is_not_recorded(place: Place, sandbox: Sandbox) -> None:
    other = sandbox.world.add_key("Finale", sandbox.world.add_company("Noen andre AS"))
    before = place.config.read_text()
    for key, code in ((other, "TW408"), (sandbox.world.deleted, "TW402")):
        place.replace(key)
        done = place.record()
        assert (done.returncode, code in done.stdout) == (1, True), done.stdout
        assert place.config.read_text() == before


def test_a_key_is_recorded_with_a_warning_if_no_company_is_noted(
    home: Home, base_url: str, sandbox: Sandbox
) -> None:
    place = Place(home, base_url, sandbox.world.single_company)
    place.replace(sandbox.world.single_company_second)
    done = place.record()
    assert (done.returncode, "TW704" in done.stdout) == (0, True), done.stdout
    assert place.noted["id"] == sandbox.world.single_company_second.token_id


def test_a_key_that_cannot_be_tested_is_not_recorded(home: Home, place: Place, sandbox: Sandbox) -> None:
    place.replace(sandbox.world.single_company_second)
    before = place.config.read_text()
    home.variables.clear()
    done = place.record()
    assert (done.returncode, place.config.read_text()) == (3, before), done.stdout


def test_a_folder_is_recorded_with_one_log_on_for_each_key(
    home: Home, base_url: str, sandbox: Sandbox
) -> None:
    places = []
    for number in range(3):
        company = sandbox.world.add_company(f"Bedrift {number} AS")
        keys = [sandbox.world.add_key("Finale", company) for _ in range(2)]
        places.append(Place(home, base_url, keys[0], name=f"k{number}", company=company.id))
        places[-1].replace(keys[1])
    done = home.run("rotate", "--in-place", "--all", places[0].config.parent, "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [each["changed"] for each in json.loads(done.stdout)["configs"]] == [True] * 3


def test_the_hook_runs_after_a_key_is_recorded(home: Home, place: Place, sandbox: Sandbox) -> None:
    defaults = home.folder / "etc" / "tripletex-wizard" / "defaults.toml"
    defaults.parent.mkdir(parents=True)
    defaults.write_text('hook = ["sh", "-c", "echo $1 > told", "sh"]\n')
    assert place.record().returncode == 0
    assert not (home.folder / "told").exists()
    place.replace(sandbox.world.single_company_second)
    assert place.record().returncode == 0
    assert Path((home.folder / "told").read_text().strip()) == place.config


def test_flags_that_give_or_move_a_key_are_refused_with_in_place(place: Place) -> None:
    for flags in (("--finish",), ("--store", "file"), ("--employee-token-file", "-")):
        assert place.record(*flags).returncode == 2, flags


@pytest.fixture
def vault(home: Home) -> Path:
    """A vault whose two commands the site's defaults name; what it holds is in this folder."""
    folder = home.folder / "vault"
    home.guard.stores.add(folder)
    folder.mkdir()
    client = home.folder / "vault-client"
    client.write_text(VAULT)
    client.chmod(0o755)
    home.variables["VAULT"] = str(folder)
    site(
        home,
        f'store_command = ["{client}", "put", "tripletex-{{entry}}"]\n'
        f'read_command = ["{client}", "get", "tripletex-{{entry}}"]\n',
    )
    return folder


def site(home: Home, settings: str) -> None:
    path = home.folder / "etc" / "tripletex-wizard" / "defaults.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(settings)


def set_up(home: Home, base_url: str, key: DemoKey, *more: str) -> tuple[int, str]:
    done = home.run(
        *shlex.split("setup finale.toml --no-input --environment sandbox --setup single-company"),
        *("--base-url", base_url, "--employee-token-file", "-", *more),
        text=key.employee_token,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_vault_gets_the_key_and_the_config_refers_to_it(
    home: Home, base_url: str, sandbox: Sandbox, vault: Path
) -> None:
    key = sandbox.world.single_company
    code, told = set_up(home, base_url, key)
    assert code == 0, told
    entry = f"tripletex-sandbox-{key.token_id}"
    assert (vault / entry).read_text() == f"{key.employee_token}\n"
    config = tomllib.loads((home.folder / "finale.toml").read_text())
    assert config["credentials"]["employee_token"]["command"][1:] == ["get", entry]
    assert home.run("validate", "finale.toml").returncode == 0
    assert not list((home.folder / ".local").rglob("keys/**/*"))


def test_a_vault_that_refuses_loses_nothing(home: Home, base_url: str, sandbox: Sandbox, vault: Path) -> None:
    (vault / "broken").touch()
    code, told = set_up(home, base_url, sandbox.world.single_company, "-v")
    assert code == 4, told
    assert "vault-client: permission denied" in told
    assert sandbox.world.single_company.employee_token not in told
    assert not (home.folder / "finale.toml").exists()


def test_one_of_two_commands_is_not_a_store(home: Home, base_url: str, sandbox: Sandbox) -> None:
    for settings, problem in (
        ('store_command = ["pass", "insert", "{entry}"]\n', "must both be set"),
        ('store = "command"\n', "“store_command” and “read_command” must be set"),
        ('store_command = ["put", "x"]\nread_command = ["get", "{entry}"]\n', "{entry}"),
        ('key_folder = "keys"\n', "absolute path"),
    ):
        site(home, settings)
        code, told = set_up(home, base_url, sandbox.world.single_company)
        assert code in {2, 4}, told
        assert problem in told


def test_the_site_says_which_folder_holds_the_key_files(home: Home, base_url: str, sandbox: Sandbox) -> None:
    folder = home.folder / "srv" / "keys"
    home.guard.stores.add(folder)
    site(home, f'store = "file"\nkey_folder = "{folder}"\n')
    key = sandbox.world.single_company
    code, told = set_up(home, base_url, key)
    assert code == 0, told
    assert (folder / "sandbox" / str(key.token_id)).read_text() == f"{key.employee_token}\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act in another user's folder")
def test_root_leaves_no_key_that_the_owner_of_the_folder_cannot_read(
    home: Home, base_url: str, sandbox: Sandbox
) -> None:
    folder = home.folder / "keys"
    folder.mkdir(mode=0o700)
    os.chown(folder, 1, 1)
    site(home, f'store = "file"\nkey_folder = "{folder}"\n')
    code, told = set_up(home, base_url, sandbox.world.single_company)
    assert code in {2, 4}, told
    assert "sudo -u daemon" in told
    assert not list(folder.iterdir())
