"""What the doctor is given to look at."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from wizard.actions.context import AppContext
from wizard.domain.environment import Environment

LookUp = Callable[[str, int], Sequence[Any]]
"""``socket.getaddrinfo`` and what behaves like it."""

_LIVE: Final = tuple(environment.base_url for environment in Environment if environment.base_url)


def _look_up(host: str, port: int) -> Sequence[Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


@dataclass(frozen=True, slots=True)
class Terminal:
    """The terminal that the program was started on, and what the wizard makes of it.

    Attributes:
        columns: 0 where it is not known, as ``lines``.
        face: How a person would be asked here.
        reason: Why not in the full screen, in the reader's language.
    """

    is_stdin: bool
    is_stderr: bool
    columns: int
    lines: int
    encoding: str | None
    face: str
    reason: str | None


@dataclass(frozen=True)
class Machine:
    """One machine, as one user sees it.

    Attributes:
        language_flag: The value of ``--lang``, if it was given.
        base_urls: Every Tripletex that should be reached; both by default.
        look_up: Finds the addresses of a name; may block.
    """

    context: AppContext
    terminal: Terminal
    language_flag: str | None = None
    base_urls: tuple[str, ...] = field(default=_LIVE)
    look_up: LookUp = field(default=_look_up)
