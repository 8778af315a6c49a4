"""Checks a config against Tripletex, one check at a time."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from wizard.checks.errors import client_name
from wizard.checks.figures import naming_client
from wizard.checks.outcomes import (
    FIGURES,
    CheckId,
    CheckOutcome,
    CheckStatus,
    FigureScope,
    KeyFacts,
    Wanted,
    worst,
)
from wizard.checks.probe import KeyProbe
from wizard.domain.setup import KeyKind, Setup
from wizard.findings import Finding, Verdict, codes
from wizard.tripletex.client import ClientList
from wizard.tripletex.models import Client

OnClient = Callable[[int, int], object]
"""Called with the number of clients whose figures have been read, and their total number."""

Read = tuple[Client, tuple[CheckOutcome, ...]]
"""A client and the outcomes for its figures."""

_AT_ONCE: Final = 12
"""How many clients' figures are read at a time. The rate limit of a key allows no more."""
_MOST_NAMES: Final = 10
"""How many clients with the same organisation number are listed by name."""
_MOST_FAILURES: Final = 3
"""How many clients in a row may fail for lack of a connection before the rest are skipped."""
_NO_CONNECTION: Final = frozenset(
    {
        codes.NAME_NOT_RESOLVED,
        codes.NOT_CONNECTED,
        codes.NO_ANSWER,
        codes.TLS_FAILED,
        codes.PROXY_REFUSED,
        codes.PROXY_UNUSABLE,
        codes.RATE_LIMITED,
    }
)


def check_setup(
    probe: KeyProbe, wanted: Wanted, *, figures: FigureScope = FigureScope.CONFIG
) -> AsyncGenerator[CheckOutcome, None]:
    """Run the checks and yield their outcomes, stopping when the remaining ones make no sense.

    Figures come last: ``accounts``, ``balances`` and ``postings``, once for all clients of a shared set-up,
    with a finding for each client that fails.

    Args:
        probe: The probe of the key.
        wanted: What to check.
        figures: Whose figures to read. ``CONFIG``, which set-up and rotation use, also checks whether the
            wage module is on.
    """
    return SetupChecks(probe, wanted, figures=figures).run()


