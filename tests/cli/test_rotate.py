"""``rotate`` and ``rollback`` as operators run them: exit codes, files, and what is left behind."""

import os
import re
import shlex
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tests.support.home import STDIN, Home, key_in
from tests.support.rows import every_row
from tests.support.sandbox import DemoKey, Fault
from tests.support.waiting import wait_for
from wizard.files.locks import file_lock
from wizard.walk.journal import remembered_configs


def number_in(path: Path) -> int:
    number: int = key_in(path)["id"]
    return number


def test_a_rotation_a_rollback_and_a_finish(home: Home) -> None:
    old, new = home.world.single_company, home.world.single_company_second
    config = home.config()
    done = home.rotate(config, key=new, code=0)
    assert done.out.split() == ["OK", "changed", str(config)]
    assert f"key no. {old.token_id}" in done.err
    assert number_in(config) == new.token_id
    home.run("validate", config, code=0)
    after = config.read_bytes()
    assert home.rotate(config, key=new, code=0).out.split()[1:3] == ["already", "changed"]
    assert config.read_bytes() == after

    assert home.run("rollback", config, code=0).out.split() == ["OK", "changed", "back", str(config)]
    assert number_in(config) == old.token_id
    home.run("rollback", config, code=0)

    alive = home.run("rotate", "--finish", config, "--format", "json", code=1)
    assert alive.report["changed"] is False
    alive = home.run("rotate", "--finish", config, code=1)
    assert "TW709" in alive.out
    assert f"key no. {old.token_id}" in alive.out
    assert home.stored == {str(old.token_id), str(new.token_id)}
    home.run("rotate", "--finish", config, "--force", str(new.token_id), code=2)
    home.world.delete_key(old)
    for flags, is_left in ((("--dry-run",), True), ((), False)):
        ended = home.run("rotate", "--finish", config, "--format", "json", *flags, code=0)
        assert ended.report["changed"] is True
        assert ("previous" in key_in(config)) is is_left
        assert (str(old.token_id) in home.stored) is is_left
    home.run("rollback", config, code=1)


def test_a_key_in_a_place_of_the_users_own_is_named_and_forced_by_its_number(home: Home) -> None:
    old, new = home.world.single_company, home.world.single_company_second
    home.variables["OLD"] = old.employee_token
    config = home.config(reference='env = "OLD"')
    home.rotate(config, "--store", "file", key=new, code=0)
    alive = home.run("rotate", "--finish", config, code=1)
    assert f"key no. {old.token_id}" in alive.out
    home.run("rotate", "--finish", config, "--force", str(new.token_id), code=2)
    home.run("rotate", "--finish", config, "--force", str(old.token_id), code=0)
    assert "previous" not in key_in(config)


@every_row(
    ("former", "name", "told"),
    [
        ("single_company", "deleted", "TW402"),
        ("single_company", "single_company_without_rights", "TW404"),
        ("single_company", "without_balances", "TW428: .*reads less than the old one: .*balances"),
        ("office", "office_second", "TW414: .*lacks access to 3 clients"),
    ],
)
def test_a_refused_rotation_changes_nothing(home: Home, former: str, name: str, told: str) -> None:
    """Every reason for a refusal is in ``tests/rotation/test_changing.py``."""
    old: DemoKey = getattr(home.world, former)
    config = home.config(f"{name}/finale.toml", old)
    before, stored = config.read_bytes(), home.stored
    done = home.rotate(config, "--format", "json", key=getattr(home.world, name), code=1)
    assert re.search(told, done.said), done.err
    assert done.report["changed"] is False
    assert config.read_bytes() == before
    assert home.stored == stored
    assert not home.journals


def test_a_rotation_that_cannot_be_checked_changes_nothing(home: Home) -> None:
    config, new = home.config(), home.world.single_company_second
    before = config.read_bytes()
    home.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    home.rotate(config, key=new, code=3)
    home.sandbox.faults.clear()
    home.variables.clear()  # no consumer token
    home.rotate(config, key=new, code=3)
    assert config.read_bytes() == before
    assert home.stored == {str(home.world.single_company.token_id)}


def test_a_key_that_was_stored_before_is_kept(home: Home) -> None:
    config = home.config()
    home.config("elsewhere/other.toml", home.world.deleted)
    home.rotate(config, key=home.world.deleted, code=1)
    assert str(home.world.deleted.token_id) in home.stored


