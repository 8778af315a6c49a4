"""The last pages: what Enter does there, what leaving comes to, and what is typed into Finale."""

from dataclasses import replace

import pytest

from wizard.findings import StepId as S
from wizard.flow.answers import Answers
from wizard.flow.asking import question_for
from wizard.flow.flow import Flow
from wizard.flow.known import Known, Reached
from wizard.flow.questions import Choose, Chosen, Continue, Overview, Read, Review
from wizard.flow.rotation.answers import RotationAnswers, RotationKnown
from wizard.flow.rotation.asking import LATER, PROVE
from wizard.flow.rotation.asking import question_for as rotation_question
from wizard.flow.rotation.steps import RotationFlow
from wizard.flow.steps import STEPS
from wizard.text import Texts

T = Texts("en")
SEVERAL = Answers(is_bureau=True, is_shared=False, clients=("974760673", "971032146"))


def at_end(answers: RotationAnswers, step: S, known: RotationKnown) -> object:
    return rotation_question(RotationFlow(answers, step), known, T)


@pytest.mark.parametrize("step", [step.id for step in STEPS])
def test_only_the_last_page_of_a_set_up_is_left_by_finishing(step: S) -> None:
    question = question_for(Flow(SEVERAL, step), Known(), T)
    assert question.on_leaving == (Continue() if step is S.DONE else None)


def test_the_old_key_is_left_for_later_by_leaving() -> None:
    question = at_end(RotationAnswers(), S.ROTATE_OLD_KEY, RotationKnown())
    assert isinstance(question, Choose)
    assert {option.value: option.proceed for option in question.options} == {PROVE: "Try it", LATER: "Finish"}
    assert question.on_leaving == Chosen(LATER)


def test_a_key_that_is_dead_is_the_end() -> None:
    question = at_end(RotationAnswers(), S.ROTATE_OLD_KEY, RotationKnown(old_is_dead=True))
    assert isinstance(question, Read)
    assert (question.proceed, question.on_leaving) == ("Finish", Continue())


@pytest.mark.parametrize(("is_incomplete", "proceed"), [(True, "Finish"), (False, "")])
def test_the_table_is_the_end_while_a_config_needs_the_old_key(proceed: str, *, is_incomplete: bool) -> None:
    question = at_end(RotationAnswers(is_incomplete=is_incomplete), S.ROTATE_TABLE, RotationKnown())
    assert isinstance(question, Overview)
    assert question.proceed == proceed
    assert question.on_leaving == (Continue() if is_incomplete else None)


def test_each_client_stands_with_the_number_that_finale_wants() -> None:
    known = Known(clients=(Reached("Demo Fisk AS", "971032146"),))
    notes = question_for(Flow(SEVERAL, S.FINALE), known, T).notes
    assert notes == ("OrgNr for each client:", "  974760673", "  971032146  Demo Fisk AS")
    alone = replace(SEVERAL, clients=(), org_number="971032146")
    assert question_for(Flow(alone, S.FINALE), known, T).notes == ()


@pytest.mark.parametrize(
    ("clients", "proceed"), [(SEVERAL.clients, "Write the files"), ((), "Write the file")]
)
def test_the_word_for_writing_says_whether_it_is_one_file(clients: tuple[str, ...], proceed: str) -> None:
    question = question_for(Flow(replace(SEVERAL, clients=clients), S.REVIEW), Known(document="x = 1"), T)
    assert isinstance(question, Review)
    assert question.proceed == proceed
