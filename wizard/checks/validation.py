"""Checks many configs against Tripletex, logging on once for each key."""

import asyncio
import time
from collections.abc import AsyncIterator, Hashable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

from wizard.checks.outcomes import CheckId, CheckOutcome, FigureScope, wanted_of
from wizard.checks.probe import KeyProbe, Probes, Tokens, read_tokens, token_source
from wizard.checks.results import FileResult, ValidateOptions, read_configs, result_of
from wizard.checks.setup import OnClient, SetupChecks
from wizard.config.reading import Config, Reading
from wizard.context import AppContext, OnWait
from wizard.domain.reference import KeyringReference, describe
from wizard.domain.setup import Setup
from wizard.findings import Finding, codes

_ACCESS_CHECK: Final = {
    Setup.SINGLE_COMPANY: CheckId.COMPANY,
    Setup.BUREAU_CLIENT: CheckId.CLIENT,
    Setup.BUREAU_SHARED: CheckId.CLIENTS,
}


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
        self.settle(*so_far, CheckOutcome(missing, (why,)))


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
        self._silent: Finding | None = None  # a keyring that does not answer is not waited for again
        self._scope = FigureScope.EVERY_CLIENT if options.deep else FigureScope.COMPANY

    async def __aenter__(self) -> Self:
        self._main = asyncio.create_task(self._check_all())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._main.cancel()
        await asyncio.gather(self._main, return_exceptions=True)

    def give_up(self, why: Finding) -> None:
        """Settle all unfinished jobs with what is known about them."""
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
        groups: dict[Hashable, tuple[Tokens, list[_Job]]] = {}
        for job, tokens in await self._read_tokens():
            if isinstance(tokens, Finding):
                job.settle(CheckOutcome(CheckId.LOG_ON, (tokens,)))
            else:
                log_on = (job.config.environment, job.config.base_url, tokens)
                groups.setdefault(log_on, (tokens, []))[1].append(job)
        waiting = iter(groups.values())
        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(self._options.jobs, len(groups))):
                tasks.create_task(self._check_keys(waiting))

    async def _check_keys(self, waiting: Iterator[tuple[Tokens, list[_Job]]]) -> None:
        """Check one key after another, on connections that other workers do not use.

        With a connection pool shared by 32 workers, a run over 1,000 keys took twice as long.
        """
        async with Probes(self._context, self._on_wait) as probes:
            for tokens, jobs in waiting:
                async with await probes.new(jobs[0].config, tokens) as probe:
                    for job in jobs:
                        await self._check(probe, job, tokens.number)

    async def _check(self, probe: KeyProbe, job: _Job, number: int | None) -> None:
        job.checks = SetupChecks(probe, wanted_of(job.config), figures=self._scope, on_client=self._on_client)
        async with aclosing(job.checks.run()) as outcomes:
            first, *others = [each async for each in outcomes]
        job.settle(replace(first, findings=(*first.findings, *_other_key(job, number))), *others)

    async def _read_tokens(self) -> list[tuple[_Job, Tokens | Finding]]:
        """Return the tokens of each config. Those of configs with the same references are read once."""
        resolver = self._context.resolver()
        read: dict[Hashable, asyncio.Task[Tokens | Finding]] = {}

        async def read_once(job: _Job) -> Tokens | Finding:
            async with self._turns:
                if self._silent is not None and isinstance(job.config.employee_token, KeyringReference):
                    return self._silent
                tokens = await read_tokens(self._context, job.config, job.path)
                if isinstance(tokens, Finding) and tokens.code is codes.STORE_SILENT:
                    self._silent = tokens
                return tokens

        found: list[tuple[_Job, Finding | asyncio.Task[Tokens | Finding]]] = []
        async with asyncio.TaskGroup() as tasks:
            for job in self._jobs:
                config, source = job.config, token_source(job.config, job.path)
                # A config that others can change must not use what another one has read.
                refusal = resolver.refusal(
                    config.employee_token, config_path=job.path, environment=config.environment
                )
                if refusal is None and source not in read:
                    read[source] = tasks.create_task(read_once(job))
                found.append((job, refusal or read[source]))
        return [(job, each if isinstance(each, Finding) else each.result()) for job, each in found]


def _other_key(job: _Job, found: int | None) -> tuple[Finding, ...]:
    """Return a finding if the key has been replaced, so that it is not the one recorded in the config."""
    noted = job.config.key_id
    if noted is None or found is None or noted == found:
        return ()
    reference = describe(job.config.employee_token)
    return (
        codes.OTHER_KEY_IN_PLACE.found(number=noted, found=found, reference=reference, path=str(job.path)),
    )
