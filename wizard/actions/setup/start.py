"""The steps before anything is asked about Tripletex: what is known, and where the key shall lie."""

from dataclasses import replace

from wizard.actions.consumer import consumer_entry
from wizard.actions.setup.state import SetupState
from wizard.domain.finding import Finding
from wizard.domain.secret import Secret
from wizard.domain.step import StepId
from wizard.flow.answers import Answers, StoreKind
from wizard.flow.known import ANEW
from wizard.flow.questions import Chosen, Outcome, Pasted, Reply, Report


async def begin(state: SetupState, reply: Reply, report: Report) -> Outcome:
    """Leave the welcome, into an unfinished run or into a new one."""
    if state.unfinished is not None and reply != Chosen(ANEW):
        state.resume()
        return Outcome(moved=True)
    await state.forget()
    report(lambda t: t("Looking for a safe place for the key …"))
    answers = await _with_store(state, state.answers)
    return state.move(replace(answers, asks_application=await _lacks_consumer_token(state)))


async def _with_store(state: SetupState, answers: Answers) -> Answers:
    """Decide where the key shall lie, or that the person must; no store is trusted unproven."""
    wish = answers.store or state.surroundings.remembered_store
    if wish is not None:
        trouble = await state.surroundings.store(wish).probe()
        state.stores = ((wish, trouble),)
        if trouble is None:
            return replace(answers, store=wish, asks_storage=False)
    trouble = await state.surroundings.store("keyring").probe()
    if trouble is None and wish is None:
        return replace(answers, store="keyring", asks_storage=False)
    state.stores = (("keyring", trouble), ("file", await state.surroundings.store("file").probe()))
    return replace(answers, store=None, asks_storage=True)


async def _lacks_consumer_token(state: SetupState) -> bool:
    return not state.is_offline and isinstance(await state.consumer_token(), Finding)


async def take_application(state: SetupState, reply: Reply, report: Report) -> Outcome:  # noqa: ARG001
    """Keep the application's token, or go on without it: then the live checks say so."""
    if not isinstance(reply, Pasted) or not reply.text.reveal().strip():
        return state.move(state.answers)
    token = Secret("".join(reply.text.reveal().split()))
    answers = state.answers
    if answers.store is None:
        state.go_to(StepId.STORAGE)
        return Outcome(moved=True)
    store = state.surroundings.store(answers.store)
    name = consumer_entry(answers.environment, answers.application)
    kept = await store.put(name, token)
    if isinstance(kept, Finding):
        return state.stay(kept)
    return state.move(replace(answers, consumer_token=kept))


async def take_storage(state: SetupState, reply: Reply, report: Report) -> Outcome:  # noqa: ARG001
    """Take the place that was agreed to, after it has proven itself."""
    if not isinstance(reply, Chosen):
        return state.stay()
    kind: StoreKind = "keyring" if reply.value == "keyring" else "file"
    trouble = await state.surroundings.store(kind).probe()
    if trouble is not None:
        return state.stay(trouble)
    state.surroundings.remember_store(kind)
    return state.move(replace(state.answers, store=kind))
