"""The flow: which steps, in which order, and where forward, back and jumps lead."""

from dataclasses import replace

import pytest

from wizard.domain.reference import EnvReference
from wizard.domain.setup import Setup
from wizard.findings import StepId as S
from wizard.flow.answers import Answers
from wizard.flow.flow import Flow, Position
from wizard.flow.rotation.steps import ROTATION
from wizard.flow.steps import STEPS

ALWAYS_FIRST = (S.WELCOME, S.ENABLE_API, S.CREATE_KEY, S.SETUP)
ALWAYS_LAST = (S.REVIEW, S.CHECK, S.FINALE, S.DONE)

PATHS = [
    pytest.param(Answers(), (*ALWAYS_FIRST, S.ORG_NUMBER, *ALWAYS_LAST), id="nothing answered"),
    pytest.param(Answers(is_bureau=False), (*ALWAYS_FIRST, S.ORG_NUMBER, *ALWAYS_LAST), id="single company"),
    pytest.param(
        Answers(is_bureau=True),
        (*ALWAYS_FIRST, S.SCOPE, S.ORG_NUMBER, S.CLIENT_ACCESS, *ALWAYS_LAST),
        id="bureau",
    ),
    pytest.param(
        Answers(asks_application=True, asks_storage=True),
        (S.WELCOME, S.STORAGE, S.APPLICATION, *ALWAYS_FIRST[1:], S.ORG_NUMBER, *ALWAYS_LAST),
        id="nothing provisioned",
    ),
    pytest.param(
        Answers(asks_application=True, asks_storage=True, own_place="command"),
        (S.WELCOME, S.STORAGE, S.OWN_PLACE, S.APPLICATION, *ALWAYS_FIRST[1:], S.ORG_NUMBER, *ALWAYS_LAST),
        id="a place of one's own",
    ),
    pytest.param(
        Answers(key_reference=EnvReference("KEY")),
        (*ALWAYS_FIRST, S.ORG_NUMBER, *ALWAYS_LAST),
        id="a place that the command line names",
    ),
]


@pytest.mark.parametrize(("answers", "path"), PATHS)
def test_path_is_the_users_order(answers: Answers, path: tuple[S, ...]) -> None:
    assert Flow(answers).path == path


@pytest.mark.parametrize(("answers", "path"), PATHS)
def test_forward_and_back_walk_the_whole_path(answers: Answers, path: tuple[S, ...]) -> None:
    flow = Flow(answers)
    walked = [flow.current]
    while not flow.is_last:
        flow = flow.forward()
        walked.append(flow.current)
    assert tuple(walked) == path
    while not flow.is_first:
        flow = flow.back()
        walked.append(flow.current)
    assert tuple(walked[len(path) - 1 :]) == tuple(reversed(path))


def test_back_keeps_what_was_answered() -> None:
    answers = Answers(is_bureau=True, is_shared=False, org_number="974760673")
    flow = Flow(answers, S.REVIEW).back().back().back()
    assert flow == Flow(answers, S.SCOPE)


def test_an_answer_changes_the_road_ahead() -> None:
    flow = Flow(Answers(), S.SETUP)
    assert flow.forward(Answers(is_bureau=True)).current is S.SCOPE
    assert flow.forward(Answers(is_bureau=False)).current is S.ORG_NUMBER


def test_a_jump_to_a_step_that_does_not_apply_lands_before_it() -> None:
    flow = Flow(Answers(is_bureau=False), S.CHECK)
    assert flow.to(S.CLIENT_ACCESS).current is S.ORG_NUMBER
    assert flow.to(S.STORAGE).current is S.WELCOME
    assert flow.to(S.CREATE_KEY).current is S.CREATE_KEY


def test_the_welcome_does_not_count() -> None:
    flow = Flow(Answers(is_bureau=False))
    assert flow.position == Position(0, 8)
    assert flow.forward().position == Position(1, 8)
    assert Flow(Answers(is_bureau=False), S.DONE).position == Position(8, 8)


def test_every_step_stands_in_a_table_and_in_none_twice() -> None:
    set_up, rotation = ([step.id for step in table] for table in (STEPS, ROTATION))
    assert set(set_up) | set(rotation) == set(S)
    assert (len(set_up), len(rotation)) == (len(set(set_up)), len(set(rotation)))


@pytest.mark.parametrize(
    ("answers", "setup", "org_number"),
    [
        (Answers(), None, ""),
        (Answers(is_bureau=False, org_number="974760673"), Setup.SINGLE_COMPANY, ""),
        (Answers(is_bureau=True), Setup.BUREAU_SHARED, "%ORGNR%"),
        (Answers(is_bureau=True, is_shared=True, org_number="974760673"), Setup.BUREAU_SHARED, "%ORGNR%"),
        (Answers(is_bureau=True, is_shared=False, org_number="974760673"), Setup.BUREAU_CLIENT, "974760673"),
    ],
)
def test_what_finale_must_hold(answers: Answers, setup: Setup | None, org_number: str) -> None:
    assert answers.setup is setup
    assert answers.finale_org_number == org_number


def test_answers_are_frozen() -> None:
    answers = Answers()
    with pytest.raises(AttributeError):
        answers.is_bureau = True  # type: ignore[misc]
    assert replace(answers, is_bureau=True) != answers
