"""The walk for a rotation: its first step, which tests the key in use, and its table of steps."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Final

from wizard.context import AppContext, is_own, prepare_to_connect, store_of
from wizard.domain.key import Secret, read_key
from wizard.domain.reference import FileReference, StoreKind
from wizard.domain.setup import Environment
from wizard.findings import Finding, StepId, Verdict, codes, verdict
from wizard.guide import Click, Clicks, load_page
from wizard.rotation.changing import differences
from wizard.rotation.ending import ROTATE_END, summary_of
from wizard.rotation.journal import SavedRotation, erase_rotation
from wizard.rotation.members import Group
from wizard.rotation.proving import KeyInUse, checks_of, clients_of
from wizard.rotation.review import ROTATE_REVIEW
from wizard.rotation.state import RotationState
from wizard.secrets.store import GONE
from wizard.text import Texts
from wizard.walk import pages, words
from wizard.walk.access import CLIENT_ACCESS
from wizard.walk.cards import finding_card
from wizard.walk.engine import Move, Step, Then, Walk
from wizard.walk.key import CREATE_KEY
from wizard.walk.pages import Card, Choice, Chosen, Page, Reply, State
from wizard.walk.storage import APPLICATION, STORAGE

_MOST_SHOWN: Final = 20
"""How many configs' changes are shown, since the others are similar."""
_MOST_PATHS = 3


def _show_start(state: RotationState, t: Texts) -> Page:
    in_use = state.in_use
    # An office key has access to clients, not to the office.
    own = in_use.company.name if in_use.company else None
    reached = t("the same clients") if state.setup and state.setup.is_bureau else own
    guide = load_page(StepId.ROTATE_START, t.language, state.setup, company=reached)
    finding = state.finding or in_use.finding
    is_unfinished = state.unfinished is not None
    lacks = in_use.finding is not None and in_use.finding.code is codes.CONSUMER_TOKEN_MISSING
    was_stopped = in_use.verdict is None and not state.is_busy
    paths = [member.path for member in state.group.members]
    return Page(
        title=guide.title,
        body=(
            pages.Rule(t("In use now")),
            pages.Facts(_facts(state, t)),
            pages.Slot.CARD,
            *(
                ()
                if is_unfinished
                else (pages.Rule(t("What happens")), *(_unproven(guide.body, t) if lacks else guide.body))
            ),
        ),
        card=_card(state, finding, t),
        choices=_choices(state.unfinished, t) if state.unfinished else (),
        marked=words.RESUME if is_unfinished else "",
        enter=t("choose") if is_unfinished else t("continue"),
        keys=(pages.Key("Ctrl+R", t("check again")),) if (finding and not lacks) or was_stopped else (),
        fix_step=(StepId.APPLICATION, t("enter the token")) if lacks else None,
        copies=tuple(pages.Copy(t("copy the path"), str(path)) for path in paths[:1]),
        finding=finding,
        help=guide.topics,
    )


def _unproven(body: tuple[pages.Block, ...], t: Texts) -> Iterator[pages.Block]:
    """Yield the clicks without the one about a check, which is not possible without the token."""
    for block in body:
        if isinstance(block, Clicks):
            used = Click(t("The new one is used without being tested. You can undo the change."))
            figures = Click(t("You paste the new one into Finale. If figures arrive, delete the old one."))
            yield block._replace(items=(block.items[0], used, figures))
        else:
            yield block


def _facts(state: RotationState, t: Texts) -> tuple[tuple[str, str], ...]:
    in_use, members = state.in_use, state.group.members
    key = words.key_fact(in_use.kind, in_use.number, t)
    if in_use.installed is not None:
        key = t("{key}, in use since {date}", key=key, date=t.date(in_use.installed))
    rows = [(t("Key"), key)]
    if in_use.company is not None:
        rows.append((t("Company"), words.company_words(in_use.company, t)))
    if len(members) == 1:
        rows.append((t("Config file"), str(members[0].path)))
    else:
        names = ", ".join(member.path.name for member in members[:_MOST_PATHS])
        more = f" … ({len(members)})" if len(members) > _MOST_PATHS else ""
        rows.append((t("Config files"), f"{names}{more}"))
    if state.group.others:
        rows.append(("", others_line(state.group.others, t)))
    return tuple(rows)


def others_line(count: int, t: Texts) -> str:
    """Return how many configs in the folder the rotation passes over."""
    return t.plural(
        "{n} config in the folder uses another key and stays as it is.",
        "{n} configs in the folder use other keys and stay as they are.",
        count,
    )


