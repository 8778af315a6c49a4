"""The steps of a rotation as a table, and a place in it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from wizard.findings import StepId
from wizard.flow.flow import Position
from wizard.flow.rotation.answers import RotationAnswers


def _always(_: RotationAnswers) -> bool:
    return True


def _complete(answers: RotationAnswers) -> bool:
    # As long as a config needs the old key, nobody is told to delete it.
    return not answers.is_incomplete


@dataclass(frozen=True, slots=True)
class RotationStep:
    """One row of the table.

    Attributes:
        applies: Whether these answers lead past this step.
        is_numbered: Whether it counts in «step n of m».
    """

    id: StepId
    applies: Callable[[RotationAnswers], bool] = _always
    is_numbered: bool = True


ROTATION: Final = (
    RotationStep(StepId.ROTATE_START, is_numbered=False),
    RotationStep(StepId.APPLICATION, lambda answers: answers.asks_application),
    RotationStep(StepId.STORAGE, lambda answers: answers.asks_storage),
    RotationStep(StepId.CREATE_KEY),
    RotationStep(StepId.CLIENT_ACCESS, lambda answers: answers.lacks_clients),
    RotationStep(StepId.ROTATE_REVIEW),
    RotationStep(StepId.ROTATE_TABLE),
    RotationStep(StepId.FINALE, _complete),
    RotationStep(StepId.ROTATE_OLD_KEY, _complete),
)

_ORDER: Final = {step.id: index for index, step in enumerate(ROTATION)}
_INSTEAD: Final = {StepId.REVIEW: StepId.ROTATE_REVIEW, StepId.CHECK: StepId.ROTATE_REVIEW}
"""Where a finding that names a step of the set-up is mended in a rotation."""


@dataclass(frozen=True, slots=True)
class RotationFlow:
    """A place in the table with the answers so far. Frozen: every move gives a new one."""

    answers: RotationAnswers
    current: StepId = StepId.ROTATE_START

    @property
    def path(self) -> tuple[StepId, ...]:
        """The steps that the answers lead through, in order."""
        return tuple(step.id for step in ROTATION if step.applies(self.answers))

    @property
    def position(self) -> Position:
        """Where the current step stands among those that count."""
        numbered = [step.id for step in ROTATION if step.is_numbered and step.applies(self.answers)]
        number = numbered.index(self.current) + 1 if self.current in numbered else 0
        return Position(number, len(numbered))

    @property
    def is_first(self) -> bool:
        """Whether there is nothing to go back to."""
        return self.current is StepId.ROTATE_START

    @property
    def is_last(self) -> bool:
        """Whether there is nothing to go on to."""
        return self.current == self.path[-1]

    def forward(self, answers: RotationAnswers | None = None) -> "RotationFlow":
        """Take the answers over and go to the next step that applies to them."""
        moved = replace(self, answers=answers or self.answers)
        after = [step for step in moved.path if _ORDER[step] > _ORDER[self.current]]
        return replace(moved, current=after[0] if after else moved.path[-1])

    def back(self) -> "RotationFlow":
        """Go to the step before; the answers stay."""
        before = [step for step in self.path if _ORDER[step] < _ORDER[self.current]]
        return replace(self, current=before[-1] if before else self.current)

    def to(self, step: StepId) -> "RotationFlow":
        """Go to a step. One that does not apply leads to the last one before it that does."""
        wanted = _ORDER.get(_INSTEAD.get(step, step))
        if wanted is None:
            return self
        return replace(self, current=[known for known in self.path if _ORDER[known] <= wanted][-1])
