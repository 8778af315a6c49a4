"""Findings: values that say what is wrong, what to do and where."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rows import every_row
from wizard.findings import Code, Finding, Position, StepId, Verdict, codes, verdict
from wizard.text import LANGUAGES, Texts

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


def test_a_finding_may_send_elsewhere_than_its_kind_does() -> None:
    assert WRONG.found(number="x", step=StepId.SCOPE).step is StepId.SCOPE
    assert UNKNOWN.found(number="x").step is None


def test_a_finding_moves_to_a_place_and_stays_the_same() -> None:
    finding = WRONG.found(number="x")
    placed = finding.at(Position(1, 2))

    assert placed.position == Position(1, 2)
    assert placed.at(None) == finding
    assert finding.position is None


def test_a_finding_cannot_be_changed() -> None:
    finding = WRONG.found(number="x")

    with pytest.raises(dataclasses.FrozenInstanceError):
        finding.position = Position(1, 1)  # type: ignore[misc]
    with pytest.raises(TypeError):
        finding.values["number"] = "y"  # type: ignore[index]


def test_a_missing_value_is_noticed() -> None:
    with pytest.raises(KeyError):
        WRONG.found(other="x").message(Texts("en"))


def test_places_are_in_reading_order() -> None:
    assert sorted([Position(2, 1), Position(1, 9), Position(1, 2)]) == [
        Position(1, 2),
        Position(1, 9),
        Position(2, 1),
    ]


@every_row(
    ("found", "expected"),
    [
        ([], Verdict.VALID),
        ([WARNING], Verdict.VALID),
        ([INFO, WARNING, UNKNOWN_WARNING], Verdict.VALID),
        ([UNKNOWN], Verdict.UNKNOWN),
        ([UNKNOWN, WARNING], Verdict.UNKNOWN),
        ([WRONG], Verdict.INVALID),
        ([UNKNOWN, WRONG], Verdict.INVALID),
        ([WRONG, UNKNOWN, WARNING], Verdict.INVALID),
    ],
)
def test_the_three_answers(found: list[Code], expected: Verdict) -> None:
    assert verdict([code.found(number="x") for code in found]) is expected
    assert verdict(tuple(code.found(number="x") for code in reversed(found))) is expected


@given(st.lists(st.sampled_from([WRONG, WARNING, INFO, UNKNOWN])))
def test_unreachable_is_never_called_invalid(found: list[Code]) -> None:
    findings = [Finding(code) for code in found]

    assert (verdict(findings) is Verdict.INVALID) is (WRONG in found)
    assert (verdict(findings) is Verdict.VALID) is (not {"TW202", "TW503"} & {code.id for code in found})


def test_a_command_in_a_text_can_be_copied_into_a_shell() -> None:
    quoting = [code for code in codes.ALL_CODES.values() if ":quoted}" in code.texts("en").advice]
    assert len(quoting) >= 2
    for code in quoting:
        finding = code.found(path="Kari & sønn.toml", company="", wanted="", stored="", actual="")
        for language in LANGUAGES:
            assert "'Kari & sønn.toml'" in finding.hint(Texts(language))
