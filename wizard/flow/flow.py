"""Where a person is, and where forward, back and a jump lead."""

from dataclasses import dataclass, replace

from wizard.findings import StepId
from wizard.flow.answers import Answers
from wizard.flow.steps import STEPS, steps_for


@dataclass(frozen=True, slots=True)
class Position:
    """«Step n of m»; ``number`` is 0 on a step that does not count."""

    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Flow:
    """A place in the table with the answers so far. Frozen: every move gives a new one."""

    answers: Answers
    current: StepId = StepId.WELCOME

    @property
    def path(self) -> tuple[StepId, ...]:
        """The steps that the answers lead through, in order."""
        return tuple(step.id for step in steps_for(self.answers))

    @property
    def position(self) -> Position:
        """Where the current step stands among those that count."""
        numbered = [step.id for step in steps_for(self.answers) if step.is_numbered]
        number = numbered.index(self.current) + 1 if self.current in numbered else 0
        return Position(number, len(numbered))

    @property
    def is_first(self) -> bool:
        """Whether there is nothing to go back to."""
        return self.current == self.path[0]

    @property
    def is_last(self) -> bool:
        """Whether there is nothing to go on to."""
        return self.current == self.path[-1]

    def forward(self, answers: Answers | None = None) -> "Flow":
        """Take the answers over and go to the next step that applies to them."""
        answers = answers or self.answers
        path = tuple(step.id for step in steps_for(answers))
        return Flow(answers, _beside(path, self.current, 1))

    def back(self) -> "Flow":
        """Go to the step before; the answers stay, so that nothing typed is lost."""
        return replace(self, current=_beside(self.path, self.current, -1))

    def to(self, step: StepId) -> "Flow":
        """Go to a step. One that no longer applies leads to the last one before it that does."""
        order = [known.id for known in STEPS]
        reached = [known for known in self.path if order.index(known) <= order.index(step)]
        return replace(self, current=reached[-1])


def _beside(path: tuple[StepId, ...], step: StepId, distance: int) -> StepId:
    index = path.index(step) + distance
    return path[max(0, min(index, len(path) - 1))]
