"""The steps after the change: how it went, Finale, and the end of the old key."""

from dataclasses import replace

from wizard.actions.rotate.moving import carry_out
from wizard.actions.rotate.new_key import examine
from wizard.actions.rotate.proving import unique
from wizard.actions.rotate.state import RotationState
from wizard.checks.probe import LoggedOn
from wizard.findings import Finding, codes
from wizard.flow.questions import Again, Chosen, Outcome, Reply, Report
from wizard.flow.rotation.answers import RotationAnswers
from wizard.flow.rotation.asking import PROVE


async def take_review(state: RotationState, reply: Reply, report: Report) -> Outcome:  # noqa: ARG001
    """Change the configs."""
    await carry_out(state, report)
    return state.move(_answers(state), _told(state))


async def take_table(state: RotationState, reply: Reply, report: Report) -> Outcome:
    """Try the rest once more, or go on; where a config still needs the old key, this is the end."""
    if isinstance(reply, Again):
        if state.blocked:
            # What kept them from being moved may have been mended meanwhile.
            await examine(state, report)
        await carry_out(state, report)
        return state.stay(*_told(state), answers=_answers(state))
    if state.flow.is_last:
        state.is_finished = True
        return Outcome(moved=True)
    return state.move(state.answers)


def _answers(state: RotationState) -> RotationAnswers:
    return replace(state.answers, is_incomplete=not state.is_complete)


def _told(state: RotationState) -> tuple[Finding, ...]:
    return unique((*state.trouble, *state.left_over))


async def take_old_key(state: RotationState, reply: Reply, report: Report) -> Outcome:
    """Prove that the old key is dead, when asked to; that is where a refusal is the good answer."""
    if state.old_is_dead or reply != Chosen(PROVE):
        state.is_finished = True
        return Outcome(moved=True)
    report(lambda t: t("Trying to log on with the old key …"))
    said = await try_old_key(state)
    if said is None:
        state.old_is_dead = True
        return Outcome(moved=True)
    return state.stay(said)


async def try_old_key(state: RotationState) -> Finding | None:
    """Return None when the old key is dead, else that it lives or why that could not be seen."""
    employee = state.old_secret or await state.resolver.resolve(
        state.group.old.reference,
        config_path=state.group.first.path,
        environment=state.group.old.environment,
    )
    consumer = await state.consumer_token()
    if isinstance(employee, Finding):
        return employee
    if isinstance(consumer, Finding):
        return consumer
    async with state.tripletex() as tripletex, state.examination(tripletex, consumer, employee) as examined:
        return judge_old_key(await examined.log_on(), state.in_use.number)


def judge_old_key(said: LoggedOn | Finding, number: int | None) -> Finding | None:
    """Return None when a log-on was refused as it is for a key that is gone."""
    if isinstance(said, Finding):
        return None if said.code is codes.KEY_REJECTED else said
    return codes.EARLIER_KEY_LIVES.found(key="?" if number is None else number)
