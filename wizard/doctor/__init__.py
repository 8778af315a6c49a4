"""Checks whether a machine is ready for a set-up, for a report that can be sent to support.

    async for observation in run_doctor(machine):
        ...

The parts are checked concurrently, each with a timeout. ``Discretion`` removes tokens and the names of users
and machines from the results.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from wizard.doctor.local import Discretion, defaults, language, program, terminal
from wizard.doctor.network import connection, network_settings
from wizard.doctor.observation import Fact, FactValue, Machine, Observation, Part
from wizard.doctor.stores import config, consumer_token, key, keyring, private_files, stored_keys
from wizard.domain.reference import KeyringReference
from wizard.findings import Phrase, codes
from wizard.text import N_
from wizard.tripletex.calls import oslo_date

WHOLE_DEADLINE: Final = 15
"""Seconds after which the report is complete, even if something does not respond."""

_EACH: Final = WHOLE_DEADLINE - 1.0

_CHECKS: Final[tuple[tuple[Part, Callable[[Machine], Awaitable[Observation]]], ...]] = (
    (Part.PROGRAM, program),
    (Part.TERMINAL, terminal),
    (Part.LANGUAGE, language),
    (Part.DEFAULTS, defaults),
    (Part.CONFIG, config),
    (Part.KEY, key),
    (Part.KEYRING, keyring),
    (Part.PRIVATE_FILES, private_files),
    (Part.STORED_KEYS, stored_keys),
    (Part.CONSUMER_TOKEN, consumer_token),
    (Part.NETWORK_SETTINGS, network_settings),
)


def _parts_for(machine: Machine) -> frozenset[Part]:
    """Return the parts to check: all that a set-up may need, or those that a config needs."""
    if machine.config is None:
        return frozenset(Part) - {Part.CONFIG, Part.KEY}
    left_out = {Part.PRIVATE_FILES, Part.STORED_KEYS}
    found = machine.config.config
    if found is None:
        return frozenset(Part) - left_out - {Part.KEY, Part.KEYRING, Part.CONSUMER_TOKEN}
    if not any(isinstance(each, KeyringReference) for each in (found.employee_token, found.consumer_token)):
        left_out.add(Part.KEYRING)
    return frozenset(Part) - left_out


_logger = logging.getLogger(__name__)


async def run_doctor(machine: Machine) -> AsyncIterator[Observation]:
    """Check all parts, and yield the observations in the order of the report as soon as possible.

    This ends in time, and errors in one part do not affect the others.
    """
    discretion = Discretion.of(machine.context.environ, machine.config.path if machine.config else None)
    parts = _parts_for(machine)
    local = [
        asyncio.create_task(_in_time(Observation(part), partial(look, machine)))
        for part, look in _CHECKS
        if part in parts
    ]
    connections = [
        asyncio.create_task(_in_time(_unseen(base_url), partial(connection, machine, base_url)))
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


async def _in_time(unseen: Observation, look: Callable[[], Awaitable[Observation]]) -> Observation:
    try:
        async with asyncio.timeout(_EACH):
            return await look()
    except TimeoutError:
        return replace(unseen, findings=(codes.OUT_OF_TIME.found(),))
    except Exception as error:
        _logger.debug("could not check %s", unseen.part, exc_info=error)
        return replace(unseen, findings=(codes.NOT_EXAMINED.found(reason=type(error).__name__),))


_MINUTE: Final = 60
_HOUR: Final = 3600
_TOLERATED: Final = 60
"""Seconds. ``Date`` is in whole seconds, and the response takes time."""


def clock(machine: Machine, connections: Sequence[Observation]) -> Observation:
    """Compare the clock with that of the first Tripletex that returned the time."""
    now = machine.context.now()
    skews = (seen.facts.get(Fact.AHEAD) for seen in connections)
    ahead = next((seconds for seconds in skews if isinstance(seconds, int)), None)
    facts: dict[Fact, FactValue] = {
        Fact.UTC: now.astimezone(UTC).isoformat(timespec="seconds"),
        Fact.TIME_ZONE: now.astimezone().tzname(),
        Fact.OSLO_DATE: oslo_date(now).isoformat(),
        Fact.AHEAD: ahead,
    }
    if ahead is None:
        return Observation(Part.CLOCK, facts, (codes.CLOCK_NOT_COMPARED.found(),))
    if abs(ahead) > _TOLERATED:
        return Observation(Part.CLOCK, facts, (codes.CLOCK_OFF.found(time=_in_words(abs(ahead))),))
    return Observation(Part.CLOCK, facts)


def _in_words(seconds: int) -> Phrase:
    """Return a time of more than a minute in the unit in which it is easiest to grasp."""
    if seconds < 2 * _MINUTE:
        return Phrase(N_("{n} seconds"), n=seconds)
    if seconds < 2 * _HOUR:
        return Phrase(N_("{n} minutes"), n=round(seconds / _MINUTE))
    return Phrase(N_("{n} hours"), n=round(seconds / _HOUR))
