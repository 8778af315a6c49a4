"""The step where the key is pasted: checked, stored and tested, without another key press.

Tripletex shows the key once. So it is in its store before anything else can go wrong. A set-up and a rotation
share this step; how they store and test a key is theirs.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from wizard.context import AppContext
from wizard.domain.key import KeyReading, read_key
from wizard.domain.reference import HeldKey, Reference, describe
from wizard.domain.secret import Secret
from wizard.domain.setup import Environment, Setup
from wizard.findings import Finding, StepId, Verdict, codes
from wizard.secrets.store import GONE
from wizard.text import Texts
from wizard.walk.engine import (
    Move,
    Step,
    Then,
    View,
    WalkState,
    body_of,
    click_of,
    explained,
    guide_page,
    in_card,
)
from wizard.walk.page import (
    Again,
    Anyway,
    Card,
    CheckRow,
    Continue,
    Copy,
    Edit,
    Emptied,
    Key,
    Pasted,
    Reply,
    SecretField,
    State,
)
from wizard.walk.words import KEY_NAME, number_of_key, stored_words


@dataclass(slots=True)
class Desk:
    """What has come of the last paste.

    Attributes:
        length: How many characters it had; 0 when the field is empty.
        done: What has gone well so far, while the rest is being worked on.
        proof: What Tripletex said about the stored key, or why it could not be asked.
        proven_at: When Tripletex accepted it; None when it did not, or was not asked.
        was_accepted: Whether the user continues with a key that was refused.
    """

    length: int = 0
    fingerprint: str = ""
    done: tuple[CheckRow, ...] = ()
    waiting: str = ""
    proof: tuple[Finding, ...] = ()
    proven_at: datetime | None = None
    was_accepted: bool = False
    was_told_unread: bool = False


@dataclass(kw_only=True)
class KeyState(WalkState, ABC):
    """What a walk with this step knows.

    Attributes:
        desk: What has come of the last paste.
        words: Words that are accepted instead of a key, in the demo.
        in_hand: A pasted key that is not stored.
    """

    context: AppContext
    desk: Desk = field(default_factory=Desk)
    words: Mapping[str, Secret] = field(default_factory=dict, repr=False)
    in_hand: Secret | None = None

    own_reference: Reference | None = None
    """Where the key is kept when the wizard does not keep it; a set-up alone knows such places."""

    @property
    @abstractmethod
    def environment(self) -> Environment:
        """The environment of Tripletex that the key belongs to."""

    @property
    @abstractmethod
    def application(self) -> str:
        """The application that the key is made for."""

    @property
    @abstractmethod
    def setup(self) -> Setup | None:
        """Whose clicks are shown; None for everybody's."""

    @property
    @abstractmethod
    def key(self) -> HeldKey | None:
        """The stored key."""

    @property
    @abstractmethod
    def key_verdict(self) -> Verdict | None:
        """What proving it gave; None before that."""

    @property
    @abstractmethod
    def path(self) -> Path:
        """The config, from which relative references are seen."""

    @property
    def key_name(self) -> str:
        """What to call the key in Tripletex."""
        return KEY_NAME

    @property
    def may_go_on_refused(self) -> bool:
        """Whether somebody may go on with a key that Tripletex refuses."""
        return True

    @property
    def is_demo(self) -> bool:
        """Whether everything is made up."""
        return bool(self.words)

    @abstractmethod
    async def consumer_token(self) -> Secret | Finding:
        """Return the application's token, or why there is none."""

    @abstractmethod
    async def hold(self, secret: Secret, number: int | None) -> Finding | None:
        """Put a key into its store; return why that cannot be."""

    @abstractmethod
    async def prove(self) -> tuple[Finding, ...]:
        """Ask Tripletex about the stored key, and note what it said."""

    @abstractmethod
    def told(self, t: Texts) -> str:
        """Return what was found about a key that works: company, kind, number."""

    def refuse(self, reading: KeyReading) -> Finding | None:
        """Say why a key cannot be the one, before it is stored."""

    @abstractmethod
    def lose_key(self) -> None:
        """Forget a key that is in no store after all."""

    def hold_own(self, reference: Reference, secret: Secret | None, number: int | None) -> None:
        """Take over a key that is kept in a place of the user's own."""

    def forget_proof(self) -> None:
        """Have the stored key tested again: something that the test depends on has changed."""

    async def resolve(self, reference: Reference) -> Secret | Finding:
        """Read a token, as the config will."""
        return await self.context.resolver().resolve(
            reference, config_path=self.path, environment=self.environment
        )


