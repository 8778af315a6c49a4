"""The walk for a rotation, with its table of steps."""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final

from wizard.context import AppContext
from wizard.domain.reference import StoreKind
from wizard.domain.setup import Environment
from wizard.findings import Finding, StepId, Verdict
from wizard.guide import page_title
from wizard.rotation.changing import differences
from wizard.rotation.ending import ROTATE_END, summary_of
from wizard.rotation.members import Group, RotationJournal, SavedRotation
from wizard.rotation.review import ROTATE_REVIEW
from wizard.rotation.start import ROTATE_START, as_configured
from wizard.rotation.state import RotationState
from wizard.text import Texts
from wizard.walk.access import access_step
from wizard.walk.engine import Frame, Step, Walk
from wizard.walk.key import key_step
from wizard.walk.pages import Choice, Leave, Shown
from wizard.walk.storage import application_step, storage_step

TABLE: Final[tuple[Step[Any], ...]] = (
    ROTATE_START,
    storage_step(2),
    key_step(2),
    application_step(2),
    ROTATE_REVIEW,
    access_step(3, is_aside=True),
    ROTATE_END,
)
_MOST_SHOWN: Final = 20
"""How many configs' changes are shown, since the others are similar."""


class RotationWalk(Walk[RotationState]):
    """The walk for replacing the key of one or more configs."""

    def __init__(
        self,
        context: AppContext,
        group: Group,
        t: Texts,
        *,
        unfinished: SavedRotation | None = None,
        refused: Mapping[Path, Finding] | None = None,
        store: StoreKind | None = None,
        dry_run: bool = False,
        stores_late: bool = False,
        parent: Callable[[], Shown | None] | None = None,
    ) -> None:
        """Create a rotation.

        Args:
            context: Provides stores, folders, clock and network.
            group: The configs, which the caller has locked.
            t: The initial language.
            unfinished: The journal of an unfinished run.
            refused: Findings about configs that could not be locked.
            store: The requested store for the new key, if any.
            dry_run: Whether nothing may be written, not even to a store.
            stores_late: Whether to test the new key before storing it.
            parent: Creates the walk to show after going back from the first page.
        """
        state = RotationState(
            t=t,
            current=StepId.ROTATE_START,
            context=context,
            group=group,
            journal=RotationJournal(None if dry_run else context.state_folder),
            dry_run=dry_run,
            stores_late=stores_late,
            refused=refused or {},
            requested_store=store,
            unfinished=unfinished,
        )
        state.sort_members()
        state.in_use = as_configured(state)
        super().__init__(TABLE, state, _frame(state), parent=parent)

    def _before(self) -> list[str]:
        # There is no way back after the configs have been changed.
        return [] if self.state.has_carried_out else super()._before()

    @property
    def can_go_back(self) -> bool:
        """Whether there is a page before this one."""
        return not self.state.has_carried_out and super().can_go_back

    def document(self, t: Texts) -> str:
        """Return the changes to the configs as unified diffs."""
        shown = "".join(islice(differences(self.state), _MOST_SHOWN))
        more = len(self.state.texts) - _MOST_SHOWN
        if more > 0:
            shown += (
                t.plural(
                    "{n} more config changes in the same way.",
                    "{n} more configs change in the same way.",
                    more,
                )
                + "\n"
            )
        return shown

    async def abandon(self) -> None:
        """Delete the journal, but not the new key."""
        if self.state.saved is not None and not self.state.moved:
            self.state.journal.erase(self.state.saved)

    def summary(self, t: Texts) -> str:
        """Return the text to leave in the terminal."""
        return summary_of(self.state, t) if self.state.has_carried_out else ""


def _frame(state: RotationState) -> Frame:
    return Frame(
        label=lambda number, total, t: t("Change key · step {number} of {total}", number=number, total=total),
        title=lambda step, t: page_title(step, t.language),
        badge="TEST" if state.environment is Environment.TEST else "",
        leave=lambda t: _leave(state, t),
        unknown=lambda: _unknown_steps(state),
    )


def _unknown_steps(state: RotationState) -> Iterable[StepId]:
    if state.in_use.verdict is Verdict.UNKNOWN:
        yield StepId.ROTATE_START
    if state.key is not None and state.key_verdict is not Verdict.VALID:
        yield StepId.CREATE_KEY


def _leave(state: RotationState, t: Texts) -> Leave:
    kept = (
        t("The new key is stored. The config files have the old one.")
        if state.key is not None
        else t("Nothing has been changed.")
    )
    again = t("Next time, choose “Continue where you left off”.")
    return Leave(
        t("Quit?"),
        (kept, again) if state.key is not None else (kept,),
        (Choice("stay", t("Continue the change")), Choice("quit", t("Quit now"))),
    )
