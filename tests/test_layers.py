"""Imports point down: no layer imports from one above it or next to it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "wizard"

# Each layer may import from those below it and from itself, but not from its neighbours.
BASE = {"text", "paths", "findings", "domain", "threads"}
MIDDLE = {"config", "secrets", "tripletex", "site", "context"}
ALLOWED = {
    "paths": set[str](),
    "text": set[str](),
    "findings": {"text"},
    "domain": {"text", "findings"},
    "threads": {"domain"},
    "files": BASE,
    "guide": BASE,
    "config": BASE | {"files"},
    "secrets": BASE | {"files"},
    "tripletex": BASE,
    "sandbox": set[str](),
    "checks": BASE | MIDDLE,
    "walk": BASE | MIDDLE | {"files", "guide", "checks"},
    "setup": BASE | MIDDLE | {"files", "guide", "checks", "walk"},
    "menu": BASE | MIDDLE | {"files", "guide", "checks", "walk", "setup", "rotation", "__init__"},
    "rotation": BASE | MIDDLE | {"files", "guide", "checks", "walk"},
    "doctor": BASE | MIDDLE | {"files", "checks", "rotation"},
    "site": BASE | {"files", "secrets"},
    "context": BASE | {"files", "secrets", "tripletex", "site"},
    "ui": BASE | {"walk", "rotation", "guide", "checks", "doctor"},
    "cli": BASE
    | MIDDLE
    | {"files", "guide", "checks", "walk", "setup", "rotation", "menu", "doctor", "ui", "sandbox"},
    "__main__": {"cli"},
    "program": BASE | MIDDLE | {"checks"},
}
EAGER = {
    "httpx",
    "textual",
    "keyring",
    "tomlkit",
    "asyncio",
    "stdnum",
    "platformdirs",
    "tree_sitter",
    "starlette",
}
CHEAP = (
    "text",
    "paths",
    "findings",
    "domain",
    "cli/__init__",
    "cli/parser",
    "site",
)


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def test_imports_point_down() -> None:
    wrong = {}
    for path in modules():
        layer = layer_of(path)
        imported = {
            name.split(".")[1]
            for name in imports_of(ast.parse(path.read_text()))
            if name.startswith("wizard.") and name != "wizard.__version__"
        }
        if layer != "__init__" and (up := imported - ALLOWED[layer] - {layer}):
            wrong[str(path.relative_to(PACKAGE))] = up
    assert not wrong


def test_the_table_names_every_layer() -> None:
    assert {layer_of(path) for path in modules()} - {"__init__"} <= set(ALLOWED)


def test_start_up_imports_nothing_slow() -> None:
    heavy = {}
    for path in modules():
        name = str(path.relative_to(PACKAGE)).removesuffix(".py")
        if name.startswith(CHEAP):
            body = ast.parse(path.read_text()).body
            at_top = ast.Module([node for node in body if isinstance(node, ast.Import | ast.ImportFrom)], [])
            heavy[name] = {module.split(".")[0] for module in imports_of(at_top)} & EAGER
    assert heavy
    assert not {name: found for name, found in heavy.items() if found}


# What has one place, so that a fault of its kind cannot be made a second time elsewhere.
ONE_PLACE = {
    r"\.read_text\(|\.read_bytes\(|\.open\(|(?<![\w.])open\(": {
        "files/reading.py",
        *("files/atomic.py", "files/locks.py", "secrets/key_files.py"),  # by the descriptor that they look at
        *("config/editing.py", "cli/commands/demo.py"),  # what the program wrote itself
        *("text.py", "findings/__init__.py", "guide/__init__.py"),  # of the package
        *("cli/streams.py", "secrets/trust.py"),  # the null device, and /proc
    },
    r"\bprint\(|sys\.stdout\.write": {"cli/streams.py", "cli/__init__.py", "cli/commands/printing.py"},
    r"expanduser|platformdirs": {"paths.py", "context.py"},
    r"os\.getcwd|Path\.cwd|Path\.home": set[str](),
    r"shlex\.(?:quote|join)": {"domain/legible.py", "findings/__init__.py", "walk/storage.py"},
    r"signal\.signal\(|add_signal_handler": {"domain/exits.py", "cli/dispatch.py"},
    r"return (?:3|4|70|130)$": set[str](),
    # They raise where a folder may not be entered, or links lead in a circle; os.path does not.
    r"\.(?:exists|is_file|is_dir|resolve)\(\)": set[str](),
}


def test_some_functions_are_called_in_one_module_only() -> None:
    wrong = []
    for path in modules():
        name = str(path.relative_to(PACKAGE))
        if name.startswith("sandbox/"):
            continue
        for pattern, allowed in ONE_PLACE.items():
            if name not in allowed and (found := re.search(pattern, path.read_text(), re.MULTILINE)):
                wrong.append(f"{name}: {found[0]}")
    assert wrong == []
