"""The steps of a set-up as a table: the order is the user's, a step that does not apply is skipped."""

from collections.abc import Callable
from dataclasses import dataclass

from wizard.findings import StepId
from wizard.flow.answers import Answers


def _always(_: Answers) -> bool:
    return True


def _bureau(answers: Answers) -> bool:
    return answers.is_bureau is True


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table.

    Attributes:
        applies: Whether these answers lead past this step.
        is_numbered: Whether it counts in «step n of m».
    """

    id: StepId
    applies: Callable[[Answers], bool] = _always
    is_numbered: bool = True


STEPS: tuple[Step, ...] = (
    Step(StepId.WELCOME, is_numbered=False),
    # A token may come with the next step, so its place must have been agreed to before.
    Step(StepId.STORAGE, lambda answers: answers.asks_storage),
    Step(StepId.OWN_PLACE, lambda answers: answers.own_place is not None),
    Step(StepId.APPLICATION, lambda answers: answers.asks_application),
    Step(StepId.ENABLE_API),
    Step(StepId.CREATE_KEY),
    Step(StepId.SETUP),
    Step(StepId.SCOPE, _bureau),
    Step(StepId.ORG_NUMBER),
    Step(StepId.CLIENT_ACCESS, _bureau),
    Step(StepId.REVIEW),
    Step(StepId.CHECK),
    Step(StepId.FINALE),
    Step(StepId.DONE),
)


def steps_for(answers: Answers) -> tuple[Step, ...]:
    """Return the steps that these answers lead through, in order."""
    return tuple(step for step in STEPS if step.applies(answers))
