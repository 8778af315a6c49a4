"""Where keys are kept: files, a keyring, a vault of the site, and keys that were replaced in place."""

import os
import shlex
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.secrets.test_commands import VAULT
from tests.support.home import WIZARD, Done, Home, key_in, reference_in
from tests.support.sandbox import DemoKey
from wizard.walk.journal import remembered_configs


def put_key(home: Home, name: str, key: DemoKey) -> Path:
    return home.write(name, f"{key.employee_token}\n")


def test_a_key_file_next_to_the_config_stays_there_and_relative(home: Home) -> None:
    old, new = home.world.single_company, home.world.single_company_second
    home.site('store = "keyring"\n')  # a setting of the site for new keys does not move old ones
    config = home.config("finale/kunde.toml", old, 'file = "kunde.key"')
    key_file = put_key(home, "finale/kunde.key", old)
    home.guard.stores.add(config.parent)
    report = home.rotate(config, "--format", "json", key=new, code=0).report
    assert [(each["path"], each["changed"], each["status"]) for each in report["configs"]] == [
        (str(config), True, "valid")
    ]
    assert reference_in(config) == {"file": f"{new.token_id}.key"}
    assert key_in(config)["previous"] == {"file": "kunde.key"}
    assert key_in(config)["company_id"] == new.company.id
    assert key_file.read_text() == f"{old.employee_token}\n"
    home.run("validate", config, code=0)
    home.world.delete_key(old)
    # The wizard did not create the old file, so it does not delete it.
    assert "TW336" in home.run("rotate", "--finish", config, code=0).said
    assert key_file.exists()


def test_an_empty_key_file_is_not_said_to_be_pasted(home: Home) -> None:
    command = ("setup", "finale.toml", "--no-input", "--setup", "single-company", *home.flags)
    refused = home.run(*command, "--store", "file", "--employee-token-file", "-", "--lang", "en", text="\n")
    assert (refused.code, "TW301" in refused.said) == (1, True), refused.said
    assert "save it in the file" in refused.said
    assert "paste" not in refused.said


@pytest.fixture
def vault(home: Home) -> Path:
    """A vault whose two commands the site's defaults name; what it holds is in this folder."""
    folder = home.folder / "vault"
    home.guard.stores.add(folder)
    folder.mkdir()
    client = home.write("vault-client", VAULT, 0o755)
    home.variables["VAULT"] = str(folder)
    home.site(
        f'store_command = ["{client}", "put", "tripletex-{{entry}}"]\n'
        f'read_command = ["{client}", "get", "tripletex-{{entry}}"]\n'
    )
    return folder


def set_up(home: Home, *more: str) -> Done:
    """Run a set-up that leaves to the site where the key is stored."""
    words = ["setup", "finale.toml", "--no-input", "--setup", "single-company", *home.flags]
    text = home.world.single_company.employee_token
    return home.run(*words, "--employee-token-file", "-", *more, text=text)


def test_a_key_that_cannot_be_read_back_is_said_to_be_in_the_vault_perhaps(home: Home, vault: Path) -> None:
    entry = f"tripletex-sandbox-{home.world.single_company.token_id}"
    client = home.folder / "vault-client"
    read = "[ -e $VAULT/$2 ] && exit 3\n"
    client.write_text(client.read_text().replace("get)", f"get) {read}"))
    refused = set_up(home, "--lang", "en")
    assert (refused.code, "TW514" in refused.said) == (4, True)
    assert (vault / entry).exists()
    said = " ".join(refused.said.split())
    assert f"The key may be in command:{client} ({entry.removeprefix('tripletex-')}) all the same." in said, (
        said
    )


def test_a_vault_gets_every_key_under_its_own_name(home: Home, vault: Path) -> None:
    old, new = home.world.single_company, home.world.single_company_second
    assert set_up(home).code == 0
    config = home.folder / "finale.toml"
    home.run("validate", config, code=0)
    home.rotate(config, key=new, code=0)
    entries = {key: f"tripletex-sandbox-{key.token_id}" for key in (old, new)}
    for key, entry in entries.items():
        assert (vault / entry).read_text() == f"{key.employee_token}\n"
    assert reference_in(config)["command"][1:] == ["get", entries[new]]
    assert key_in(config)["previous"]["command"][1:] == ["get", entries[old]]
    home.world.delete_key(old)
    said = home.run("rotate", "--finish", config, code=0).said
    assert f"sandbox-{old.token_id}" in said, "the entry that the site must delete itself"
    assert (vault / entries[old]).exists()
    assert not home.keys


def test_another_key_in_the_vault_is_left_alone(home: Home, vault: Path) -> None:
    entry = vault / f"tripletex-sandbox-{home.world.single_company.token_id}"
    entry.write_text(home.world.single_company_second.employee_token)
    assert "TW330" in set_up(home).said
    assert [each.name for each in vault.iterdir()] == [entry.name]
    assert entry.read_text() == home.world.single_company_second.employee_token
    assert not (home.folder / "finale.toml").exists()


