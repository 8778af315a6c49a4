"""Examines what a set-up needs of the machine, for a report that can be sent to support.

    async for observation in run_doctor(machine):
        ...

Every part is examined by itself and with a deadline, all at the same time. Results go through
``Discretion``: neither a token nor the name of a user or a machine leaves this package.
"""

from wizard.doctor.examination import WHOLE_DEADLINE, run_doctor
from wizard.doctor.observation import LIVE, Fact, FactValue, Machine, Observation, Part, Terminal

__all__ = [
    "LIVE",
    "WHOLE_DEADLINE",
    "Fact",
    "FactValue",
    "Machine",
    "Observation",
    "Part",
    "Terminal",
    "run_doctor",
]
