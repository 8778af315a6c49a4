"""Compares a new key with the one that it replaces."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wizard.checks.figures import is_refusal
from wizard.checks.outcomes import (
    CheckId,
    CheckOutcome,
    CheckStatus,
    KeyFacts,
    company_of,
    reached,
    wanted_of,
)
from wizard.checks.probe import KeyProbe
from wizard.checks.setup import check_setup
from wizard.domain.reference import FoundCompany
from wizard.domain.setup import KeyKind, Setup, format_org_number
from wizard.findings import Finding, Phrase, StepId, Term, codes
from wizard.rotation.members import Member
from wizard.rotation.state import RotationState
from wizard.rotation.writing import preview
from wizard.text import N_
from wizard.tripletex.models import Client, Company


async def prove_new_key(state: RotationState) -> tuple[Finding, ...]:
    """Test the new key, and decide for each config whether it may use it.

    Returns:
        Findings about the key itself. Findings about a config are stored in the state.
    """
    state.blocked = {}
    async with state.probe(await state.new_secret()) as probe:
        if isinstance(probe, Finding):
            await preview(state)
            return (probe,)
        facts = await probe.facts()
        if isinstance(facts, Finding):
            return (facts,)
        state.new_kind, state.new_company = facts.kind, company_of(facts.company)
        findings = (*facts.findings, *check_new_key(_expected(state), facts))
        if not any(finding.is_error for finding in findings):
            trouble = await _compare(state, probe, facts)
            findings = (*findings, trouble) if trouble else findings
    await preview(state)
    return findings


def _expected(state: RotationState) -> "Expected":
    config = state.group.first.config
    return Expected(
        setup=config.setup,
        company=state.in_use.company,
        company_id=config.company_id if state.old_company_id is None else state.old_company_id,
        clients=state.old_clients,
        names_clients=config.setup is Setup.BUREAU_CLIENT or bool(config.clients),
    )


async def _compare(state: RotationState, probe: KeyProbe, facts: KeyFacts) -> Finding | None:
    """Compare the access of both keys, and block configs for which the new key is worse."""
    clients = await clients_of(probe, facts)
    if isinstance(clients, Finding):
        return clients
    state.new_clients = clients
    state.clients = None if clients is None else reached(clients)
    state.lost = lost_clients(state.old_clients, clients)
    for member in state.group.members:
        checks = await checks_of(probe, member)
        found = new_errors(errors_in(checks), state.old_errors.get(member.path, ()))
        before = state.old_checks.get(member.path, ())
        if (lost := lost_figures(before, checks)) is not None:
            summed_up = [finding for _, finding in _newly_refused(before, checks)]
            found = (*(each for each in found if each not in summed_up), lost)
        state.block(member, found)
    return None


def all_are_blocked(state: RotationState) -> bool:
    """Return whether there are configs left to change, and all of them are blocked."""
    left = {member.path for member in state.group.members if member not in state.moved}
    return not state.waiting and bool(left & state.blocked.keys())


async def errors_of(probe: KeyProbe, member: Member) -> tuple[Finding, ...]:
    """Run the checks of a config with a key, and return the errors."""
    return errors_in(await checks_of(probe, member))


async def checks_of(probe: KeyProbe, member: Member) -> tuple[CheckOutcome, ...]:
    """Run the checks of a config with a key, including figures."""
    return tuple([each async for each in check_setup(probe, wanted_of(member.config))])


def errors_in(checks: Iterable[CheckOutcome]) -> tuple[Finding, ...]:
    """Return the errors in outcomes."""
    return tuple(finding for each in checks for finding in each.findings if finding.is_error)


def new_errors(found: Iterable[Finding], before: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the errors that did not exist before, since the new key must not be worse than the old one."""
    known = [(finding.code, dict(finding.values)) for finding in before]
    return tuple(finding for finding in found if (finding.code, dict(finding.values)) not in known)