def _card(state: RotationState, finding: Finding | None, t: Texts) -> Card:
    if state.is_busy:
        return Card(State.WORKING, lines=(state.waits or t("Trying the key in use …"),))
    if state.unfinished is not None:
        return words.unfinished_rotation_card(state.unfinished.new, t)
    if finding is not None and finding.code is codes.CONSUMER_TOKEN_MISSING:
        lines = (
            t("The key cannot be tested: the application's token (consumer token) is missing."),
            t("You can change the key anyway, and fetch figures in Finale afterwards."),
        )
        return Card(State.RESTING, lines=lines)
    if finding is not None:
        card = finding_card(finding, t)
        return card._replace(lines=(*card.lines, t("You can continue: the new key is tested on its own.")))
    if state.in_use.verdict is None:
        return Card(
            State.RESTING, lines=(t("Cancelled. Ctrl+R checks again; Enter continues without a check."),)
        )
    return Card(State.GOOD, t("The key works today."))


def _choices(saved: SavedRotation, t: Texts) -> tuple[Choice, ...]:
    resume, fresh = words.resume_choices(saved.new, t)
    # The card already says that the key is kept.
    return (resume._replace(note=""), fresh)


# --- actions ---


async def _arrive_at_start(state: RotationState) -> Move:
    if state.in_use.verdict is None:
        prepare_to_connect()
        await _discard_void_journal(state)
        await try_key_in_use(state)
    if state.resumes and state.unfinished is not None:
        return await _resume(state, state.unfinished)
    return Then.STAY


async def _discard_void_journal(state: RotationState) -> None:
    """Delete the journal of a run that ended before its key was stored, since it cannot be resumed."""
    saved = state.unfinished
    if saved is None:
        return
    found = await state.context.resolver().resolve(
        saved.new.reference, config_path=None, environment=saved.old.environment
    )
    if isinstance(found, Finding) and found.code in GONE:
        erase_rotation(state.context.state_folder, saved)
        state.unfinished = None


async def _take_start(state: RotationState, reply: Reply) -> Move:
    if isinstance(reply, pages.Again):
        await try_key_in_use(state)
        return Then.STAY
    if reply == Chosen(words.FRESH) and state.unfinished is not None:
        state.discard_unfinished()
    if state.unfinished is not None:
        return await _resume(state, state.unfinished)
    await find_store(state)
    return Then.NEXT


async def _resume(state: RotationState, saved: SavedRotation) -> Move:
    state.resume_from(saved)
    # The new key may not be in one of the wizard's stores; another one may have to be made.
    await find_store(state)
    return StepId.CREATE_KEY


def as_configured(state: RotationState) -> KeyInUse:
    """Return what is known about the key in use from the configs."""
    old = state.group.old
    users = (member.config for member in state.group.members if member.key.is_same(old))
    installed = next((config.installed for config in users if config.installed), None)
    return KeyInUse(number=old.number, installed=installed)


async def try_key_in_use(state: RotationState) -> None:
    """Test the key in use, and store the result in the state."""
    state.show_progress(state.t("Trying the key in use …"))
    old = state.group.old
    state.in_use = as_configured(state)
    secret = await state.resolve(old.reference)
    if isinstance(secret, Finding):
        _note(state, secret)
        return
    reading = read_key(secret.reveal(), state.environment)
    state.in_use = replace(state.in_use, secret=reading.secret or secret, number=reading.number or old.number)
    if reading.secret is None:
        _note(state, next(finding for finding in reading.findings if finding.is_error))
        return
    await _ask(state, reading.secret)
    state.waits = ""


async def _ask(state: RotationState, employee: Secret) -> None:
    async with state.probe(employee) as probe:
        if isinstance(probe, Finding):
            _note(state, probe)
            return
        facts = await probe.facts()
        if isinstance(facts, Finding):
            _note(state, facts)
            return
        clients = await clients_of(probe, facts)
        checks = {member.path: await checks_of(probe, member) for member in state.group.members}
    state.in_use = replace(
        state.in_use,
        verdict=verdict(facts.findings),
        kind=facts.kind,
        company=facts.company,
        clients=None if isinstance(clients, Finding) else clients,
        checks=checks,
        finding=next((finding for finding in facts.findings if finding.is_error), None),
    )


def _note(state: RotationState, finding: Finding) -> None:
    state.in_use = replace(state.in_use, verdict=verdict((finding,)), finding=finding)


