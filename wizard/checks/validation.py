"""Checks many configs against Tripletex, logging on once for each key."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

from wizard.checks.outcomes import CheckId, CheckOutcome, FigureScope, not_begun, outcome, wanted_of
from wizard.checks.probe import KeyProbe
from wizard.checks.results import FileResult, ValidateOptions, read_configs, result_of
from wizard.checks.setup import OnClient, SetupChecks
from wizard.config.reading import Config, Reading
from wizard.context import AppContext, OnWait
from wizard.domain.key import Secret, read_key
from wizard.domain.reference import CommandReference, FileReference, Reference, describe
from wizard.domain.setup import Environment, Setup
from wizard.findings import Finding, codes
from wizard.tripletex.client import Tripletex

_ACCESS_CHECK: Final = {
    Setup.SINGLE_COMPANY: CheckId.COMPANY,
    Setup.BUREAU_CLIENT: CheckId.CLIENT,
    Setup.BUREAU_SHARED: CheckId.CLIENTS,
}


@dataclass(frozen=True, slots=True)
class _LogOn:
    """The parameters of a log-on. Configs for which they are equal share a session."""

    environment: Environment
    base_url: str | None
    consumer: Secret
    employee: Secret


_Location = tuple[Reference, Path | None]
_Source = tuple[Environment, str | None, str, _Location, _Location | None]


@dataclass(slots=True)
class _Job:
    """A config to check.

    Attributes:
        checks: The running checks; None before they have started.
        done: The outcomes, once they are final.
    """

    config: Config
    path: Path
    done: asyncio.Future[tuple[CheckOutcome, ...]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    checks: SetupChecks | None = None

    def settle(self, *outcomes: CheckOutcome) -> None:
        """Set the outcomes, unless they have been set before."""
        if not self.done.done():
            self.done.set_result(outcomes)

    def give_up(self, why: Finding) -> None:
        """Set the outcomes so far and report the next check as unknown."""
        if self.done.done():
            return
        so_far = self.checks.so_far if self.checks else ()
        made = {each.check for each in so_far}
        order = (CheckId.LOG_ON, CheckId.KIND, _ACCESS_CHECK[self.config.setup], CheckId.BALANCES)
        missing = next((check for check in order if check not in made), CheckId.BALANCES)
        self.settle(*so_far, outcome(missing, why))


async def validate(
    paths: Iterable[Path],
    options: ValidateOptions,
    context: AppContext,
    on_wait: OnWait | None = None,
    on_client: OnClient | None = None,
) -> AsyncIterator[FileResult]:
    """Check each file, also against Tripletex, and yield the results in the order of ``paths``.

    If the caller's task is cancelled, the results so far are yielded and the rest are reported as not
    checked, before ``CancelledError`` is raised.
    """
    paths = list(paths)
    readings: list[Reading] = []
    interrupted: asyncio.CancelledError | None = None
    try:
        for reading in read_configs(paths, options):
            readings.append(reading)
            await asyncio.sleep(0)  # a signal is handled between two of what may be thousands of files
    except asyncio.CancelledError as error:
        interrupted = error
        left = paths[len(readings) :]
        readings += [Reading(None, (codes.INTERRUPTED.found(),), path=path) for path in left]
    jobs = [
        _Job(reading.config, path) if reading.config else None
        for reading, path in zip(readings, paths, strict=True)
    ]
    async with _Run(context, options, [job for job in jobs if job], on_wait, on_client) as run:
        if interrupted is not None:
            run.give_up(codes.INTERRUPTED.found())
        for reading, job in zip(readings, jobs, strict=True):
            try:
                checked = await asyncio.shield(job.done) if job else ()
            except asyncio.CancelledError as error:
                interrupted = error
                run.give_up(codes.INTERRUPTED.found())
                checked = job.done.result() if job else ()
            yield result_of(reading, options, context.today, checked)
    if interrupted is not None:
        raise interrupted


class _Run:
    """The checks of one run of ``validate``."""

    def __init__(
        self,
        context: AppContext,
        options: ValidateOptions,
        jobs: list[_Job],
        on_wait: OnWait | None,
        on_client: OnClient | None,
    ) -> None:
        self._context = context
        self._options = options
        self._jobs = jobs
        self._on_wait = on_wait
        self._on_client = on_client
        self._turns = asyncio.Semaphore(options.jobs)
        self._scope = FigureScope.EVERY_CLIENT if options.deep else FigureScope.COMPANY

    async def __aenter__(self) -> Self:
        self._main = asyncio.create_task(self._check_all())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._main.cancel()
        await asyncio.gather(self._main, return_exceptions=True)

    def give_up(self, why: Finding) -> None:
        """Cancel all unfinished jobs."""
        for job in self._jobs:
            job.give_up(why)

    async def _check_all(self) -> None:
        groups = asyncio.create_task(self._check_groups())
        try:
            # Not asyncio.timeout: results are ready at once, without waiting for sessions to be deleted.
            deadline = self._options.deadline
            left = None if deadline is None else max(deadline - time.monotonic(), 0)
            done, _ = await asyncio.wait({groups}, timeout=left)
            if not done:
                self.give_up(codes.OUT_OF_TIME.found())
                groups.cancel()
            await groups
        except BaseException as error:
            for job in self._jobs:
                if not job.done.done():
                    job.done.set_exception(error)
            raise
        finally:
            groups.cancel()
            await asyncio.gather(groups, return_exceptions=True)

    async def _check_groups(self) -> None:
        tokens = await self._resolve_all()
        groups: dict[_LogOn, list[_Job]] = {}
        for job in self._jobs:
            found = tokens[_source(job)]
            if isinstance(found, Finding):
                job.settle(not_begun(found))
            else:
                groups.setdefault(found, []).append(job)
        waiting = iter(groups.items())
        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(self._options.jobs, len(groups))):
                tasks.create_task(self._check_keys(waiting))

    async def _check_keys(self, waiting: Iterator[tuple[_LogOn, list[_Job]]]) -> None:
        """Check one key after another, on connections that other workers do not use.

        With a connection pool shared by 32 workers, a run over 1,000 keys took twice as long.
        """
        async with AsyncExitStack() as stack:
            clients: dict[tuple[Environment, str | None], Tripletex] = {}
            for log_on, jobs in waiting:
                address = (log_on.environment, log_on.base_url)
                if address not in clients:
                    tripletex = self._context.tripletex(*address, on_wait=self._on_wait)
                    clients[address] = await stack.enter_async_context(tripletex)
                await self._check_group(clients[address], log_on, jobs)

    async def _check_group(self, tripletex: Tripletex, log_on: _LogOn, jobs: list[_Job]) -> None:
        application = jobs[0].config.application
        async with KeyProbe(tripletex, log_on.consumer, log_on.employee, application=application) as probe:
            for job in jobs:
                job.checks = SetupChecks(
                    probe, wanted_of(job.config), figures=self._scope, on_client=self._on_client
                )
                async with aclosing(job.checks.run()) as outcomes:
                    first, *others = [each async for each in outcomes]
                other_key = _other_key(job, log_on.employee)
                job.settle(replace(first, findings=(*first.findings, *other_key)), *others)

    async def _resolve_all(self) -> dict[_Source, _LogOn | Finding]:
        """Resolve all tokens, each of them once."""
        found: dict[_Source, _LogOn | Finding] = {}

        async def resolve(source: _Source, job: _Job) -> None:
            async with self._turns:
                found[source] = await self._resolve(job.config, job.path)

        async with asyncio.TaskGroup() as tasks:
            for job in self._jobs:
                source = _source(job)
                if source not in found:
                    found[source] = codes.NOT_ASKED.found()
                    tasks.create_task(resolve(source, job))
        return found

    async def _resolve(self, config: Config, path: Path) -> _LogOn | Finding:
        employee = await self._context.resolver().resolve(
            config.employee_token, config_path=path, environment=config.environment
        )
        if isinstance(employee, Finding):
            return employee
        reading = read_key(employee.reveal(), config.environment)
        if reading.secret is None:
            return next(finding for finding in reading.findings if finding.is_error)
        consumer = await self._context.consumer_token(
            config.environment, config.application, config.consumer_token, path
        )
        if isinstance(consumer, Finding):
            return consumer
        return _LogOn(config.environment, config.base_url, consumer, reading.secret)


def _other_key(job: _Job, key: Secret) -> tuple[Finding, ...]:
    """Return a finding if the key has been replaced, so that it is not the one recorded in the config."""
    noted, found = job.config.key_id, read_key(key.reveal(), job.config.environment).number
    if noted is None or found is None or noted == found:
        return ()
    reference = describe(job.config.employee_token)
    return (
        codes.OTHER_KEY_IN_PLACE.found(number=noted, found=found, reference=reference, path=str(job.path)),
    )


def _source(job: _Job) -> _Source:
    config = job.config
    return (
        config.environment,
        config.base_url,
        config.application,
        _location(config.employee_token, job.path),
        None if config.consumer_token is None else _location(config.consumer_token, job.path),
    )


def _location(reference: Reference, path: Path) -> _Location:
    """Return a reference with the folder it is relative to, which matters for files and commands."""
    depends = isinstance(reference, FileReference | CommandReference)
    return reference, path.parent if depends else None
