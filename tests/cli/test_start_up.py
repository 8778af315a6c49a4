"""What a start imports, and the commands that need no config: completion and the demo."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib

import pytest

from tests.support.home import SAMPLES, Home
from tests.support.rows import every_row
from wizard.cli.commands.demo import COMPANY_WORDS, OFFICE_WORDS, REFUSED_WORDS
from wizard.cli.parser import COMMANDS, build_parser, parse
from wizard.text import Texts

FIRST_SCREEN = """
from pathlib import Path
from wizard.site import SiteDefaults
from wizard.context import AppContext
from wizard.cli.commands import menu, setup
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.text import Texts
from wizard.ui.tui.app import WizardApp

context = AppContext.of_this_machine(SiteDefaults())
walk = SetupWalk(context, Answers(), Texts("nb"), target=Path("kunde.toml"))
app = WizardApp(walk, "nb")
assert walk.page(Texts("nb")).step == "welcome"
"""
BEFORE_A_PASTE = """
import threading; from wizard.context import prepare_to_connect
assert 'httpx' not in sys.modules; prepare_to_connect()
[each.join() for each in threading.enumerate() if each is not threading.main_thread()]
"""
COMMAND = "from wizard.cli import main; main({words!r})"
# Each of these alone costs a good part of what --help may.
HEAVY = "asyncio dataclasses httpx inspect keyring locale shutil textual tomlkit typing"
LATER = (
    "httpx hashlib httpcore keyring stdnum tomlkit tree_sitter truststore zoneinfo "
    "wizard.config.draft wizard.tripletex.client wizard.checks.probe"
)


@every_row(
    ("code", "needed", "not_needed"),
    [
        (COMMAND.format(words=["--version"]), "wizard.cli", f"{HEAVY} enum re typing"),
        (COMMAND.format(words=["--help"]), "wizard.cli", HEAVY),
        (COMMAND.format(words=["validate", "--help"]), "wizard.cli", HEAVY),
        (
            COMMAND.format(words=["validate", "--offline", str(SAMPLES / "single-company.toml")]),
            "wizard.config.reading",
            "asyncio httpx keyring textual ssl tomlkit tree_sitter difflib",
        ),
        (FIRST_SCREEN, "textual.app", LATER),
        (BEFORE_A_PASTE, "httpx wizard.tripletex.client", ""),
        ("import wizard.tripletex.client", "httpx", "click pygments rich"),
    ],
    ids=["version", "help", "help of a command", "offline", "first screen", "before a paste", "client"],
)
def test_nothing_is_imported_that_is_not_needed(home: Home, code: str, needed: str, not_needed: str) -> None:
    def imported(code: str) -> set[str]:
        program = f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)"
        run = subprocess.run(
            [sys.executable, "-I", "-c", program],
            env=home.environment,
            cwd=home.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return set(run.stderr.split())

    by_itself = imported("")  # with the hooks of the tools that are installed here
    found = imported(code) - by_itself
    assert set(needed.split()) <= found
    assert not found & set(not_needed.split())


@every_row("name", [name for name, _ in COMMANDS])
def test_a_command_has_the_same_flags_if_it_is_built_alone(name: str) -> None:
    t = Texts("en")
    words = [name, "--help"]

    assert help_of(build_parser(t, words), name) == help_of(build_parser(t), name)


def help_of(parser: object, name: str) -> str:
    commands = next(action for action in parser._actions if action.dest == "command")  # type: ignore[attr-defined]
    return str(commands.choices[name].format_help())


def test_help_is_as_wide_as_the_terminal(home: Home) -> None:
    def help_at(columns: str) -> list[str]:
        home.variables["COLUMNS"] = columns
        return home.run("doctor", "--help").out.splitlines()

    assert max(map(len, help_at("60"))) <= 60
    assert len(help_at("60")) > len(help_at("80")) > len(help_at("200"))
    assert help_at("0") == help_at("x") == help_at("") == help_at("80")


def test_a_value_can_be_named_like_a_command() -> None:
    options = parse(["validate", "setup"], Texts("en"))

    assert not isinstance(options, int)
    assert (options.command, options.paths) == ("validate", ["setup"])


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
    return home.run("completion", "bash", code=0).out


@every_row(
    ("words", "offered"),
    [
        (["val"], {"validate"}),
        (["ro"], {"rotate", "rollback"}),
        (["validate", "--form"], {"--format"}),
        (["validate", "--format", "j"], {"json", "junit"}),
        (["setup", "--setup", "bureau"], {"bureau-client", "bureau-shared"}),
        (["--lang", ""], {"nb", "en"}),
        (["setup", "--employee-token-f"], {"--employee-token-file"}),
        (["setup", "--employee-token-file", "ku"], {"kunde.toml", "kunder"}),
        (["validate", "ku"], {"kunde.toml", "kunder"}),
        (["rotate", "--all", "kunder"], {"kunder"}),
    ],
)
def test_bash_completes_commands_flags_values_and_paths(
    home: Home, script: str, words: list[str], offered: set[str]
) -> None:
    home.write("kunde.toml")
    (home.folder / "kunder").mkdir(exist_ok=True)
    typed = shlex.join(["tripletex-wizard", *words])
    shell = subprocess.run(
        ["bash", "--norc", "-c", PRESS_TAB.format(words=typed)],
        env={"PATH": "/usr/bin:/bin", "SCRIPT": script},
        cwd=home.folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert shell.stderr == ""
    assert set(shell.stdout.split()) == offered


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_the_scripts_for_zsh_and_fish_are_valid_and_complete(home: Home, name: str) -> None:
    done = home.run("completion", name, code=0)
    assert all(command in done.out for command, _ in COMMANDS)
    if shell := shutil.which(name):
        subprocess.run([shell, "-n"], input=done.out, text=True, timeout=30, check=True)


def test_three_set_ups_are_carried_out_and_proven(home: Home) -> None:
    home.variables.clear()
    done = home.run("demo", code=0)
    sections = re.split(r"^# \S+\.toml\n", done.out, flags=re.MULTILINE)[1:]
    verdict = re.compile(r"^(?:OK|WARNING) ", flags=re.MULTILINE)
    written = [tomllib.loads(verdict.split(text)[0]) for text in sections]
    assert [each["finale"]["setup"] for each in written] == [
        "single-company",
        "bureau-client",
        "bureau-shared",
    ]
    assert len(verdict.findall(done.out)) == 3, sections
    assert not [path for path in home.folder.rglob("*") if path.is_file()]


def test_the_scenarios_of_the_demo_can_be_typed_in_ascii() -> None:
    words = {*COMPANY_WORDS, *OFFICE_WORDS, *REFUSED_WORDS}
    assert {word.replace("å", "aa") for word in words} <= words
