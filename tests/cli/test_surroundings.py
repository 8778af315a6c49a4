"""Machines on which something is missing that most have: a home, a working folder, room for processes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_setup import arguments
from tests.support.house import WIZARD, Home
from tests.support.sandbox import Sandbox
from tests.support.users import open_folder
from wizard.walk.journal import RememberedConfig, remember_configs

SAMPLES = Path(__file__).parents[2] / "config-samples"
NOBODY = 54321
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def run_as_nobody(
    *words: str | Path, below: tuple[str, ...] = (), **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the program as a user with no entry in the password file, and without HOME."""
    return subprocess.run(
        [*below, "setpriv", f"--reuid={NOBODY}", "--clear-groups", *WIZARD, *map(str, words)],
        env={
            "PATH": os.environ["PATH"],
            "TRIPLETEX_WIZARD_LANG": "en",
            "PYTHONPATH": str(SAMPLES.parent),
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
    )


@needs_root
def test_without_a_home_validate_works_and_setup_says_what_to_set(tmp_path: Path) -> None:
    for sample in SAMPLES.glob("*.toml"):
        done = run_as_nobody("validate", sample)
        assert done.returncode in {1, 3, 4}, (sample, done.stderr)
    setup: list[str | Path] = [
        "setup",
        tmp_path / "a.toml",
        "--no-input",
        "--setup",
        "single-company",
        "--store",
        "file",
    ]
    done = run_as_nobody(*setup, "--employee-token-file", "/dev/null")
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
        commands: list[list[str | Path]] = [
            ["validate", config],
            ["clients", config],
            ["doctor", config],
            ["rollback", config],
            ["rotate", config, "--no-input", "--employee-token-file", SAMPLES / "single-company.toml"],
        ]
        for words in commands:
            done = run_as_nobody(*words, HOME=str(home))
            if done.returncode != 4 or "permission denied" not in done.stdout:
                wrong.append((words[0], done.returncode, done.stdout + done.stderr))
        assert wrong == []
        done = run_as_nobody("validate", "--lang", "en", SAMPLES / "single-company.toml", HOME=str(home))
        assert "permission denied" not in done.stderr, "a config that nobody has named"


def test_absolute_paths_work_in_a_deleted_folder(home: Home, sandbox: Sandbox, base_url: str) -> None:
    config, world = home.folder / "finale.toml", sandbox.world
    for words, text in (
        (
            arguments(base_url, config, "--setup", "single-company"),
            world.single_company.employee_token,
        ),
        (["validate", config], ""),
        (
            ["rotate", config, "--no-input", "--employee-token-file", "-"],
            world.single_company_second.employee_token,
        ),
        (["rollback", config], ""),
        (["demo"], ""),
    ):
        command = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
        done = subprocess.run(
            ["/bin/sh", "-c", command, "sh", *WIZARD, *map(str, words)],
            env={**home.environment, "PYTHONPATH": str(SAMPLES.parent)},
            cwd=home.folder,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (words, done.stderr)


def test_a_name_that_cannot_be_used_is_a_usage_error(home: Home) -> None:
    long = "x" * 300 + ".toml"
    setup = ["--no-input", "--setup", "single-company", "--store", "file", "--employee-token-file"]
    key = home.folder / "key"
    key.write_text("x")
    wrong = []
    for words in (
        ["validate", long],
        ["validate", "~nosuchuser/a.toml"],
        ["setup", long, *setup, key],
        ["setup", "~nosuchuser/a.toml", *setup, long],
        ["setup", "a.toml", *setup, key, "--answers", long],
        ["rotate", long],
        ["rollback", long],
        ["clients", long],
        ["clients", SAMPLES / "bureau-client.toml", "--expect", long],
        ["rotate", "--all", long],
        ["rotate", "--all", "~nosuchuser"],
    ):
        done = home.run(*words)
        if done.returncode != 2 or "bug" in done.stderr or not done.stderr.strip():
            wrong.append((words, done.returncode, done.stderr))
    assert wrong == []


def test_an_unknown_home_is_a_usage_error_and_creates_no_folder(home: Home) -> None:
    """Bash passes ``~nobody/x`` on unchanged, and a folder of that name was once created."""
    key = home.folder / "key"
    key.write_text("x")
    setup = ["--no-input", "--setup", "single-company", "--store", "file", "--employee-token-file", key]
    defaults = home.folder / ".config/tripletex-wizard/defaults.toml"
    defaults.parent.mkdir(parents=True)
    (home.folder / "a.toml").write_text("")
    before = sorted(home.folder.iterdir())
    wrong = []
    for settings, words in (
        ("", ["setup", "~nosuchuser/a.toml", *setup]),
        ("", ["setup", "~nosuchuser", *setup]),
        ("", ["setup", "b.toml", *setup, "--save-answers", "~nosuchuser/answers.toml"]),
        ("", ["setup", "b.toml", *setup, "--answers", "~nosuchuser/answers.toml"]),
        ("", ["demo", "--folder", "~nosuchuser/demo"]),
        ("", ["doctor", "~nosuchuser/a.toml"]),
        ("", ["validate", "--lang", "en", "~nosuchuser/a.toml"]),
        ("", ["clients", "~nosuchuser/a.toml"]),
        ('folder = "~nosuchuser/finale"\n', ["setup", "b.toml", *setup]),
    ):
        defaults.write_text(settings)
        done = home.run(*words)
        told = "~nosuchuser" in done.stderr and "no user with that name" in done.stderr
        if done.returncode != 2 or not told or sorted(home.folder.iterdir()) != before:
            wrong.append((settings, words, done.returncode, done.stderr))
    assert wrong == []


def test_a_home_that_no_shell_has_expanded_is_found(home: Home) -> None:
    shutil.copy(SAMPLES / "bureau-client.toml", home.folder / "a.toml")
    (home.folder / "key").write_text("x")
    (home.folder / "answers.toml").write_text('setup = "single-company"\n')
    wrong = []
    for words, said in (
        (["validate", "--offline", "~/a.toml"], str(home.folder / "a.toml")),
        (["clients", "~/a.toml", "--expect", "~/key"], str(home.folder / "key")),
        (["rotate", "--all", "~/none"], str(home.folder / "none")),
        (["rollback", "~/none"], str(home.folder / "none")),
        (["doctor", "~/none"], str(home.folder / "none")),
        (["setup", "~/b.toml", "--answers", "~/answers.toml", "--no-input"], "--employee-token-file"),
    ):
        done = home.run(*words)
        if said not in done.stdout + done.stderr or "~" in done.stderr:
            wrong.append((words, done.returncode, done.stdout, done.stderr))
    assert wrong == []


def test_a_file_in_place_of_a_configs_folder_is_a_usage_error(home: Home) -> None:
    (home.folder / "one.toml").write_text("")
    (home.folder / "key").write_text("x")
    setup = ["--no-input", "--setup", "single-company", "--store", "file", "--employee-token-file", "key"]
    wrong = []
    for target in ("one.toml/x.toml", "one.toml/deeper/x.toml"):
        done = home.run("setup", target, *setup)
        if done.returncode != 2 or f"{target} cannot be written" not in done.stderr:
            wrong.append((target, done.returncode, done.stderr))
    assert wrong == []


def test_a_config_is_never_written_in_place_of_a_device(home: Home, base_url: str) -> None:
    """The advice was once to take the right to write to /dev/null away from others."""
    (home.folder / "key").write_text("x")
    os.mkfifo(home.folder / "fifo.toml")
    setup = ["--no-input", "--setup", "single-company", "--store", "file", "--employee-token-file", "key"]
    where = ["--environment", "sandbox", "--base-url", base_url, "--overwrite"]
    for target in ("/dev/null", "fifo.toml"):
        done = home.run("setup", target, *setup, *where)
        assert (done.returncode, "it is not a regular file" in done.stderr) == (2, True), done.stderr


def test_folders_can_be_nested_as_deep_as_the_system_allows(home: Home) -> None:
    deep = home.folder / "top"
    deep.mkdir()
    (deep / "a.toml").write_text("schema_version = 1\n")
    make = "for each in $(seq 1100); do mkdir d && cd d || exit 1; done"
    subprocess.run(["/bin/sh", "-c", make], cwd=deep, check=True)
    try:
        done = home.run("validate", "--offline", deep)
    finally:
        subprocess.run(["rm", "-rf", deep], check=True)  # pytest cannot remove it
    assert done.returncode == 1
    assert "bug" not in done.stderr


def test_a_limit_of_the_machine_is_not_reported_as_a_bug(home: Home) -> None:
    told: dict[str, set[int]] = {}
    wrong = []
    for command in (["validate", SAMPLES / "sandbox.toml"], ["doctor"], ["demo"]):
        for most in (*range(5, 10), 16):
            done = subprocess.run(
                ["/bin/sh", "-c", f'ulimit -n {most}; exec "$@"', "sh", *WIZARD, *command],
                env=home.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            said = done.stdout + done.stderr
            if "too many files are open" in said.lower():
                told.setdefault(str(command[0]), set()).add(done.returncode)
            if any(word in said for word in ("bug", "never awaited", "Traceback")):
                wrong.append((command, most, said))
    assert wrong == []
    assert told == {key: {4} for key in ("validate", "doctor", "demo")}


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


def test_the_reason_for_a_failed_write_is_in_the_chosen_language(
    home: Home, sandbox: Sandbox, base_url: str
) -> None:
    (home.folder / "kunde.toml").touch()
    key = home.folder / "key"
    key.write_text(sandbox.world.single_company.employee_token)
    words = ["setup", "kunde.toml/x.toml", "--no-input", "--setup", "single-company", "--store", "file"]
    where = ["--environment", "sandbox", "--base-url", base_url]
    done = home.run("--lang", "nb", *words, *where, "--employee-token-file", key)
    assert "kunde.toml/x.toml kan ikke skrives: stien over den er ikke en mappe." in done.stderr


def test_what_is_wrong_with_a_file_is_told_in_norwegian(home: Home) -> None:
    """Neither the messages of the system nor those of the TOML library are."""
    defaults = home.folder / ".config/tripletex-wizard/defaults.toml"
    defaults.parent.mkdir(parents=True)
    config = home.folder / "a.toml"
    shutil.copy(SAMPLES / "single-company.toml", config)
    wrong = []
    for text, told in (
        ("x = [1\n", "den er ikke gyldig TOML (linje 1): en avsluttende hakeparentes mangler"),
        ("language = nb\n", "en verdi mangler, eller en tekst står ikke i anførselstegn"),
        ('language = "de"\n', "«language» må være en av nb, en"),
        ('sprak = "nb"\n', "ukjent innstilling «sprak»; kjente: application"),
        ('consumer_token = "x"\n', "«consumer_token» må ha nøyaktig én av keyring, file, env og command"),
        ('key_folder = "keys"\n', "«key_folder» må være en absolutt sti"),
        ('store = "command"\n', "må være satt"),
    ):
        defaults.write_text(text)
        done = home.run("--lang", "nb", "validate", "--offline", config)
        if done.returncode != 2 or told not in done.stderr:
            wrong.append((text, done.returncode, done.stderr))
    defaults.unlink()
    for text, told in (
        ('x = "a\n', "et anførselstegn mangler"),
        ("a = 1\na = 2\n", "et navn er brukt to ganger"),
        ("a\n", "«=» mangler"),
        ("a = 1 b = 2\n", "det står mer enn én innstilling på linjen"),
        ('a = "C:\\x"\n', "en omvendt skråstrek i en tekst må skrives to ganger"),
    ):
        config.write_text(text)
        done = home.run("--lang", "nb", "validate", "--offline", config)
        if done.returncode != 1 or told not in " ".join(done.stdout.split()):
            wrong.append((text, done.returncode, done.stdout))
    assert wrong == []


def test_a_signal_that_the_parent_ignores_stays_ignored(home: Home, sandbox: Sandbox, base_url: str) -> None:
    config = home.folder / "finale.toml"
    words = arguments(base_url, config, "--setup", "single-company")
    assert home.run(*words, text=sandbox.world.single_company.employee_token).returncode == 0
    sandbox.latency = 0.5
    begun = 'trap "" HUP; "$@" & sleep 1; kill -HUP $!; wait $!'
    done = subprocess.run(
        ["/bin/sh", "-c", begun, "sh", *WIZARD, "validate", str(config)],
        env=home.environment,
        cwd=home.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@needs_root
def test_a_limit_of_processes_is_not_reported_as_a_bug() -> None:
    done = run_as_nobody("validate", SAMPLES / "single-company.toml", below=("prlimit", "--nproc=1:1"))
    assert (done.returncode, "ulimit -u" in done.stderr) == (4, True), done.stderr
