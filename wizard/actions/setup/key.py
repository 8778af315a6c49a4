"""The step where the key arrives: judged, made safe, and only then tried."""

from dataclasses import replace

from wizard.actions.setup.state import SetupState
from wizard.checks.outcomes import KeyFacts
from wizard.domain.key import KeyReading, read_key
from wizard.domain.reference import Reference, describe
from wizard.domain.secret import Secret
from wizard.findings import Finding, Verdict, codes, verdict
from wizard.flow.answers import Answers, FoundCompany, HeldKey
from wizard.flow.questions import Outcome, Pasted, Reply, Report


async def take_key(state: SetupState, reply: Reply, report: Report) -> Outcome:
    """Keep a pasted key and prove it; going on without pasting keeps the one that is held.

    Tripletex shows the key once. So it is in its store before anything else can go wrong.
    """
    if isinstance(reply, Pasted):
        return await _take_pasted(state, reply.text, report)
    answers = state.answers
    if answers.key is not None and answers.key_verdict in {Verdict.VALID, Verdict.UNKNOWN}:
        return state.move(answers)
    if answers.key_reference is not None:
        # Read anew each time: another key may lie there by now.
        if state.in_hand is not None:
            return await _compare(state, answers.key_reference, state.in_hand, report, goes_on=True)
        return await _adopt(state, answers.key_reference, report)
    if answers.key is None:
        return state.stay(codes.KEY_EMPTY.found())
    return await prove_key(state, report)


async def keep_key(state: SetupState, text: Secret) -> None:
    """Put a pasted key into its store before it is answered with; what is wrong is told only then."""
    reading = await _read(state, text)
    if reading.secret is not None:
        await _hold(state, reading.secret, reading.number)


def pasted_only(state: SetupState) -> HeldKey | None:
    """Return what is known of a key that was pasted and has not been seen in the user's own place."""
    answers, secret = state.answers, state.in_hand
    if secret is None or answers.key_reference is None:
        return None
    number = read_key(secret.reveal(), answers.environment).number
    return HeldKey(answers.key_reference, number, len(secret), secret.fingerprint, owned=False)


async def _read(state: SetupState, text: Secret) -> KeyReading:
    consumer = await state.consumer_token()
    known = consumer if isinstance(consumer, Secret) else None
    return read_key(text.reveal(), state.answers.environment, known)


async def _take_pasted(state: SetupState, text: Secret, report: Report) -> Outcome:
    reading = await _read(state, text)
    if reading.secret is None:
        return state.stay(*reading.findings)
    if state.answers.key_reference is not None:
        state.in_hand = reading.secret
        return await _compare(state, state.answers.key_reference, reading.secret, report)
    trouble = await _hold(state, reading.secret, reading.number)
    if trouble is not None:
        return state.stay(trouble)
    return await prove_key(state, report, reading.findings)


async def _hold(state: SetupState, key: Secret, number: int | None) -> Finding | None:
    """Put a key into its store; return why that cannot be.

    Where it will lie is noted first, so that a run that is cut off in between leaves no key behind
    that nobody knows of.
    """
    former, stored = state.answers, state.stored
    store = state.context.store(former.store or "keyring")
    name = await store.name_for(former.environment, number, key)
    reference = store.reference(name)
    held = HeldKey(reference, number, len(key), key.fingerprint)
    answers = replace(former, key=held, key_verdict=None, kind=None, company=None)
    if state.is_rehearsal or state.stores_late:
        state.in_hand = key
        state.keep(answers)
        return None
    if reference not in stored and not isinstance(await store.get(reference), Secret):
        state.stored = (*stored, reference)
    state.keep(answers)
    kept = await store.put(name, key)
    if isinstance(kept, Finding):
        state.stored = stored
        state.keep(former)
        return kept
    state.in_hand = None
    return None


async def store_now(state: SetupState) -> Finding | None:
    """Store a key that was proven first, because a config is about to refer to it."""
    key, held = state.in_hand, state.answers.key
    if key is None or held is None or not held.owned:
        return None
    proven, state.stores_late = state.answers, False
    trouble = await _hold(state, key, held.number)
    state.keep(replace(proven, key=state.answers.key))
    return trouble


async def change_place(state: SetupState, answers: Answers) -> Finding | None:
    """Take answers over that name another place; a key that is held already follows there.

    Returns:
        Why the key cannot be kept there; then it stays where it was.
    """
    former = state.answers
    settled = (former.store, former.key_reference) == (answers.store, answers.key_reference)
    if settled or (former.key is None and state.in_hand is None):
        state.keep(answers)
        return None
    in_hand, secret = state.in_hand, await state.employee_token()
    fresh = replace(answers, key=None, key_verdict=None)
    if isinstance(secret, Finding):
        state.keep(fresh)
        return None
    if answers.key_reference is not None:
        # The person puts it there; until then it is in the store that it was in, and in hand.
        state.in_hand = secret
        state.keep(fresh)
        return None
    state.keep(fresh)
    trouble = await _hold(state, secret, read_key(secret.reveal(), answers.environment).number)
    if trouble is not None:
        state.in_hand = in_hand
        state.keep(former)
    return trouble


