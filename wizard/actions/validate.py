"""Checks configs: many at once, with one log-on for all that share a key."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from wizard.actions.consumer import find_consumer_token
from wizard.actions.context import AppContext, OnWait
from wizard.actions.judging import Wishes, result_of
from wizard.checks.config import not_begun, wanted_of
from wizard.checks.outcomes import CheckOutcome
from wizard.checks.probe import KeyProbe
from wizard.checks.results import FileResult
from wizard.checks.setup import check_setup
from wizard.config import Config, Reading, read_config
from wizard.domain.environment import Environment
from wizard.domain.key import read_key
from wizard.domain.reference import CommandReference, FileReference, Reference
from wizard.domain.secret import Secret
from wizard.findings import Finding, codes
from wizard.tripletex import Tripletex


@dataclass(frozen=True, slots=True)
class _LogOn:
    """What decides which log-on a config needs: configs that are alike here share one session."""

    environment: Environment
    base_url: str | None
    consumer: Secret
    employee: Secret


_Checked = tuple[CheckOutcome, ...]
_Members = list[tuple[Config, asyncio.Future[_Checked]]]
_Seen = tuple[Reference, Path | None]
_Source = tuple[Environment, str | None, str, _Seen, _Seen | None]


async def validate(
    paths: Iterable[Path], wishes: Wishes, context: AppContext, on_wait: OnWait | None = None
) -> AsyncIterator[FileResult]:
    """Judge each file and prove it against Tripletex; results come in the order of ``paths``."""
    paths = list(paths)
    readings = [read_config(path) for path in paths]
    async with _Proofs(context, wishes, on_wait) as proofs:
        pending = [proofs.of(reading, path) for reading, path in zip(readings, paths, strict=True)]
        proofs.start()
        for reading, proof in zip(readings, pending, strict=True):
            yield result_of(reading, wishes, context.today, await proof)


class _Proofs:
    """The proofs of one run: one log-on for each key, whatever the number of configs that use it."""

    def __init__(self, context: AppContext, wishes: Wishes, on_wait: OnWait | None) -> None:
        self._on_wait = on_wait
        self._context = context
        self._wishes = wishes
        self._turns = asyncio.Semaphore(wishes.jobs)
        self._wanted: list[tuple[Config, Path, asyncio.Future[_Checked]]] = []
        self._main: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._main is not None:
            self._main.cancel()
            await asyncio.gather(self._main, return_exceptions=True)

    def of(self, reading: Reading, path: Path) -> asyncio.Future[_Checked]:
        """Return what will hold the results for a config; nothing for one that cannot be read."""
        future: asyncio.Future[_Checked] = asyncio.get_running_loop().create_future()
        if reading.config is None:
            future.set_result(())
        else:
            self._wanted.append((reading.config, path, future))
        return future

    def start(self) -> None:
        """Begin; results arrive in the futures as they are had."""
        self._main = asyncio.create_task(self._prove_all())

    async def _prove_all(self) -> None:
        try:
            async with asyncio.timeout(self._wishes.deadline):
                await self._prove_groups()
        except TimeoutError:
            for _, _, future in self._wanted:
                if not future.done():
                    future.set_result((not_begun(codes.OUT_OF_TIME.found()),))
        except BaseException as error:
            for _, _, future in self._wanted:
                if not future.done():
                    future.set_exception(error)
            raise

    async def _prove_groups(self) -> None:
        tokens = await self._resolve_all()
        groups: dict[_LogOn, _Members] = {}
        for config, path, future in self._wanted:
            found = tokens[_source(config, path)]
            if isinstance(found, Finding):
                future.set_result((not_begun(found),))
            else:
                groups.setdefault(found, []).append((config, future))
        waiting = iter(groups.items())
        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(self._wishes.jobs, len(groups))):
                tasks.create_task(self._work_off(waiting))

    async def _work_off(self, waiting: Iterator[tuple[_LogOn, _Members]]) -> None:
        """Prove one key after the other, on a connection of this worker's own.

        Measured: a pool shared by 32 workers spends more time on handing connections out than
        Tripletex's answers take; one connection a worker halves a run over 1,000 keys.
        """
        async with AsyncExitStack() as stack:
            connections: dict[tuple[Environment, str | None], Tripletex] = {}
            for log_on, members in waiting:
                place = (log_on.environment, log_on.base_url)
                if place not in connections:
                    tripletex = self._context.tripletex(*place, on_wait=self._on_wait)
                    connections[place] = await stack.enter_async_context(tripletex)
                await self._prove_group(connections[place], log_on, members)

    async def _prove_group(self, tripletex: Tripletex, log_on: _LogOn, members: _Members) -> None:
        application = members[0][0].application
        examination = KeyProbe(tripletex, log_on.consumer, log_on.employee, application=application)
        async with examination:
            for config, future in members:
                async with aclosing(
                    check_setup(examination, wanted_of(config), deep=self._wishes.deep)
                ) as results:
                    future.set_result(tuple([result async for result in results]))

    async def _resolve_all(self) -> dict[_Source, _LogOn | Finding]:
        """Fetch the tokens, each once, however many configs refer to it."""
        found: dict[_Source, _LogOn | Finding] = {}

        async def resolve(source: _Source, config: Config, path: Path) -> None:
            async with self._turns:
                found[source] = await self._resolve(config, path)

        async with asyncio.TaskGroup() as tasks:
            for config, path, _ in self._wanted:
                source = _source(config, path)
                if source not in found:
                    found[source] = codes.NOT_ASKED.found()
                    tasks.create_task(resolve(source, config, path))
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
        consumer = await find_consumer_token(
            self._context, config.environment, config.application, config.consumer_token, path
        )
        if isinstance(consumer, Finding):
            return consumer
        return _LogOn(config.environment, config.base_url, consumer, reading.secret)


def _source(config: Config, path: Path) -> _Source:
    return (
        config.environment,
        config.base_url,
        config.application,
        _seen_from(config.employee_token, path),
        None if config.consumer_token is None else _seen_from(config.consumer_token, path),
    )


def _seen_from(reference: Reference, path: Path) -> tuple[Reference, Path | None]:
    """Return a reference with the folder that it depends on: relative files, and commands."""
    depends = isinstance(reference, FileReference | CommandReference)
    return reference, path.parent if depends else None