def key_step(number: int) -> "Step[Any]":
    """Return the row of a table."""
    return Step(
        id=StepId.CREATE_KEY, show=show_key, take=take_key, arrive=arrive_at_key, edit=edit_key, number=number
    )


# --- what is shown ---


def show_key(state: KeyState, t: Texts) -> View:
    """Show the clicks, the field and what came of the last paste."""
    values = {"application": state.application, "key_name": state.key_name}
    guide = guide_page(StepId.CREATE_KEY, t.language, state.setup, values)
    finding = state.finding or _standing(state)
    body = body_of(guide, finding)
    card, field_state = _card(state, finding, t)
    if finding is not None and card.code:
        card = replace(card, click=click_of(guide, finding))
    return View(
        title=guide.title,
        note=guide.where,
        body=body,
        answer=_field(state, field_state, t),
        card=card,
        enter=_enter(state, t),
        keys=_keys(state, t),
        fix_step=_fix_step(state, finding, t),
        copies=(Copy(t("copy {text}", text=state.application), state.application),),
        help=(*explained(finding, t), *guide.topics),
        helps_more=finding is not None,
    )


def _standing(state: KeyState) -> Finding | None:
    """What was found about the stored key, as long as there is nothing newer."""
    if state.key is None or state.desk.was_accepted:
        return None
    errors = [finding for finding in state.desk.proof if finding.is_error]
    return next(iter((*errors, *state.desk.proof)), None)


def _field(state: KeyState, field_state: State, t: Texts) -> SecretField:
    asks = t("Paste the API key (not the number called Brukernøkkel-ID)")
    labels = {State.RESTING: asks, State.BAD: asks}
    key = state.key
    length, fingerprint = state.desk.length, state.desk.fingerprint
    if not length and key is not None:
        length, fingerprint = key.length, key.fingerprint
    rests = field_state is State.RESTING and length
    return SecretField(
        t("API key") if rests else labels.get(field_state, t("API key")),
        field_state,
        length,
        fingerprint,
        takes_words=bool(state.words),
        short="" if rests else labels.get(field_state, "") and t("Paste the API key (not Brukernøkkel-ID)"),
        may_be_empty=state.own_reference is not None,
    )


def _card(state: KeyState, finding: Finding | None, t: Texts) -> tuple[Card, State]:
    desk, key = state.desk, state.key
    if state.is_busy and (desk.done or desk.waiting):
        waiting = (CheckRow(State.WORKING, desk.waiting),) if desk.waiting else ()
        return Card(State.WORKING, lines=(*desk.done, *waiting)), State.WORKING
    if state.was_cancelled and key is not None:
        line = t("Cancelled. The key is stored. Ctrl+R tests it again.")
        return Card(State.RESTING, lines=(line,)), State.RESTING
    if key is not None and finding is not None and finding.code is codes.CONSUMER_TOKEN_MISSING:
        return _unproven(key, t), State.RESTING
    if finding is not None and (finding.is_error or key is None):
        card = in_card(finding, t, others=max(len(state.trouble) - 1, 0))
        return card, card.state if card.state in {State.BAD, State.UNKNOWN} else State.RESTING
    if key is not None and state.key_verdict is Verdict.VALID:
        stored = stored_words(key.reference, t, is_demo=state.is_demo)
        if state.was_sent:
            last = t("Paste the new key here once you have made it.")
        elif finding:
            last = finding.message(t)
        else:
            last = t("{stored}. Keep the Tripletex window open until the end.", stored=stored)
        lines = (state.told(t), last)
        return Card(State.GOOD, t("The key works"), lines), State.GOOD
    if key is None:
        return _resting(state, t), State.RESTING
    accepted = t("You are continuing with a key that Tripletex refused.")
    return _kept(key, accepted if desk.was_accepted else t("It has not been tested."), t), State.RESTING


