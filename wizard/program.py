"""The library for other programs: loads a config, and logs on to Tripletex with it."""

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
from wizard.checks.probe import KeyProbe, LoggedOn, Tokens, read_tokens
from wizard.checks.setup import check_setup
from wizard.config.reading import Config, read_config
from wizard.context import AppContext
from wizard.domain.key import Secret
from wizard.domain.setup import Setup, parse_org_number
from wizard.findings import Finding, codes
from wizard.site import DefaultsError, load_defaults
from wizard.text import Texts
from wizard.tripletex.client import Tripletex, patience_after
from wizard.tripletex.models import Client

__all__ = ["ConfigError", "LoadedConfig", "LogOnFailed", "load_config"]


class LogOnFailed(Exception):
    """Logging on failed, or the key has no access to the company or client.

    Attributes:
        finding: The reason and how to fix it.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code.id)
        self.finding = finding

    def __str__(self) -> str:
        t = Texts("en")
        return f"{self.finding.code.id}: {self.finding.message(t)} {self.finding.hint(t)}"


class ProgramSession:
    """A session, and a context manager that logs on and deletes the session.

    Use ``base_url`` and ``auth`` for requests. The session uses a separate thread, so that it also works
    inside a running event loop.

    Attributes:
        base_url: The base URL, such as ``https://tripletex.no/v2``.
        findings: Warnings, and errors about figures that cannot be read.
    """

    def __init__(
        self,
        open_tripletex: Callable[[], Tripletex],
        consumer: Secret,
        employee: Secret,
        *,
        application: str,
        org_number: str | None,
        check_figures: bool,
    ) -> None:
        """Create the session without sending anything.

        Args:
            open_tripletex: Creates the API client.
            consumer: The consumer token.
            employee: The key.
            application: The application that the key should be made for, for messages.
            org_number: The nine digits of the client, for an office key; None for an ordinary key.
            check_figures: Whether to check if the figures can be read, and report that in ``findings``.
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
        """The username for Basic authentication: ``0`` or the client's id."""
        return self._username

    @property
    def token(self) -> Secret:
        """The session token, which is the password for Basic authentication."""
        return self._token

    @property
    def auth(self) -> tuple[str, str]:
        """Username and password in plain text, for HTTP clients. Never log them."""
        return self._username, self._token.reveal()

    def __enter__(self) -> Self:
        """Log on and check that the key has access to the company or client.

        Raises:
            LogOnFailed: If it has not, or that could not be checked. No session is left open.
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
        """Delete the session. A failure is only written to the debug log."""
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
        patience = patience_after(kind)
        await self._probe.close(patience)
        await self._tripletex.close(patience)

    async def _log_on(self) -> None:
        found: list[Finding] = []
        client: Client | None = None
        async with aclosing(check_setup(self._probe, self._wanted, figures=FigureScope.NONE)) as outcomes:
            async for each in outcomes:
                found += each.findings
                if each.check is CheckId.CLIENT and each.findings:
                    # Several clients with the same number are only a warning for people, but ambiguous here.
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
    """A config cannot be used. ``findings`` has the reasons, with stable codes and positions."""

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


@dataclass(frozen=True)
class LoadedConfig:
    """A valid config and its path."""

    path: Path
    config: Config

    def log_on(self, org_number: str | None = None, *, check_figures: bool = False) -> ProgramSession:
        """Return a session, which is a context manager that logs on when it is entered.

        Args:
            org_number: The organisation number of the client, in any usual format. Required for a shared
                set-up, where it replaces ``%ORGNR%``. Otherwise it must be None or equal to that of the
                config.
            check_figures: Whether to check if Finale can read the figures, and report that in ``findings``.

        Raises:
            LogOnFailed: If the number does not fit the config, or a token or the site's defaults cannot be
                read. Entering the session raises it if the key has no access to the company or client.
        """
        number = self._number(org_number)
        # In a separate thread, since the program may be running an event loop.
        with ThreadPoolExecutor(1) as thread:
            employee, consumer, _ = thread.submit(lambda: asyncio.run(self._tokens())).result()
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

    async def _tokens(self) -> Tokens:
        try:
            context = AppContext.of_this_machine(load_defaults(os.environ))
        except DefaultsError as error:
            raise LogOnFailed(error.finding) from None
        tokens = await read_tokens(context, self.config, self.path)
        if isinstance(tokens, Finding):
            raise LogOnFailed(tokens)
        return tokens


def load_config(path: str | os.PathLike[str]) -> LoadedConfig:
    """Read a config.

    Raises:
        ConfigError: If it cannot be read or is invalid.
    """
    place = Path(path)
    reading = read_config(place)
    if reading.config is None:
        raise ConfigError(place, reading.findings)
    return LoadedConfig(place, reading.config)
