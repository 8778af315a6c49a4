"""Checks one config against Tripletex: resolves its tokens, and makes every check in turn."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from wizard.checks.outcomes import CheckId, CheckOutcome, CheckStatus, FigureScope, Wanted, outcome
from wizard.config import Config
from wizard.domain.environment import Environment
from wizard.domain.reference import Reference
from wizard.domain.secret import Secret
from wizard.findings import Finding, codes
from wizard.secrets import Resolver

if TYPE_CHECKING:
    from wizard.checks.probe import KeyProbe
    from wizard.tripletex import Tripletex

OnWait = Callable[[float], object]
"""Is given the seconds when the rate limit makes a key wait."""


class Context(Protocol):
    """What the checks need of the world outside."""

    @property
    def today(self) -> date:
        """The date on this machine's calendar."""

    def resolver(self) -> Resolver:
        """Return what reads the token that a reference refers to."""

    def tripletex(
        self, environment: Environment, base_url: str | None, on_wait: OnWait | None = None
    ) -> "Tripletex":
        """Return a client for an environment, not yet opened."""

    async def consumer_token(
        self,
        environment: Environment,
        application: str,
        configured: Reference | None = None,
        config_path: Path | None = None,
    ) -> Secret | Finding:
        """Return the consumer token, or why it cannot be had."""


def wanted_of(config: Config) -> Wanted:
    """Return what a config says that its key must have access to."""
    return Wanted(setup=config.setup, org_number=config.org_number, clients=config.clients)


@asynccontextmanager
async def open_probe(
    context: Context, config: Config, path: Path, on_wait: OnWait | None = None
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


async def check_config(
    context: Context,
    config: Config,
    path: Path,
    *,
    figures: FigureScope = FigureScope.CONFIG,
    on_wait: OnWait | None = None,
) -> AsyncIterator[CheckOutcome]:
    """Yield each check as it is made."""
    from wizard.checks.setup import check_setup  # noqa: PLC0415 - imports httpx

    async with open_probe(context, config, path, on_wait) as probe:
        if isinstance(probe, Finding):
            yield not_begun(probe)
            return
        async with aclosing(check_setup(probe, wanted_of(config), figures=figures)) as outcomes:
            async for each in outcomes:
                yield each


def not_asked() -> CheckOutcome:
    """Return the outcome of checks that were not wanted."""
    return CheckOutcome(CheckId.LOG_ON, (codes.NOT_ASKED.found(),), least=CheckStatus.UNKNOWN)


def not_begun(finding: Finding) -> CheckOutcome:
    """Return the outcome of checks that could not begin."""
    return outcome(CheckId.LOG_ON, finding)