def test_a_dry_run_shows_the_change_and_writes_nothing(home: Home) -> None:
    config, new = home.config(), home.world.single_company_second
    before = {path: path.stat().st_mtime_ns for path in home.folder.rglob("*")}
    assert f"+id = {new.token_id}" in home.rotate(config, "--dry-run", key=new, code=0).out.splitlines()
    assert home.rotate(config, "--dry-run", "--format", "json", key=new, code=0).report["changed"] is True
    assert {path: path.stat().st_mtime_ns for path in home.folder.rglob("*")} == before


def test_a_dry_run_of_several_configs_shows_the_first_change_in_full(home: Home) -> None:
    new = home.world.single_company_second
    first, *others = [home.config(f"{name}.toml") for name in "abc"]
    done = home.rotate("--all", home.folder, "--dry-run", key=new, code=0)
    assert done.out.count(f"+id = {new.token_id}") == 1
    assert done.out.startswith(f"--- {first}\n")
    assert done.err.count("Nothing was written") == 1
    more = ["2 more configs change in the same way (-v shows how):", *(f"  {path}" for path in others)]
    assert done.out.splitlines()[-3:] == more
    assert home.rotate("--all", home.folder, "--dry-run", "-v", key=new).out.count("+id = ") == 3


def test_every_config_in_a_folder_with_the_same_key_is_rotated(home: Home) -> None:
    new = home.world.single_company_second
    shared = [home.config(f"all/{name}.toml") for name in "abc"]
    stranger = home.config("all/office.toml", home.world.office)
    home.rotate("--all", "all", key=new, code=2)
    done = home.rotate(shared[1], "--all", home.folder / "all", key=new, code=0)
    told = [line.split()[-1] for line in done.out.splitlines()]
    assert told == [str(path) for path in (shared[1], shared[0], shared[2])]
    assert [number_in(path) for path in shared] == [new.token_id] * 3
    assert number_in(stranger) == home.world.office.token_id


def test_a_config_of_the_folder_that_cannot_be_read_is_named(home: Home) -> None:
    """It may use the key that is about to be deleted."""
    path = home.config("all/a.toml")
    os.mkfifo(path.with_name("b.toml"))
    path.with_name("c.toml").write_text("\n")
    done = home.rotate("--all", path.parent, key=home.world.single_company_second, code=4)
    assert f"{path.with_name('b.toml')}\n  could not be checked TW110" in done.out
    assert "c.toml" not in done.out
    assert number_in(path) == home.world.single_company_second.token_id


def test_a_run_that_was_interrupted_is_finished_without_the_key(home: Home) -> None:
    """The second of three cannot be written; afterwards it can."""
    old, new = home.world.single_company, home.world.single_company_second
    paths = [home.config(f"{name}/finale.toml") for name in "abc"]
    with file_lock(paths[1]):
        first = home.rotate(*paths, key=new, code=4)
        assert "TW523" in home.run("rollback", paths[1], code=4).out
    assert re.search(r"TW523.*pid", first.said), "who holds it"
    assert "not checked" in first.out
    assert [number_in(path) for path in paths] == [new.token_id, old.token_id, new.token_id]
    # A lock that nobody holds any more is ignored.
    home.write("b/.finale.toml.lock", '{"pid": 1, "host": "elsewhere", "since": "2026-01-01"}')
    second = home.rotate(*paths, code=0)
    assert [line.split()[1] for line in second.out.splitlines()] == ["already", "changed", "already"]
    assert [number_in(path) for path in paths] == [new.token_id] * 3


def test_more_configs_than_files_may_be_open(home: Home) -> None:
    new = home.world.single_company_second
    paths = [home.config(f"all/{number:02}.toml") for number in range(60)]
    words = ("rotate", "--all", "all", "--no-input", *STDIN)
    home.shell('ulimit -n 50; exec "$@"', *words, text=new.employee_token, code=0)
    assert {number_in(path) for path in paths} == {new.token_id}
    assert not [path for path in (home.folder / "all").iterdir() if path.suffix != ".toml"]


@every_row(
    ("words", "said"),
    [
        ((), "--all"),
        (("missing.toml",), "missing.toml"),
        (("folder",), "--all"),
        (("--all", "folder"), "There are no config files"),
        (("finale.toml", "--finish", "--store", "file"), "--finish"),
        (("finale.toml", "--store", "command"), "store_command"),
        (("finale.toml",), "--employee-token-file"),
    ],
)
def test_an_impossible_rotation_is_refused(home: Home, words: tuple[str, ...], said: str) -> None:
    home.config()
    (home.folder / "folder").mkdir(exist_ok=True)
    assert said in home.rotate(*words, code=2).err


