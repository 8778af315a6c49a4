"""What was seen of one part of the machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wizard.findings import Finding, Verdict, verdict

FactValue = str | int | bool | tuple[str, ...] | None
"""None: not there, not set, not known."""


class Part(StrEnum):
    """The parts of a machine that are examined, in the order in which they are told."""

    PROGRAM = "program"
    TERMINAL = "terminal"
    LANGUAGE = "language"
    DEFAULTS = "defaults"
    KEYRING = "keyring"
    PRIVATE_FILES = "private_files"
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
        facts: In the order in which they are told.
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
