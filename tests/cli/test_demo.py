"""``demo`` without a terminal: three set-ups, each with its TOML and what the check said."""

import re
import tomllib

from tests.support.house import Home
from wizard.cli.commands.demo import COMPANY_WORDS, OFFICE_WORDS, REFUSED_WORDS


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
