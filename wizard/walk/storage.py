"""The step where the user chooses a store for the key, and the one for the consumer token."""

import json
import os
import shlex
import shutil
from dataclasses import replace
from typing import Any

from wizard.context import VARIABLE, consumer_entry
from wizard.domain.key import Secret
from wizard.domain.reference import (
    CommandReference,
    EnvReference,
    OwnKind,
    StoreKind,
    read_command,
    read_variable,
    reference_value,
)
from wizard.findings import Finding, StepId, codes
from wizard.guide import GuidePage, load_page
from wizard.text import Texts
from wizard.walk import pages
from wizard.walk.cards import finding_card, state_of
from wizard.walk.engine import Move, Step, Then
from wizard.walk.journal import remember_store
from wizard.walk.pages import Card, Choice, Chosen, Page, Reply, State
from wizard.walk.state import SharedState


def _edit(state: SharedState, edit: pages.Edit) -> None:
    if isinstance(edit, pages.Marked):
        state.marked_choice = edit.value


# --- pages ---


def _show(state: SharedState, t: Texts) -> Page:
    guide = load_page(StepId.STORAGE, t.language)
    if state.own_kind is not None:
        return _show_own_reference(state, state.own_kind, guide.title, t)
    choices = tuple(_choices(state, t))
    finding = state.finding or _store_trouble(state)
    chosen = state.store if state.store in {choice.value for choice in choices} else None
    marked = "command" if state.shows_more else chosen or choices[0].value
    if state.marked_choice in {choice.value for choice in choices if choice.is_enabled}:
        marked = state.marked_choice
    return Page(
        title=guide.title,
        note=t("asked the first time only"),
        body=_body(state, guide, t),
        choices=choices,
        marked=marked,
        menu_note=True,
        choices_first=True,
        card=finding_card(finding, t) if state.finding and finding else _consent(marked, t),
        enter=t("use the private file") if marked == "file" else t("choose"),
        finding=finding,
        help=guide.topics,
    )


def _body(state: SharedState, guide: GuidePage, t: Texts) -> tuple[pages.Block, ...]:
    first, *rest = guide.body
    lacks = any(trouble and trouble.code is codes.NO_KEYRING for _, trouble in state.stores)
    if lacks and isinstance(first, pages.Paragraph):
        first = pages.Paragraph(f"{t('This machine has no keyring.')} {first.text}")
    return (first, *rest)


def _store_trouble(state: SharedState) -> Finding | None:
    return next(
        (trouble for _, trouble in state.stores if trouble and trouble.code is not codes.NO_KEYRING), None
    )


def _choices(state: SharedState, t: Texts) -> list[Choice]:
    folder = str(state.context.key_folder)
    has_keyring = ("keyring", None) in state.stores
    file = Choice(
        "file",
        t("Private file") if has_keyring else t("Private file (recommended here)"),
        (t("Not encrypted. Only you and this machine's administrator can read it."), folder),
    )
    encrypted = t("Encrypted, and unlocked only while you are logged on.")
    keyring = Choice("keyring", t("The keyring of this machine (recommended)"), (encrypted,))
    choices = [keyring, file] if has_keyring else [file]
    if not state.offers_own_references:
        return choices
    if not state.shows_more:
        others = t("Password vault, command, environment variable or keyring")
        return [*choices, Choice("more", t("Other choices (for IT) …"), (others,), gap=True)]
    choices += [
        Choice("more", t("Other choices (for IT)"), gap=True),
        Choice("command", t("Command"), note=t("from pass, age, systemd-creds or a password vault")),
        Choice("env", t("Environment variable"), note=t("set where the program is started (containers, CI)")),
    ]
    if not has_keyring:
        none = t("none was found on this machine; F1 shows how")
        choices.append(Choice("", t("Keyring"), note=none, is_enabled=False))
    return choices


def _consent(marked: str, t: Texts) -> Card:
    if marked in {"command", "env"}:
        lines: tuple[str, ...] = (
            t(
                "You put the key there yourself. The wizard reads it from there, compares it with the one "
                "that you paste, and keeps no copy."
            ),
        )
    elif marked == "file":
        lines = (
            t("By pressing Enter you agree to keep the key in an unencrypted file."),
            t("The choice is remembered, and can be changed later."),
        )
    else:
        lines = (t("The choice is remembered, and can be changed later."),)
    return Card(State.RESTING, lines=lines)


def _show_own_reference(state: SharedState, kind: OwnKind, title: str, t: Texts) -> Page:
    guide = load_page(StepId.OWN_PLACE, t.language)
    named = state.own_reference
    if kind == "command":
        text = shlex.join(named.command) if isinstance(named, CommandReference) else ""
        label = t("The command that prints the key on its first line")
    else:
        text = named.name if isinstance(named, EnvReference) else ""
        label = t("The name of the variable that holds the key")
    finding = state.finding
    return Page(
        title=title,
        part=kind,
        body=guide.body,
        answer=pages.TextField(
            label,
            state.typed_reference or text,
            State.BAD if state_of(finding) is State.BAD else State.RESTING,
        ),
        card=finding_card(finding, t) if finding else None,
        enter=t("continue"),
        finding=finding,
        help=guide.topics,
    )