class SetupChecks:
    """Runs the checks of one config, as ``check_setup`` does, and keeps their outcomes.

    If ``run`` is closed or cancelled while clients are being read, ``so_far`` has the outcomes up to then.
    """

    def __init__(
        self, probe: KeyProbe, wanted: Wanted, *, figures: FigureScope, on_client: OnClient | None = None
    ) -> None:
        """Set what to check; ``on_client`` is called after each client whose figures have been read."""
        self._probe = probe
        self._wanted = wanted
        self._scope = figures
        self._on_client = on_client
        self._made: list[CheckOutcome] = []
        self._read: list[Read] = []
        self._is_summed = False

    @property
    def so_far(self) -> tuple[CheckOutcome, ...]:
        """The outcomes so far, including the figures of the clients that have been read."""
        return (*self._made, *(() if self._is_summed else self._sum()))

    async def run(self) -> AsyncGenerator[CheckOutcome, None]:
        """Run the checks and yield their outcomes."""
        async with aclosing(self._checks()) as outcomes:
            async for each in outcomes:
                self._made.append(each)
                yield each

    async def _checks(self) -> AsyncGenerator[CheckOutcome, None]:
        wanted = self._wanted
        logged_on = await self._probe.log_on()
        if isinstance(logged_on, Finding):
            yield CheckOutcome(CheckId.LOG_ON, (logged_on, *self._probe.notes))
            return
        yield CheckOutcome(CheckId.LOG_ON, self._probe.notes, reply_id=logged_on.request_id)
        facts = await self._probe.facts()
        if isinstance(facts, Finding):  # cannot happen after a successful log-on
            return
        kind = _check_kind(facts, wanted.setup)
        yield kind
        if kind.verdict is Verdict.INVALID:
            return
        if wanted.setup.is_bureau:
            async with aclosing(self._clients()) as outcomes:
                async for each in outcomes:
                    yield each
            return
        yield _check_company(facts)
        if self._scope is not FigureScope.NONE:
            for each in await self._probe.figures(with_modules=self._scope is FigureScope.CONFIG):
                yield each

    async def _clients(self) -> AsyncGenerator[CheckOutcome, None]:
        wanted, probe = self._wanted, self._probe
        is_shared = wanted.setup is Setup.BUREAU_SHARED
        numbers = wanted.clients if is_shared else (wanted.org_number,)
        reads_every = is_shared and self._scope is FigureScope.EVERY_CLIENT
        listing = await probe.client_list(numbers, certain=reads_every)
        if isinstance(listing, Finding):
            yield CheckOutcome(CheckId.CLIENTS if is_shared else CheckId.CLIENT, (listing,))
            return
        if is_shared:
            yield _check_list(listing)
        for number in numbers:
            yield _check_client(listing, number, alone=not is_shared)
        async with aclosing(self._figures(listing, numbers)) as outcomes:
            async for each in outcomes:
                yield each

    async def _figures(
        self, listing: ClientList, numbers: tuple[str, ...]
    ) -> AsyncGenerator[CheckOutcome, None]:
        is_shared = self._wanted.setup is Setup.BUREAU_SHARED
        named = [client for client in listing.clients if client.org_number in numbers]
        match self._scope:
            case FigureScope.EVERY_CLIENT:
                await self._read_all(listing.clients if is_shared else named)
            case FigureScope.CONFIG if named:
                await self._read_all(named)
            case FigureScope.CONFIG if not numbers:
                sample = [client for client in listing.clients if client.org_number][:1]
                await self._read_all(sample)
                self._read = [(client, _as_sample(client, found)) for client, found in self._read]
            case _:
                return
        self._is_summed = True
        for each in self._sum():
            yield each

    def _sum(self) -> tuple[CheckOutcome, ...]:
        return sum_up(self._read, names_clients=self._wanted.setup is Setup.BUREAU_SHARED)

    async def _read_all(self, clients: Sequence[Client]) -> None:
        is_config = self._scope is FigureScope.CONFIG
        figures = read_figures(
            self._probe,
            clients,
            with_modules=is_config,
            save_requests=not is_config,
            on_client=self._on_client,
        )
        async with aclosing(figures):
            async for client, found in figures:
                self._read.append((client, found))


async def read_figures(
    probe: KeyProbe,
    clients: Sequence[Client],
    *,
    with_modules: bool = False,
    save_requests: bool = True,
    on_client: OnClient | None = None,
) -> AsyncGenerator[Read, None]:
    """Check the figures of several clients at a time and yield the outcomes in the order of the list.

    Stops early if Tripletex can no longer be reached.
    """
    waiting = iter(clients)
    running: deque[tuple[Client, asyncio.Task[tuple[CheckOutcome, ...]]]] = deque()
    failures = done = 0
    try:
        while failures < _MOST_FAILURES:
            while len(running) < _AT_ONCE and (client := next(waiting, None)) is not None:
                reading = probe.figures(client, with_modules=with_modules, save_requests=save_requests)
                running.append((client, asyncio.create_task(reading)))
            if not running:
                return
            client, task = running[0]
            found = await task
            running.popleft()
            done += 1
            failures = failures + 1 if _lacks_connection(found) else 0
            if on_client is not None:
                on_client(done, len(clients))
            yield client, found
    finally:
        for _, task in running:
            task.cancel()


def _lacks_connection(found: Iterable[CheckOutcome]) -> bool:
    return any(finding.code in _NO_CONNECTION for each in found for finding in each.findings)


def sum_up(read: Sequence[Read], *, names_clients: bool = False) -> tuple[CheckOutcome, ...]:
    """Combine the outcomes of all clients into one for each check, with the worst status.

    A client whose balances are refused has no findings about its other figures.
    """
    if len(read) == 1 and not names_clients:
        return read[0][1]
    found: dict[CheckId, list[CheckOutcome]] = {}
    findings: dict[CheckId, list[Finding]] = defaultdict(list)
    for client, outcomes in read:
        is_refused = any(
            each.check is CheckId.BALANCES and each.verdict is Verdict.INVALID for each in outcomes
        )
        for each in outcomes:
            found.setdefault(each.check, []).append(each)
            if each.check is CheckId.BALANCES or not is_refused:
                findings[each.check] += (naming_client(finding, client) for finding in each.findings)
    only = read[0][0] if len(read) == 1 else None
    return tuple(
        CheckOutcome(
            check,
            tuple(findings[check]),
            company=only,
            count=len(found[check]),
            least=worst(each.status for each in found[check]),
            year=" · ".join(dict.fromkeys(each.year for each in found[check] if each.year)),
            readable=sum(_is_readable(each) for each in found[check]),
        )
        for check in (CheckId.CLIENT, *FIGURES)
        if check in found
    )


