"""Checks one config against Tripletex: resolves its tokens, and makes every check in turn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.checks.outcomes import CheckId, CheckOutcome, CheckStatus, Wanted, outcome
from wizard.config import Config
from wizard.context import AppContext, OnWait
from wizard.findings import Finding, codes

if TYPE_CHECKING:
    from wizard.checks.probe import KeyProbe


def wanted_of(config: Config) -> Wanted:
    """Return what a config says that its key must have access to."""
    return Wanted(setup=config.setup, org_number=config.org_number, clients=config.clients)


@asynccontextmanager
async def open_probe(
    context: AppContext, config: Config, path: Path, on_wait: OnWait | None = None
) -> "AsyncIterator[KeyProbe | Finding]":
    """Give a probe of the config's key, or why there is none; its session ends with the context."""
    from wizard.checks.probe import KeyProbe  # noqa: PLC0415 - imports httpx

    employee = await context.resolver().resolve(
        config.employee_token, config_path=path, environment=config.environment
    )
    if isinstance(employee, Finding):
        yield employee
        return
    consumer = await context.consumer_token(
        config.environment, config.application, config.consumer_token, path
    )
    if isinstance(consumer, Finding):
        yield consumer
        return
    async with (
        context.tripletex(config.environment, config.base_url, on_wait) as tripletex,
        KeyProbe(tripletex, consumer, employee, application=config.application) as probe,
    ):
        yield probe


def not_asked() -> CheckOutcome:
    """Return the outcome of checks that were not wanted."""
    return CheckOutcome(CheckId.LOG_ON, (codes.NOT_ASKED.found(),), least=CheckStatus.UNKNOWN)


def not_begun(finding: Finding) -> CheckOutcome:
    """Return the outcome of checks that could not begin."""
    return outcome(CheckId.LOG_ON, finding)
