"""Every kind of finding can be read, in both languages, by somebody who did not write it."""

import re

import pytest

from wizard.domain.codes import ALL_CODES, GROUPS
from wizard.domain.finding import Code, Finding
from wizard.text import LANGUAGES, Language, Texts

PREFIXES = {
    "file": "TW1",
    "meaning": "TW2",
    "secrets": "TW3",
    "typed": "TW3",
    "refusals": "TW4",
    "unknowns": "TW5",
    "machine": "TW6",
    "rotation": "TW7",
}
TEXTS = {language: Texts(language) for language in LANGUAGES}
EVERY_CODE = pytest.mark.parametrize("code", ALL_CODES.values(), ids=ALL_CODES)
EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_the_groups_are_all_there() -> None:
    assert {group.__name__.rpartition(".")[2] for group in GROUPS} <= set(PREFIXES)
    assert len(ALL_CODES) > 100
    assert list(ALL_CODES) == sorted(ALL_CODES)


def test_an_id_tells_its_group() -> None:
    for group in GROUPS:
        prefix = PREFIXES[group.__name__.rpartition(".")[2]]
        for code in vars(group).values():
            if isinstance(code, Code):
                assert re.fullmatch(rf"{prefix}\d\d", code.id)
                assert ALL_CODES[code.id] is code
                assert code.is_unknown is (prefix == "TW5")


@EVERY_LANGUAGE
@EVERY_CODE
def test_every_code_is_explained(code: Code, language: Language) -> None:
    message, hint, explanation = map(TEXTS[language], (code.message, code.hint, code.explanation))

    assert message.endswith((".", "}", "?")), message
    assert hint.endswith((".", "}", ")")), hint
    assert 80 < len(explanation) < 600
    assert len(re.findall(r"[.?](?= |$)", explanation)) <= 6
    assert len({message, hint, explanation}) == 3


@EVERY_CODE
def test_norwegian_is_not_english(code: Code) -> None:
    norwegian = TEXTS["nb"]
    # «Run: chmod …» becomes «Kjør: chmod …»: nothing stands the same in both.
    assert [text for text in (code.message, code.hint, code.explanation) if norwegian(text) == text] == []


@EVERY_CODE
def test_the_languages_name_the_same_values(code: Code) -> None:
    norwegian = TEXTS["nb"]

    for text in (code.message, code.hint):
        assert placeholders(norwegian(text)) == placeholders(text)


@EVERY_LANGUAGE
@EVERY_CODE
def test_a_finding_can_be_rendered_and_holds_no_other_braces(code: Code, language: Language) -> None:
    t = TEXTS[language]
    values = dict.fromkeys(placeholders(code.message + code.hint), "<value>")
    finding = Finding(code, values)

    assert not re.search(r"[{}]", finding.message(t) + finding.hint(t) + t(code.explanation))


@EVERY_LANGUAGE
@EVERY_CODE
def test_quotation_marks_are_those_of_the_language(code: Code, language: Language) -> None:
    t = TEXTS[language]
    text = t(code.message) + t(code.hint) + t(code.explanation)

    assert "''" not in text
    assert text.count("“") == text.count("”")
    assert text.count("«") == text.count("»")
    if language == "nb":
        assert "“" not in text