async def clients_of(probe: KeyProbe, facts: KeyFacts) -> tuple[Client, ...] | Finding | None:
    """Return the clients that an office key has access to; None for an ordinary key."""
    return await probe.clients(certain=True) if facts.is_office else None


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known about the key in use.

    Attributes:
        setup: The kind of set-up.
        company: Its company, for messages.
        company_id: Tripletex's id of that company; None if unknown.
        clients: The clients it has access to; None if unknown, or if it is not an office key.
        names_clients: Whether the config lists clients that the key must have access to.
    """

    setup: Setup
    company: FoundCompany | None
    company_id: int | None
    clients: tuple[Client, ...] | None
    names_clients: bool


def check_new_key(expected: Expected, facts: KeyFacts) -> tuple[Finding, ...]:
    """Return findings if the new key does not match the one in use, or cannot be compared."""
    # The kind depends on the set-up, since the key in use may be of the wrong kind.
    kind = KeyKind.OFFICE if expected.setup.is_bureau else KeyKind.ORDINARY
    if facts.kind is not None and facts.kind is not kind:
        return (codes.OTHER_KIND.found(request_id=facts.request_id),)
    if expected.company_id is None or facts.company is None:
        # An office can be recognised by its clients. Clients in the config are checked separately.
        can_tell = expected.clients is not None or expected.names_clients
        return () if can_tell else (_not_compared(facts),)
    if facts.company.id != expected.company_id:
        return (_other_company(expected.company, facts.company, facts.request_id),)
    return ()


def lost_clients(before: tuple[Client, ...] | None, after: tuple[Client, ...] | None) -> tuple[Client, ...]:
    """Return the clients that only the old key has access to."""
    kept = {client.id for client in after or ()}
    return tuple(client for client in before or () if client.id not in kept)


def _other_company(wanted: FoundCompany | None, found: Company, request_id: str | None) -> Finding:
    name = _label(wanted.name, wanted.org_number) if wanted else "?"
    return codes.OTHER_COMPANY.found(
        company=found.name or found.id, number=found.org_number or "–", wanted=name, request_id=request_id
    )


def _not_compared(facts: KeyFacts) -> Finding:
    company = facts.company
    told = _label(company.name, company.org_number) if company else "?"
    return codes.NOT_COMPARED.found(company=told, request_id=facts.request_id)


def _label(name: str | None, org_number: str | None) -> str:
    number = format_org_number(org_number) if org_number else ""
    return f"{name} ({number})" if name and number else name or number or "?"


_NAMES: Final = {
    CheckId.BALANCES: N_("the balances"),
    CheckId.POSTINGS: N_("all transactions"),
    CheckId.ACCOUNTS: N_("the chart of accounts"),
}


def lost_figures(before: Iterable[CheckOutcome], after: Iterable[CheckOutcome]) -> Finding | None:
    """Return a finding if the new key cannot read figures that the old key can.

    Figures that are unknown for either key are not compared.

    Args:
        before: Outcomes with the old key.
        after: Outcomes of the same checks with the new key.
    """
    refused = _newly_refused(before, after)
    lost = sorted({each.check for each, _ in refused}, key=[*_NAMES].index)
    if not lost:
        return None
    names = {f"name{number}": Term(_NAMES[check]) for number, check in enumerate(lost)}
    is_at_client = any(finding.values.get("whose") for _, finding in refused)
    return codes.FEWER_FIGURES.found(
        step=StepId.CLIENT_ACCESS if is_at_client else StepId.CREATE_KEY,
        request_id=refused[0][1].request_id,
        figures=Phrase(", ".join(f"{{{name}}}" for name in names), **names),
        whose="",
    )


def _newly_refused(
    before: Iterable[CheckOutcome], after: Iterable[CheckOutcome]
) -> list[tuple[CheckOutcome, Finding]]:
    before = tuple(before)
    seen = {each.check for each in before if each.status is not CheckStatus.UNKNOWN}
    known = [_about(finding) for each in before for finding in each.findings]
    return [
        (each, finding)
        for each in after
        for finding in each.findings
        if is_refusal(finding.code) and each.check in seen and _about(finding) not in known
    ]


def _about(finding: Finding) -> tuple[object, ...]:
    return finding.code, finding.values.get("whose"), finding.values.get("client")
