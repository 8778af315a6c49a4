"""What a config says once it has been read, a flaw in one, and the errors in finding or changing configs.

ConfigError
├── PathMissing     a path that was given does not exist
├── NoConfigs       a given folder contains no config
└── EditRefused     a text cannot be changed to say something without harm to the rest of it

What is wrong *in* a config is a finding, and no exception.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from wizard.domain.environment import Environment
from wizard.domain.redaction import quoted
from wizard.domain.reference import Reference
from wizard.domain.setup import Setup
from wizard.findings import Finding

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Config:
    """One connection between Tripletex and Finale.

    Attributes:
        environment: Which Tripletex.
        base_url: Where the sandbox listens; None for production and test.
        application: The application that the key was made for.
        setup: Who the key belongs to, and where in Finale it is entered.
        org_number: The value of Finale's OrgNr: empty, nine digits, or ``%ORGNR%``.
        clients: The clients that a common set-up needs access to, in the file's order; may be empty.
        employee_token: Where the key is read.
        consumer_token: Where the consumer token is read, if the config says so.
        key_id: The key's number in Tripletex (``tokenId``), if known.
        installed: The day on which the key was installed, if known.
        previous: Where the key before this one is read, until a rotation is finished.
        company_id: Tripletex's number of the company that the key belongs to, if known.
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
"""The names, and the positions in lists from 0 on, that lead from the top of the file to a value."""

Document = dict[str, object]
"""A config as TOML reads it, before it has been checked."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A finding and the setting that it is about.

    Attributes:
        path: The setting; an empty path means no place in the file.
        is_name: Whether the name is meant, or the value.
    """

    finding: Finding
    path: SettingPath = ()
    is_name: bool = False


def shown_path(path: SettingPath) -> str:
    """Return the names that lead to a setting: ``finale.org_number``."""
    return ".".join(quoted(name) for name in path if isinstance(name, str))


def value_at(document: Document, names: SettingPath) -> object:
    """Return the value of a setting, or None where it is absent."""
    value: object = document
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


class ConfigError(Exception):
    """The root of the tree."""


class PathMissing(ConfigError):
    """A path that was given does not exist."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class NoConfigs(ConfigError):
    """A given folder contains no config, which must not pass for “all are good”."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class EditRefused(ConfigError):
    """A text cannot be changed to say something without harm to the rest of it; nothing was written."""
