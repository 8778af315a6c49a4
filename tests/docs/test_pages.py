"""The documentation says what the program does: pages made from code are up to date, commands exist."""

import re
from pathlib import Path

from wizard.cli.parser import COMMANDS, build_parser
from wizard.text import Texts
from wizard.ui.report.codes import codes_page

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


def test_links_between_pages_lead_somewhere() -> None:
    wrong = [
        f"{page.name}: {link}"
        for page in PAGES
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
        if not (page.parent / link).exists()
    ]
    assert wrong == []


OF_OTHER_PROGRAMS = (
    "--live --snapshot-update --unlock --name --now --same-owner --property --pipe --wait --multiline "
    "--encrypt --decrypt --release"
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
