"""Proves against Tripletex what a config says, one check at a time."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from typing import Final

from wizard.checks.outcomes import CheckId, CheckOutcome, KeyFacts, Wanted, outcome
from wizard.checks.probe import KeyProbe
from wizard.domain.setup import KeyKind, Setup
from wizard.findings import Finding, Verdict, codes
from wizard.tripletex.listing import ClientList
from wizard.tripletex.models import Client, Company

_AT_ONCE: Final = 8
"""Log-ons to clients under way; the rate limit of a key leaves room for no more at usual latencies."""
_MOST_NAMES: Final = 10
"""Clients sharing a number that are named; the others are counted."""
_ENOUGH_TROUBLE: Final = 3
"""Log-ons in a row without an answer, after which the other clients are not tried."""


async def check_setup(
    probe: KeyProbe, wanted: Wanted, *, deep: bool = False
) -> AsyncGenerator[CheckOutcome, None]:
    """Yield each check as it is made. After one that makes the next ones pointless, none follow.

    Args:
        probe: Of the key.
        wanted: What must hold.
        deep: Log on to every client, not only look it up in the list.
    """
    logged_on = await probe.log_on()
    if isinstance(logged_on, Finding):
        yield outcome(CheckId.LOG_ON, logged_on)
        return
    yield outcome(CheckId.LOG_ON, request_id=logged_on.request_id)
    facts = await probe.facts()
    if isinstance(facts, Finding):  # not after a log-on that went well
        return
    kind = _judge_kind(facts, wanted.setup)
    yield kind
    if kind.verdict is Verdict.INVALID:
        return
    if not wanted.setup.is_bureau:
        if facts.company is not None:
            yield _judge_company(facts, facts.company, wanted.company)
        return
    wished = (wanted.org_number,) if wanted.setup is Setup.BUREAU_CLIENT else wanted.clients
    async with aclosing(_check_clients(probe, wanted.setup, wished, deep=deep)) as results:
        async for result in results:
            yield result


async def _check_clients(
    probe: KeyProbe, setup: Setup, wished: tuple[str, ...], *, deep: bool
) -> AsyncGenerator[CheckOutcome, None]:
    is_shared = setup is Setup.BUREAU_SHARED
    listing = await probe.client_list()
    if not isinstance(listing, Finding) and not listing.org_numbers.issuperset(wished):
        listing = await probe.client_list(certain=True)
    if isinstance(listing, Finding):
        yield outcome(CheckId.CLIENTS if is_shared else CheckId.CLIENT, listing)
        return
    if is_shared:
        yield _judge_list(listing)
    for number in wished:
        yield _judge_client(listing, number, alone=not is_shared)
    if deep:
        reached = [client for client in listing.clients if is_shared or client.org_number in wished]
        async with aclosing(_log_on_to_all(probe, reached)) as results:
            async for result in results:
                yield result


def _judge_kind(facts: KeyFacts, setup: Setup) -> CheckOutcome:
    wanted = KeyKind.OFFICE if setup.is_bureau else KeyKind.ORDINARY
    if facts.kind is None:
        findings = facts.findings
    elif facts.kind is wanted:
        findings = ()
    elif facts.kind is KeyKind.OFFICE:
        findings = (codes.OFFICE_KEY_FOR_COMPANY.found(request_id=facts.request_id),)
    else:
        findings = (codes.ORDINARY_KEY_FOR_BUREAU.found(request_id=facts.request_id),)
    return outcome(CheckId.KIND, *findings, kind=facts.kind, request_id=facts.request_id)


def _judge_company(facts: KeyFacts, company: Company, wanted: str | None) -> CheckOutcome:
    # Why the kind is unknown has been said with the kind.
    findings = list(facts.findings) if facts.kind is not None else []
    if wanted is not None and company.org_number is None:
        findings.append(codes.COMPANY_UNREADABLE.found(wanted=wanted, request_id=facts.request_id))
    elif wanted is not None and company.org_number != wanted:
        findings.append(
            codes.OTHER_COMPANY.found(
                company=company.name or company.id,
                number=company.org_number,
                wanted=wanted,
                request_id=facts.request_id,
            )
        )
    return outcome(CheckId.COMPANY, *findings, company=company, request_id=facts.request_id)


def _judge_list(listing: ClientList) -> CheckOutcome:
    clients, request_id = listing.clients, listing.request_id
    if not clients:
        return outcome(CheckId.CLIENTS, codes.NO_CLIENTS.found(request_id=request_id), count=0)
    by_number = defaultdict(list)
    for client in clients:
        by_number[client.org_number].append(client)
    twins = [
        _twins(sharing, number, request_id)
        for number, sharing in by_number.items()
        if number is not None and len(sharing) > 1
    ]
    return outcome(CheckId.CLIENTS, *twins, *_unreadable(listing), count=len(clients), request_id=request_id)


def _judge_client(listing: ClientList, number: str, *, alone: bool) -> CheckOutcome:
    """Look a client up; ``alone`` when nothing has been said about the list as a whole.

    A client without a readable number may be the one, but Finale could not find it either.
    """
    found = [client for client in listing.clients if client.org_number == number]
    if not found:
        missing = codes.CLIENT_ACCESS_MISSING.found(number=number, request_id=listing.request_id)
        return outcome(CheckId.CLIENT, missing, *(_unreadable(listing) if alone else ()))
    twins = (_twins(found, number, listing.request_id),) if alone and len(found) > 1 else ()
    return outcome(CheckId.CLIENT, *twins, company=found[0], request_id=listing.request_id)


def _twins(sharing: Sequence[Client], number: str, request_id: str | None) -> Finding:
    names = [client.name or str(client.id) for client in sharing[:_MOST_NAMES]]
    if len(sharing) > len(names):
        names.append("…")
    return codes.SEVERAL_CLIENTS.found(
        count=len(sharing), number=number, names=", ".join(names), request_id=request_id
    )


def _unreadable(listing: ClientList) -> Iterator[Finding]:
    count = sum(client.org_number is None for client in listing.clients)
    if count:
        yield codes.CLIENT_UNREADABLE.found(count=count, request_id=listing.request_id)


async def _log_on_to_all(probe: KeyProbe, clients: Iterable[Client]) -> AsyncGenerator[CheckOutcome, None]:
    """Yield in the order of the list, several under way at a time."""
    waiting = iter(clients)
    under_way: deque[tuple[Client, asyncio.Task[Finding | None]]] = deque()
    troubles = 0
    try:
        while troubles < _ENOUGH_TROUBLE:
            while len(under_way) < _AT_ONCE and (client := next(waiting, None)) is not None:
                under_way.append((client, asyncio.create_task(probe.log_on_to(client))))
            if not under_way:
                return
            client, task = under_way[0]
            finding = await task
            under_way.popleft()
            troubles = troubles + 1 if finding and finding.code.is_unknown else 0
            yield outcome(CheckId.CLIENT_LOG_ON, *([finding] if finding else ()), company=client)
    finally:
        for _, task in under_way:
            task.cancel()