async def _compare(
    state: SetupState, reference: Reference, pasted: Secret, report: Report, *, goes_on: bool = False
) -> Outcome:
    """Read a place of the user's own, which must give the key that was pasted; it is kept nowhere else.

    Args:
        state: Of the set-up.
        reference: How the place is read.
        pasted: The key.
        report: Is told what happens.
        goes_on: Whether the person knows by now that the place cannot be read from here.
    """
    answers = replace(state.answers, key=None, key_verdict=None, kind=None, company=None)
    report(lambda t: t("Reading the key from {place} …", place=describe(reference)))
    found = await state.context.resolver().resolve(
        reference, config_path=state.path, environment=state.answers.environment
    )
    if isinstance(found, Finding):
        if not found.code.is_unknown or not goes_on:
            return state.stay(found, answers=answers, is_settled=found.code.is_unknown)
        state.keep(replace(answers, key=pasted_only(state)))
        return await prove_key(state, report, (found,))
    reading = read_key(found.reveal(), answers.environment)
    if reading.secret != pasted:
        trouble = codes.NOT_THE_PASTED_KEY.found(reference=describe(reference))
        return state.stay(trouble, answers=answers)
    state.in_hand = None
    return await _take_over(state, reference, reading, report)


async def _adopt(state: SetupState, reference: Reference, report: Report) -> Outcome:
    """Take a key that lies in a place of the user's own; it is read there and never moved."""
    report(lambda t: t("Reading the key from {place} …", place=describe(reference)))
    found = await state.context.resolver().resolve(
        reference, config_path=state.path, environment=state.answers.environment
    )
    if isinstance(found, Finding):
        if not found.code.is_unknown:
            return state.stay(found)
        # A vault that is shut today: the reference may be right all the same.
        held = HeldKey(reference, None, 0, "", owned=False)
        return state.move(replace(state.answers, key=held, key_verdict=Verdict.UNKNOWN), (found,))
    return await _take_over(state, reference, read_key(found.reveal(), state.answers.environment), report)


async def _take_over(state: SetupState, reference: Reference, reading: KeyReading, report: Report) -> Outcome:
    if reading.secret is None:
        return state.stay(*reading.findings)
    secret = reading.secret
    held = HeldKey(reference, reading.number, len(secret), secret.fingerprint, owned=False)
    state.keep(replace(state.answers, key=held))
    return await prove_key(state, report, reading.findings)


async def prove_key(state: SetupState, report: Report, noticed: tuple[Finding, ...] = ()) -> Outcome:
    """Ask Tripletex about the key that is held; *unknown* lets the person go on, *bad* does not."""
    if state.is_offline:
        return state.move(replace(state.answers, key_verdict=Verdict.UNKNOWN), noticed)
    employee = await state.employee_token()
    if isinstance(employee, Finding):
        return state.stay(employee)
    report(lambda t: t("Testing the key against Tripletex …"))
    facts = await _facts(state, employee)
    if isinstance(facts, Finding):
        findings = (*noticed, facts)
        said = verdict(findings)
        answers = replace(state.answers, key_verdict=said, kind=None, company=None)
        return state.stay(*findings, answers=answers, is_settled=said is Verdict.UNKNOWN)
    findings = (*noticed, *facts.findings)
    answers = _with_facts(state.answers, facts, verdict(findings))
    if answers.key_verdict is Verdict.INVALID:
        return state.stay(*findings, answers=answers)
    return state.move(answers, findings)


async def _facts(state: SetupState, employee: Secret) -> KeyFacts | Finding:
    consumer = await state.consumer_token()
    if isinstance(consumer, Finding):
        return consumer if consumer.code.is_unknown else codes.CONSUMER_TOKEN_MISSING.found()
    async with state.tripletex() as tripletex, state.examination(tripletex, consumer, employee) as examined:
        facts = await examined.facts()
        if isinstance(facts, KeyFacts) and facts.is_office:
            await state.read_clients(examined)
        return facts


def _with_facts(answers: Answers, facts: KeyFacts, said: Verdict) -> Answers:
    company = facts.company
    return replace(
        answers,
        key_verdict=said,
        kind=facts.kind,
        company=FoundCompany(company.name, company.org_number) if company else None,
    )
