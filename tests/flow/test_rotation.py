"""The steps of a rotation: which, in which order, and where forward, back and jumps lead."""

import pytest

from wizard.findings import StepId as S
from wizard.flow.flow import Position
from wizard.flow.rotation.answers import RotationAnswers
from wizard.flow.rotation.steps import RotationFlow

USUAL = (S.ROTATE_START, S.CREATE_KEY, S.ROTATE_REVIEW, S.ROTATE_TABLE, S.FINALE, S.ROTATE_OLD_KEY)

PATHS = [
    pytest.param(RotationAnswers(), USUAL, id="usual"),
    pytest.param(
        RotationAnswers(asks_application=True, asks_storage=True, lacks_clients=True),
        (S.ROTATE_START, S.APPLICATION, S.STORAGE, S.CREATE_KEY, S.CLIENT_ACCESS, *USUAL[2:]),
        id="everything is asked",
    ),
    # While a config needs the old key, nobody is sent to delete it.
    pytest.param(RotationAnswers(is_incomplete=True), USUAL[:4], id="not every config was moved"),
]


@pytest.mark.parametrize(("answers", "path"), PATHS)
def test_forward_and_back_walk_the_whole_path(answers: RotationAnswers, path: tuple[S, ...]) -> None:
    flow = RotationFlow(answers)
    assert flow.path == path
    assert flow.is_first
    walked = [flow.current]
    while not flow.is_last:
        flow = flow.forward()
        walked.append(flow.current)
    assert tuple(walked) == path
    while not flow.is_first:
        flow = flow.back()
        walked.append(flow.current)
    assert tuple(walked[len(path) - 1 :]) == tuple(reversed(path))
    assert flow.back() == flow


def test_the_start_does_not_count() -> None:
    flow = RotationFlow(RotationAnswers())
    assert flow.position == Position(0, 5)
    assert flow.forward().position == Position(1, 5)
    assert RotationFlow(RotationAnswers(lacks_clients=True), S.CLIENT_ACCESS).position == Position(2, 6)


def test_findings_that_name_a_step_of_the_setup_lead_to_the_one_that_mends_it_here() -> None:
    flow = RotationFlow(RotationAnswers(), S.ROTATE_TABLE)
    assert flow.to(S.REVIEW).current is S.ROTATE_REVIEW
    assert flow.to(S.CHECK).current is S.ROTATE_REVIEW
    assert flow.to(S.CREATE_KEY).current is S.CREATE_KEY
    assert flow.to(S.CLIENT_ACCESS).current is S.CREATE_KEY
    assert flow.to(S.ORG_NUMBER) == flow


def test_a_step_that_no_longer_applies_is_left_in_both_directions() -> None:
    flow = RotationFlow(RotationAnswers(), S.CLIENT_ACCESS)
    assert flow.forward().current is S.ROTATE_REVIEW
    assert flow.back().current is S.CREATE_KEY
