"""Findings: values that say what is wrong, what to do and where, in both languages."""

import ast
import dataclasses
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.findings import Code, CodeTexts, Finding, Position, Severity, StepId, Verdict, codes, verdict
from wizard.findings.codes import ALL_CODES
from wizard.text import LANGUAGES, Language, Texts

WRONG = codes.ORG_NUMBER_CHECK_DIGIT
WARNING = codes.ORG_NUMBER_UNUSUAL
INFO = codes.PREVIOUS_KEY_KEPT
UNKNOWN = codes.NO_ANSWER
UNKNOWN_WARNING = codes.CLIENT_UNREADABLE


def test_a_finding_says_what_and_what_to_do() -> None:
    finding = WRONG.found(number="{x} %s", request_id="r-1", position=Position(3, 4))

    for language in LANGUAGES:
        assert "{x} %s" in finding.message(Texts(language))
        assert finding.hint(Texts(language)) == WRONG.texts(language).advice
    assert (finding.position, finding.request_id, finding.step) == (Position(3, 4), "r-1", StepId.ORG_NUMBER)
    assert (finding.at(Position(1, 2)).position, finding.at(None).position) == (Position(1, 2), None)
    assert WRONG.found(number="x", step=StepId.SCOPE).step is StepId.SCOPE


def test_a_finding_cannot_be_changed() -> None:
    finding = WRONG.found(number="x")

    with pytest.raises(dataclasses.FrozenInstanceError):
        finding.position = Position(1, 1)  # type: ignore[misc]
    with pytest.raises(TypeError):
        finding.values["number"] = "y"  # type: ignore[index]


def test_a_missing_value_is_noticed() -> None:
    with pytest.raises(KeyError):
        WRONG.found(other="x").message(Texts("en"))


@given(st.lists(st.sampled_from([WRONG, WARNING, INFO, UNKNOWN, UNKNOWN_WARNING])))
def test_a_verdict_is_that_of_the_worst_finding_and_unknown_is_never_invalid(found: list[Code]) -> None:
    expected = Verdict.INVALID if WRONG in found else Verdict.UNKNOWN if UNKNOWN in found else Verdict.VALID
    assert verdict([Finding(code) for code in found]) is expected


def test_commands_in_texts_can_be_copied_into_a_shell() -> None:
    quoting = [code for code in codes.ALL_CODES.values() if ":quoted}" in code.texts("en").advice]
    assert len(quoting) >= 2
    for code in quoting:
        finding = code.found(path="Kari & sønn.toml", company="", wanted="", stored="", actual="")
        for language in LANGUAGES:
            assert "'Kari & sønn.toml'" in finding.hint(Texts(language))


PACKAGE = Path(codes.__file__).parent.parent
PLACEHOLDER = re.compile(r"\{(\w+)[^{}]*\}")


def every_text() -> Iterator[tuple[str, Language, CodeTexts]]:
    for code in ALL_CODES.values():
        for language in LANGUAGES:
            yield f"{code.id} {language}", language, code.texts(language)


def placeholders(texts: CodeTexts) -> set[str]:
    return set(PLACEHOLDER.findall(texts.message + texts.advice))


def test_every_code_has_its_texts_in_both_languages() -> None:
    assert len(ALL_CODES) > 100
    for language in LANGUAGES:
        written = re.findall(
            r"^## (.+)$", (PACKAGE / "findings" / f"{language}.md").read_text(), re.MULTILINE
        )
        assert written == list(ALL_CODES)
    wrong = []
    for where, language, texts in every_text():
        message, advice, explanation = texts
        text = "".join(texts)
        if not message.endswith((".", "}", "?")) or not re.search(r"[.)}…`]$|: ", advice):
            wrong.append(f"{where}: no full stop")
        if not 80 < len(explanation) < 600 or len(re.findall(r"[.?](?= |$)", explanation)) > 7:
            wrong.append(f"{where}: the explanation has {len(explanation)} characters")
        if "{" in explanation or re.search(r"[{}]", PLACEHOLDER.sub("", text)) or "''" in text:
            wrong.append(f"{where}: unexpected characters")
        if text.count("“") != text.count("”") or text.count("«") != text.count("»"):
            wrong.append(f"{where}: quotation marks")
        if language == "nb" and "“" in text:
            wrong.append(f"{where}: English quotation marks")
    assert wrong == []


