"""What a face needs of the run that it shows: questions, replies, back and a jump."""

from typing import Protocol

from wizard.findings import StepId
from wizard.flow.questions import Outcome, OutlineEntry, Question, Reply, Report
from wizard.text import Texts


class Conversation(Protocol):
    """A run that asks one question at a time; set-up and rotation are two of them."""

    @property
    def is_finished(self) -> bool:
        """Whether the last question has been answered."""
        ...

    @property
    def can_go_back(self) -> bool:
        """Whether there is a question before this one."""
        ...

    def question(self, t: Texts) -> Question:
        """Return the current question in the reader's language; asking twice changes nothing."""
        ...

    def outline(self, t: Texts) -> tuple[OutlineEntry, ...]:
        """Return the steps that the answers lead through so far, in order."""
        ...

    async def submit(self, reply: Reply, report: Report) -> Outcome:
        """Work a reply in, telling ``report`` what happens meanwhile; may be cancelled."""
        ...

    def back(self) -> None:
        """Go to the question before; does nothing on the first."""
        ...

    def go_to(self, step: StepId) -> None:
        """Go to the step that mends a finding."""
        ...
