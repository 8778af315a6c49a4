"""Where references lead, seen from a config and from nowhere in particular; and whose they are."""

import os
import re
from pathlib import Path
from typing import Final

from wizard.actions.surroundings import Surroundings
from wizard.domain.environment import Environment
from wizard.domain.reference import FileReference, KeyringReference, Reference
from wizard.domain.secret import Secret
from wizard.flow.answers import StoreKind
from wizard.secrets import entry_name

_VARIABLE: Final = "${"
"""Begins a path that only systemd can complete."""
_ENTRY: Final = re.compile(r"(?:production|test|sandbox)/(?P<number>\d+|[0-9a-f]{4}-[0-9a-f]{2})")
"""The names that ``entry_name`` gives to keys in a store of the wizard's own."""


def located(reference: Reference, config: Path) -> Reference:
    """Return what a config's reference means from any folder: a file's path is absolute."""
    if isinstance(reference, FileReference) and not reference.path.startswith(_VARIABLE):
        return FileReference(os.path.abspath(config.parent / reference.path))  # noqa: PTH100 - links stay links
    return reference


def seen_from(config: Path, reference: Reference, surroundings: Surroundings) -> Reference:
    """Return what to write into a config.

    A key file of somebody's own below the config's folder is named relative to it, so that both can be
    moved. The wizard's own store stays where it is when a config is moved.
    """
    if not isinstance(reference, FileReference) or not Path(reference.path).is_absolute():
        return reference
    if store_of(reference, surroundings) is not None:
        return reference
    folder = Path(os.path.abspath(config)).parent  # noqa: PTH100 - as it is read: links stay links
    path = Path(reference.path)
    return FileReference(str(path.relative_to(folder))) if path.is_relative_to(folder) else reference


def store_of(reference: Reference, surroundings: Surroundings) -> StoreKind | None:
    """Return which of the wizard's own stores holds what a located reference means; None for neither."""
    match reference:
        case KeyringReference():
            return "keyring"
        case FileReference(path) if Path(path).is_relative_to(surroundings.key_folder.absolute()):
            return "file"
        case _:
            return None


def is_own(reference: Reference, surroundings: Surroundings) -> bool:
    """Whether the wizard itself put a key there: in a store of its own, under a name that it gives."""
    return _ENTRY.fullmatch(_entry(reference, surroundings) or "") is not None


def number_in(reference: Reference, surroundings: Surroundings) -> int | None:
    """Return the number of a key that the wizard stored, as far as the name of its entry tells."""
    found = _ENTRY.fullmatch(_entry(reference, surroundings) or "")
    return int(found["number"]) if found and found["number"].isdigit() else None


def is_entry_of(
    reference: Reference,
    environment: Environment,
    number: int | None,
    secret: Secret,
    surroundings: Surroundings,
) -> bool:
    """Whether a reference is the one that the wizard would give out for a key."""
    return _entry(reference, surroundings) == entry_name(environment, number, secret)


def _entry(reference: Reference, surroundings: Surroundings) -> str | None:
    match store_of(reference, surroundings), reference:
        case "keyring", KeyringReference(entry):
            return entry
        case "file", FileReference(path):
            return str(Path(path).relative_to(surroundings.key_folder.absolute()))
        case _:
            return None