# --- actions ---


async def _arrive(state: SharedState) -> Move:
    if not state.stores:
        await state.find_stores()
    return Then.STAY


def _back(state: SharedState) -> bool:
    if state.own_kind is None and not state.shows_more:
        return False
    state.own_kind, state.shows_more, state.typed_reference = None, state.own_kind is not None, ""
    state.reset_page()
    return True


async def _take(state: SharedState, reply: Reply) -> Move:
    """Use the store or reference that was chosen, after testing it."""
    match reply:
        case Chosen("more"):
            state.shows_more = not state.shows_more
            state.marked_choice = "command" if state.shows_more else "more"
        case Chosen("command"):
            state.own_kind = "command"
        case Chosen("env"):
            state.own_kind = "env"
        case Chosen("keyring"):
            return await _use(state, "keyring")
        case Chosen("file"):
            return await _use(state, "file")
        case pages.Typed(text) if state.own_kind is not None:
            return await _take_own_reference(state, state.own_kind, text)
        case pages.Continue() if state.own_kind is not None and state.own_reference is not None:
            return Then.NEXT
    return Then.STAY


async def _use(state: SharedState, store: StoreKind) -> Move:
    trouble = await state.context.store(store).probe()
    if trouble is not None:
        return state.report(trouble)
    remember_store(state.context.state_folder, store)
    state.own_kind = None
    trouble = await state.use_store(store)
    return state.report(trouble) if trouble else Then.NEXT


async def _take_own_reference(state: SharedState, kind: OwnKind, text: str) -> Move:
    """Use a command or variable. It is checked as far as possible without a key."""
    state.typed_reference = text
    named = read_command(text) if kind == "command" else read_variable(text)
    if isinstance(named, Finding):
        if named.code is codes.KEY_SHOWN:
            state.typed_reference = ""
        return state.report(named)
    if isinstance(named, CommandReference) and not _can_run(state, named):
        return state.report(codes.PROGRAM_MISSING.found(program=named.command[0]))
    is_confirmed = state.own_reference == named
    remember_store(state.context.state_folder, named)
    trouble = await state.use_store(named)
    if trouble is not None:
        return state.report(trouble)
    if is_confirmed or (isinstance(named, EnvReference) and named.name in state.context.environ):
        return Then.NEXT
    if isinstance(named, EnvReference):
        # It may be set where the config will be used, so the user can continue with another Enter.
        return state.report(codes.ENV_NOT_SET.found(name=named.name))
    words = json.dumps(reference_value(named)[1], ensure_ascii=False)
    return state.report(codes.COMMAND_WORDS.found(words=words))


def _can_run(state: SharedState, reference: CommandReference) -> bool:
    """Return whether the program exists. A path is relative to the folder of the config."""
    program = reference.command[0]
    sought = str(state.path.absolute().parent / program) if os.sep in program else program
    return shutil.which(sought, path=state.context.environ.get("PATH")) is not None


def _show_application(state: SharedState, t: Texts) -> Page:
    guide = load_page(StepId.APPLICATION, t.language, application=state.application)
    finding = state.finding
    resting = Card(State.RESTING, lines=(t("It is stored, and the key is tested with it at once."),))
    return Page(
        title=guide.title,
        body=guide.body,
        answer=pages.SecretField(
            t("Paste the application's token (consumer token)"),
            State.BAD if finding else State.RESTING,
            may_be_empty=True,
        ),
        card=finding_card(finding, t) if finding else resting,
        enter=t("continue without"),
        finding=finding,
        help=guide.topics,
    )


async def _take_application(state: SharedState, reply: Reply) -> Move:
    """Store the token and test the key with it."""
    if isinstance(reply, pages.Continue):
        return StepId.CREATE_KEY
    if not isinstance(reply, pages.Pasted) or not reply.text.reveal().strip():
        return Then.STAY
    token = Secret("".join(reply.text.reveal().split()))
    if state.store is None:
        # Used for this run only, as if the variable had been set.
        environ = {**state.context.environ, VARIABLE: token.reveal()}
        state.context = replace(state.context, environ=environ)
    else:
        name = consumer_entry(state.environment, state.application)
        kept = await state.context.store(state.store).put(name, token)
        if isinstance(kept, Finding):
            return state.report(kept)
    state.forget_proof()
    return StepId.CREATE_KEY


STORAGE: Step[Any] = Step(
    id=StepId.STORAGE,
    show=_show,
    take=_take,
    applies=lambda state: state.asks_storage,
    number=2,
    arrive=_arrive,
    back=_back,
    edit=_edit,
    is_listed=False,
)
APPLICATION: Step[Any] = Step(
    id=StepId.APPLICATION,
    show=_show_application,
    take=_take_application,
    applies=lambda _: False,
    number=2,
)
"""Only reached with F4, and leads back to the key."""
