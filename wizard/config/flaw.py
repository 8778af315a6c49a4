"""What is wrong with a setting, before its place in the file is looked up."""

from dataclasses import dataclass

from wizard.domain.redaction import quoted
from wizard.findings import Finding

Path = tuple[str | int, ...]
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
    path: Path = ()
    is_name: bool = False


def shown_path(path: Path) -> str:
    """Return the names that lead to a setting: ``finale.org_number``."""
    return ".".join(quoted(name) for name in path if isinstance(name, str))


def value_at(document: Document, names: Path) -> object:
    """Return the value of a setting, or None where it is absent."""
    value: object = document
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
