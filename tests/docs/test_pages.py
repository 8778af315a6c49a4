"""The documentation says what the program does: pages made from code are up to date, commands exist."""

import re
from pathlib import Path

import pytest

from wizard.cli.parser import COMMANDS, build_parser
from wizard.text import Texts
from wizard.ui.report import codes_page

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def test_the_page_of_codes_is_up_to_date() -> None:
    assert (ROOT / "docs" / "codes.md").read_text() == codes_page(Texts("en"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_on_a_page_exist(page: Path) -> None:
    named = set(re.findall(r"tripletex-wizard ([a-z]+)\b", page.read_text()))
    assert named <= {name for name, _ in COMMANDS}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_flags_on_a_page_exist(page: Path) -> None:
    parser = build_parser(Texts("en"))
    commands = parser._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    known = {flag for each in (parser, *commands.values()) for flag in each._option_string_actions}  # type: ignore[union-attr]
    others = {
        "--live",
        "--snapshot-update",
        "--unlock",
        "--name",
        "--deep",
        "--now",
        "--unit",
    }  # other programs' own
    named = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", page.read_text()))
    assert named <= known | others
