"""For programs: a config, and a session that reaches what the config says."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wizard.config import Config, read_config
from wizard.domain.org_number import parse_org_number
from wizard.domain.secret import Secret
from wizard.domain.setup import Setup
from wizard.findings import Finding, codes
from wizard.text import Texts
from wizard.tripletex import Tripletex
from wizard.tripletex.program import LogOnFailed, ProgramSession

__all__ = ["ConfigError", "LoadedConfig", "LogOnFailed", "load_config"]


class ConfigError(Exception):
    """A config cannot be used. ``findings`` say why, each with a stable code and its place."""

    def __init__(self, path: Path, findings: tuple[Finding, ...]) -> None:
        super().__init__(str(path), *(finding.code.id for finding in findings))
        self.path = path
        self.findings = findings

    def __str__(self) -> str:
        t = Texts("en")
        lines = (
            f"{self.path}:{f.place.line if f.place else 0}: {f.code.id} {f.message(t)}" for f in self.findings
        )
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A config that was read and found good; what it says is in ``config``."""

    path: Path
    config: Config

    def log_on(self, org_number: str | None = None) -> ProgramSession:
        """Return a session as a context manager; it logs on when it is entered and is deleted at the end.

        Args:
            org_number: The client, as a person may write it. Needed for a common set-up, where it takes
                the place of ``%ORGNR%``; must be left out or the same in the others.

        Raises:
            LogOnFailed: the number does not fit the config, or a token cannot be had. Entering the
                session raises it when the key does not reach the company or client.
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
        from wizard.actions.consumer import find_consumer_token  # noqa: PLC0415
        from wizard.actions.context import AppContext  # noqa: PLC0415
        from wizard.actions.defaults import load_defaults  # noqa: PLC0415

        config = self.config
        context = AppContext.of_this_machine(load_defaults(os.environ))
        employee = await context.resolver().resolve(config.employee_token, config_path=self.path)
        if isinstance(employee, Finding):
            raise LogOnFailed(employee)
        consumer = await find_consumer_token(
            context, config.environment, config.application, config.consumer_token, self.path
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
