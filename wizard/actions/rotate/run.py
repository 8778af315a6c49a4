"""One rotation: the conversation that every face shows, whoever answers it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from wizard.actions.context import AppContext
from wizard.actions.rotate import ending, new_key, start
from wizard.actions.rotate.journal import RotationJournal, RotationPage
from wizard.actions.rotate.members import Group
from wizard.actions.rotate.state import RotationState, reached
from wizard.domain.held import StoreKind
from wizard.findings import Finding, StepId, codes
from wizard.flow.frame import outline_of
from wizard.flow.questions import AskSecret, Outcome, OutlineEntry, Question, Reply, Report
from wizard.flow.rotation.answers import RotationAnswers, RotationKnown
from wizard.flow.rotation.asking import question_for
from wizard.flow.rotation.steps import RotationFlow
from wizard.text import Texts

Handler = Callable[[RotationState, Reply, Report], Awaitable[Outcome]]

_HANDLERS: Final[Mapping[StepId, Handler]] = {
    StepId.ROTATE_START: start.begin,
    StepId.APPLICATION: start.take_application,
    StepId.STORAGE: start.take_storage,
    StepId.CREATE_KEY: new_key.take_key,
    StepId.CLIENT_ACCESS: new_key.take_client_access,
    StepId.ROTATE_REVIEW: ending.take_review,
    StepId.ROTATE_TABLE: ending.take_table,
    StepId.ROTATE_OLD_KEY: ending.take_old_key,
}

_MOST_SHOWN: Final = 20
"""Configs whose changes are shown on a screen; the others are changed alike."""


class RotateRun:
    """Replacing the key of one or more configs, as a ``Conversation``."""

    def __init__(
        self,
        context: AppContext,
        group: Group,
        t: Texts,
        *,
        unfinished: RotationPage | None = None,
        refused: Mapping[Path, Finding] | None = None,
        store: StoreKind | None = None,
        is_rehearsal: bool = False,
        stores_late: bool = False,
    ) -> None:
        """Prepare a rotation; nothing is asked of anybody yet.

        Args:
            context: The outside world.
            group: The configs, the locks of which the caller holds.
            t: The language to begin in.
            unfinished: What an earlier run noted that did not come to its end.
            refused: Why some of the configs are not held.
            store: Where the new key shall lie, if that was asked for.
            is_rehearsal: Whether nothing may be written, not even to a store.
            stores_late: Whether the new key is proven before it is stored.
        """
        config = group.first.config
        setups = {member.config.setup for member in group.members}
        answers = RotationAnswers(
            environment=config.environment,
            application=config.application,
            setup=config.setup,
            is_mixed=len(setups) > 1,
            org_number=config.org_number if len(group.members) == 1 else "",
        )
        self._state = RotationState(
            context,
            group,
            RotationFlow(answers),
            t,
            RotationJournal(None if is_rehearsal else context.state_folder),
            is_rehearsal=is_rehearsal,
            stores_late=stores_late,
            refused=refused or {},
            wish=store,
            unfinished=unfinished,
        )
        self._state.sort_members()
        self._state.in_use = start.as_configured(self._state)

    @property
    def state(self) -> RotationState:
        """What the run knows; for reports."""
        return self._state

    @property
    def is_finished(self) -> bool:
        """Whether the last question has been answered."""
        return self._state.is_finished

    @property
    def can_go_back(self) -> bool:
        """Whether there is a question before this one; what has been changed is not asked again."""
        state = self._state
        return not state.flow.is_first and not state.has_changed

    def question(self, t: Texts) -> Question:
        """Return the current question in the reader's language."""
        state = self._state
        state.t = t
        question = question_for(state.flow, self._known(), t)
        if isinstance(question, AskSecret) and question.step is StepId.CREATE_KEY:
            return replace(question, keep=partial(new_key.keep_key, state))
        return question

    def outline(self, t: Texts) -> tuple[OutlineEntry, ...]:
        """Return the steps that the answers lead through so far."""
        return outline_of(self._state.flow, t)

    def _known(self) -> RotationKnown:
        state = self._state
        missing = (
            str(finding.values["number"])
            for trouble in state.blocked.values()
            for finding in trouble
            if finding.code is codes.CLIENT_ACCESS_MISSING
        )
        return RotationKnown(
            paths=tuple(str(member.path) for member in state.group.members),
            others=state.group.others,
            in_use=state.in_use,
            key_name=state.key_name,
            new_company=state.new_company,
            lost=reached(state.lost),
            missing=tuple(dict.fromkeys(missing)),
            reached=reached(state.new_clients or ()),
            document="".join(state.differences[:_MOST_SHOWN]),
            not_shown=max(0, len(state.differences) - _MOST_SHOWN),
            fates=tuple(state.fates[member.path] for member in state.group.members),
            findings=state.findings,
            stores=state.stores,
            is_resumable=state.unfinished is not None,
            old_is_dead=state.old_is_dead,
        )

    async def submit(self, reply: Reply, report: Report) -> Outcome:
        """Work a reply in; a new key is safe in its store before this returns."""
        state = self._state
        handler = _HANDLERS.get(state.flow.current)
        return await handler(state, reply, report) if handler else state.move(state.answers)

    def back(self) -> None:
        """Go to the question before; the answers stay."""
        self._state.flow = self._state.flow.back()
        self._state.findings = ()

    def go_to(self, step: StepId) -> None:
        """Go to the step that mends a finding."""
        self._state.go_to(step)
