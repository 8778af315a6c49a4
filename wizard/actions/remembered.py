"""Where this user has agreed to keep keys, so that nobody is asked the same twice. Never a secret."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from wizard.domain.held import StoreKind
from wizard.domain.reference import CommandReference, EnvReference
from wizard.files.atomic import make_private_folder, write_atomically
from wizard.files.reading import KEY_LIMIT, read_regular

_CHOICE: Final = "store"

Place = StoreKind | CommandReference | EnvReference
"""A store of the wizard's, or what a place of the user's own was read by the last time."""


def remembered_place(folder: Path) -> Place | None:
    """Return the choice of an earlier run, as noted in the folder for such things."""
    import json  # noqa: PLC0415 - a run that is given a place for keys need not read it

    try:
        said = read_regular(folder / _CHOICE, KEY_LIMIT).decode().strip()
        if said in {"keyring", "file"}:
            return "keyring" if said == "keyring" else "file"
        noted = json.loads(said)
    except (OSError, ValueError, RecursionError):
        return None
    match noted:
        case {"env": str(name)}:
            return EnvReference(name)
        case {"command": [*words]} if words and all(isinstance(word, str) for word in words):
            return CommandReference(tuple(words))
        case _:
            return None


def remember_place(folder: Path, place: Place) -> None:
    """Note a choice."""
    import json  # noqa: PLC0415 - as above

    match place:
        case CommandReference(words):
            text = json.dumps({"command": words})
        case EnvReference(name):
            text = json.dumps({"env": name})
        case _:
            text = place
    # Only a convenience: a folder that cannot be written to must not stop a set-up.
    with suppress(OSError):
        make_private_folder(folder)
        write_atomically(folder / _CHOICE, text.encode())
