"""Compares a new key with the one that it replaces."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from wizard.checks.figures import is_refusal
from wizard.checks.outcomes import CheckId, CheckOutcome, CheckStatus, KeyFacts, wanted_of
from wizard.checks.probe import KeyProbe
from wizard.checks.setup import check_setup
from wizard.config.reading import Config
from wizard.domain.key import Secret
from wizard.domain.setup import KeyKind, Setup, format_org_number
from wizard.findings import Finding, Phrase, StepId, Term, Verdict, codes
from wizard.rotation.keys import Member
from wizard.text import N_
from wizard.tripletex.models import Client, Company


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """The key to replace.

    Attributes:
        number: Its number in Tripletex, if known.
        installed: When it was installed, if known.
        secret: The key; None if it could not be read.
        verdict: The verdict of testing it; None before that.
        kind: The kind of key, if known.
        company: Its company, if known.
        clients: The clients it has access to; None if unknown, or if it is not an office key.
        checks: The outcomes of the checks of each config.
        finding: Why it does not work, or why that is unknown.
    """

    number: int | None = None
    installed: date | None = None
    secret: Secret | None = None
    verdict: Verdict | None = None
    kind: KeyKind | None = None
    company: Company | None = None
    clients: tuple[Client, ...] | None = None
    checks: Mapping[Path, tuple[CheckOutcome, ...]] = field(default_factory=dict)
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class NewKey:
    """What testing the new key has shown.

    Attributes:
        verdict: The verdict; None before it was tested.
        kind: The kind of key, if known.
        company: Its company, if known.
        clients: The clients it has access to; None if unknown, or if it is not an office key.
        lost: The clients that only the key in use has access to.
    """

    verdict: Verdict | None = None
    kind: KeyKind | None = None
    company: Company | None = None
    clients: tuple[Client, ...] | None = None
    lost: tuple[Client, ...] = ()


async def checks_of(probe: KeyProbe, member: Member) -> tuple[CheckOutcome, ...]:
    """Run the checks of a config with a key, including figures."""
    return tuple([each async for each in check_setup(probe, wanted_of(member.config))])


def errors_in(checks: Iterable[CheckOutcome]) -> tuple[Finding, ...]:
    """Return the errors in outcomes."""
    return tuple(finding for each in checks for finding in each.findings if finding.is_error)


def worse_errors(before: Sequence[CheckOutcome], after: Sequence[CheckOutcome]) -> tuple[Finding, ...]:
    """Return the errors with a new key that the old one does not have, with lost figures summed up.

    Figures that are unknown for either key are not compared.

    Args:
        before: Outcomes with the old key.
        after: Outcomes of the same checks with the new key.
    """
    # Only certain errors of the old key excuse the same error of the new one.
    excused = [
        (finding.code, dict(finding.values)) for finding in errors_in(before) if not finding.code.is_unknown
    ]
    found = [each for each in errors_in(after) if (each.code, dict(each.values)) not in excused]
    if refused := _newly_refused(before, after):
        summed_up = [finding for _, finding in refused]
        found = [*(each for each in found if each not in summed_up), _lost_figures(refused)]
    return tuple(found)


async def clients_of(probe: KeyProbe, facts: KeyFacts) -> tuple[Client, ...] | Finding | None:
    """Return the clients that an office key has access to; None for an ordinary key."""
    return await probe.clients(certain=True) if facts.is_office else None


def check_new_key(in_use: KeyInUse, facts: KeyFacts, config: Config) -> tuple[Finding, ...]:
    """Return findings if a new key does not match the one in use, or cannot be compared.

    Args:
        in_use: The key in use.
        facts: The facts about the new key.
        config: A config that is to use the new key.
    """
    # The kind depends on the set-up, since the key in use may be of the wrong kind.
    kind = KeyKind.OFFICE if config.setup.is_bureau else KeyKind.ORDINARY
    if facts.kind is not None and facts.kind is not kind:
        return (codes.OTHER_KIND.found(request_id=facts.request_id),)
    wanted = in_use.company
    company_id = (wanted and wanted.id) or config.company_id
    if company_id is None or facts.company is None or facts.company.id is None:
        # An office can be recognised by its clients. Clients in the config are checked separately.
        names_clients = config.setup is Setup.BUREAU_CLIENT or bool(config.clients)
        is_comparable = in_use.clients is not None or names_clients
        return () if is_comparable else (_not_compared(facts),)
    if facts.company.id != company_id:
        return (_other_company(wanted, facts.company, facts.request_id),)
    return ()


def lost_clients(before: tuple[Client, ...] | None, after: tuple[Client, ...] | None) -> tuple[Client, ...]:
    """Return the clients that only the old key has access to."""
    kept = {client.id for client in after or ()}
    return tuple(client for client in before or () if client.id not in kept)


def _other_company(wanted: Company | None, found: Company, request_id: str | None) -> Finding:
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


def _lost_figures(refused: Sequence[tuple[CheckOutcome, Finding]]) -> Finding:
    """Return the finding that the new key cannot read figures that the old key can."""
    lost = sorted({each.check for each, _ in refused}, key=[*_NAMES].index)
    names = {f"name{number}": Term(_NAMES[check]) for number, check in enumerate(lost)}
    is_at_client = any(finding.values.get("whose") for _, finding in refused)
    return codes.FEWER_FIGURES.found(
        step=StepId.CLIENT_ACCESS if is_at_client else StepId.CREATE_KEY,
        request_id=refused[0][1].request_id,
        figures=Phrase(", ".join(f"{{{name}}}" for name in names), **names),
        whose="",
    )


def _newly_refused(
    before: Sequence[CheckOutcome], after: Sequence[CheckOutcome]
) -> list[tuple[CheckOutcome, Finding]]:
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
