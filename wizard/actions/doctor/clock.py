"""The clock, against the time that Tripletex puts on its answers."""

from collections.abc import Sequence
from datetime import UTC
from typing import Final

from wizard.actions.doctor.machine import Machine
from wizard.actions.doctor.observation import Fact, FactValue, Observation, Part
from wizard.findings import codes
from wizard.tripletex.expiry import oslo_date

_TOLERATED: Final = 60
"""Seconds. Tripletex's ``Date`` is whole seconds, and some pass on the way."""


def clock(machine: Machine, connections: Sequence[Observation]) -> Observation:
    """Compare with the first Tripletex that told the time."""
    now = machine.context.now()
    told = (seen.facts.get(Fact.AHEAD) for seen in connections)
    ahead = next((seconds for seconds in told if isinstance(seconds, int)), None)
    facts: dict[Fact, FactValue] = {
        Fact.UTC: now.astimezone(UTC).isoformat(timespec="seconds"),
        Fact.TIME_ZONE: now.astimezone().tzname(),
        Fact.OSLO_DATE: oslo_date(now).isoformat(),
        Fact.AHEAD: ahead,
    }
    if ahead is None:
        return Observation(Part.CLOCK, facts, (codes.CLOCK_NOT_COMPARED.found(),))
    if abs(ahead) > _TOLERATED:
        return Observation(Part.CLOCK, facts, (codes.CLOCK_OFF.found(seconds=abs(ahead)),))
    return Observation(Part.CLOCK, facts)
