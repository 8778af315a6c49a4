"""The step where the key is pasted, which is then checked, stored and tested at once.

Tripletex shows the key only once, so it is stored before anything else can go wrong. Set-up and rotation
share this step, and implement storing and testing in their states.
"""

from typing import Any, Final

from wizard.domain.key import Secret, read_key
from wizard.domain.reference import HeldKey, Reference, describe
from wizard.findings import Cause, Finding, StepId, Term, Verdict, codes
from wizard.guide import GuidePage, load_page
from wizard.secrets.store import GONE
from wizard.text import N_, Texts
from wizard.walk import pages
from wizard.walk.cards import body_of, finding_card, lacks_token
from wizard.walk.engine import Move, Step, Then
from wizard.walk.pages import Card, Key, Page, Reply, State
from wizard.walk.state import Paste, SharedState
from wizard.walk.words import number_of_key, stored_words

_IN_FILE: Final = Term(N_("Copy the key in Tripletex, and save it in the file."))


# --- pages ---


def show_key(state: SharedState, t: Texts) -> Page:
    """Return the page with the clicks, the field and the result of the last paste."""
    guide = load_page(
        StepId.CREATE_KEY,
        t.language,
        state.setup,
        application=state.application,
        key_name=state.key_name,
    )
    finding = state.finding or _key_finding(state)
    card = _card(state, finding, guide, t)
    return Page(
        title=guide.title,
        note=guide.where,
        body=body_of(guide, finding),
        answer=_field(state, card.state, t),
        card=card,
        enter=_enter(state, t),
        keys=_keys(state, t),
        fix_step=_fix_step(state, finding, t),
        copies=(pages.Copy(t("copy {text}", text=state.application), state.application),),
        finding=finding,
        help=guide.topics,
    )


def _key_finding(state: SharedState) -> Finding | None:
    """Return the most important finding about the stored key."""
    if state.key is None or state.is_accepted:
        return None
    errors = [finding for finding in state.key_findings if finding.is_error]
    return next(iter((*errors, *state.key_findings)), None)


def _field(state: SharedState, card_state: State, t: Texts) -> pages.SecretField:
    key = state.key
    field_state = State.RESTING if card_state is State.WARNING else card_state
    length, fingerprint = state.paste.length, state.paste.fingerprint
    if not length and key is not None:
        length, fingerprint = key.length, key.fingerprint
    is_asking = field_state is State.BAD or (field_state is State.RESTING and not length)
    return pages.SecretField(
        t("Paste the API key (not the number called Brukernøkkel-ID)") if is_asking else t("API key"),
        field_state,
        length,
        fingerprint,
        takes_words=bool(state.words),
        short=t("Paste the API key (not Brukernøkkel-ID)") if is_asking else "",
        may_be_empty=state.own_reference is not None,
    )


def _card(state: SharedState, finding: Finding | None, guide: GuidePage, t: Texts) -> Card:
    paste, key = state.paste, state.key
    if state.is_busy and (paste.done or state.waits):
        waiting = (pages.CheckRow(State.WORKING, state.waits),) if state.waits else ()
        return Card(State.WORKING, lines=(*paste.done, *waiting))
    if state.was_cancelled and key is not None:
        return Card(State.RESTING, lines=(t("Cancelled. The key is stored. Ctrl+R tests it again."),))
    if key is not None and finding is not None and finding.code is codes.CONSUMER_TOKEN_MISSING:
        return _unproven(key, state.key_findings, t)
    if finding is not None and (finding.is_error or key is None):
        card = finding_card(finding, t, guide)
        if key is not None and finding.code.cause is Cause.TRIPLETEX:
            kept = t("The key may still be right, and it is stored. You can continue now.")
            card = card._replace(lines=(f"{kept} {t('It is tested again before anything is written.')}",))
        return card
    if key is not None and state.key_verdict is Verdict.VALID:
        stored = stored_words(key.reference, t, is_demo=state.is_demo)
        if state.was_sent:
            last = t("Paste the new key here once you have made it.")
        elif finding:
            last = finding.message(t)
        else:
            last = t("{stored}. Keep the Tripletex window open until the end.", stored=stored)
        return Card(State.GOOD, t("The key works"), (state.key_summary(t), last))
    if key is None:
        return _idle_card(state, t)
    accepted = t("You are continuing with a key that Tripletex refused.")
    return _kept(key, t, accepted if state.is_accepted else t("It has not been tested."))


