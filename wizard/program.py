"""For programs: a config, and a session for what the config says."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from wizard.checks.outcomes import CheckId, FigureScope, Wanted
from wizard.checks.probe import KeyProbe, LoggedOn
from wizard.checks.setup import check_setup
from wizard.config.model import Config
from wizard.config.reading import read_config
from wizard.context import AppContext
from wizard.domain.org_number import parse_org_number
from wizard.domain.secret import Secret
from wizard.domain.setup import Setup
from wizard.findings import Finding, codes
from wizard.site import load_defaults
from wizard.text import Texts
from wizard.tripletex.client import Tripletex, patience_after
from wizard.tripletex.models import Client

__all__ = ["ConfigError", "LoadedConfig", "LogOnFailed", "load_config"]


class LogOnFailed(Exception):
    """The key has no access to the company or client, or that could not be checked.

    Attributes:
        finding: What is wrong and what fixes it.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code.id)
        self.finding = finding

    def __str__(self) -> str:
        t = Texts("en")
        return f"{self.finding.code.id}: {self.finding.message(t)} {self.finding.hint(t)}"


class ProgramSession:
    """A session as a context manager: log on, use base URL and Basic authentication, deleted at the end.

    It works in a thread of its own, so it may be used from inside a running event loop as well.

    Attributes:
        base_url: Such as ``https://tripletex.no/v2``.
        findings: What was found although the log-on succeeded: figures that may not be read, warnings.
    """

    def __init__(
        self,
        open_tripletex: Callable[[], Tripletex],
        consumer: Secret | None,
        employee: Secret,
        *,
        application: str,
        org_number: str | None = None,
        check_figures: bool = False,
    ) -> None:
        """Prepare to log on; nothing is sent yet.

        Args:
            open_tripletex: Returns where to log on.
            consumer: The application's token.
            employee: The key.
            application: That the key should be made for, for messages.
            org_number: Nine digits of the client, for an office key; None for an ordinary key.
            check_figures: Also check whether the figures can be read, which ``findings`` then tell.
        """
        self._open_tripletex = open_tripletex
        self._consumer = consumer
        self._employee = employee
        self._application = application
        self._wanted: Final = (
            Wanted(Setup.SINGLE_COMPANY) if org_number is None else Wanted(Setup.BUREAU_CLIENT, org_number)
        )
        self.base_url = ""
        self.findings: tuple[Finding, ...] = ()
        self._check_figures = check_figures
        self._username = ""
        self._token = Secret("")
        self._cancel: Callable[[], object] = lambda: None

    @property
    def username(self) -> str:
        """The Basic username: ``0``, or the client's id."""
        return self._username

    @property
    def token(self) -> Secret:
        """The session token, which is the Basic password."""
        return self._token

    @property
    def auth(self) -> tuple[str, str]:
        """User name and password in the form that HTTP clients take; never log it."""
        return self._username, self._token.reveal()

    def __enter__(self) -> Self:
        """Log on, and check that the session has access to what it should.

        Raises:
            LogOnFailed: It does not, or that could not be seen. No session is left open.
        """
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tripletex-session")
        self._runner = asyncio.Runner()
        self._tripletex = self._open_tripletex()
        self._probe = KeyProbe(self._tripletex, self._consumer, self._employee, application=self._application)
        try:
            self._run(self._log_on())
        except BaseException as error:
            self._close(type(error))
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Delete the session; a failure to do so only goes to the debug log."""
        self._close(kind)

    def _close(self, kind: type[BaseException] | None) -> None:
        self._username, self._token = "", Secret("")
        try:
            self._run(self._log_off(kind))
            self._thread.submit(self._runner.close).result()
        finally:
            self._thread.shutdown()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        done = self._thread.submit(self._runner.run, self._cancellable(work))
        try:
            done.result()
        except KeyboardInterrupt:
            self._cancel()
            raise

    async def _cancellable(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        await task

    async def _log_off(self, kind: type[BaseException] | None) -> None:
        await self._probe.close(kind)
        await self._tripletex.close(patience_after(kind))

    async def _log_on(self) -> None:
        found: list[Finding] = []
        client: Client | None = None
        async with aclosing(check_setup(self._probe, self._wanted, figures=FigureScope.NONE)) as outcomes:
            async for each in outcomes:
                found += each.findings
                if each.check is CheckId.CLIENT and each.findings:
                    # Twins are a warning to a person; a program must not be given either of them.
                    raise LogOnFailed(each.findings[0])
                _raise_for(each.findings)
                client = each.company if isinstance(each.company, Client) else client
        if self._check_figures:
            figures = await self._probe.figures(client)
            _raise_for(
                finding for each in figures if each.check is CheckId.CLIENT for finding in each.findings
            )
            found += (finding for each in figures for finding in each.findings)
        elif client is not None and (refused := await self._probe.log_on_to(client)) is not None:
            raise LogOnFailed(refused)
        logged_on = await self._probe.log_on()
        if isinstance(logged_on, LoggedOn):
            self.base_url = self._tripletex.base_url
            self.findings = tuple(found)
            self._username = str(client.id) if client else "0"
            self._token = logged_on.session.token


def _raise_for(findings: Iterable[Finding]) -> None:
    for finding in findings:
        if finding.is_error:
            raise LogOnFailed(finding)


class ConfigError(Exception):
    """A config cannot be used. ``findings`` say why, each with a stable code and its place."""

    def __init__(self, path: Path, findings: tuple[Finding, ...]) -> None:
        super().__init__(str(path), *(finding.code.id for finding in findings))
        self.path = path
        self.findings = findings

    def __str__(self) -> str:
        t = Texts("en")
        lines = (
            f"{self.path}:{f.position.line if f.position else 0}: {f.code.id} {f.message(t)}"
            for f in self.findings
        )
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A config that was read and found good; what it says is in ``config``."""

    path: Path
    config: Config

    def log_on(self, org_number: str | None = None, *, check_figures: bool = False) -> ProgramSession:
        """Return a session as a context manager; it logs on when it is entered and is deleted at the end.

        Args:
            org_number: The client, as a person may write it. Needed for a common set-up, where it takes
                the place of ``%ORGNR%``; must be left out or the same in the others.
            check_figures: Also check whether Finale can read the figures. The session is given all the
                same, and its ``findings`` tell what was refused.

        Raises:
            LogOnFailed: the number does not fit the config, or a token cannot be had. Entering the
                session raises it if the key has no access to the company or client.
        """
        number = self._number(org_number)
        # In a thread of its own: the program may be inside an event loop itself.
        with ThreadPoolExecutor(1) as thread:
            employee, consumer = thread.submit(lambda: asyncio.run(self._tokens())).result()
        config = self.config
        return ProgramSession(
            partial(Tripletex.for_environment, config.environment, config.base_url),
            consumer,
            employee,
            application=config.application,
            org_number=number,
            check_figures=check_figures,
        )

    def _number(self, given: str | None) -> str | None:
        config = self.config
        number = parse_org_number(given) if given is not None else None
        if isinstance(number, Finding):
            raise LogOnFailed(number)
        match config.setup:
            case Setup.SINGLE_COMPANY if number is not None:
                raise LogOnFailed(codes.ORG_NUMBER_NOT_EMPTY.found())
            case Setup.BUREAU_SHARED if number is None:
                raise LogOnFailed(codes.ORG_NUMBER_MISSING.found())
            case Setup.BUREAU_CLIENT:
                if number not in {None, config.org_number}:
                    raise LogOnFailed(codes.PLACEHOLDER_NEEDED.found())
                return config.org_number
            case _:
                return number

    async def _tokens(self) -> tuple[Secret, Secret]:
        config = self.config
        context = AppContext.of_this_machine(load_defaults(os.environ))
        employee = await context.resolver().resolve(
            config.employee_token, config_path=self.path, environment=config.environment
        )
        if isinstance(employee, Finding):
            raise LogOnFailed(employee)
        consumer = await context.consumer_token(
            config.environment, config.application, config.consumer_token, self.path
        )
        if isinstance(consumer, Finding):
            raise LogOnFailed(consumer)
        return employee, consumer


def load_config(path: str | os.PathLike[str]) -> LoadedConfig:
    """Read a config for a program.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong.
    """
    place = Path(path)
    reading = read_config(place)
    if reading.config is None:
        raise ConfigError(place, reading.findings)
    return LoadedConfig(place, reading.config)
