"""The step where the new key arrives: judged, made safe, and only then proven and compared."""

from collections.abc import Iterable
from dataclasses import replace

from wizard.actions.rotate.comparison import Expected, judge_new_key, lost_clients
from wizard.actions.rotate.keeping import keep
from wizard.actions.rotate.moving import preview
from wizard.actions.rotate.proving import clients_of, errors_of, new_errors, unique
from wizard.actions.rotate.state import RotationState, company_of
from wizard.checks.outcomes import KeyFacts
from wizard.checks.probe import KeyProbe
from wizard.domain.key import KeyReading, read_key
from wizard.domain.secret import Secret
from wizard.domain.setup import Setup
from wizard.findings import Finding, StepId, codes
from wizard.flow.questions import Again, Outcome, Pasted, Reply, Report
from wizard.flow.rotation.steps import RotationFlow


async def take_key(state: RotationState, reply: Reply, report: Report) -> Outcome:
    """Keep a pasted key and prove it; going on without pasting proves the one that is held."""
    if not isinstance(reply, Pasted):
        return await prove(state, report)
    reading = await _hold(state, reply.text)
    if not isinstance(reading, KeyReading):
        return state.stay(*reading)
    return await prove(state, report, reading.findings)


async def keep_key(state: RotationState, text: Secret) -> None:
    """Put a pasted key into its store before it is answered with; what is wrong is told only then."""
    await _hold(state, text)


async def _hold(state: RotationState, text: Secret) -> KeyReading | tuple[Finding, ...]:
    """Make a pasted key safe; return what it is, or why it is not held."""
    consumer = await state.consumer_token()
    known = consumer if isinstance(consumer, Secret) else None
    reading = read_key(text.reveal(), state.answers.environment, known)
    if reading.secret is None:
        return reading.findings
    state.has_accepted = False
    if _is_in_use(state, reading.secret, reading.number):
        return (codes.SAME_KEY.found(),)
    held = await keep(state, reading, reading.secret)
    if isinstance(held, Finding):
        return (held,)
    state.flow = replace(state.flow, answers=replace(state.answers, key=held))
    state.sort_members()
    return reading


def _is_in_use(state: RotationState, secret: Secret, number: int | None) -> bool:
    if state.old_secret is not None:
        return secret == state.old_secret
    return number is not None and number == state.group.old.number


async def prove(state: RotationState, report: Report, noticed: tuple[Finding, ...] = ()) -> Outcome:
    """Prove the new key, and go on to what its proof asks for.

    Only a key that is proven goes on: while it is bad, or not known to be good, nothing is moved.
    """
    findings = (*noticed, *await examine(state, report))
    return state.stay(*findings) if _stands_in_the_way(findings) else _settle(state, findings)


def _stands_in_the_way(findings: Iterable[Finding]) -> bool:
    return any(finding.is_error for finding in findings)


async def examine(state: RotationState, report: Report) -> tuple[Finding, ...]:
    """Ask Tripletex about the new key, and whether each config may be given it.

    Returns:
        What was found about the key itself; what concerns a single config is noted with the config.
    """
    employee = await state.new_secret()
    if isinstance(employee, Finding):
        return (employee,)
    consumer = await state.consumer_token()
    if isinstance(consumer, Finding):
        return (consumer,)
    report(lambda t: t("Trying the new key against Tripletex …"))
    async with state.tripletex() as tripletex, state.examination(tripletex, consumer, employee) as examined:
        facts = await examined.facts()
        if isinstance(facts, Finding):
            return (facts,)
        findings = (*facts.findings, *judge_new_key(_expected(state), facts))
        trouble = None if _stands_in_the_way(findings) else await _compare(state, examined, facts)
    await preview(state)
    return (*findings, trouble) if trouble else findings


def _expected(state: RotationState) -> Expected:
    config = state.group.first.config
    return Expected(
        setup=config.setup,
        company=state.in_use.company,
        company_id=state.old_company_id,
        clients=state.old_clients,
        names_clients=config.setup is Setup.BUREAU_CLIENT or bool(config.clients),
    )


async def _compare(state: RotationState, examined: KeyProbe, facts: KeyFacts) -> Finding | None:
    """Note what the new key reaches, and for which configs that is not enough."""
    clients = await clients_of(examined, facts)
    if isinstance(clients, Finding):
        return clients
    state.new_company = company_of(facts.company)
    state.new_clients = clients
    state.lost = lost_clients(state.old_clients, clients)
    state.blocked = {}
    for member in state.group.members:
        found = await errors_of(examined, member)
        state.block(member, new_errors(found, state.complaints.get(member.path, ())))
    return None


def _settle(state: RotationState, findings: tuple[Finding, ...]) -> Outcome:
    """Go on to the clients when some are not reached, else to the review."""
    missing = unique(finding for trouble in state.blocked.values() for finding in trouble)
    lacks = bool(state.lost) or any(finding.step is StepId.CLIENT_ACCESS for finding in missing)
    if not lacks and nobody_may_move(state):
        return state.stay(*findings, *missing)
    if state.lost:
        findings = (*findings, codes.FEWER_CLIENTS.found(count=len(state.lost)))
    elif lacks:
        findings = (*findings, *missing)
    answers = replace(state.answers, lacks_clients=lacks)
    step = StepId.CLIENT_ACCESS if lacks else StepId.ROTATE_REVIEW
    has_moved = state.flow.current is not step
    state.flow, state.findings = RotationFlow(answers, step), findings if has_moved else ()
    return Outcome(moved=has_moved, findings=findings)


async def take_client_access(state: RotationState, reply: Reply, report: Report) -> Outcome:
    """Read again what the new key reaches, or accept that it is less than before.

    A config for one client is never given a key that does not reach that client.
    """
    if isinstance(reply, Again):
        return await prove(state, report)
    state.has_accepted = True
    for member in state.group.members:
        state.block(member, state.blocked.pop(member.path, ()))
    await preview(state)
    if nobody_may_move(state):
        return state.stay(*unique(finding for trouble in state.blocked.values() for finding in trouble))
    return state.move(state.answers)


def nobody_may_move(state: RotationState) -> bool:
    """Whether there are configs left to move, and every one of them is kept from it by the new key."""
    left = {member.path for member in state.group.members if member not in state.moved}
    return not state.waiting and bool(left & state.blocked.keys())