def _unproven(key: HeldKey, findings: tuple[Finding, ...], t: Texts) -> Card:
    # A key that was repaired must also be repaired where it is pasted next, in Finale.
    noticed = next(
        (finding for finding in findings if finding.code is not codes.CONSUMER_TOKEN_MISSING), None
    )
    return _kept(
        key,
        t,
        t("It cannot be tested: the application's token (consumer token) is missing."),
        noticed.message(t) if noticed else t("That is fine: it works if Finale gets its figures."),
    )


def _kept(key: HeldKey, t: Texts, *lines: str) -> Card:
    stored = pages.CheckRow(State.GOOD, _complete_text(key.number, t, is_stored=True))
    return Card(State.RESTING, lines=(stored, *lines))


def _idle_card(state: SharedState, t: Texts) -> Card:
    if state.own_reference is not None:
        place = describe(state.own_reference)
        lines: tuple[str, ...] = (
            t("The key is read from {place}.", place=place),
            t("Store it there, and paste it here to compare. Or press Enter to read it now."),
        )
        return Card(State.RESTING, lines=lines)
    last = (
        t("Demo: type company, office or refused as the key.")
        if state.words
        else t("The key is not shown. It is stored and tested at once.")
    )
    how = t("Paste: right-click or Shift+Insert (PuTTY),\n       Ctrl+Shift+V (Windows Terminal)")
    return Card(State.RESTING, lines=(how, last))


def _complete_text(number: int | None, t: Texts, *, is_stored: bool = False) -> str:
    said = number_of_key(number, t)
    if is_stored:
        return t("The key is complete, and it is stored: {number}", number=said)
    return t("The key is complete: {number}", number=said)


def _is_refused(state: SharedState) -> bool:
    return state.key is not None and state.key_verdict is Verdict.INVALID and not state.is_accepted


def _enter(state: SharedState, t: Texts) -> str:
    if state.key is None:
        if state.own_reference is not None:
            return t("read it now")
        return "" if state.paste.length else t("continue")
    return t("try again") if _is_refused(state) else t("continue")


def _keys(state: SharedState, t: Texts) -> tuple[Key, ...]:
    if _is_refused(state):
        if not state.may_go_on_refused:
            return ()
        return (Key("F6", t("continue anyway")),)
    if state.key is None:
        return (Key("Ctrl+U", t("clear")),) if state.paste.length else ()
    if state.was_cancelled or (state.key_verdict is Verdict.UNKNOWN and not lacks_token(state.key_findings)):
        return (Key("Ctrl+R", t("try again")),)
    return ()


def _fix_step(state: SharedState, finding: Finding | None, t: Texts) -> tuple[StepId, str] | None:
    if finding is None or finding.step is None:
        return None
    if finding.step is StepId.APPLICATION and state.key is not None:
        return StepId.APPLICATION, t("enter the token")
    if finding.step is StepId.STORAGE:
        return StepId.STORAGE, t("another place")
    return None


# --- actions ---


def edit_key(state: SharedState, edit: pages.Edit) -> None:
    """Clear the field, but keep a stored key."""
    if isinstance(edit, pages.Emptied):
        state.paste = Paste()
        state.trouble = ()


async def arrive_at_key(state: SharedState) -> Move:
    """Test a stored key that has not been tested yet, for example after a lost connection."""
    state.paste.done, state.waits = (), ""
    key = state.key
    if key is None or state.key_verdict is not None:
        return Then.STAY
    found = await state.resolve(key.reference) if key.owned and state.unsaved_key is None else None
    if isinstance(found, Finding) and found.code in GONE:
        # The run ended after the journal was written, but before the key was stored.
        state.reset_key()
        return Then.STAY
    return await _prove(state)


async def take_key(state: SharedState, reply: Reply) -> Move:
    """Store and test a pasted key, or continue with the stored one."""
    match reply:
        case pages.Pasted(text):
            return await _take_pasted(state, state.words.get(text.reveal().strip().casefold(), text))
        case pages.Anyway() if _is_refused(state) and state.may_go_on_refused:
            state.accept_key()
            return Then.NEXT
        case pages.Again() if state.key is not None:
            return await _prove(state)
        case pages.Continue():
            return await _go_on(state)
        case _:
            return Then.STAY


