"""The steps that settle where the key shall lie: a store that proves itself, or a place of the user's own."""

import os
import shutil
from dataclasses import replace

from wizard.actions.context import STORES
from wizard.actions.remembered import remember_place, remembered_place
from wizard.actions.setup.key import change_place
from wizard.actions.setup.state import SetupState
from wizard.domain.reference import CommandReference, EnvReference, reference_value
from wizard.domain.typed_reference import read_command, read_variable
from wizard.findings import Finding, codes
from wizard.flow.answers import Answers, OwnPlace, StoreKind
from wizard.flow.questions import Chosen, Continue, Outcome, Reply, Report, Typed

OwnReference = CommandReference | EnvReference


async def find_place(state: SetupState, answers: Answers) -> Answers:
    """Decide where the key shall lie, or that the person must; no store is trusted unproven."""
    if answers.asks_storage:
        return await _asking(state, answers)
    if answers.key_reference is not None and answers.store is None:
        # It lies where the command line says: the wizard keeps nothing.
        return answers
    wish = answers.store or remembered_place(state.context.state_folder)
    if isinstance(wish, OwnReference):
        # The next key lies under another name there, so it is asked for: with what was said last.
        return await _asking(state, replace(answers, own_place=_kind_of(wish), key_reference=wish))
    if wish is not None and await state.context.store(wish).probe() is None:
        return replace(answers, store=wish, asks_storage=False)
    if wish is None and await state.context.store("keyring").probe() is None:
        return replace(answers, store="keyring", asks_storage=False)
    return await _asking(state, answers)


async def _asking(state: SetupState, answers: Answers) -> Answers:
    state.stores = tuple([(kind, await state.context.store(kind).probe()) for kind in STORES])
    return replace(answers, store=None, asks_storage=True)


async def take_storage(state: SetupState, reply: Reply, report: Report) -> Outcome:  # noqa: ARG001
    """Take the place that was agreed to: a store after it has proven itself."""
    if not isinstance(reply, Chosen):
        return state.stay()
    answers = state.answers
    if reply.value in {"command", "env"}:
        kind: OwnPlace = "command" if reply.value == "command" else "env"
        named = answers.key_reference
        kept = named if isinstance(named, OwnReference) and _kind_of(named) == kind else None
        return state.move(replace(answers, store=None, own_place=kind, key_reference=kept))
    store: StoreKind = "keyring" if reply.value == "keyring" else "file"
    trouble = await state.context.store(store).probe()
    if trouble is not None:
        return state.stay(trouble)
    remember_place(state.context.state_folder, store)
    trouble = await change_place(state, replace(answers, store=store, own_place=None, key_reference=None))
    return state.stay(trouble) if trouble else state.move(state.answers)


async def take_own_place(state: SetupState, reply: Reply, report: Report) -> Outcome:  # noqa: ARG001
    """Take the command or the variable, as far as it can be judged before a key is there."""
    answers = state.answers
    if isinstance(reply, Continue) and answers.key_reference is not None:
        return state.move(answers)
    named = _read(state, reply.text if isinstance(reply, Typed) else "")
    if isinstance(named, Finding):
        return state.stay(named)
    remember_place(state.context.state_folder, named)
    trouble = await change_place(state, replace(answers, store=None, key_reference=named))
    if trouble is not None:
        return state.stay(trouble)
    if isinstance(named, EnvReference):
        if named.name in state.context.environ:
            return state.move(state.answers)
        # It may well be set where the config is going to be used.
        return state.stay(codes.ENV_NOT_SET.found(name=named.name), is_settled=True)
    _, words = reference_value(named)
    return state.move(state.answers, (codes.COMMAND_WORDS.found(words=_listed(words)),))


def _read(state: SetupState, text: str) -> OwnReference | Finding:
    named = read_command(text) if state.answers.own_place == "command" else read_variable(text)
    if isinstance(named, CommandReference) and not _can_run(state, named):
        return codes.PROGRAM_MISSING.found(program=named.command[0])
    return named


def _kind_of(reference: OwnReference) -> OwnPlace:
    return "command" if isinstance(reference, CommandReference) else "env"


def _listed(words: str | list[str]) -> str:
    """Return words as a config lists them."""
    import json  # noqa: PLC0415 - TOML writes these strings in the same way

    return json.dumps(words, ensure_ascii=False)


def _can_run(state: SetupState, reference: CommandReference) -> bool:
    """Whether there is such a program; a path is looked for from the folder of the config."""
    program = reference.command[0]
    sought = str(state.path.absolute().parent / program) if os.sep in program else program
    return shutil.which(sought, path=state.context.environ.get("PATH")) is not None