def _is_readable(each: CheckOutcome) -> bool:
    """Return whether the figures can be read, as with empty balances, unlike with a refused sample."""
    is_empty = each.check is CheckId.BALANCES and each.status is CheckStatus.WARNING
    return is_empty or each.status is CheckStatus.VALID


def _as_sample(client: Client, found: Iterable[CheckOutcome]) -> tuple[CheckOutcome, ...]:
    """Turn refusals into warnings, since one client says little about the others."""
    return tuple(
        replace(each, findings=tuple(_sample_finding(client, finding) for finding in each.findings))
        for each in found
    )


def _sample_finding(client: Client, finding: Finding) -> Finding:
    if not finding.is_error or finding.code.is_unknown:
        return finding
    return codes.SAMPLE_REFUSED.found(client=client_name(client), request_id=finding.request_id)


def _check_kind(facts: KeyFacts, setup: Setup) -> CheckOutcome:
    wanted = KeyKind.OFFICE if setup.is_bureau else KeyKind.ORDINARY
    if facts.kind is None:
        findings = facts.findings
    elif facts.kind is wanted:
        findings = ()
    elif facts.kind is KeyKind.OFFICE:
        findings = (codes.OFFICE_KEY_FOR_COMPANY.found(request_id=facts.request_id),)
    else:
        findings = (codes.ORDINARY_KEY_FOR_BUREAU.found(request_id=facts.request_id),)
    return CheckOutcome(CheckId.KIND, findings, kind=facts.kind, reply_id=facts.request_id)


def _check_company(facts: KeyFacts) -> CheckOutcome:
    # If the kind is unknown, the findings already belong to that check.
    findings = list(facts.findings) if facts.kind is not None else []
    company, request_id = facts.company, facts.request_id
    is_seen = company is not None and (company.name or company.org_number)
    if not is_seen and not any(finding.is_error for finding in facts.findings):
        findings.append(codes.COMPANY_NOT_SEEN.found(request_id=request_id))
    least = CheckStatus.VALID if is_seen else CheckStatus.UNKNOWN
    return CheckOutcome(CheckId.COMPANY, tuple(findings), company=company, reply_id=request_id, least=least)


def _check_list(listing: ClientList) -> CheckOutcome:
    clients, request_id = listing.clients, listing.request_id
    if not clients:
        return CheckOutcome(CheckId.CLIENTS, (codes.NO_CLIENTS.found(request_id=request_id),), count=0)
    by_number = defaultdict(list)
    for client in clients:
        by_number[client.org_number].append(client)
    duplicates = [
        _duplicates(sharing, number, request_id)
        for number, sharing in by_number.items()
        if number is not None and len(sharing) > 1
    ]
    return CheckOutcome(
        CheckId.CLIENTS, (*duplicates, *_unreadable(listing)), count=len(clients), reply_id=request_id
    )


def _check_client(listing: ClientList, number: str, *, alone: bool) -> CheckOutcome:
    """Look up a client; ``alone`` means that the list as a whole is not checked.

    A client without a valid number might be the right one, but Finale could not find it either.
    """
    found = [client for client in listing.clients if client.org_number == number]
    if not found:
        missing = codes.CLIENT_ACCESS_MISSING.found(number=number, request_id=listing.request_id)
        return CheckOutcome(CheckId.CLIENT, (missing, *(_unreadable(listing) if alone else ())))
    duplicates = (_duplicates(found, number, listing.request_id),) if alone and len(found) > 1 else ()
    return CheckOutcome(CheckId.CLIENT, duplicates, company=found[0], reply_id=listing.request_id)


def _duplicates(sharing: Sequence[Client], number: str, request_id: str | None) -> Finding:
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
