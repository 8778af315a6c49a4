"""Where references lead, seen from a config and from nowhere in particular; and whose they are."""

import os
import re
from pathlib import Path
from typing import Final

from wizard.actions.context import AppContext
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


def seen_from(config: Path, reference: Reference, context: AppContext) -> Reference:
    """Return what to write into a config.

    A key file of somebody's own below the config's folder is named relative to it, so that both can be
    moved. The wizard's own store stays where it is when a config is moved.
    """
    if not isinstance(reference, FileReference) or not Path(reference.path).is_absolute():
        return reference
    if store_of(reference, context) is not None:
        return reference
    folder = Path(os.path.abspath(config)).parent  # noqa: PTH100 - as it is read: links stay links
    path = Path(reference.path)
    return FileReference(str(path.relative_to(folder))) if path.is_relative_to(folder) else reference


def store_of(reference: Reference, context: AppContext) -> StoreKind | None:
    """Return which of the wizard's own stores holds what a located reference means; None for neither."""
    match reference:
        case KeyringReference():
            return "keyring"
        case FileReference(path) if Path(path).is_relative_to(context.key_folder.absolute()):
            return "file"
        case _:
            return None


def is_own(reference: Reference, context: AppContext) -> bool:
    """Whether the wizard itself put a key there: in a store of its own, under a name that it gives."""
    return _ENTRY.fullmatch(_entry(reference, context) or "") is not None


def number_in(reference: Reference, context: AppContext) -> int | None:
    """Return the number of a key that the wizard stored, as far as the name of its entry tells."""
    found = _ENTRY.fullmatch(_entry(reference, context) or "")
    return int(found["number"]) if found and found["number"].isdigit() else None


def is_entry_of(
    reference: Reference,
    environment: Environment,
    number: int | None,
    secret: Secret,
    context: AppContext,
) -> bool:
    """Whether a reference is the one that the wizard would give out for a key."""
    return _entry(reference, context) == entry_name(environment, number, secret)


def _entry(reference: Reference, context: AppContext) -> str | None:
    match store_of(reference, context), reference:
        case "keyring", KeyringReference(entry):
            return entry
        case "file", FileReference(path):
            return str(Path(path).relative_to(context.key_folder.absolute()))
        case _:
            return None
