"""What the doctor is given to look at, and what it saw of each part."""

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from wizard.config.reading import Reading
from wizard.context import AppContext
from wizard.domain.setup import Environment
from wizard.findings import Finding, Verdict, verdict

FactValue = str | int | bool | tuple[str, ...] | None
"""None: not there, not set, not known."""


class Part(StrEnum):
    """The parts of a machine that are examined, in the order of the report."""

    PROGRAM = "program"
    TERMINAL = "terminal"
    LANGUAGE = "language"
    DEFAULTS = "defaults"
    CONFIG = "config"
    KEY = "key"
    KEYRING = "keyring"
    PRIVATE_FILES = "private_files"
    STORED_KEYS = "stored_keys"
    CONSUMER_TOKEN = "consumer_token"  # noqa: S105 - the name of the part, not a token
    NETWORK_SETTINGS = "network_settings"
    CONNECTION = "connection"
    CLOCK = "clock"


class Fact(StrEnum):
    """The names of the facts, as JSON has them."""

    VERSION = "version"
    PYTHON = "python"
    SYSTEM = "system"
    OPENSSL = "openssl"
    LIBRARIES = "libraries"

    STDIN = "stdin_is_terminal"
    STDERR = "stderr_is_terminal"
    TERM = "term"
    SIZE = "size"
    ENCODING = "encoding"
    COLOUR = "no_color"
    REMOTE = "ssh"
    MULTIPLEXER = "multiplexer"
    FACE = "face"
    REASON = "reason"

    LANGUAGE = "language"
    DECIDED_BY = "decided_by"
    LOCALE = "locale"

    FILES = "files"
    DECIDED = "decided"

    PATH = "path"
    SETUP = "setup"
    ENVIRONMENT = "environment"
    KEY_NUMBER = "key_number"
    COUNT = "count"

    BACKEND = "backend"
    ROUND_TRIP = "round_trip"
    FOLDER = "folder"
    UMASK = "umask"
    PLACE = "place"
    FOUND = "found"

    PROXY_VARIABLES = "proxy_variables"
    CERT_FILE = "ssl_cert_file"
    CERT_DIR = "ssl_cert_dir"

    PROXY = "proxy"
    ADDRESSES = "addresses"
    ANSWERS = "answers"
    MILLISECONDS = "milliseconds"
    TLS = "tls"
    ISSUER = "certificate_issuer"
    EXPIRES = "certificate_expires"

    AHEAD = "seconds_ahead"
    UTC = "utc"
    OSLO_DATE = "oslo_date"
    TIME_ZONE = "time_zone"


@dataclass(frozen=True, slots=True)
class Observation:
    """One part, examined.

    Attributes:
        host: Which Tripletex, of a connection.
        facts: In the order of the report.
        findings: What is wrong, or could not be seen.
        notes: What is good to know and weighs nothing, such as that a server has no keyring.
    """

    part: Part
    facts: Mapping[Fact, FactValue] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    host: str | None = None

    @property
    def verdict(self) -> Verdict:
        """Whether the part is right, wrong, or could not be seen."""
        return verdict(self.findings)


LookUp = Callable[[str, int], Sequence[Any]]
"""``socket.getaddrinfo`` and what behaves like it."""

LIVE: Final = tuple(environment.base_url for environment in Environment if environment.base_url)


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
        config: What a config says whose needs are to be looked at, and where it is; None for any set-up.
        language_flag: The value of ``--lang``, if it was given.
        base_urls: Every Tripletex that should be reached; both by default.
        look_up: Finds the addresses of a name; may block.
    """

    context: AppContext
    terminal: Terminal
    config: Reading | None = None
    language_flag: str | None = None
    base_urls: tuple[str, ...] = field(default=LIVE)
    look_up: LookUp = field(default=_look_up)