async def find_store(state: RotationState) -> None:
    """Choose the store for the new key: the requested one, or else that of the key in use.

    If the user stores the key, it is not moved to a store without asking.
    """
    if state.store is not None:
        return
    wish = state.requested_store or kind_in_use(state)
    own = state.group.old.reference
    if wish is None and isinstance(own, FileReference) and Path(own.path).is_absolute():
        state.key_files, state.store = Path(own.path).parent, "file"
    # A dry run does not even write a test value.
    elif wish is not None and (state.dry_run or await state.context.store(wish).probe() is None):
        state.store = wish
    else:
        await state.find_stores()
        # It may work now, although it did not a moment ago.
        state.store = wish if (wish, None) in state.stores else None
    state.asks_storage = state.store is None


def kind_in_use(state: RotationState) -> StoreKind | None:
    """Return the wizard's store with the key in use, or None if the user stores it."""
    reference = state.group.old.reference
    kind = store_of(reference, state.context)
    # Any entry in the keyring counts, but only the wizard's own files and commands.
    return kind if kind == "keyring" or is_own(reference, state.context) else None


# --- the walk ---

TABLE: Final[tuple[Step[Any], ...]] = (
    Step(id=StepId.ROTATE_START, show=_show_start, take=_take_start, arrive=_arrive_at_start, number=1),
    STORAGE,
    CREATE_KEY,
    APPLICATION,
    ROTATE_REVIEW,
    # Only reached by a choice, and leads back to that page.
    CLIENT_ACCESS._replace(applies=lambda _: False, number=3),
    ROTATE_END,
)


class RotationWalk(Walk[RotationState]):
    """The walk for replacing the key of one or more configs."""

    def __init__(
        self,
        context: AppContext,
        group: Group,
        t: Texts,
        *,
        store: StoreKind | None = None,
        dry_run: bool = False,
        stores_last: bool = False,
        resumes: bool = False,
        parent: Callable[[], pages.AnyWalk | None] | None = None,
    ) -> None:
        """Create a rotation.

        Args:
            context: Provides stores, folders, clock and network.
            group: The configs, which the caller has locked.
            t: The initial language.
            store: The requested store for the new key, if any.
            dry_run: Whether nothing may be written, not even to a store.
            stores_last: Whether to test the new key before storing it.
            resumes: Whether the user has already chosen to resume an unfinished run.
            parent: Creates the walk to show after going back from the first page.
        """
        state = RotationState(
            t=t,
            current=StepId.ROTATE_START,
            context=context,
            group=group,
            dry_run=dry_run,
            stores_last=stores_last,
            requested_store=store,
            unfinished=group.saved,
            resumes=resumes,
        )
        state.sort_members()
        state.in_use = as_configured(state)
        super().__init__(TABLE, state, parent=parent)

    @property
    def _previous(self) -> StrEnum | None:
        # There is no way back after the configs have been changed.
        return None if self.state.has_carried_out else super()._previous

    @property
    def can_go_back(self) -> bool:
        """Whether there is a page before this one."""
        return not self.state.has_carried_out and super().can_go_back

    def label(self, number: int, total: int, t: Texts) -> str:
        """Return the text in the head, such as «Bytt nøkkel · steg 2 av 4»."""
        return t("Change key · step {number} of {total}", number=number, total=total)

    @property
    def badge(self) -> str:
        """``TEST`` or nothing."""
        return "TEST" if self.state.environment is Environment.TEST else ""

    def unknown_steps(self) -> Iterable[StrEnum]:
        """Return the ids of steps whose checks have unknown results."""
        if self.state.in_use.verdict is Verdict.UNKNOWN:
            yield StepId.ROTATE_START
        if self.state.key is not None and self.state.key_verdict is not Verdict.VALID:
            yield StepId.CREATE_KEY

    def leave(self, t: Texts) -> pages.Leave:
        """Return the question of Ctrl+Q."""
        again = t("Next time, choose “Continue where you left off”.")
        if self.state.key is None:
            lines: tuple[str, ...] = (t("Nothing has been changed."),)
        elif self.state.has_carried_out or self.state.moved:
            lines = (t("The new key is stored. Some config files may already have it."), again)
        else:
            lines = (t("The new key is stored. The config files have the old one."), again)
        return pages.Leave(
            t("Quit?"),
            lines,
            (Choice("stay", t("Continue the change")), Choice("quit", t("Quit now"))),
        )

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
            erase_rotation(self.state.context.state_folder, self.state.saved)

    def summary(self, t: Texts) -> str:
        """Return the text to leave in the terminal."""
        return summary_of(self.state, t) if self.state.has_carried_out else ""
