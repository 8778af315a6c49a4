"""The page for the consumer token; F4 leads here from the cards that say it is missing."""

from dataclasses import replace
from typing import Any

from wizard.context import VARIABLE, consumer_entry
from wizard.domain.secret import Secret
from wizard.findings import Finding, StepId
from wizard.text import Texts
from wizard.walk.engine import Move, Step, Then, View, body_of, explained, guide_page, in_card
from wizard.walk.page import Card, Continue, Pasted, Reply, SecretField, State
from wizard.walk.storage import StorageState


def application_step(number: int) -> Step[Any]:
    """Return the row of a table; nothing leads past it but F4, and it leads back from where one came."""
    return Step(
        id=StepId.APPLICATION,
        show=_show,
        take=_take,
        applies=lambda _: False,
        number=number,
        is_listed=False,
    )


def _show(state: StorageState, t: Texts) -> View:
    guide = guide_page(StepId.APPLICATION, t.language, None, {"application": state.application})
    finding = state.finding
    resting = Card(State.RESTING, lines=(t("It is stored, and the key is tested with it at once."),))
    return View(
        title=guide.title,
        body=body_of(guide),
        answer=SecretField(
            t("Paste the application's token (consumer token)"),
            State.BAD if finding else State.RESTING,
            may_be_empty=True,
        ),
        card=in_card(finding, t) if finding else resting,
        enter=t("continue without"),
        help=(*explained(finding, t), *guide.topics),
        helps_more=finding is not None,
    )


async def _take(state: StorageState, reply: Reply) -> Move:
    """Keep the token, and test the key with it."""
    if isinstance(reply, Continue):
        return StepId.CREATE_KEY
    if not isinstance(reply, Pasted) or not reply.text.reveal().strip():
        return Then.STAY
    token = Secret("".join(reply.text.reveal().split()))
    if state.store is None:
        # As if the variable had been set: for everything that this run asks, and for nothing after it.
        environ = {**state.context.environ, VARIABLE: token.reveal()}
        state.context = replace(state.context, environ=environ)
    else:
        name = consumer_entry(state.environment, state.application)
        kept = await state.context.store(state.store).put(name, token)
        if isinstance(kept, Finding):
            return state.say(kept)
    state.forget_proof()
    return StepId.CREATE_KEY