def test_questions_need_a_terminal(home: Home) -> None:
    for flags in ((), ("--dry-run",)):
        home.run("rotate", home.config(), *flags, code=2)


def test_the_hook_of_the_site_gets_the_paths_and_no_token(home: Home) -> None:
    config = home.config()

    def hook(code: int) -> str:
        return f'hook = ["sh", "-c", "echo \\"$0 $TRIPLETEX_CONSUMER_TOKEN\\" > told; exit {code}"]\n'

    def told() -> str:
        return (home.folder / "told").read_text().strip()

    home.site(hook(9))
    done = home.rotate(config, key=home.world.single_company_second, code=1)
    assert re.search("TW701.*exit 9", done.said)
    assert told() == str(config)
    assert number_in(config) == home.world.single_company_second.token_id
    (home.folder / "told").unlink()
    home.site(hook(0))
    home.rotate(config, code=0)
    assert told() == str(config)
    (home.folder / "told").unlink()
    home.run("rollback", config, code=0)
    assert told() == str(config)


def test_the_old_key_can_be_proven_dead(home: Home) -> None:
    config, old = home.config(), home.world.single_company
    words = (config, "--prove-old-dead")
    alive = home.rotate(*words, key=home.world.single_company_second, code=0)
    assert "TW413" in alive.err
    assert str(old.token_id) in alive.err
    home.world.delete_key(old)
    dead = home.rotate(*words, key=home.world.single_company_second, code=0)
    assert "The old key is blocked." in dead.err


def test_a_signal_ends_a_rotation_cleanly(home: Home) -> None:
    config = home.config()
    before = config.read_bytes()
    home.sandbox.faults.append(Fault(path="/token/session/>whoAmI", after=1, times=None, trouble="hang"))
    key_file = home.write("new-key", home.world.single_company_second.employee_token)
    with home.running("rotate", config, "--no-input", "--employee-token-file", key_file) as process:
        wait_for(lambda: len(home.sandbox.requests) >= 6, "the question whose the new key is")
        process.terminate()
        assert process.wait(20) == 128 + 15
    assert config.read_bytes() == before
    assert home.stored == {str(home.world.single_company.token_id)}
    assert list(home.folder.glob(".*.lock")) == []


def test_an_ended_rotation_says_where_the_new_key_is_and_how_to_continue(home: Home) -> None:
    """Until a config refers to the key, it may be deleted in Tripletex. From then on, it must not be."""
    home.key_store.mkdir(mode=0o700, parents=True)
    entry = f"{home.key_store}/{{entry}}"
    home.site(
        f'store_command = ["sh", "-c", "cat > $0; touch put; ! test -e slow || sleep 60", "{entry}"]\n'
        f'read_command = ["sh", "-c", "cat $0; ! grep -q 84202 *.toml || sleep 60", "{entry}"]\n'
    )
    config, new = home.config(), home.world.single_company_second
    key_file = home.write("new-key", new.employee_token)
    command = ("rotate", config, "--no-input", "--store", "command", "--employee-token-file", key_file)

    def said_after(is_reached: Callable[[], bool]) -> str:
        with home.running(*command) as process:
            wait_for(is_reached, "the moment")
            process.terminate()
            assert process.wait(20) == 128 + 15
            return process.stderr.read() if process.stderr else ""

    home.write("slow")
    stored = said_after((home.folder / "put").exists)
    (home.folder / "slow").unlink()
    changed = said_after(lambda: "84202" in config.read_text())
    assert ("TW708" in stored, "84202" in stored, "to continue" in stored) == (True, True, True)
    assert ("TW708" in changed, "to continue" in changed) == (False, True)


def test_several_keys_in_a_folder_are_listed_as_commands_that_work(home: Home) -> None:
    folder, keys = home.folder / "many", []
    for number in range(2):
        company = home.world.add_company(f"Bedrift {number} AS")
        keys.append([home.world.add_key("Finale", company) for _ in range(2)])
        for copy in range(2):
            home.config(f"many/{number}-{copy}.toml", keys[number][0])
    home.run("rollback", code=2)
    home.run("rollback", "--all", folder, code=2)
    refused = home.rotate("--all", folder, key=keys[0][1], code=2)
    commands = re.findall(r"^  tripletex-wizard rotate (.*)$", refused.err, re.MULTILINE)
    assert len(commands) == 2
    for number, command in enumerate(commands):
        home.rotate(*shlex.split(command), key=keys[number][1], code=0)
        assert number_in(folder / f"{number}-1.toml") == keys[number][1].token_id

    several = home.run("rollback", "--all", folder, code=2)
    commands = re.findall(r"^  tripletex-wizard (rollback .*)$", several.err, re.MULTILINE)
    report = home.run(*shlex.split(commands[0]), "--format", "json", code=0).report
    assert (report["changed"], len(report["configs"])) == (True, 2)
    assert {number_in(folder / f"0-{copy}.toml") for copy in range(2)} == {keys[0][0].token_id}
    assert {number_in(folder / f"1-{copy}.toml") for copy in range(2)} == {keys[1][1].token_id}


