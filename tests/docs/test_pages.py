"""The documentation: its links, its promises, its examples and the change log."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

from tests.codes_page import codes_page
from wizard import __version__
from wizard.cli.parser import COMMANDS, build_parser
from wizard.findings.codes import ALL_CODES
from wizard.text import Texts

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def test_the_page_of_codes_is_up_to_date() -> None:
    assert (ROOT / "docs" / "codes.md").read_text() == codes_page(Texts("en"))


def test_commands_on_a_page_exist() -> None:
    known = {name for name, _ in COMMANDS}
    wrong = {}
    for page in PAGES:
        text = page.read_text().replace("sudo -u tripletex-wizard ", "sudo ")
        if unknown := set(re.findall(r"tripletex-wizard ([a-z]+)\b", text)) - known:
            wrong[page.name] = unknown
    assert wrong == {}


def test_links_between_pages_lead_to_a_page() -> None:
    wrong = [
        f"{page.name}: {link}"
        for page in PAGES
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
        if not (page.parent / link).exists()
    ]
    assert wrong == []


OF_OTHER_PROGRAMS = (
    "--live --draw --unlock --name --now --same-owner --property --pipe --wait --multiline "
    "--encrypt --decrypt --release --cov"
)


def test_flags_on_a_page_exist() -> None:
    parser = build_parser(Texts("en"))
    commands = parser._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    known = {flag for each in (parser, *commands.values()) for flag in each._option_string_actions}  # type: ignore[union-attr]
    known |= set(OF_OTHER_PROGRAMS.split())
    wrong = {}
    for page in PAGES:
        if unknown := set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", page.read_text())) - known:
            wrong[page.name] = unknown
    assert wrong == {}


def test_every_promise_about_security_names_a_test_that_exists() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    promises = [line for line in text.splitlines() if line.startswith("| ") and "promise" not in line]
    without = [line for line in promises if "::" not in line]
    assert len(promises) > 20
    assert without == []
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text))
    missing = [
        f"{path}::{name}"
        for path, name in sorted(named)
        if not re.search(
            rf"^(?:class {name}\b|{name} = |\s*(?:async )?def {name}\()",
            (ROOT / path).read_text() if (ROOT / path).exists() else "",
            re.MULTILINE,
        )
    ]
    assert missing == []


TEXT = (ROOT / "CONTRIBUTING.md").read_text()


def test_every_file_on_the_map_exists() -> None:
    paths = {path for path in re.findall(r"`((?:wizard|tests|docs)/[^`<> ]+)`", TEXT) if "*" not in path}
    assert len(paths) > 30
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


def test_every_name_on_the_map_is_in_the_file_next_to_it() -> None:
    named = re.findall(r"`(?:\w+\.)?(\w+)` in `(wizard/[^`<> ]+\.py)`", TEXT)
    named += re.findall(r"`(?:\w+\.)?(\w+)` \(`(wizard/[^`<> ]+\.py)`\)", TEXT)
    assert len(named) > 12
    missing = [
        f"{name} in {path}"
        for name, path in named
        if not re.search(rf"\b{name}\b", (ROOT / path).read_text())
    ]
    assert missing == []


def test_the_tree_shows_every_room() -> None:
    rooms = {path.name for path in (ROOT / "wizard").iterdir() if (path / "__init__.py").exists()}
    shown = set(re.findall(r"[├└]── (\w+)/", TEXT))
    assert shown <= rooms | {"findings", "guide"}


SHOWS_WAGES = """
from pathlib import Path
from wizard.context import AppContext
from wizard.findings import StepId
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.site import SiteDefaults
from wizard.text import Texts

context = AppContext.inside(Path(), SiteDefaults())
walk = SetupWalk(context, Answers(is_bureau=False), Texts("en"), no_input=True)
walk.state.current = StepId.WAGES
print(*(walk.page(Texts(language)).title for language in ("nb", "en")), sep=", ")
"""


def test_the_example_of_a_step_can_be_applied_and_shown(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "wizard", tmp_path / "wizard", ignore=shutil.ignore_patterns("__pycache__"))
    (example,) = re.findall(r"```diff\n(.*?)```", TEXT, re.DOTALL)
    for part in re.split(r"^--- .+\n\+\+\+ b/", example, flags=re.MULTILINE)[1:]:
        name, _, changes = part.partition("\n")
        path = tmp_path / name
        text = path.read_text() if path.exists() else ""
        for change in changes.split(" …\n"):
            lines = change.splitlines(keepends=True)
            before = "".join(line[1:] for line in lines if line.startswith(" "))
            assert text.count(before) == 1, f"{name}: {before}"
            text = text.replace(before, "".join(line[1:] for line in lines))
        path.write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", SHOWS_WAGES], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout == "Lønn i Tripletex, Wages in Tripletex\n", done.stderr


def release(clone: Path) -> str:
    done = subprocess.run(
        [clone / ".ci" / "package", "--release", clone / "dist"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert not (clone / "dist").exists()
    return done.stderr.strip()


def test_a_release_needs_its_tag_and_its_section_in_the_change_log(tmp_path: Path) -> None:
    def git(*words: str | Path) -> None:
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)

    for name in (".ci/package", "wizard/__init__.py", "CHANGELOG.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / ".ci" / "package").chmod(0o755)
    (tmp_path / "CHANGELOG.md").write_text("## [Unreleased]\n")
    git("init", "--quiet")
    git("add", ".")
    git("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "--message", "x")
    assert release(tmp_path) == f"the version is {__version__}, the tag is missing"
    git("tag", "v99.0")
    assert release(tmp_path) == f"the version is {__version__}, the tag is v99.0"
    git("tag", "--delete", "v99.0")
    git("tag", f"v{__version__}")
    assert release(tmp_path) == f"CHANGELOG.md has no section for {__version__}"


PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
QUOTED = re.compile(r"`([^`]+)`")


def sentences() -> list[str]:
    """Return every English text of the program: findings, and texts of commands."""
    with (ROOT / "wizard/locale/nb/LC_MESSAGES/wizard.po").open("rb") as file:
        texts = [message.id for message in read_po(file) if isinstance(message.id, str)]
    return [*texts, *(code.texts("en").message for code in ALL_CODES.values())]


def pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", sentence.rstrip("."))
    return re.compile(".*".join(map(re.escape, parts)) + r"\.?", re.IGNORECASE)


def test_the_page_of_symptoms_names_no_code_that_does_not_exist() -> None:
    assert {code for code in re.findall(r"TW\d{3}", PAGE) if code not in ALL_CODES} == set()


def test_messages_quoted_on_the_page_of_symptoms_exist() -> None:
    said = [pattern(sentence) for sentence in sentences() if sentence]
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and "you see" not in line]
    wrong = []
    for seen in (line.split("|")[1] for line in lines):
        code = re.match(r" (TW\d{3})(?!,)", seen)
        for quoted in QUOTED.findall(seen):
            if " " not in quoted:
                continue
            known = [pattern(ALL_CODES[code[1]].texts("en").message)] if code else said
            if not any(each.fullmatch(quoted) for each in known):
                wrong.append(quoted)
    assert wrong == []
