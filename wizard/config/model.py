"""The contents of a config, and the exceptions for finding and changing configs.

ConfigError
├── PathMissing     a given path does not exist
├── NoConfigs       a given folder contains no config
└── EditRefused     a text cannot be changed without affecting the rest of it

Errors *in* a config are findings, not exceptions.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from wizard.domain.redaction import quoted
from wizard.domain.reference import Reference
from wizard.domain.setup import Environment, Setup
from wizard.findings import Finding

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Config:
    """A connection between Tripletex and Finale.

    Attributes:
        environment: The environment of Tripletex.
        base_url: The address of the sandbox; None for production and test.
        application: The application that the key was made for.
        setup: The kind of set-up.
        org_number: The value of Finale's field OrgNr: empty, nine digits, or ``%ORGNR%``.
        clients: Clients that a shared set-up needs access to, in the order of the file; may be empty.
        employee_token: The reference to the key.
        consumer_token: The reference to the consumer token, if the config has one.
        key_id: The key's number in Tripletex (``tokenId``), if known.
        installed: The day on which the key was installed, if known.
        previous: The reference to the previous key, until a rotation is finished.
        company_id: Tripletex's id of the company that the key belongs to, if known.
    """

    environment: Environment
    base_url: str | None
    application: str
    setup: Setup
    org_number: str
    clients: tuple[str, ...]
    employee_token: Reference
    consumer_token: Reference | None
    key_id: int | None
    installed: date | None
    previous: Reference | None
    company_id: int | None = None


SettingPath = tuple[str | int, ...]
"""The path of a value from the top of the file: names, and indexes into lists."""

Document = dict[str, object]
"""A parsed TOML config that has not been validated."""


class Flaw(NamedTuple):
    """A finding and the setting that it is about.

    Attributes:
        path: The setting; empty if the finding is not about a place in the file.
        is_name: Whether it is about the name of the setting rather than its value.
    """

    finding: Finding
    path: SettingPath = ()
    is_name: bool = False


def shown_path(path: SettingPath) -> str:
    """Return a path for messages, such as ``finale.org_number``."""
    return ".".join(quoted(name) for name in path if isinstance(name, str))


def value_at(document: Document, names: SettingPath) -> object:
    """Return the value of a setting, or None if it is absent."""
    value: object = document
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


class ConfigError(Exception):
    """Base class of the errors in finding and changing configs."""


class PathMissing(ConfigError):
    """A given path does not exist."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class NoConfigs(ConfigError):
    """A given folder contains no config, which must not be reported as valid."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class EditRefused(ConfigError):
    """A text cannot be changed without affecting the rest of it. Nothing was written."""
