"""Tests keys that configs refer to, with one log-on for each key, however many configs share it."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from wizard.checks.probe import KeyProbe
from wizard.context import AppContext
from wizard.domain.environment import Environment
from wizard.domain.key import read_key
from wizard.domain.reference import Reference
from wizard.domain.secret import Secret
from wizard.findings import Finding
from wizard.rotation.members import Member
from wizard.rotation.proving import errors_of
from wizard.secrets.store import LogOn
from wizard.tripletex import Tripletex

_Place = tuple[Environment, str | None]


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of proving a key for a config.

    Attributes:
        secret: The key; None when it could not be read.
        errors: What is wrong, or could not be seen; empty when the key is good for the config.
    """

    secret: Secret | None
    number: int | None
    errors: tuple[Finding, ...]


class LogOns:
    """The log-ons of one run; an async context manager that deletes all their sessions.

    Attributes:
        resolver: Reads the keys.
    """

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self.resolver = context.resolver()
        self._stack = AsyncExitStack()
        self._lines: dict[_Place, Tripletex] = {}
        self._examinations: dict[tuple[_Place, Secret, Secret], KeyProbe] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def prove(self, member: Member, reference: Reference) -> Proof:
        """Test the key at a place for what a config says."""
        secret = await self.resolver.resolve(
            reference, config_path=member.path, environment=member.config.environment
        )
        if isinstance(secret, Finding):
            return Proof(None, None, (secret,))
        reading = read_key(secret.reveal(), member.config.environment)
        if reading.secret is None:
            return Proof(None, None, tuple(finding for finding in reading.findings if finding.is_error))
        examination = await self._examination(member, reading.secret)
        if isinstance(examination, Finding):
            return Proof(reading.secret, reading.number, (examination,))
        return Proof(reading.secret, reading.number, await errors_of(examination, member))

    async def try_key(self, member: Member, secret: Secret) -> LogOn | Finding:
        """Try whether a key logs on at all; a finding if it cannot be tried."""
        consumer = await self._consumer_token(member)
        if isinstance(consumer, Finding):
            return consumer
        answer = await (await self._opened(member, consumer, secret)).log_on()
        config = member.config
        endpoint = config.base_url or str(config.environment)
        return LogOn(secret, consumer, endpoint, answer if isinstance(answer, Finding) else None)

    async def _examination(self, member: Member, secret: Secret) -> KeyProbe | Finding:
        consumer = await self._consumer_token(member)
        return consumer if isinstance(consumer, Finding) else await self._opened(member, consumer, secret)

    async def _consumer_token(self, member: Member) -> Secret | Finding:
        config = member.config
        return await self._context.consumer_token(
            config.environment, config.application, config.consumer_token, member.path
        )

    async def _opened(self, member: Member, consumer: Secret, secret: Secret) -> KeyProbe:
        config = member.config
        place = (config.environment, config.base_url)
        if place not in self._lines:
            line = self._context.tripletex(*place)
            self._lines[place] = await self._stack.enter_async_context(line)
        known = (place, consumer, secret)
        if known not in self._examinations:
            about = KeyProbe(self._lines[place], consumer, secret, application=config.application)
            self._examinations[known] = await self._stack.enter_async_context(about)
        return self._examinations[known]
