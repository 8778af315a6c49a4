"""One set-up: the conversation that every face shows, whoever answers it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from wizard.actions.context import STORES, AppContext
from wizard.actions.journal import Journal
from wizard.actions.lines import line_of
from wizard.actions.setup import key, place, proof, start, storage, writing
from wizard.actions.setup.document import review_of
from wizard.actions.setup.state import SetupState
from wizard.domain.key import looks_like_token
from wizard.domain.reference import describe
from wizard.findings import StepId, codes
from wizard.flow.answers import Answers
from wizard.flow.asking import question_for
from wizard.flow.flow import Flow
from wizard.flow.frame import outline_of
from wizard.flow.known import Known
from wizard.flow.questions import AskSecret, Outcome, OutlineEntry, Question, Reply, Report, Typed
from wizard.text import Texts

Handler = Callable[[SetupState, Reply, Report], Awaitable[Outcome]]

_HANDLERS: dict[StepId, Handler] = {
    StepId.WELCOME: start.begin,
    StepId.APPLICATION: start.take_application,
    StepId.STORAGE: storage.take_storage,
    StepId.OWN_PLACE: storage.take_own_place,
    StepId.CREATE_KEY: key.take_key,
    StepId.SETUP: place.take_setup,
    StepId.SCOPE: place.take_scope,
    StepId.ORG_NUMBER: place.take_org_number,
    StepId.CLIENT_ACCESS: place.take_client_access,
    StepId.REVIEW: writing.take_review,
    StepId.CHECK: proof.take_check,
    StepId.DONE: writing.finish,
}


class SetupRun:
    """The first-time set-up as a ``Conversation``."""

    def __init__(
        self,
        context: AppContext,
        answers: Answers,
        t: Texts,
        *,
        target: Path | None = None,
        is_offline: bool = False,
        may_overwrite: bool = False,
        keeps_journal: bool = True,
        is_rehearsal: bool = False,
        stores_late: bool = False,
    ) -> None:
        journal = Journal(context.state_folder if keeps_journal else None, target)
        self._state = SetupState(
            context,
            Flow(answers),
            t,
            journal,
            target,
            is_offline,
            may_overwrite,
            is_rehearsal,
            stores_late,
            unfinished=journal.read(),
        )

    @property
    def state(self) -> SetupState:
        """What the run knows; for the reports of a run without questions."""
        return self._state

    @property
    def is_finished(self) -> bool:
        """Whether the last question has been answered."""
        return self._state.is_finished

    @property
    def is_kept(self) -> bool:
        """Whether a later run can go on from where this one is."""
        return self._state.journal.read() is not None

    @property
    def has_begun_writing(self) -> bool:
        """Whether an earlier run, which can be gone on with, has written its config already."""
        return self._state.unfinished is not None and bool(self._state.unfinished.written)

    @property
    def can_go_back(self) -> bool:
        """Whether there is a question before this one."""
        return not self._state.flow.is_first

    def question(self, t: Texts) -> Question:
        """Return the current question in the reader's language."""
        state = self._state
        state.t = t
        question = question_for(state.flow, self._known(t), t)
        keeps = state.answers.key_reference is None
        if keeps and isinstance(question, AskSecret) and question.step is StepId.CREATE_KEY:
            return replace(question, keep=partial(key.keep_key, state))
        return question

    def outline(self, t: Texts) -> tuple[OutlineEntry, ...]:
        """Return the steps that the answers lead through so far."""
        return outline_of(self._state.flow, t)

    def _known(self, t: Texts) -> Known:
        state = self._state
        is_review = state.flow.current is StepId.REVIEW
        review = review_of(list(state.documents())) if is_review else Known()
        return replace(
            review,
            config_path=str(state.path),
            clients=state.clients,
            lines=tuple(line_of(result, t) for result in state.results),
            findings=state.findings,
            stores=state.stores or tuple((kind, None) for kind in STORES),
            is_resumable=state.unfinished is not None,
            key_place=describe(state.answers.key_reference) if state.answers.key_reference else "",
            pasted=key.pasted_only(state),
        )

    async def submit(self, reply: Reply, report: Report) -> Outcome:
        """Work a reply in; what was answered is written down before this returns."""
        state = self._state
        state.report = report
        was_kept = state.unkept is None
        handler = _HANDLERS.get(state.flow.current)
        if isinstance(reply, Typed) and looks_like_token(reply.text):
            return state.stay(codes.KEY_SHOWN.found())
        outcome = await handler(state, reply, report) if handler else state.move(state.answers)
        if state.is_finished:
            state.journal.erase()
        else:
            state.write_down()
        if was_kept and state.unkept is not None:
            return replace(outcome, findings=(*outcome.findings, state.unkept))
        return outcome

    def back(self) -> None:
        """Go to the question before; the answers stay."""
        self._state.flow = self._state.flow.back()
        self._state.findings = ()

    def go_to(self, step: StepId) -> None:
        """Go to the step that mends a finding."""
        self._state.go_to(step)