def _unproven(key: HeldKey, t: Texts) -> Card:
    return Card(
        State.RESTING,
        lines=(
            CheckRow(State.GOOD, _whole(key.number, t, is_stored=True)),
            t("It cannot be tested here: the application's token (consumer token) is missing."),
            t("That is fine: it works if Finale gets its figures."),
        ),
    )


def _kept(key: HeldKey, said: str, t: Texts) -> Card:
    return Card(State.RESTING, lines=(CheckRow(State.GOOD, _whole(key.number, t, is_stored=True)), said))


def _resting(state: KeyState, t: Texts) -> Card:
    if state.own_reference is not None:
        place = describe(state.own_reference)
        lines: tuple[str, ...] = (
            t("The key is read from {place}.", place=place),
            t("Store it there, and paste it here to compare. Or press Enter to read it now."),
        )
        return Card(State.RESTING, lines=lines)
    last = (
        t("Demo: type company, office or refused in place of a key.")
        if state.words
        else t("The key is not shown. It is stored and tested at once.")
    )
    how = t("Paste: right-click or Shift+Insert (PuTTY),\n       Ctrl+Shift+V (Windows Terminal)")
    return Card(State.RESTING, lines=(how, last))


def _whole(number: int | None, t: Texts, *, is_stored: bool = False) -> str:
    said = number_of_key(number, t)
    if is_stored:
        return t("The key is complete, and it is stored: {number}", number=said)
    return t("The key is complete: {number}", number=said)


def _is_refused(state: KeyState) -> bool:
    return state.key is not None and state.key_verdict is Verdict.INVALID and not state.desk.was_accepted


def _enter(state: KeyState, t: Texts) -> str:
    if state.key is None:
        if state.own_reference is not None:
            return t("read it now")
        return "" if state.desk.length else t("continue")
    return t("try again") if _is_refused(state) else t("continue")


def _keys(state: KeyState, t: Texts) -> tuple[Key, ...]:
    if _is_refused(state):
        if not state.may_go_on_refused:
            return ()
        return (Key("F6", t("continue anyway")),)
    if state.key is None:
        return (Key("Ctrl+U", t("clear")),) if state.desk.length else ()
    if state.key_verdict is Verdict.UNKNOWN and not _lacks_token(state):
        return (Key("Ctrl+R", t("try again")),)
    return ()


def _lacks_token(state: KeyState) -> bool:
    return any(finding.code is codes.CONSUMER_TOKEN_MISSING for finding in state.desk.proof)


def _fix_step(state: KeyState, finding: Finding | None, t: Texts) -> tuple[StepId, str] | None:
    if finding is None or finding.step is None:
        return None
    if finding.step is StepId.APPLICATION and state.key is not None:
        return StepId.APPLICATION, t("enter the token")
    if finding.step is StepId.STORAGE:
        return StepId.STORAGE, t("another place")
    return None


# --- what is done ---


def edit_key(state: KeyState, edit: Edit) -> None:
    """Empty the field; a stored key stays."""
    if isinstance(edit, Emptied):
        state.desk = Desk(
            proof=state.desk.proof, proven_at=state.desk.proven_at, was_accepted=state.desk.was_accepted
        )
        state.trouble = ()


async def arrive_at_key(state: KeyState) -> Move:
    """Test a stored key that was not tested yet, for example after a lost connection."""
    state.desk.done, state.desk.waiting = (), ""
    key = state.key
    if key is None or state.key_verdict is not None:
        return Then.STAY
    found = await state.resolve(key.reference) if key.owned and state.in_hand is None else None
    if isinstance(found, Finding) and found.code in GONE:
        # It was noted, and the run ended before it was stored.
        state.lose_key()
        return Then.STAY
    return await _prove(state)


async def take_key(state: KeyState, reply: Reply) -> Move:
    """Store a pasted key and test it; continuing keeps the stored one."""
    match reply:
        case Pasted(text):
            return await _take_pasted(state, state.words.get(text.reveal().strip().casefold(), text))
        case Anyway() if _is_refused(state) and state.may_go_on_refused:
            state.desk.was_accepted = True
            return Then.NEXT
        case Again() if state.key is not None:
            return await _prove(state)
        case Continue():
            return await _go_on(state)
        case _:
            return Then.STAY


