"""Where references lead, seen from a config and from nowhere in particular; and whose they are."""

import os
from pathlib import Path
from typing import Final

from wizard.actions.context import AppContext
from wizard.domain.environment import Environment
from wizard.domain.held import HeldKey, StoreKind
from wizard.domain.reference import CommandReference, FileReference, KeyringReference, Reference, describe
from wizard.domain.secret import Secret
from wizard.findings import Finding, codes
from wizard.secrets.command_store import name_in
from wizard.secrets.store import entry_name, is_key_name, number_in_name

_VARIABLE: Final = "${"
"""Begins a path that only systemd can complete."""


def located(reference: Reference, config: Path) -> Reference:
    """Return what a config's reference means from any folder: a file's path is absolute."""
    if isinstance(reference, FileReference) and not reference.path.startswith(_VARIABLE):
        return FileReference(os.path.abspath(config.parent / reference.path))  # noqa: PTH100 - links stay links
    return reference


def seen_from(config: Path, reference: Reference, context: AppContext) -> Reference:
    """Return what to write into a config.

    A key file of the user's own below the config's folder is named relative to it, so that both can be
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
    """Return which of the wizard's own stores a located reference belongs to; None for neither."""
    match reference:
        case KeyringReference():
            return "keyring"
        case FileReference(path) if Path(path).is_relative_to(context.key_folder.absolute()):
            return "file"
        case CommandReference() if _command_name(reference, context) is not None:
            return "command"
        case _:
            return None


def is_own(reference: Reference, context: AppContext) -> bool:
    """Whether the wizard itself put a key there: in a store of its own, under a name that it gives."""
    return is_key_name(_entry(reference, context) or "")


def number_in(reference: Reference, context: AppContext) -> int | None:
    """Return the number of a key that the wizard stored, as far as the name of its entry shows it."""
    return number_in_name(_entry(reference, context) or "")


def key_left(reference: Reference, context: AppContext, in_use: HeldKey | None = None) -> Finding:
    """Return the finding that says which key stays in a store, and where.

    Args:
        reference: The entry that stays.
        context: The outside world.
        in_use: The key that the config uses: its deletion in Tripletex must never be advised.
    """
    number = number_in(reference, context)
    if in_use is not None and in_use.number == number:
        return codes.COPY_LEFT.found(
            key="?" if number is None else number,
            reference=describe(reference),
            in_use=describe(in_use.reference),
        )
    return codes.KEY_LEFT.found(key="?" if number is None else number, reference=describe(reference))


def is_entry_of(
    reference: Reference,
    environment: Environment,
    number: int | None,
    secret: Secret,
    context: AppContext,
) -> bool:
    """Whether a reference is the one that the wizard would give out for a key."""
    name = entry_name(environment, number, secret)
    return _entry(reference, context) in {name, f"{name}-{secret.fingerprint}"}


def _entry(reference: Reference, context: AppContext) -> str | None:
    match store_of(reference, context), reference:
        case "keyring", KeyringReference(entry):
            return entry
        case "file", FileReference(path):
            return str(Path(path).relative_to(context.key_folder.absolute()))
        case "command", CommandReference():
            return _command_name(reference, context)
        case _:
            return None


def _command_name(reference: CommandReference, context: AppContext) -> str | None:
    read_command = context.defaults.read_command
    return name_in(reference.command, read_command) if read_command else None