# What fits on a card: the headline next to its symbol and word, and two lines of advice. Any other value is
# about as long as "84201".
SAMPLE: dict[str, object] = {
    "application": "VismaFinale",
    "backend": "kwallet",
    "company": "Demobakeriet AS",
    "count": 12,
    "days": 400,
    "entry": "production/84201",
    "folders": "/srv/finale",
    "holder": "kari, 12.30",
    "host": "tripletex.no",
    "in_use": "keyring 84201",
    "key": 84201,
    "known": 1,
    "names": "Demo Tvilling AS, Demo Tvilling AS avd. Øst",
    "number": "310000027",
    "path": "/srv/finale.toml",
    "program": "pass",
    "reason": "timeout",
    "reference": "keyring 84201",
    "source": "~/.config/x",
    "suggestion": "org_number",
    "variable": "SSL_CERT_FILE",
    "version": 2,
    "wanted": "310000035",
    "words": "pass show finale",
}
ROOM = {Severity.ERROR: 59, Severity.WARNING: 55, Severity.INFO: 59}


def test_a_finding_fits_in_a_card() -> None:
    wrong = []
    for code in ALL_CODES.values():
        for language in LANGUAGES:
            t = Texts(language)
            names = placeholders(code.texts(language))
            finding = Finding(code, {name: SAMPLE.get(name, "84201") for name in names})
            message, advice = finding.message(t), finding.hint(t)
            if len(message) > (57 if code.is_unknown else ROOM[code.severity]) - (language == "en"):
                wrong.append(f"{code.id} {language}: {len(message)} {message}")
            if len(textwrap.wrap(advice, 73, break_on_hyphens=False)) > 2:
                wrong.append(f"{code.id} {language}: {advice}")
    assert wrong == [], "\n".join(wrong)


def test_a_command_in_advice_names_the_config_that_it_needs() -> None:
    advice = [code.texts(language).advice for code in ALL_CODES.values() for language in LANGUAGES]
    commands = re.findall("`tripletex-wizard ((?:clients|rollback|rotate)[^`]*)", "\n".join(advice))
    assert len(commands) > 10
    assert [each for each in commands if all(word.startswith("-") for word in each.split()[1:])] == []


def test_every_finding_is_given_the_values_that_its_texts_show() -> None:
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            match call:
                case ast.Call(func=ast.Attribute(ast.Attribute(ast.Name("codes"), name), "found")):
                    given = {keyword.arg for keyword in call.keywords}
                    wanted = placeholders(getattr(codes, name).texts("en"))
                    if None not in given and wanted - given:
                        wrong.append(f"{path.name}:{call.lineno}: {name} is not given {wanted - given}")
    assert wrong == []


def test_the_verdict_of_a_code_follows_from_its_number_and_its_cause() -> None:
    not_read = {"TW110", "TW327", "TW335", "TW344", "TW346"}  # no regular file, or not trusted
    for code in ALL_CODES.values():
        assert re.fullmatch(r"TW[1-7]\d\d", code.id)
        expected = Verdict.UNKNOWN if code.id.startswith("TW5") or code.id in not_read else Verdict.INVALID
        assert verdict([code.found()]) is (expected if code.severity is Severity.ERROR else Verdict.VALID)


def test_ids_are_unique() -> None:
    named = [value for value in vars(codes).values() if isinstance(value, Code)]
    assert len({code.id for code in named}) == len(named) == len(ALL_CODES)