def test_answers_of_a_set_up_with_a_vault_can_be_replayed(home: Home, vault: Path) -> None:
    config = home.folder / "finale.toml"
    assert set_up(home, "--save-answers", "answers.toml").code == 0
    before = config.read_text()
    config.unlink()
    home.run("setup", config, "--answers", "answers.toml", "--no-input", code=0)
    assert config.read_text() == before
    # No other store is used instead.
    home.site("")
    config.unlink()
    refused = home.run("setup", config, "--answers", "answers.toml", "--no-input", code=2)
    assert "store_command" in refused.err
    assert not config.exists()


def test_a_vault_that_refuses_loses_nothing(home: Home, vault: Path) -> None:
    (vault / "broken").touch()
    done = set_up(home, "-v")
    assert (done.code, "vault-client: permission denied" in done.said) == (4, True), done
    assert not (home.folder / "finale.toml").exists()


def test_a_key_kept_elsewhere_is_not_moved_unasked(home: Home) -> None:
    old, new = home.world.single_company, home.world.single_company_second
    key_file = put_key(home, "elsewhere/key", old)
    home.variables["MY_KEY"] = old.employee_token
    home.site('store = "file"\n')
    for reference in (f'command = ["cat", "{key_file}"]', 'env = "MY_KEY"'):
        config = home.config(key=old, reference=reference)
        before = config.read_text()
        done = home.rotate(config, key=new, code=2)
        assert config.read_text() == before
        assert f"tripletex-wizard rotate --in-place {config}" in done.err
        assert "--store" in done.err
        assert not home.keys
    home.rotate(config, "--store", "file", key=new, code=0)
    assert key_in(config)["previous"] == {"env": "MY_KEY"}


ENTRIES = (
    "import keyring; print(*(name for name in ({names}) "
    "if keyring.get_password('tripletex-wizard', f'sandbox/{{name}}')))"
)


@pytest.mark.system
def test_a_key_in_a_keyring_is_rotated_put_back_and_dropped(
    home: Home, system_program: Callable[[str], str]
) -> None:
    old, new = home.world.single_company, home.world.single_company_second
    config = home.folder / "finale.toml"
    wizard = shlex.join(WIZARD)
    pasted = {
        key: f"--employee-token-file {put_key(home, f'{key.token_id}.key', key)} --no-input"
        for key in (old, new)
    }
    list_entries = f'{sys.executable} -c "{ENTRIES.format(names=f"{old.token_id}, {new.token_id}")}"'
    flags = shlex.join(home.flags)
    commands = [
        "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null",
        f"{wizard} setup {config} {flags} --setup single-company --store keyring {pasted[old]}",
        f"{wizard} rotate {config} {pasted[new]}",
        f"cp {config} {home.folder}/rotated",
        f"{wizard} rollback {config}",
        f"cp {config} {home.folder}/back",
        f"{wizard} rollback {config}",
        # The old key is alive, so it is dropped only by its number.
        f"if {wizard} rotate --finish {config}; then exit 9; fi",
        f"{wizard} rotate --finish {config} --force {old.token_id}",
        list_entries,
    ]
    script = home.write("commands", "\n".join(commands))
    done = home.shell(f"exec {system_program('dbus-run-session')} -- bash -e {script}", code=0)
    assert done.out.split()[-1] == str(new.token_id)

    def said(name: str) -> tuple[object, object]:
        path = home.folder / name
        return reference_in(path), key_in(path).get("previous")

    before, after = {"keyring": f"sandbox/{old.token_id}"}, {"keyring": f"sandbox/{new.token_id}"}
    assert said("rotated") == (after, before)
    assert said("back") == (before, after)
    assert said("finale.toml") == (after, None)


DATE = "2026-01-02"


class Place:
    """A config whose key is in a file of the operator's own, where it can be replaced."""

    def __init__(self, home: Home, name: str, key: DemoKey, company: int = 0) -> None:
        self.home = home
        self.key_file = f"etc-finale/{name}.key"
        self.replace(key)
        self.config = home.config(f"etc-finale/{name}.toml", key, f'file = "{name}.key"')
        noted = f"company_id = {company}  # noted\n" if company else ""
        installed = f"installed = {datetime.now(UTC).date()}\n"
        self.config.write_text(
            self.config.read_text().replace(installed, f"installed = {DATE}  # by hand\n{noted}")
        )

    def replace(self, key: DemoKey) -> None:
        put_key(self.home, self.key_file, key)

    def record(self, *more: str, code: int) -> Done:
        return self.home.run("rotate", "--in-place", self.config, *more, code=code)


@pytest.fixture
def place(home: Home) -> Place:
    key = home.world.single_company
    return Place(home, "kunde", key, key.company.id)


