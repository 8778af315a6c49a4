"""What a start may not do: import what the command does not need. Times are measured in tests/bench."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.house import Home
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


def test_an_offline_check_imports_no_network_code(home: Home) -> None:
    sample = Path(__file__).parent.parent.parent / "config-samples" / "single-company.toml"

    modules = imported(home, "validate", "--offline", str(sample)) - at_start(home)

    assert not modules & {"asyncio", "httpx", "keyring", "textual", "ssl"}


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
        "httpcore",
        "keyring",
        "stdnum",
        "tomlkit",
        "tree_sitter",
        "truststore",
        "zoneinfo",
    }
    assert not (set(modules) - at_start(home)) & (
        heavy | {"wizard.config.draft", "wizard.tripletex.client", "wizard.tripletex.checks"}
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


@pytest.mark.parametrize("name", [name for name, _ in COMMANDS])
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
