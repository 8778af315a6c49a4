"""Proves one config against Tripletex: the keys are fetched, and every check is made in turn."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.actions.consumer import find_consumer_token
from wizard.actions.context import AppContext, OnWait
from wizard.config import Config
from wizard.findings import Finding, Verdict, codes
from wizard.tripletex import CheckId, CheckResult, Wanted

if TYPE_CHECKING:
    from wizard.tripletex import Examination


def wanted_of(config: Config) -> Wanted:
    """Return what a config says that its key must reach."""
    return Wanted(setup=config.setup, org_number=config.org_number, clients=config.clients)


@asynccontextmanager
async def examine(
    context: AppContext, config: Config, path: Path, on_wait: OnWait | None = None
) -> "AsyncIterator[Examination | Finding]":
    """Give what asks Tripletex about a config's key, or why it cannot; the session ends with the context."""
    from wizard.tripletex import Examination  # noqa: PLC0415 - imports httpx

    employee = await context.resolver().resolve(config.employee_token, config_path=path)
    if isinstance(employee, Finding):
        yield employee
        return
    consumer = await find_consumer_token(
        context, config.environment, config.application, config.consumer_token, path
    )
    if isinstance(consumer, Finding):
        yield consumer
        return
    async with (
        context.tripletex(config.environment, config.base_url, on_wait) as tripletex,
        Examination(tripletex, consumer, employee, application=config.application) as examination,
    ):
        yield examination


async def check_config(
    context: AppContext,
    config: Config,
    path: Path,
    *,
    deep: bool = False,
    on_wait: OnWait | None = None,
) -> AsyncIterator[CheckResult]:
    """Yield the result of each check as it is made."""
    from wizard.tripletex import check  # noqa: PLC0415 - imports httpx

    async with examine(context, config, path, on_wait) as examination:
        if isinstance(examination, Finding):
            yield failed(examination)
            return
        async with aclosing(check(examination, wanted_of(config), deep=deep)) as results:
            async for result in results:
                yield result


def not_asked() -> CheckResult:
    """Return the result of checks that were not wanted."""
    return CheckResult(CheckId.LOG_ON, Verdict.UNKNOWN, (codes.NOT_ASKED.found(),))


def failed(finding: Finding) -> CheckResult:
    """Return the result of checks that could not begin."""
    said = Verdict.UNKNOWN if finding.code.is_unknown else Verdict.INVALID
    return CheckResult(check=CheckId.LOG_ON, verdict=said, findings=(finding,))