async def _go_on(state: KeyState) -> Move:
    if state.key is None and state.own_reference is not None:
        if state.in_hand is not None:
            # What was pasted is what the place must give, however often it is read.
            return await _compare(state, state.own_reference, state.in_hand)
        return await _adopt(state, state.own_reference)
    if state.key is None:
        return state.say(codes.KEY_EMPTY.found())
    if _is_refused(state) or state.key_verdict is None:
        return await _prove(state)
    return Then.NEXT


async def _take_pasted(state: KeyState, text: Secret) -> Move:
    consumer = await state.consumer_token()
    known = consumer if isinstance(consumer, Secret) else None
    reading = read_key(text.reveal(), state.environment, known)
    state.was_sent = False
    state.desk = Desk(length=len(text))
    if reading.secret is None:
        return state.say(*reading.findings)
    secret = reading.secret
    state.desk = Desk(length=len(secret), fingerprint=secret.fingerprint, proof=reading.findings)
    if (refused := state.refuse(reading)) is not None:
        return state.say(refused)
    _tell(state, _whole(reading.number, state.t))
    if state.own_reference is not None:
        state.in_hand = secret
        return await _compare(state, state.own_reference, secret)
    trouble = await state.hold(secret, reading.number)
    if trouble is not None:
        return state.say(trouble)
    if state.key is not None:
        _tell(state, stored_words(state.key.reference, state.t, is_demo=state.is_demo))
    return await _prove(state, reading.findings)


def _tell(state: KeyState, done: str) -> None:
    state.desk.done = (*state.desk.done, CheckRow(State.GOOD, done))
    state.on_change()


async def _prove(state: KeyState, noticed: tuple[Finding, ...] = ()) -> Move:
    state.desk.waiting = state.t("Asking Tripletex whether it works …")
    state.desk.was_accepted = False
    state.on_change()
    found = await state.prove()
    state.desk.done, state.desk.waiting = (), ""
    state.desk.proof = (*found, *noticed)
    return Then.STAY


async def _compare(state: KeyState, reference: Reference, pasted: Secret) -> Move:
    """Read a place of the user's own, which must give the key that was pasted; it is kept nowhere else."""
    state.desk.waiting = state.t("Reading the key from {place} …", place=describe(reference))
    state.on_change()
    found = await state.resolve(reference)
    state.desk.done, state.desk.waiting = (), ""
    if isinstance(found, Finding):
        if not found.code.is_unknown or not state.desk.was_told_unread:
            state.desk.was_told_unread = found.code.is_unknown
            return state.say(found)
        # It may well be readable where the config is going to be used: Enter once more goes on.
        state.hold_own(reference, pasted, read_key(pasted.reveal(), state.environment).number)
        await _prove(state, (found,))
        return Then.STAY if _is_refused(state) else Then.NEXT
    reading = read_key(found.reveal(), state.environment)
    if reading.secret != pasted:
        return state.say(codes.NOT_THE_PASTED_KEY.found(reference=describe(reference)))
    state.in_hand = None
    state.hold_own(reference, pasted, reading.number)
    return await _prove(state)


async def _adopt(state: KeyState, reference: Reference) -> Move:
    """Take a key that is in a place of the user's own; it is read there and never moved."""
    state.desk.waiting = state.t("Reading the key from {place} …", place=describe(reference))
    state.on_change()
    found = await state.resolve(reference)
    if isinstance(found, Finding):
        state.desk.waiting = ""
        if not found.code.is_unknown:
            return state.say(found)
        # A vault that is shut today: the reference may be right all the same.
        state.hold_own(reference, None, None)
        state.desk.proof = (found,)
        return Then.STAY
    reading = read_key(found.reveal(), state.environment)
    if reading.secret is None:
        return state.say(*reading.findings)
    state.hold_own(reference, reading.secret, reading.number)
    return await _prove(state, reading.findings)
