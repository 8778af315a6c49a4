"""Machines on which something is missing that most have: a home, a working folder, room for processes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.home import ROOT, SAMPLES, STDIN, WIZARD, Home
from tests.support.users import needs_root, open_folder
from wizard.walk.journal import RememberedConfig, remember_configs

NOBODY = 54321


def run_as_nobody(
    *words: str | Path, below: tuple[str, ...] = (), **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the program as a user with no entry in the password file, and without HOME."""
    return subprocess.run(
        [*below, "setpriv", f"--reuid={NOBODY}", "--clear-groups", *WIZARD, *map(str, words)],
        env={
            "PATH": os.environ["PATH"],
            "TRIPLETEX_WIZARD_LANG": "en",
            "PYTHONPATH": str(ROOT),
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
    )


@needs_root
def test_without_a_home_validate_works_and_setup_says_what_to_set(tmp_path: Path) -> None:
    done = run_as_nobody("validate", *SAMPLES.glob("*.toml"))
    assert done.returncode in {1, 3, 4}, done.stderr
    words = ("--no-input", "--setup", "single-company", "--store", "file")
    done = run_as_nobody("setup", tmp_path / "a.toml", *words, "--employee-token-file", "/dev/null")
    assert done.returncode == 2
    assert "Set HOME" in done.stderr
    assert "/dev/null" not in run_as_nobody("rollback", SAMPLES / "bureau-client.toml").stderr


@needs_root
def test_a_config_in_a_closed_folder_is_unknown_to_every_command(tmp_path: Path) -> None:
    config = tmp_path / "shut" / "a.toml"
    config.parent.mkdir(0o700)
    shutil.copy(SAMPLES / "single-company.toml", config)
    with open_folder() as home:
        os.chown(home, NOBODY, NOBODY)
        # An earlier run, when it could be read, has noted it.
        remember_configs(home / ".local/state/tripletex-wizard", [RememberedConfig(str(config))])
        subprocess.run(["chown", "-R", str(NOBODY), home], check=True)
        wrong = []
        new_key = ("--no-input", "--employee-token-file", SAMPLES / "single-company.toml")
        for command in ("validate", "clients", "doctor", "rollback", "rotate"):
            flags = new_key if command == "rotate" else ()
            done = run_as_nobody(command, config, *flags, HOME=str(home))
            if done.returncode != 4 or "permission denied" not in done.stdout:
                wrong.append((command, done.returncode, done.stdout + done.stderr))
        assert wrong == []
        done = run_as_nobody("validate", "--lang", "en", SAMPLES / "single-company.toml", HOME=str(home))
        assert "permission denied" not in done.stderr, "a config that nobody has named"


def test_absolute_paths_work_in_a_deleted_folder(home: Home) -> None:
    config, world = home.folder / "finale.toml", home.world
    gone = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    for words, text in (
        (home.setup(config, *STDIN), world.single_company.employee_token),
        (["validate", config], ""),
        (["rotate", config, "--no-input", *STDIN], world.single_company_second.employee_token),
        (["rollback", config], ""),
        (["demo"], ""),
    ):
        home.shell(gone, *words, text=text, code=0)


@pytest.fixture
def setup(home: Home) -> list[str | Path]:
    """Return flags for a set-up without questions."""
    words = ("--no-input", "--setup", "single-company", "--store", "file", "--employee-token-file")
    return [*words, home.write("key", "x")]


def test_a_name_that_cannot_be_used_is_a_usage_error(home: Home, setup: list[str | Path]) -> None:
    long = "x" * 300 + ".toml"
    home.write("one.toml")
    os.mkfifo(home.folder / "fifo.toml")
    wrong = []
    cases: list[tuple[list[str | Path], str]] = [
        (["validate", long], ""),
        (["validate", "~nosuchuser/a.toml"], "no user with that name"),
        (["setup", long, *setup], ""),
        (["setup", "a.toml", *setup[:-1], long], ""),
        (["setup", "a.toml", *setup, "--answers", long], ""),
        (["rotate", long], ""),
        (["rollback", long], ""),
        (["clients", long], ""),
        (["clients", SAMPLES / "bureau-client.toml", "--expect", long], ""),
        (["rotate", "--all", long], ""),
        (["rotate", "--all", "~nosuchuser"], ""),
        # A file is in place of the folder.
        (["setup", "one.toml/x.toml", *setup], "one.toml/x.toml cannot be written"),
        (["setup", "one.toml/deeper/x.toml", *setup], "one.toml/deeper/x.toml cannot be written"),
        # A device is never replaced. The advice was once to take the right to write to /dev/null from others.
        (["setup", "/dev/null", *setup, *home.flags, "--overwrite"], "it is not a regular file"),
        (["setup", "fifo.toml", *setup, *home.flags, "--overwrite"], "it is not a regular file"),
    ]
    for words, told in cases:
        done = home.run(*words)
        if done.code != 2 or "bug" in done.err or not done.err.strip() or told not in done.err:
            wrong.append((words, done))
    assert wrong == []


def test_an_unknown_home_is_a_usage_error_and_creates_no_folder(home: Home, setup: list[str | Path]) -> None:
    """Bash passes ``~nobody/x`` on unchanged, and a folder of that name was once created."""
    home.write(home.defaults)
    home.write("a.toml")
    before = sorted(home.folder.iterdir())
    wrong = []
    cases: list[tuple[str, list[str | Path]]] = [
        ("", ["setup", "~nosuchuser/a.toml", *setup]),
        ("", ["setup", "~nosuchuser", *setup]),
        ("", ["setup", "b.toml", *setup, "--save-answers", "~nosuchuser/answers.toml"]),
        ("", ["setup", "b.toml", *setup, "--answers", "~nosuchuser/answers.toml"]),
        ("", ["demo", "--folder", "~nosuchuser/demo"]),
        ("", ["doctor", "~nosuchuser/a.toml"]),
        ("", ["setup", "b.toml", *setup[:3], "--employee-token-ref", "file:~nosuchuser/key"]),
        ("", ["validate", "--lang", "en", "~nosuchuser/a.toml"]),
        ("", ["clients", "~nosuchuser/a.toml"]),
        ('folder = "~nosuchuser/finale"\n', ["setup", "b.toml", *setup]),
    ]
    for settings, words in cases:
        home.defaults.write_text(settings)
        done = home.run(*words)
        told = "~nosuchuser" in done.err and "no user with that name" in done.err
        if done.code != 2 or not told or sorted(home.folder.iterdir()) != before:
            wrong.append((settings, words, done))
    assert wrong == []


def test_an_empty_path_is_a_usage_error_and_never_the_current_folder(
    home: Home, setup: list[str | Path]
) -> None:
    """A variable that is not set in a shell is passed on as an empty argument."""
    config = home.write("a.toml", (SAMPLES / "bureau-client.toml").read_text())
    before = sorted(home.folder.iterdir())
    wrong = []
    cases: list[list[str | Path]] = [
        ["setup", "", *setup],
        ["setup", "b.toml", *setup[:-1], ""],
        ["setup", "b.toml", *setup, "--answers", ""],
        ["setup", "b.toml", *setup, "--save-answers="],
        ["setup", "folder", *setup, "--org-numbers-file", ""],
        ["rotate", config, ""],
        ["rotate", "--all", ""],
        ["rollback", ""],
        ["rollback", "--all", ""],
        ["validate", "--offline", ""],
        ["validate", "--offline", config, ""],
        ["clients", ""],
        ["clients", config, "--expect", ""],
        ["demo", "--folder", ""],
        ["doctor", ""],
    ]
    for words in cases:
        done = home.run(*words)
        told = done.err.endswith(": the path is empty. Is a variable not set?\n")
        if done.code != 2 or done.out or not told or sorted(home.folder.iterdir()) != before:
            wrong.append((words, done))
    assert wrong == []


def test_a_home_that_no_shell_has_expanded_is_found(home: Home) -> None:
    home.write("a.toml", (SAMPLES / "bureau-client.toml").read_text())
    home.write("key", "x")
    home.write("answers.toml", 'setup = "single-company"\n')
    offline = ["setup", "b.toml", "--offline", "--no-input", "--setup", "single-company"]
    wrong = []
    for words, said in (
        (["validate", "--offline", "~/a.toml"], str(home.folder / "a.toml")),
        (["clients", "~/a.toml", "--expect", "~/key"], str(home.folder / "key")),
        (["rotate", "--all", "~/none"], str(home.folder / "none")),
        (["rollback", "~/none"], str(home.folder / "none")),
        (["doctor", "~/none"], str(home.folder / "none")),
        (["setup", "~/b.toml", "--answers", "~/answers.toml", "--no-input"], "--employee-token-file"),
        ([*offline, "--employee-token-ref", "file:~/none"], str(home.folder / "none")),
    ):
        done = home.run(*words)
        if said not in done.said or "~" in done.err:
            wrong.append((words, done))
    assert wrong == []


def test_folders_can_be_nested_as_deep_as_the_system_allows(home: Home) -> None:
    deep = home.write("top/a.toml", "schema_version = 1\n").parent
    make = "for each in $(seq 1100); do mkdir d && cd d || exit 1; done"
    subprocess.run(["/bin/sh", "-c", make], cwd=deep, check=True)
    try:
        done = home.run("validate", "--offline", deep, code=1)
    finally:
        subprocess.run(["rm", "-rf", deep], check=True)  # pytest cannot remove it
    assert "bug" not in done.err


def test_a_limit_of_the_machine_is_not_reported_as_a_bug(home: Home) -> None:
    home.variables["HTTPS_PROXY"] = "http://127.0.0.1:9"  # the doctor reaches nothing outside
    told: dict[str, set[int]] = {}
    wrong = []
    for command in (["validate", SAMPLES / "sandbox.toml"], ["doctor"], ["demo"]):
        for most in (*range(5, 10), 16):
            done = home.shell(f'ulimit -n {most}; exec "$@"', *command)
            if "too many files are open" in done.said.lower():
                told.setdefault(str(command[0]), set()).add(done.code)
            if any(word in done.said for word in ("bug", "never awaited", "Traceback")):
                wrong.append((command, most, done))
    assert wrong == []
    assert told.pop("doctor") <= {3, 4}, "some of its parts may be known"
    assert told == {"validate": {4}, "demo": {4}}


def test_a_limit_of_open_files_is_not_blamed_on_the_permissions(home: Home) -> None:
    read = (
        "import os, resource, sys; from pathlib import Path; from wizard.config.reading import read_config;"
        "from wizard.text import Texts; t = Texts('en'); path = Path(sys.argv[1]); read_config(path);"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (os.dup(0), 4096));"
        "[found] = read_config(path).findings; resource.setrlimit(resource.RLIMIT_NOFILE, (512, 4096));"
        "print(found.code.cause, found.message(t), found.hint(t))"
    )
    done = subprocess.run(
        [sys.executable, "-c", read, SAMPLES / "sandbox.toml"],
        env=home.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "too many files are open" in done.stdout, done.stderr
    assert done.stdout.startswith("machine ")
    assert "permissions" not in done.stdout
    assert "limit" in done.stdout.partition("ulimit -n")[2]


def test_a_signal_that_the_parent_ignores_stays_ignored(home: Home) -> None:
    config = home.config()
    home.sandbox.latency = 0.5
    home.shell('trap "" HUP; "$@" & sleep 1; kill -HUP $!; wait $!', "validate", config, code=0)


@needs_root
def test_a_limit_of_processes_is_not_reported_as_a_bug() -> None:
    done = run_as_nobody("validate", SAMPLES / "single-company.toml", below=("prlimit", "--nproc=1:1"))
    assert (done.returncode, "ulimit -u" in done.stderr) == (4, True), done.stderr