def test_a_replaced_key_is_proven_and_recorded_once(home: Home, place: Place) -> None:
    second = home.world.single_company_second
    place.replace(second)
    before = place.config.read_text()
    noticed = home.run("validate", "--quiet", place.config, code=0)
    assert "TW218" in noticed.out
    assert f"tripletex-wizard rotate --in-place {place.config}" in noticed.out
    assert f"+id = {second.token_id}" in place.record("--dry-run", code=0).out
    assert place.config.read_text() == before

    report = place.record("--format", "json", code=0).report
    assert [(each["changed"], each["status"]) for each in report["configs"]] == [(True, "valid")]
    today = datetime.now(UTC).astimezone().date()
    assert (key_in(place.config)["id"], key_in(place.config)["installed"]) == (second.token_id, today)
    assert "# by hand" in place.config.read_text()
    assert "# noted" in place.config.read_text()

    after = place.config.read_bytes(), place.config.stat().st_mtime_ns
    assert place.record(code=0).out.split()[:2] == ["OK", "unchanged"]
    assert (place.config.read_bytes(), place.config.stat().st_mtime_ns) == after
    assert home.run("validate", "--quiet", place.config).out == ""
    assert "replaced in place" in home.run("rollback", place.config, code=1).said


def test_the_date_of_an_unchanged_key_is_kept(home: Home) -> None:
    place = Place(home, "kunde", home.world.single_company)
    place.record(code=0)
    assert str(key_in(place.config)["installed"]) == DATE
    assert key_in(place.config)["company_id"] == home.world.single_company.company.id
    (remembered,) = remembered_configs(home.state)
    assert (remembered.path, remembered.said) == (str(place.config), "valid")


def test_a_key_that_is_not_proven_to_be_the_companys_is_not_recorded(home: Home, place: Place) -> None:
    other = home.world.add_key("Finale", home.world.add_company("Noen andre AS"))
    before = place.config.read_text()
    for key, code in ((other, "TW408"), (home.world.deleted, "TW402")):
        place.replace(key)
        refused = place.record(code=1).out
        assert code in refused
        if key is other:
            assert f"company no. {other.company.id}" in refused
    place.replace(home.world.single_company_second)
    home.variables.clear()
    place.record(code=3)
    assert place.config.read_text() == before


def test_a_key_is_recorded_with_a_warning_if_no_company_is_noted(home: Home) -> None:
    place = Place(home, "kunde", home.world.single_company)
    place.replace(home.world.single_company_second)
    assert "TW704" in place.record(code=0).out
    assert key_in(place.config)["id"] == home.world.single_company_second.token_id


def test_a_folder_is_recorded_and_the_hook_runs_for_what_has_changed(home: Home) -> None:
    home.site('hook = ["sh", "-c", "echo $* > told", "sh"]\n')
    places = []
    for number in range(3):
        company = home.world.add_company(f"Bedrift {number} AS")
        keys = [home.world.add_key("Finale", company) for _ in range(2)]
        places.append(Place(home, f"k{number}", keys[0], company.id))
        places[-1].replace(keys[1])
    words = ("rotate", "--in-place", "--all", places[0].config.parent, "--format", "json")
    assert [each["changed"] for each in home.run(*words, code=0).report["configs"]] == [True] * 3
    told = home.folder / "told"
    assert told.read_text().split() == [str(place.config) for place in places]
    told.unlink()
    home.run(*words, code=0)
    assert not told.exists()

    home.site('hook = ["false"]\n')
    places[-1].replace(home.world.add_key("Finale", company))
    report = home.run(*words, code=1).report
    assert [each["code"] for each in report["findings"]] == ["TW701"]
    assert [each["changed"] for each in report["configs"]] == [False, False, True]


def test_flags_that_give_or_move_a_key_are_refused_with_in_place(place: Place) -> None:
    for flags in (("--finish",), ("--store", "file"), ("--employee-token-file", "-")):
        place.record(*flags, code=2)


def test_the_site_says_which_folder_holds_the_key_files(home: Home) -> None:
    folder, key = home.folder / "srv" / "keys", home.world.single_company
    home.guard.stores.add(folder)
    home.site(f'store = "file"\nkey_folder = "{folder}"\n')
    done = set_up(home)
    assert done.code == 0, done
    assert (folder / "sandbox" / str(key.token_id)).read_text() == f"{key.employee_token}\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act in another user's folder")
def test_root_leaves_no_key_that_the_owner_of_the_folder_cannot_read(home: Home) -> None:
    folder = home.folder / "keys"
    folder.mkdir(mode=0o700)
    os.chown(folder, 1, 1)
    home.site(f'store = "file"\nkey_folder = "{folder}"\n')
    done = set_up(home)
    assert (done.code in {2, 4}, "sudo -u daemon" in done.said) == (True, True), done
    assert not list(folder.iterdir())
