"""What a start imports, and the commands that need no config: completion and the demo."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.house import Home
from tests.support.rows import every_row
from wizard.cli.commands.demo import COMPANY_WORDS, OFFICE_WORDS, REFUSED_WORDS
from wizard.cli.parser import COMMANDS, build_parser, parse
from wizard.text import Texts

# Each of these alone costs a good part of what --help may.
HEAVY = {
    "asyncio",
    "dataclasses",
    "httpx",
    "inspect",
    "keyring",
    "locale",
    "shutil",
    "textual",
    "tomlkit",
    "typing",
}
LIST_MODULES = (
    "import sys; from wizard.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
)


def imported(home: Home, *words: str) -> set[str]:
    """Return the modules that a command has imported by its end."""
    run = subprocess.run(
        [sys.executable, "-I", "-c", LIST_MODULES, *words],
        env=home.environment,
        cwd=home.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = set(run.stderr.split())
    assert "wizard.cli" in modules
    return modules


def at_start(home: Home) -> set[str]:
    """Return what the interpreter has imported by itself, with the hooks of the tools installed here."""
    run = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; print(*sys.modules)"],
        env=home.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("validate", "--help")])
def test_help_imports_nothing_heavy(home: Home, words: tuple[str, ...]) -> None:
    assert not (imported(home, *words) - at_start(home)) & HEAVY


def test_an_offline_check_imports_no_network_code_and_no_editor(home: Home) -> None:
    sample = Path(__file__).parent.parent.parent / "config-samples" / "single-company.toml"

    modules = imported(home, "validate", "--offline", str(sample)) - at_start(home)

    assert not modules & {"asyncio", "httpx", "keyring", "textual", "ssl"}
    assert not modules & {"tomlkit", "tree_sitter", "difflib"}


FIRST_SCREEN = """
import sys
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
print(walk.page(Texts("nb")).step, *sys.modules)
"""


def test_the_first_screen_imports_nothing_that_only_later_ones_need(home: Home) -> None:
    run = subprocess.run(
        [sys.executable, "-I", "-c", FIRST_SCREEN],
        env=home.environment,
        cwd=home.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    step, *modules = run.stdout.split()
    assert step == "welcome"
    assert "textual.app" in modules
    heavy = {
        "httpx",
        "hashlib",
        "httpcore",
        "keyring",
        "stdnum",
        "tomlkit",
        "tree_sitter",
        "truststore",
        "zoneinfo",
    }
    assert not (set(modules) - at_start(home)) & (
        heavy | {"wizard.config.draft", "wizard.tripletex.client", "wizard.checks.probe"}
    )


def test_the_client_is_imported_before_a_key_is_pasted(home: Home) -> None:
    code = (
        "import sys, threading; from wizard.context import prepare_to_connect\n"
        "assert 'httpx' not in sys.modules; prepare_to_connect()\n"
        "[each.join() for each in threading.enumerate() if each is not threading.main_thread()]\n"
        "print(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-c", code], env=home.environment, capture_output=True, text=True, check=True
    )
    assert {"httpx", "wizard.tripletex.client"} <= set(run.stdout.split())


def test_the_command_line_of_httpx_is_not_imported(home: Home) -> None:
    code = "import sys, wizard.tripletex.client; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-I", "-c", code], env=home.environment, capture_output=True, text=True, check=True
    )
    modules = set(run.stdout.split()) - at_start(home)
    assert "httpx" in modules
    assert not modules & {"click", "pygments", "rich"}


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
        return home.run("doctor", "--help").stdout.splitlines()

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
    done = home.run("completion", "bash")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


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


def test_three_set_ups_are_carried_out_and_proven(home: Home) -> None:
    home.variables.clear()
    done = home.run("demo")
    assert done.returncode == 0, done.stderr
    sections = re.split(r"^# \S+\.toml\n", done.stdout, flags=re.MULTILINE)[1:]
    verdict = re.compile(r"^(?:OK|WARNING) ", flags=re.MULTILINE)
    written = [tomllib.loads(verdict.split(text)[0]) for text in sections]
    assert [each["finale"]["setup"] for each in written] == [
        "single-company",
        "bureau-client",
        "bureau-shared",
    ]
    assert len(verdict.findall(done.stdout)) == 3, sections
    assert not [path for path in home.folder.rglob("*") if path.is_file()]


def test_the_scenarios_of_the_demo_can_be_typed_in_ascii() -> None:
    words = {*COMPANY_WORDS, *OFFICE_WORDS, *REFUSED_WORDS}
    assert {word.replace("å", "aa") for word in words} <= words
