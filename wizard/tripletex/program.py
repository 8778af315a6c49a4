"""A proven session for programs that are not asynchronous themselves."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from types import TracebackType
from typing import Any, Final, Self

from wizard.domain.secret import Secret
from wizard.domain.setup import Setup
from wizard.findings import Finding, Verdict
from wizard.text import Texts
from wizard.tripletex.checks import check
from wizard.tripletex.client import Tripletex
from wizard.tripletex.examination import Examination, LoggedOn
from wizard.tripletex.models import Client
from wizard.tripletex.results import CheckId, Wanted
from wizard.tripletex.session import patience_after


class LogOnFailed(Exception):  # noqa: N818 - what happened to the caller, in the caller's words
    """The key does not reach the company or client, or that could not be seen.

    Attributes:
        finding: What is wrong and what mends it.
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
    """

    def __init__(
        self,
        open_tripletex: Callable[[], Tripletex],
        consumer: Secret | None,
        employee: Secret,
        *,
        application: str,
        org_number: str | None = None,
    ) -> None:
        """Prepare to log on; nothing is sent yet.

        Args:
            open_tripletex: Returns where to log on.
            consumer: The application's token.
            employee: The key.
            application: That the key should be made for, for messages.
            org_number: Nine digits of the client, for an office key; None for an ordinary key.
        """
        self._open_tripletex = open_tripletex
        self._consumer = consumer
        self._employee = employee
        self._application = application
        self._wanted: Final = (
            Wanted(Setup.SINGLE_COMPANY) if org_number is None else Wanted(Setup.BUREAU_CLIENT, org_number)
        )
        self.base_url = ""
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
        """Log on, and prove that the session reaches what it should.

        Raises:
            LogOnFailed: It does not, or that could not be seen. No session is left open.
        """
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tripletex-session")
        self._runner = asyncio.Runner()
        self._tripletex = self._open_tripletex()
        self._examination = Examination(
            self._tripletex, self._consumer, self._employee, application=self._application
        )
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
        await self._examination.close(kind)
        await self._tripletex.close(patience_after(kind))

    async def _log_on(self) -> None:
        client: Client | None = None
        async with aclosing(check(self._examination, self._wanted, deep=True)) as results:
            async for result in results:
                if result.verdict is not Verdict.VALID:
                    raise LogOnFailed(next(finding for finding in result.findings if finding.is_error))
                if result.check is CheckId.CLIENT and result.findings:
                    # Twins are a warning to a person; a program must not be given either of them.
                    raise LogOnFailed(result.findings[0])
                client = result.company if isinstance(result.company, Client) else client
        logged_on = await self._examination.log_on()
        if isinstance(logged_on, LoggedOn):
            self.base_url = self._tripletex.base_url
            self._username = str(client.id) if client else "0"
            self._token = logged_on.session.token
