"""The input of the doctor, and the observations that it returns."""

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
"""The value of a fact; None if it is missing, not set or unknown."""


class Part(StrEnum):
    """The parts that are checked, in the order of the report."""

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
    """The names of the facts in JSON."""

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
    """The result of checking a part.

    Attributes:
        facts: The facts in the order of the report.
        findings: Errors and warnings.
        notes: Findings that do not affect the verdict, such as that a server has no keyring.
        host: The host of a connection.
    """

    part: Part
    facts: Mapping[Fact, FactValue] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    host: str | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict on the part."""
        return verdict(self.findings)


LookUp = Callable[[str, int], Sequence[Any]]
"""A function like ``socket.getaddrinfo``."""

LIVE: Final = tuple(environment.base_url for environment in Environment if environment.base_url)


def _look_up(host: str, port: int) -> Sequence[Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


@dataclass(frozen=True, slots=True)
class Terminal:
    """The terminal, and the interface that would be used.

    Attributes:
        columns: The number of columns; 0 if unknown.
        lines: The number of lines; 0 if unknown.
        face: The interface that would be used.
        reason: Why it is not the full screen, in the user's language.
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
    """A machine from the perspective of a user.

    Attributes:
        config: The config to check for; None to check for any set-up.
        language_flag: The value of ``--lang``, if given.
        base_urls: The addresses of Tripletex to connect to.
        look_up: Resolves a name; may block.
    """

    context: AppContext
    terminal: Terminal
    config: Reading | None = None
    language_flag: str | None = None
    base_urls: tuple[str, ...] = field(default=LIVE)
    look_up: LookUp = field(default=_look_up)
