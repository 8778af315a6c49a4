"""The page of symptoms quotes the program: what it quotes can be said by it."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

from wizard.findings.codes import ALL_CODES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
QUOTED = re.compile(r"`([^`]+)`")


def sentences() -> list[str]:
    """Return everything that the program says in English: findings, and texts of commands."""
    with (ROOT / "wizard/locale/nb/LC_MESSAGES/wizard.po").open("rb") as file:
        texts = [message.id for message in read_po(file) if isinstance(message.id, str)]
    return [*texts, *(code.texts("en").message for code in ALL_CODES.values())]


def pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", sentence.rstrip("."))
    return re.compile(".*".join(map(re.escape, parts)) + r"\.?", re.IGNORECASE)


def test_the_page_of_symptoms_names_no_code_that_does_not_exist() -> None:
    assert {code for code in re.findall(r"TW\d{3}", PAGE) if code not in ALL_CODES} == set()


def test_what_is_quoted_on_the_page_of_symptoms_is_said() -> None:
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
