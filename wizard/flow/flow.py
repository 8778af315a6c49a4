"""Where a person is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """«Step n of m»; ``number`` is 0 on a step that does not count."""

    number: int
    total: int
