"""Tab completion, as a shell that has loaded the script gives it."""

import shlex
import shutil
import subprocess

import pytest

from tests.support.house import Home
from wizard.cli.parser import COMMANDS

# What a shell does when Tab is pressed behind the last word.
PRESS_TAB = """
eval "$SCRIPT"
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
"$(complete -p tripletex-wizard | sed 's/.* -F \\([^ ]*\\) .*/\\1/')"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def script(home: Home) -> str:
    done = home.run("completion", "bash")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["val"], {"validate"}),
        (["ro"], {"rotate", "rollback"}),
        (["validate", "--form"], {"--format"}),
        (["validate", "--format", "j"], {"json", "junit"}),
        (["setup", "--setup", "bureau"], {"bureau-client", "bureau-shared"}),
        (["--lang", ""], {"nb", "en"}),
        (["setup", "--employee-token-f"], {"--employee-token-file"}),
    ],
)
def test_bash_completes_commands_flags_and_values(script: str, words: list[str], offered: set[str]) -> None:
    typed = shlex.join(["tripletex-wizard", *words])
    shell = subprocess.run(
        ["bash", "--norc", "-c", PRESS_TAB.format(words=typed)],
        env={"PATH": "/usr/bin:/bin", "SCRIPT": script},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert shell.stderr == ""
    assert set(shell.stdout.split()) == offered


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_the_scripts_for_zsh_and_fish_are_valid_and_complete(home: Home, name: str) -> None:
    done = home.run("completion", name)
    assert done.returncode == 0
    assert all(command in done.stdout for command, _ in COMMANDS)
    if shell := shutil.which(name):
        subprocess.run([shell, "-n"], input=done.stdout, text=True, timeout=30, check=True)
