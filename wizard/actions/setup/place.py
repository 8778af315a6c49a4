"""The steps that say where the key belongs: single company or bureau, which client, and its access."""

from dataclasses import replace

from wizard.actions.setup.state import SetupState
from wizard.domain.org_number import judge_first_digit, parse_finale_org_number
from wizard.domain.secret import Secret
from wizard.domain.setup import KeyKind, Setup
from wizard.findings import Finding, StepId, codes
from wizard.flow.known import BUREAU, NO, SHARED
from wizard.flow.questions import Again, Chosen, Continue, Outcome, Picked, Reply, Report, Typed


async def take_setup(state: SetupState, reply: Reply, report: Report) -> Outcome:  # noqa: ARG001
    """Take «single company or bureau»; a choice that the key contradicts is explained."""
    if not isinstance(reply, Chosen):
        return state.stay()
    is_bureau = reply.value == BUREAU
    trouble = judge_choice(state.answers.kind, is_bureau=is_bureau)
    if trouble is not None:
        return state.stay(trouble)
    return state.move(replace(state.answers, is_bureau=is_bureau))


def judge_choice(kind: KeyKind | None, *, is_bureau: bool) -> Finding | None:
    """Say why a choice cannot be right for the kind of key that was found, if it cannot."""
    if kind is KeyKind.OFFICE and not is_bureau:
        return codes.OFFICE_KEY_FOR_COMPANY.found(step=StepId.CREATE_KEY)
    if kind is KeyKind.ORDINARY and is_bureau:
        return codes.ORDINARY_KEY_FOR_BUREAU.found()
    return None


async def take_scope(state: SetupState, reply: Reply, report: Report) -> Outcome:
    """Take «common or per client», and read the clients that the next step lets one pick from."""
    if not isinstance(reply, Chosen):
        return state.stay()
    answers = replace(state.answers, is_shared=reply.value == SHARED)
    if state.clients is None:
        await _read_clients_anew(state, report)
    return state.move(answers)


async def take_org_number(state: SetupState, reply: Reply, report: Report) -> Outcome:  # noqa: ARG001
    """Take the organisation number, or the yes to the company that was found."""
    answers = state.answers
    if answers.setup is not Setup.BUREAU_CLIENT:
        if reply == Chosen(NO):
            # The key is good, but it is another company's: the step that mends it is a new key.
            state.go_to(StepId.CREATE_KEY)
            return Outcome(moved=True)
        return state.move(answers)
    if answers.is_for_several and isinstance(reply, Continue):
        return state.move(answers)
    texts = _texts(reply)
    parsed = [parse_finale_org_number(text, Setup.BUREAU_CLIENT) for text in texts]
    if wrong := [each for each in parsed if isinstance(each, Finding)]:
        return state.stay(*wrong)
    numbers = tuple(dict.fromkeys(each for each in parsed if isinstance(each, str)))
    odd = [judge_first_digit(number, answers.environment) for number in numbers]
    # A list of one that was given as a list stays one: a folder was named for it.
    alone = len(numbers) == 1 and not (answers.is_for_several and numbers == answers.clients)
    answers = replace(answers, org_number=numbers[0] if alone else None, clients=() if alone else numbers)
    return state.move(answers, tuple(each for each in odd if each is not None))


def _texts(reply: Reply) -> tuple[str, ...]:
    match reply:
        case Picked(values) if values:
            return values
        case Typed(text):
            return (text,)
        case _:
            return ("",)


async def take_client_access(state: SetupState, reply: Reply, report: Report) -> Outcome:
    """Show which clients the key reaches, until the person goes on."""
    if isinstance(reply, Again):
        trouble = await _read_clients_anew(state, report)
        return state.stay(*(trouble,) if trouble else ())
    return state.move(state.answers)


async def _read_clients_anew(state: SetupState, report: Report) -> Finding | None:
    if state.is_offline:
        return None
    employee = await state.employee_token()
    consumer = await state.consumer_token()
    for token in (employee, consumer):
        if isinstance(token, Finding):
            return token
    if not isinstance(employee, Secret) or not isinstance(consumer, Secret):
        return None
    report(lambda t: t("Reading which clients the key has access to …"))
    async with state.tripletex() as tripletex, state.examination(tripletex, consumer, employee) as examined:
        return await state.read_clients(examined)
