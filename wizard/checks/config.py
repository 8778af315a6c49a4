"""Opens a probe for the key of a config."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.checks.outcomes import CheckId, CheckOutcome, CheckStatus, Wanted, outcome
from wizard.config.model import Config
from wizard.context import AppContext, OnWait
from wizard.domain.secret import Secret
from wizard.domain.setup import Environment
from wizard.findings import Finding, codes

if TYPE_CHECKING:
    from wizard.checks.probe import KeyProbe


def wanted_of(config: Config) -> Wanted:
    """Return what the key of a config must have access to."""
    return Wanted(setup=config.setup, org_number=config.org_number, clients=config.clients)


@asynccontextmanager
async def open_probe(
    context: AppContext, config: Config, path: Path, on_wait: OnWait | None = None
) -> "AsyncIterator[KeyProbe | Finding]":
    """Yield a probe of the config's key, or the finding if a token is missing.

    The probe's session is deleted on exit.
    """
    employee = await context.resolver().resolve(
        config.employee_token, config_path=path, environment=config.environment
    )
    if isinstance(employee, Finding):  # then the consumer token is not needed
        yield employee
        return
    consumer = await context.consumer_token(
        config.environment, config.application, config.consumer_token, path
    )
    async with probe_with(
        context,
        environment=config.environment,
        base_url=config.base_url,
        application=config.application,
        employee=employee,
        consumer=consumer,
        on_wait=on_wait,
    ) as probe:
        yield probe


@asynccontextmanager
async def probe_with(
    context: AppContext,
    *,
    environment: Environment,
    base_url: str | None,
    application: str,
    employee: Secret | Finding,
    consumer: Secret | Finding,
    on_wait: OnWait | None = None,
) -> "AsyncIterator[KeyProbe | Finding]":
    """Yield a probe of a key, or the finding if a token is missing; its session is deleted on exit."""
    if isinstance(employee, Finding):
        yield employee
        return
    if isinstance(consumer, Finding):
        yield consumer
        return
    from wizard.checks.probe import KeyProbe  # noqa: PLC0415 - imports httpx

    async with (
        context.tripletex(environment, base_url, on_wait) as tripletex,
        KeyProbe(tripletex, consumer, employee, application=application) as probe,
    ):
        yield probe


def or_missing(consumer: Secret | Finding) -> Secret | Finding:
    """Return a consumer token, replacing findings that call it wrong by one that calls it missing.

    Used where a key is checked: an error in the consumer token says nothing about the key.
    """
    if isinstance(consumer, Secret) or consumer.code.is_unknown:
        return consumer
    return codes.CONSUMER_TOKEN_MISSING.found()


def not_asked() -> CheckOutcome:
    """Return the outcome of checks that were skipped on request."""
    return CheckOutcome(CheckId.LOG_ON, (codes.NOT_ASKED.found(),), least=CheckStatus.UNKNOWN)


def not_begun(finding: Finding) -> CheckOutcome:
    """Return the outcome of checks that could not be started."""
    return outcome(CheckId.LOG_ON, finding)
