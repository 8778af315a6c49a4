"""The steps before anything is asked about Tripletex: an earlier run, and the application's token."""

from dataclasses import replace

from wizard.actions.consumer import VARIABLE, consumer_entry
from wizard.actions.context import prepare_to_connect
from wizard.actions.setup.state import SetupState
from wizard.actions.setup.storage import find_place
from wizard.domain.secret import Secret
from wizard.findings import Finding, StepId, codes
from wizard.flow.known import ANEW
from wizard.flow.questions import Chosen, Outcome, Pasted, Reply, Report


async def begin(state: SetupState, reply: Reply, report: Report) -> Outcome:
    """Leave the welcome, into an unfinished run or into a new one."""
    prepare_to_connect()
    if state.unfinished is not None and reply != Chosen(ANEW):
        state.resume()
        return Outcome(moved=True)
    left = state.forget()
    report(lambda t: t("Looking for a safe place for the key …"))
    answers = await find_place(state, state.answers)
    return state.move(replace(answers, asks_application=await _lacks_consumer_token(state)), left)


async def _lacks_consumer_token(state: SetupState) -> bool:
    return not state.is_offline and isinstance(await state.consumer_token(), Finding)


async def take_application(state: SetupState, reply: Reply, report: Report) -> Outcome:  # noqa: ARG001
    """Keep the application's token, or go on without it: then the live checks say so."""
    if not isinstance(reply, Pasted) or not reply.text.reveal().strip():
        return state.move(state.answers)
    token = Secret("".join(reply.text.reveal().split()))
    answers = state.answers
    if answers.key_reference is not None and answers.store is None:
        # As if the variable had been set: for everything that this run asks, and for nothing after it.
        environ = {**state.context.environ, VARIABLE: token.reveal()}
        state.context = replace(state.context, environ=environ)
        return state.move(answers, (codes.CONSUMER_TOKEN_NOT_KEPT.found(variable=VARIABLE),))
    if answers.store is None:
        state.go_to(StepId.STORAGE)
        return Outcome(moved=True)
    store = state.context.store(answers.store)
    name = consumer_entry(answers.environment, answers.application)
    kept = await store.put(name, token)
    if isinstance(kept, Finding):
        return state.stay(kept)
    return state.move(replace(answers, consumer_token=kept))
