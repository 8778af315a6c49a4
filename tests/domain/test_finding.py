"""Findings: values that say what is wrong, what to do and where."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.domain.finding import Code, Finding, Place, Severity, Verdict, verdict
from wizard.domain.step import StepId
from wizard.text import Texts

WRONG = Code("TW201", message="{name} is wrong.", hint="Mend {name}.", step=StepId.ORG_NUMBER)
WARNING = dataclasses.replace(WRONG, id="TW209", severity=Severity.WARNING)
INFO = dataclasses.replace(WRONG, id="TW217", severity=Severity.INFO)
UNKNOWN = dataclasses.replace(WRONG, id="TW503", step=None)
UNKNOWN_WARNING = dataclasses.replace(UNKNOWN, id="TW520", severity=Severity.WARNING)


def test_a_finding_says_what_and_what_to_do() -> None:
    finding = WRONG.found(name="{x} %s", request_id="r-1", place=Place(3, 4))

    assert finding.message(Texts("en")) == "{x} %s is wrong."
    assert finding.hint(Texts("en")) == "Mend {x} %s."
    assert (finding.place, finding.request_id, finding.step) == (Place(3, 4), "r-1", StepId.ORG_NUMBER)


def test_a_finding_may_send_elsewhere_than_its_kind_does() -> None:
    assert WRONG.found(name="x", step=StepId.SCOPE).step is StepId.SCOPE
    assert UNKNOWN.found(name="x").step is None


def test_a_finding_moves_to_a_place_and_stays_the_same() -> None:
    finding = WRONG.found(name="x")
    placed = finding.at(Place(1, 2))

    assert placed.place == Place(1, 2)
    assert placed.at(None) == finding
    assert finding.place is None


def test_a_finding_cannot_be_changed() -> None:
    finding = WRONG.found(name="x")

    with pytest.raises(dataclasses.FrozenInstanceError):
        finding.place = Place(1, 1)  # type: ignore[misc]
    with pytest.raises(TypeError):
        finding.values["name"] = "y"  # type: ignore[index]


def test_a_missing_value_is_noticed() -> None:
    with pytest.raises(KeyError):
        WRONG.found(other="x").message(Texts("en"))


def test_places_are_in_reading_order() -> None:
    assert sorted([Place(2, 1), Place(1, 9), Place(1, 2)]) == [Place(1, 2), Place(1, 9), Place(2, 1)]


@pytest.mark.parametrize(
    ("codes", "expected"),
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
def test_the_three_answers(codes: list[Code], expected: Verdict) -> None:
    assert verdict([code.found(name="x") for code in codes]) is expected
    assert verdict(tuple(code.found(name="x") for code in reversed(codes))) is expected


@given(st.lists(st.sampled_from([WRONG, WARNING, INFO, UNKNOWN])))
def test_unreachable_is_never_called_invalid(codes: list[Code]) -> None:
    findings = [Finding(code) for code in codes]

    assert (verdict(findings) is Verdict.INVALID) is (WRONG in codes)
    assert (verdict(findings) is Verdict.VALID) is (not {"TW201", "TW503"} & {code.id for code in codes})
