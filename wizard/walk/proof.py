"""Asks Tripletex about a key on behalf of a walk: the one place where a walk meets the checks."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from wizard.checks.outcomes import CheckOutcome, Wanted
from wizard.domain.reference import FoundCompany, Reached
from wizard.domain.secret import Secret
from wizard.findings import Finding, codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.checks.probe import KeyProbe
    from wizard.context import AppContext
    from wizard.domain.environment import Environment
    from wizard.tripletex.models import Client, Company


@asynccontextmanager
async def open_probe(
    context: "AppContext",
    *,
    environment: "Environment",
    base_url: str | None,
    application: str,
    consumer: Secret | Finding,
    employee: Secret | Finding,
    on_wait: "Callable[[float], object] | None" = None,
) -> "AsyncIterator[KeyProbe | Finding]":
    """Give what asks about a key, or why it cannot be asked; its session ends with the context."""
    if isinstance(employee, Finding):
        yield employee
        return
    if isinstance(consumer, Finding):
        # Whatever is wrong with that token says nothing about the key.
        yield consumer if consumer.code.is_unknown else codes.CONSUMER_TOKEN_MISSING.found()
        return
    from wizard.checks.probe import KeyProbe  # noqa: PLC0415 - imports httpx

    async with (
        context.tripletex(environment, base_url, on_wait) as tripletex,
        KeyProbe(tripletex, consumer, employee, application=application) as probe,
    ):
        yield probe


async def outcomes(probe: "KeyProbe", wanted: Wanted) -> AsyncIterator[CheckOutcome]:
    """Yield the checks that a config calls for as they are made, figures included."""
    from wizard.checks.setup import check_setup  # noqa: PLC0415 - imports httpx

    async with aclosing(check_setup(probe, wanted)) as results:
        async for result in results:
            yield result


def company_of(company: "Company | None") -> FoundCompany | None:
    """Return a company as a walk knows it."""
    return FoundCompany(company.name, company.org_number, company.id) if company else None


def reached(clients: "Iterable[Client]") -> tuple[Reached, ...]:
    """Return clients as a walk knows them."""
    return tuple(Reached(client.name, client.org_number) for client in clients)
