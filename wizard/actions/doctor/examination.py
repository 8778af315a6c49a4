"""Looks at every part at the same time, and tells them in order."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from wizard.actions.doctor.clock import clock
from wizard.actions.doctor.discretion import Discretion
from wizard.actions.doctor.local import defaults, language, program, terminal
from wizard.actions.doctor.machine import Machine
from wizard.actions.doctor.network import connection, network_settings
from wizard.actions.doctor.observation import Observation, Part
from wizard.actions.doctor.stores import consumer_token, keyring, private_files
from wizard.findings import codes

WHOLE_DEADLINE: Final = 15
"""Seconds after which the report is complete, whatever does not answer."""

_EACH: Final = WHOLE_DEADLINE - 1.0

_LOOKS: Final[tuple[tuple[Part, Callable[[Machine], Awaitable[Observation]]], ...]] = (
    (Part.PROGRAM, program),
    (Part.TERMINAL, terminal),
    (Part.LANGUAGE, language),
    (Part.DEFAULTS, defaults),
    (Part.KEYRING, keyring),
    (Part.PRIVATE_FILES, private_files),
    (Part.CONSUMER_TOKEN, consumer_token),
    (Part.NETWORK_SETTINGS, network_settings),
)

_logger = logging.getLogger(__name__)


async def examine(machine: Machine) -> AsyncIterator[Observation]:
    """Yield what is seen of each part as soon as it and those before it are known.

    It ends in time, and no part's trouble keeps another from being told.
    """
    discretion = Discretion.of(machine.context.environ)
    local = [asyncio.create_task(_in_time(Observation(part), look(machine))) for part, look in _LOOKS]
    connections = [
        asyncio.create_task(_in_time(_unseen(base_url), connection(machine, base_url)))
        for base_url in machine.base_urls
    ]
    tasks = [*local, *connections]
    try:
        for task in tasks:
            yield discretion.observation(await task)
        yield discretion.observation(clock(machine, [task.result() for task in connections]))
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


def _unseen(base_url: str) -> Observation:
    return Observation(Part.CONNECTION, host=urlsplit(base_url).hostname)


async def _in_time(unseen: Observation, look: Awaitable[Observation]) -> Observation:
    try:
        async with asyncio.timeout(_EACH):
            return await look
    except TimeoutError:
        return replace(unseen, findings=(codes.OUT_OF_TIME.found(),))
    except Exception as error:
        _logger.debug("could not examine %s", unseen.part, exc_info=error)
        return replace(unseen, findings=(codes.NOT_EXAMINED.found(reason=type(error).__name__),))