async def _go_on(state: SharedState) -> Move:
    if state.key is None and state.own_reference is not None:
        if state.unsaved_key is not None:
            # The stored key must equal the pasted one, however often it is read.
            return await _compare(state, state.own_reference, state.unsaved_key)
        return await _adopt(state, state.own_reference)
    if state.key is None:
        return state.report(codes.KEY_EMPTY.found())
    if _is_refused(state) or state.key_verdict is None:
        return await _prove(state)
    return Then.NEXT


async def _take_pasted(state: SharedState, text: Secret) -> Move:
    consumer = await state.consumer_token()
    known = consumer if isinstance(consumer, Secret) else None
    reading = read_key(text.reveal(), state.environment, known)
    state.was_sent = False
    state.paste = Paste(length=len(text))
    if reading.secret is None:
        found = reading.findings
        if state.stores_last and any(finding.code is codes.KEY_EMPTY for finding in found):
            # The key comes from a file.
            found = (codes.KEY_EMPTY.found(advice=_IN_FILE),)
        return state.report(*found)
    secret = reading.secret
    state.paste = Paste(length=len(secret), fingerprint=secret.fingerprint)
    if (refused := state.refuse(reading)) is not None:
        return state.report(refused)
    state.key_findings = reading.findings
    _add_result(state, _complete_text(reading.number, state.t))
    if state.own_reference is not None:
        state.unsaved_key = secret
        return await _compare(state, state.own_reference, secret)
    trouble = await state.save_key(secret, reading.number)
    if trouble is not None:
        return state.report(trouble)
    if state.key is not None:
        _add_result(state, stored_words(state.key.reference, state.t, is_demo=state.is_demo))
    return await _prove(state, reading.findings, is_asked=known is not None)


def _add_result(state: SharedState, done: str) -> None:
    state.paste.done = (*state.paste.done, pages.CheckRow(State.GOOD, done))
    state.on_change()


async def _prove(state: SharedState, noticed: tuple[Finding, ...] = (), *, is_asked: bool = True) -> Move:
    state.show_progress(state.t("Asking Tripletex whether it works …") if is_asked else "")
    found = await state.prove()
    state.paste.done, state.waits = (), ""
    state.key_findings = (*found, *noticed)
    return Then.STAY


async def _compare(state: SharedState, reference: Reference, pasted: Secret) -> Move:
    """Check that the key that the user has stored is the one that was pasted. No copy is stored."""
    state.show_progress(state.t("Reading the key from {place} …", place=describe(reference)))
    found = await state.resolve(reference)
    state.paste.done, state.waits = (), ""
    if isinstance(found, Finding):
        if not found.code.is_unknown or not state.paste.has_seen_unreadable:
            state.paste.has_seen_unreadable = found.code.is_unknown
            return state.report(found)
        # It may be readable where the config will be used, so the user can continue with another Enter.
        state.use_own_key(reference, pasted, read_key(pasted.reveal(), state.environment).number)
        await _prove(state, (found,))
        return Then.STAY if _is_refused(state) else Then.NEXT
    reading = read_key(found.reveal(), state.environment)
    if reading.secret != pasted:
        return state.report(codes.NOT_THE_PASTED_KEY.found(reference=describe(reference)))
    state.unsaved_key = None
    state.use_own_key(reference, pasted, reading.number)
    return await _prove(state)


async def _adopt(state: SharedState, reference: Reference) -> Move:
    """Read and use a key that the user has stored."""
    state.show_progress(state.t("Reading the key from {place} …", place=describe(reference)))
    found = await state.resolve(reference)
    state.waits = ""
    if isinstance(found, Finding):
        if not found.code.is_unknown:
            return state.report(found)
        # A vault may be locked at the moment, so the reference may still be right.
        state.use_own_key(reference, None, None)
        state.key_findings = (found,)
        return Then.STAY
    reading = read_key(found.reveal(), state.environment)
    if reading.secret is None:
        return state.report(*reading.findings)
    state.use_own_key(reference, reading.secret, reading.number)
    return await _prove(state, reading.findings)


CREATE_KEY: Step[Any] = Step(
    id=StepId.CREATE_KEY, show=show_key, take=take_key, arrive=arrive_at_key, edit=edit_key, number=2
)
