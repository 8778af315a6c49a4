"""The walk for a set-up, with its table of steps."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from wizard.context import AppContext
from wizard.domain.key import Secret
from wizard.domain.setup import Environment
from wizard.findings import StepId, Verdict
from wizard.guide import page_title
from wizard.setup.answers import Answers
from wizard.setup.finale import FINALE, summary_of
from wizard.setup.organisation import ORG_NUMBER, SETUP
from wizard.setup.review import REVIEW
from wizard.setup.start import ENABLE_API, WELCOME
from wizard.setup.state import SetupState, journal_of, read_journal
from wizard.setup.writing import shown
from wizard.text import Texts
from wizard.walk.access import access_step
from wizard.walk.engine import Frame, Step, Walk
from wizard.walk.journal import load_journal_v1
from wizard.walk.key import key_step
from wizard.walk.page import Choice, Leave, Shown
from wizard.walk.storage import application_step, storage_step

TABLE: tuple[Step[Any], ...] = (
    WELCOME,
    ENABLE_API,
    storage_step(2),
    key_step(2),
    application_step(2),
    SETUP,
    ORG_NUMBER,
    access_step(4),
    REVIEW,
    FINALE,
)


class SetupWalk(Walk[SetupState]):
    """The walk for a set-up."""

    def __init__(
        self,
        context: AppContext,
        answers: Answers,
        t: Texts,
        *,
        target: Path | None = None,
        is_offline: bool = False,
        may_overwrite: bool = False,
        no_input: bool = False,
        dry_run: bool = False,
        words: Mapping[str, Secret] | None = None,
        parent: Callable[[], Shown] | None = None,
        resumes: bool | None = None,
    ) -> None:
        """Create a set-up, resuming an unfinished one if requested.

        Args:
            context: Provides stores, folders, clock and network.
            answers: Answers that are already known.
            t: The initial language.
            target: The path of the config; by default it is derived from the answers.
            is_offline: Whether to make no requests to Tripletex.
            may_overwrite: Whether an existing config may be replaced.
            no_input: Whether the replies come from flags. There is then no journal, and the key is stored
                last.
            dry_run: Whether nothing may be written.
            words: Words that are accepted instead of keys in the demo.
            parent: Creates the walk to show after going back from the first page.
            resumes: Whether to resume an unfinished run; None to ask.
        """
        keeps = not no_input and not words
        journal = journal_of(context.state_folder, target) if keeps else None
        earlier = load_journal_v1(journal) if journal else None
        state = SetupState(
            t=t,
            current=StepId.WELCOME,
            context=context,
            answers=answers,
            target=target,
            is_offline=is_offline,
            may_overwrite=may_overwrite,
            replaces_files=keeps and target is None,
            dry_run=dry_run,
            stores_last=no_input,
            words=words or {},
            journal=journal,
            earlier=earlier,
            # These stay in the store, and are reported at the end unless the config uses them.
            stored=earlier.stored if earlier and not earlier.written else (),
            unfinished=read_journal(context.state_folder, target) if keeps else None,
        )
        if resumes is not None and state.unfinished is not None:
            state.current = state.resume() if resumes else StepId.WELCOME
            if not resumes:
                state.erase()
        super().__init__(TABLE, state, _frame(state), parent=parent)

    @property
    def is_kept(self) -> bool:
        """Whether the run can be resumed later."""
        state = self.state
        return state.journal is not None and os.path.exists(state.journal) and not state.is_finished

    @property
    def has_begun_writing(self) -> bool:
        """Whether the unfinished run that can be resumed has already written a config."""
        page = self.state.unfinished
        return page is not None and bool(page.written)

    def document(self, t: Texts) -> str:
        """Return the text of the config, or a diff if it exists."""
        self.state.t = t
        return shown(list(self.state.documents()))

    async def abandon(self) -> None:
        """Delete the answers, but not a stored key."""
        self.state.erase()
        self.state.journal = None

    def summary(self, t: Texts) -> str:
        """Return the text to leave in the terminal, which is empty for the demo."""
        has_something = self.is_finished and self.state.written and not self.state.is_demo
        return summary_of(self.state, t) if has_something else ""


def _frame(state: SetupState) -> Frame:
    badge = "DEMO" if state.is_demo else "TEST" if state.environment is Environment.TEST else ""
    return Frame(
        label=_label,
        title=_title,
        badge=badge,
        leave=lambda t: _leave(state, t),
        unknown=lambda: _unknown_steps(state),
    )


def _title(step: StepId, t: Texts) -> str:
    return t("Company or office?") if step is StepId.SETUP else page_title(step, t.language)


def _label(number: int, total: int, t: Texts) -> str:
    return t("Step {number} of {total}", number=number, total=total) if number else t("Before you start")


def _unknown_steps(state: SetupState) -> Iterable[StepId]:
    if state.key is not None and state.key_verdict is not Verdict.VALID:
        yield StepId.CREATE_KEY
    if state.said is Verdict.UNKNOWN:
        yield StepId.REVIEW


def _leave(state: SetupState, t: Texts) -> Leave:
    if state.is_demo:
        return Leave(
            t("Leave the demo?"),
            (t("The demo's folder is deleted. Nothing of it is left on the machine."),),
            (Choice("stay", t("Continue the demo")), Choice("quit", t("Quit"))),
        )
    key = state.key
    kept = t("Everything is saved: your answers and the key.") if key else t("Your answers are saved.")
    return Leave(
        t("Quit?"),
        (kept, t("Next time, choose “Continue where you left off”.")),
        (
            Choice("stay", t("Continue the set-up")),
            Choice("quit", t("Quit now")),
            Choice("erase", t("Quit, and delete the answers")),
        ),
    )
