"""The steps before the new key: the one in use is tried, and a place for the new one is found."""

from dataclasses import replace

from wizard.actions.places import is_own, store_of
from wizard.actions.rotate import new_key
from wizard.actions.rotate.journal import RotationPage
from wizard.actions.rotate.keeping import discard
from wizard.actions.rotate.proving import clients_of, errors_of
from wizard.actions.rotate.state import RotationState, company_of
from wizard.checks.outcomes import KeyFacts
from wizard.domain.held import StoreKind
from wizard.domain.key import read_key
from wizard.domain.secret import Secret
from wizard.findings import Finding, StepId, Verdict, codes, verdict
from wizard.flow.known import ANEW
from wizard.flow.questions import Chosen, Outcome, Pasted, Reply, Report
from wizard.flow.rotation.answers import KeyInUse, RotationAnswers


async def begin(state: RotationState, reply: Reply, report: Report) -> Outcome:
    """Try the key in use, and go on with the new key of an unfinished run if there is one."""
    page = state.unfinished
    if page is not None and reply == Chosen(ANEW):
        discard(state, page)
        state.unfinished = page = None
    if page is not None and await _is_void(state, page):
        state.journal.erase(page)
        state.unfinished = page = None
    report(lambda t: t("Trying the key in use …"))
    await try_key_in_use(state)
    asks_application = isinstance(await state.consumer_token(), Finding)
    answers = replace(state.answers, asks_application=asks_application)
    if page is None:
        report(lambda t: t("Looking for a safe place for the key …"))
        return await _move_with_store(state, answers)
    state.unfinished, state.page, state.was_taken_up = None, page, True
    answers = replace(
        answers, key=page.new, asks_storage=False, store=store_of(page.new.reference, state.context)
    )
    state.flow = replace(state.flow, answers=answers)
    state.sort_members()
    if asks_application:
        return state.move(answers)
    state.flow = state.flow.to(StepId.CREATE_KEY)
    outcome = await new_key.prove(state, report)
    # What the proof said is shown with the question for the key, which is another one now.
    return replace(outcome, moved=True)


async def _is_void(state: RotationState, page: RotationPage) -> bool:
    """Whether the earlier run ended before its new key was stored: then there is nothing to go on with."""
    found = await state.resolver.resolve(
        page.new.reference, config_path=None, environment=page.old.environment
    )
    return isinstance(found, Finding) and found.code in {codes.NOT_IN_KEYRING, codes.SECRET_FILE_MISSING}


def as_configured(state: RotationState) -> KeyInUse:
    """Return what the configs themselves say of the key in use."""
    old = state.group.old
    users = (member.config for member in state.group.members if member.key.is_same(old))
    installed = next((config.installed for config in users if config.installed), None)
    days = (state.context.today - installed).days if installed else None
    return KeyInUse(number=old.number, installed=installed, days=days)


async def try_key_in_use(state: RotationState) -> None:
    """Find out whether the key in use works, and whose it is; what cannot be had stays unknown."""
    config = state.group.first.config
    old = state.group.old
    state.in_use = as_configured(state)
    secret = await state.resolver.resolve(
        old.reference, config_path=state.group.first.path, environment=old.environment
    )
    if isinstance(secret, Finding):
        _note(state, secret)
        return
    reading = read_key(secret.reveal(), config.environment)
    state.old_secret = reading.secret or secret
    state.in_use = replace(state.in_use, number=reading.number or old.number)
    if reading.secret is None:
        _note(state, next(finding for finding in reading.findings if finding.is_error))
        return
    consumer = await state.consumer_token()
    if isinstance(consumer, Finding):
        # Whatever is wrong with that token says nothing about the key.
        _note(state, consumer if consumer.code.is_unknown else codes.CONSUMER_TOKEN_MISSING.found())
        return
    await _ask(state, consumer, reading.secret)


async def _ask(state: RotationState, consumer: Secret, employee: Secret) -> None:
    async with state.tripletex() as tripletex, state.examination(tripletex, consumer, employee) as examined:
        facts = await examined.facts()
        if isinstance(facts, Finding):
            _note(state, facts)
            return
        clients = await clients_of(examined, facts)
        state.old_clients = None if isinstance(clients, Finding) else clients
        for member in state.group.members:
            errors = await errors_of(examined, member)
            # What could not be seen is no excuse for the new key.
            state.complaints[member.path] = tuple(each for each in errors if not each.code.is_unknown)
    _note_facts(state, facts)


def _note_facts(state: RotationState, facts: KeyFacts) -> None:
    said = verdict(facts.findings)
    trouble = next((finding for finding in facts.findings if finding.is_error), None)
    state.old_company_id = facts.company.id if facts.company else None
    state.in_use = replace(
        state.in_use, verdict=said, kind=facts.kind, company=company_of(facts.company), finding=trouble
    )


def _note(state: RotationState, finding: Finding) -> None:
    said = Verdict.UNKNOWN if finding.code.is_unknown else Verdict.INVALID
    state.in_use = replace(state.in_use, verdict=said, finding=finding)


async def _move_with_store(state: RotationState, answers: RotationAnswers) -> Outcome:
    """Decide where the new key shall lie: as was asked for, else as the key in use, else as the site says."""
    wish = state.wish or _kind_in_use(state) or _site_wish(state)
    trouble: Finding | None = None
    if wish is not None:
        # A rehearsal leaves no trace, not even of a dummy.
        trouble = None if state.is_rehearsal else await state.context.store(wish).probe()
        if trouble is None:
            return state.move(replace(answers, store=wish, asks_storage=False), tuple(state.left_over))
    kinds: tuple[StoreKind, ...] = ("keyring", "file")
    state.stores = tuple([(kind, await state.context.store(kind).probe()) for kind in kinds])
    asking = replace(answers, store=None, asks_storage=True)
    return state.move(asking, (*state.left_over, *((trouble,) if trouble else ())))


def _kind_in_use(state: RotationState) -> StoreKind | None:
    reference = state.group.old.reference
    kind = store_of(reference, state.context)
    # Somebody's own entry in the keyring is in the keyring all the same; a file is ours or it is not.
    return kind if kind == "keyring" or is_own(reference, state.context) else None


def _site_wish(state: RotationState) -> StoreKind | None:
    match state.context.defaults.store:
        case "keyring":
            return "keyring"
        case "file":
            return "file"
        case _:
            return None


async def take_application(state: RotationState, reply: Reply, report: Report) -> Outcome:
    """Use the application's token for this run, and try the key in use with it."""
    if isinstance(reply, Pasted) and reply.text.reveal().strip():
        state.consumer = Secret("".join(reply.text.reveal().split()))
        report(lambda t: t("Trying the key in use …"))
        await try_key_in_use(state)
    return state.move(state.answers)


async def take_storage(state: RotationState, reply: Reply, report: Report) -> Outcome:  # noqa: ARG001
    """Take the place that was agreed to, after it has proven itself."""
    if not isinstance(reply, Chosen):
        return state.stay()
    kind: StoreKind = "keyring" if reply.value == "keyring" else "file"
    trouble = await state.context.store(kind).probe()
    if trouble is not None:
        return state.stay(trouble)
    return state.move(replace(state.answers, store=kind))
