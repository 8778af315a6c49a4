"""A sandbox for tests of the client and the checks, with pauses that cost no time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.sandbox import DemoKey, Sandbox
from wizard.checks.probe import KeyProbe
from wizard.domain.key import Secret
from wizard.tripletex.client import Tripletex
from wizard.tripletex.errors import TripletexError
from wizard.tripletex.transport import Timeouts

APPLICATION = "VismaFinale"
HASTY = Timeouts(connect=1.5, read=1.5, whole=3)


@dataclass
class Pauses:
    """Takes the place of ``asyncio.sleep`` and notes how long each pause would have been."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


@dataclass
class Stage:
    """A sandbox that is being served."""

    sandbox: Sandbox
    base_url: str
    pauses: Pauses = field(default_factory=Pauses)

    @property
    def consumer(self) -> Secret:
        return Secret(self.sandbox.world.consumer_token)

    @property
    def calls(self) -> list[str]:
        return [request.call for request in self.sandbox.requests]

    def tripletex(self) -> Tripletex:
        return Tripletex(self.base_url, clock=self.sandbox.clock, pause=self.pauses)

    @asynccontextmanager
    async def probing(self, key: DemoKey) -> AsyncIterator[KeyProbe]:
        """Open a probe of a key."""
        secret = Secret(key.employee_token)
        async with (
            self.tripletex() as tripletex,
            KeyProbe(tripletex, self.consumer, secret, application=APPLICATION) as probe,
        ):
            yield probe


Serve = Callable[..., Stage]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that serves a sandbox, with the behaviour that it is given, until the test ends."""
    with ExitStack() as stack:

        def begin(**ways: Any) -> Stage:  # noqa: ANN401 - whatever a sandbox takes
            sandbox = Sandbox(**ways)
            return Stage(sandbox, stack.enter_context(sandbox.serve()))

        yield begin


@pytest.fixture
def stage(serve: Serve) -> Stage:
    """Return the seeded sandbox with its usual behaviour."""
    return serve()


async def probe(base_url: str, timeouts: Timeouts = HASTY) -> TripletexError:
    """Return the error that keeps a probe from being answered."""
    async with Tripletex(base_url, pause=Pauses(), timeouts=timeouts) as tripletex:
        with pytest.raises(TripletexError) as raised:
            await tripletex.probe()
    return raised.value
