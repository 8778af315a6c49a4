"""The walk for a set-up: its table of steps, and the first two, the welcome and API 2.0."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from wizard.context import AppContext, prepare_to_connect
from wizard.domain.key import Secret
from wizard.domain.reference import CommandReference, EnvReference, describe
from wizard.domain.setup import Environment
from wizard.findings import StepId, Verdict, codes
from wizard.guide import load_page, page_title
from wizard.setup.answers import Answers, SavedSetup, read_journals
from wizard.setup.documents import preview
from wizard.setup.finale import FINALE, summary_of
from wizard.setup.organisation import ORG_NUMBER, SETUP
from wizard.setup.review import REVIEW
from wizard.setup.state import SetupState
from wizard.text import Texts
from wizard.walk import pages
from wizard.walk.access import CLIENT_ACCESS
from wizard.walk.cards import finding_card
from wizard.walk.engine import Move, Step, Then, Walk
from wizard.walk.journal import JournalV1, remembered_store
from wizard.walk.key import CREATE_KEY
from wizard.walk.pages import Card, Choice, Chosen, Page, Reply, State
from wizard.walk.storage import APPLICATION, STORAGE
from wizard.walk.words import FRESH, RESUME, moment_words, number_of_key, resume_choices

# --- welcome ---


def _show_welcome(state: SetupState, t: Texts) -> Page:
    guide = load_page(StepId.WELCOME, t.language)
    drawing = pages.Drawing("Tripletex", t("API key"), "Visma Finale")
    if state.is_demo:
        return Page(
            title=t("Welcome to the demo"),
            body=(
                pages.Paragraph(
                    t(
                        "Everything here is made up: Tripletex, the companies and the keys. Nothing outside "
                        "the demo's own folder is changed; the folder is deleted at the end."
                    )
                ),
                drawing,
                pages.Paragraph(t("Instead of an API key, type one of these words in step 2:")),
                pages.Bullets(
                    (
                        t("`company`   an ordinary key, for a single company"),
                        t("`office`    an office key with five clients"),
                        t("`refused`   a key that Tripletex refuses"),
                    )
                ),
                pages.Paragraph(t("The rest is just like the real thing.")),
            ),
            enter=t("start"),
            help=guide.topics,
        )
    if state.unfinished is not None:
        return Page(
            title=guide.title,
            card=unfinished_card(state.unfinished, t),
            choices=resume_choices(state.unfinished.answers.key, t),
            marked=RESUME,
            enter=t("choose"),
            help=guide.topics,
        )
    first, *rest = guide.body
    card = version_1_card(state.earlier, t) if state.earlier else None
    return Page(
        title=guide.title, body=(first, drawing, *rest), card=card, enter=t("start"), help=guide.topics
    )


def version_1_card(journal: JournalV1, t: Texts) -> Card:
    """Return the card for a set-up by version 1, which cannot be resumed, with the reference of its key."""
    lines = tuple(t("Saved: {path}", path=path) for path in journal.written)
    if not lines and journal.key is not None:
        number = "?" if journal.key.number is None else journal.key.number
        left = codes.KEY_LEFT.found(key=number, reference=describe(journal.key.reference))
        lines = (left.message(t), left.hint(t))
    return Card(State.RESTING, t("A set-up from an earlier version cannot be continued. Start again."), lines)


def unfinished_card(saved: SavedSetup, t: Texts) -> Card:
    """Return the card for an unfinished set-up, with its company, step and time."""
    answers = saved.answers
    if answers.company is not None and answers.company.name:
        who = answers.company.name
    elif answers.key is not None:
        who = f"{t('Key')} {number_of_key(answers.key.number, t)}"
    else:
        who = t("No key yet")
    title = page_title(saved.current, t.language)
    numbers = {step.id: step.number for step in TABLE}
    number, total = numbers.get(saved.current, 0), max(numbers.values())
    where = (
        t("step {number} of {total}: {title}", number=number, total=total, title=title) if number else title
    )
    words = [who, where]
    if saved.at is not None:
        words.append(moment_words(saved.at.astimezone(), t))
    return Card(State.RESTING, t("A set-up is not finished"), (" · ".join(words),))


async def _leave_welcome(state: SetupState, reply: Reply) -> Move:
    """Resume an unfinished set-up, or start a new one."""
    prepare_to_connect()
    if state.unfinished is not None and reply != Chosen(FRESH):
        return state.resume(state.unfinished)
    state.erase()
    await _find_store(state)
    return Then.NEXT


async def _find_store(state: SetupState) -> None:
    """Choose a store that works for the key, or let the user choose."""
    answers = state.answers
    if answers.asks_storage:
        await _ask_for_store(state)
        return
    if answers.key_reference is not None and answers.store is None:
        # The command line has a reference to the key, so the wizard does not store it.
        return
    wish = answers.store or remembered_store(state.context.state_folder)
    if isinstance(wish, CommandReference | EnvReference):
        # Each key has another reference, so ask for it, with the last one as a proposal.
        state.own_kind = "command" if isinstance(wish, CommandReference) else "env"
        state.answers = replace(answers, key_reference=wish)
        await _ask_for_store(state)
        return
    kind = wish or "keyring"
    if await state.context.store(kind).probe() is None:
        state.answers = replace(answers, store=kind, asks_storage=False)
    else:
        await _ask_for_store(state)


async def _ask_for_store(state: SetupState) -> None:
    await state.find_stores()
    state.answers = replace(state.answers, store=None, asks_storage=True)


# --- API 2.0 ---


def _show_enable_api(state: SetupState, t: Texts) -> Page:
    guide = load_page(StepId.ENABLE_API, t.language, state.setup)
    card = Card(State.RESTING, lines=guide.card) if guide.card else None
    return Page(
        title=guide.title,
        note=guide.where,
        body=guide.body,
        card=finding_card(state.finding, t) if state.finding else card,
        finding=state.finding,
        enter=t("continue"),
        help=guide.topics,
    )


# --- the walk ---

WELCOME = Step(id=StepId.WELCOME, show=_show_welcome, take=_leave_welcome, is_listed=False)
ENABLE_API = Step(id=StepId.ENABLE_API, show=_show_enable_api, number=1)

TABLE: tuple[Step[Any], ...] = (
    WELCOME,
    ENABLE_API,
    STORAGE,
    CREATE_KEY,
    APPLICATION,
    SETUP,
    ORG_NUMBER,
    CLIENT_ACCESS,
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
        parent: Callable[[], pages.AnyWalk] | None = None,
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
        unfinished, earlier = read_journals(context.state_folder, target) if keeps else (None, None)
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
            keeps_journal=keeps,
            is_saved=unfinished is not None,
            earlier=earlier,
            # These stay in the store, and are reported at the end unless the config uses them.
            stored=earlier.stored if earlier and not earlier.written else (),
            unfinished=unfinished,
        )
        if unfinished is not None and resumes:
            state.current = state.resume(unfinished)
        elif unfinished is not None and resumes is False:
            state.erase()
        super().__init__(TABLE, state, parent=parent)

    @property
    def has_begun_writing(self) -> bool:
        """Whether the run that is or can be resumed has already written a config."""
        saved = self.state.unfinished
        return bool(self.state.written if saved is None else saved.written)

    def label(self, number: int, total: int, t: Texts) -> str:
        """Return the text in the head, such as «Steg 2 av 6»."""
        return t("Step {number} of {total}", number=number, total=total) if number else t("Before you start")

    def title(self, step: StrEnum, t: Texts) -> str:
        """Return the name of a step in the list next to the page."""
        return t("Company or office?") if step == StepId.SETUP else super().title(step, t)

    @property
    def badge(self) -> str:
        """``DEMO``, ``TEST`` or nothing."""
        return "DEMO" if self.state.is_demo else "TEST" if self.state.environment is Environment.TEST else ""

    def unknown_steps(self) -> Iterable[StrEnum]:
        """Return the ids of steps whose checks have unknown results."""
        if self.state.key is not None and self.state.key_verdict is not Verdict.VALID:
            yield StepId.CREATE_KEY
        if self.state.check_verdict is Verdict.UNKNOWN:
            yield StepId.REVIEW

    def leave(self, t: Texts) -> pages.Leave:
        """Return the question of Ctrl+Q."""
        if self.state.is_demo:
            return pages.Leave(
                t("Leave the demo?"),
                (t("The demo's folder is deleted. Nothing is left on the machine."),),
                (Choice("stay", t("Continue the demo")), Choice("quit", t("Quit"))),
            )
        stay, leave = Choice("stay", t("Continue the set-up")), Choice("quit", t("Quit now"))
        if not self.state.is_saved and not self.state.could_not_save:
            return pages.Leave(t("Quit?"), (t("Nothing has been changed."),), (stay, leave))
        key = self.state.key
        kept = t("Everything is saved: your answers and the key.") if key else t("Your answers are saved.")
        lines = (kept, t("Next time, choose “Continue where you left off”."))
        if self.state.could_not_save:
            lines = (t("Your answers could not be saved."), t("Next time, the set-up begins again."))
        return pages.Leave(
            t("Quit?"),
            lines,
            (stay, leave, Choice("erase", t("Quit, and delete the answers"))),
        )

    def document(self, t: Texts) -> str:
        """Return the text of the config, or a diff if it exists."""
        self.state.t = t
        return preview(list(self.state.documents()))

    async def abandon(self) -> None:
        """Delete the answers, but not a stored key."""
        self.state.erase()
        self.state.keeps_journal = False

    def summary(self, t: Texts) -> str:
        """Return the text to leave in the terminal, which is empty for the demo."""
        has_something = self.is_finished and self.state.written and not self.state.is_demo
        return summary_of(self.state, t) if has_something else ""
