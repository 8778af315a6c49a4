"""Examines what a set-up needs of the machine, and tells it so that it can be sent to support.

    async for observation in examine(machine):
        ...

Every part is looked at by itself and under a deadline, all at the same time. What is told goes through
``Discretion``: neither a token nor the name of a user or a machine leaves this package.
"""

from wizard.actions.doctor.examination import WHOLE_DEADLINE, examine
from wizard.actions.doctor.machine import Machine, Terminal
from wizard.actions.doctor.observation import Fact, FactValue, Observation, Part

__all__ = [
    "WHOLE_DEADLINE",
    "Fact",
    "FactValue",
    "Machine",
    "Observation",
    "Part",
    "Terminal",
    "examine",
]