def test_a_half_finished_rollback_of_given_configs_is_not_swapped_again(home: Home) -> None:
    old, new = home.world.single_company, home.world.single_company_second
    configs = [home.config(f"{name}.toml") for name in "abc"]
    home.rotate(*configs, key=new, code=0)
    home.run("rollback", configs[0], code=0)
    before = [config.read_bytes() for config in configs]
    refused = home.run("rollback", *configs, code=2)
    assert [config.read_bytes() for config in configs] == before
    commands = re.findall(r"^  tripletex-wizard (rollback .*)$", refused.err, re.MULTILINE)
    assert [shlex.split(command)[1:] for command in commands] == [
        [str(configs[0])],
        [str(config) for config in configs[1:]],
    ]
    home.run(*shlex.split(commands[1]), code=0)
    assert {number_in(config) for config in configs} == {old.token_id}
    home.run("rollback", *configs, code=0)
    assert {number_in(config) for config in configs} == {new.token_id}


def test_a_rollback_that_failed_is_finished_by_the_same_command(home: Home) -> None:
    old, new = home.world.single_company, home.world.single_company_second
    a, b = (home.config(f"all/{name}.toml") for name in "ab")
    home.config("all/stranger.toml", home.world.office)
    for words in ((a, b), ("--all", a.parent)):
        home.rotate(a, b, key=new, code=0)
        with file_lock(b):
            home.run("rollback", *words, code=4)
            home.run("rollback", *words, code=4)
        assert [number_in(path) for path in (a, b)] == [old.token_id, new.token_id]
        home.site('hook = ["sh", "-c", "echo \\"$@\\" > told; exit 9", "hook"]\n')
        done = home.run("rollback", *words, code=1)
        assert [line.split()[1:-1] for line in done.out.splitlines()] == [
            ["already", "changed", "back"],
            ["changed", "back"],
        ]
        home.site('hook = ["sh", "-c", "echo \\"$@\\" > told", "hook"]\n')
        done = home.run("rollback", *words, code=0)
        assert done.out.count("already changed back") == 2
        assert (home.folder / "told").read_text().split() == [str(a), str(b)]
        assert [number_in(path) for path in (a, b)] == [old.token_id] * 2

        home.run("rollback", *words, code=0)
        assert [number_in(path) for path in (a, b)] == [new.token_id] * 2
        home.run("rollback", *words, code=0)


def test_a_rotation_ends_a_rollback_that_failed(home: Home) -> None:
    """Otherwise the next rollback would take it for the same one, and change nothing."""
    old, new = home.world.single_company, home.world.single_company_second
    a, b = (home.config(f"{name}.toml") for name in "ab")
    home.rotate(a, b, key=new, code=0)
    with file_lock(b):
        home.run("rollback", a, b, code=4)
    home.rotate(b, key=old, code=0)
    home.run("rollback", a, b, code=0)
    assert [number_in(path) for path in (a, b)] == [new.token_id] * 2


def test_configs_that_were_rotated_or_checked_are_remembered(home: Home) -> None:
    """With whose they are, how they came out and when; a check that sees less forgets no name."""
    config, other = home.config(), home.config("office.toml", home.world.office)
    home.rotate(config, key=home.world.single_company_second, code=0)

    def noted() -> list[tuple[str, str, str]]:
        found = remembered_configs(home.state)
        assert all(datetime.fromisoformat(each.at).tzinfo for each in found)
        return [(each.path, each.about, each.said) for each in found]

    company = home.world.company.name
    assert noted() == [(str(config), company, "valid")]
    home.run("validate", config, "--offline", code=0)
    home.run("validate", other, config, code=0)
    assert noted() == [(str(other), "", "warning"), (str(config), company, "valid")]
    home.sandbox.faults.append(Fault(path="/token/session/:create", times=None, status=500))
    home.run("validate", config, code=3)
    assert noted() == [(str(config), company, "unknown"), (str(other), "", "warning")]
