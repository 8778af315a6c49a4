"""What stands around every question of a walk: its place, the guide's words, the list of steps."""

from collections.abc import Mapping
from typing import Protocol

from wizard.domain.setup import Setup
from wizard.findings import StepId
from wizard.flow.copies import copies_in
from wizard.flow.flow import Position
from wizard.flow.known import Common
from wizard.flow.questions import OutlineEntry
from wizard.guide import load_step
from wizard.text import Texts


class Walk(Protocol):
    """A place in a table of steps: of a set-up, or of a rotation."""

    @property
    def current(self) -> StepId:
        """The step that is asked."""
        ...

    @property
    def path(self) -> tuple[StepId, ...]:
        """The steps that the answers lead through, in order."""
        ...

    @property
    def position(self) -> Position:
        """Where the current step stands among those that count."""
        ...


def frame(walk: Walk, setup: Setup | None, values: Mapping[str, str | None], t: Texts) -> Common:
    """Return what every question has, whatever its kind.

    Args:
        walk: The place of the question.
        setup: Whose variant of the guide is told; None for what all have in common.
        values: What the guide's placeholders stand for; None where it is not known yet.
        t: The reader's language.
    """
    blank = load_step(walk.current, t.language, setup)
    guide = blank.filled(**values)
    return {
        "step": walk.current,
        "position": walk.position,
        "title": guide.title,
        "guide": guide.body,
        "help": guide.help,
        "copies": copies_in(blank.body, values),
    }


def outline_of(walk: Walk, t: Texts) -> tuple[OutlineEntry, ...]:
    """Return the steps that the answers lead through, for a list beside the question."""
    path = walk.path
    current = path.index(walk.current)
    return tuple(
        OutlineEntry(step, load_step(step, t.language).title, index == current, index < current)
        for index, step in enumerate(path)
    )
