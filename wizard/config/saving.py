"""Writes the text of a config to its file, and keeps a backup next to it."""

import os
from datetime import datetime
from pathlib import Path
from typing import Final

from wizard.config.errors import EditRefused
from wizard.config.reading import parse_config
from wizard.domain.redaction import mask_words
from wizard.files.atomic import create_exclusively, make_private_folder, sweep, write_atomically
from wizard.files.reading import CONFIG_LIMIT, read_regular

_ITS_OWN: Final = 0o777
"""A config holds no secret: who may read it, a service's group perhaps, is its owner's decision."""


def save(path: Path, text: str, *, backup: bool = False, now: datetime | None = None) -> Path | None:
    """Write a config in one stroke; its folder is made if there is none, for the user alone.

    Args:
        path: The config; where it is a link, what it leads to is replaced.
        text: The complete content of the file.
        backup: Whether to keep the former text, as ``NAME.toml.bak-YYYYMMDD-HHMMSS``.
        now: The time for the name of the backup; the machine's if not given.

    Returns:
        The backup, if one was made: none is needed where nothing was there, or the same.

    Raises:
        EditRefused: the text would not be read as a good config.
        OSError: it could not be written; everything is as before.
    """
    if parse_config(text).config is None:
        raise EditRefused
    target = Path(os.path.realpath(path))
    make_private_folder(target.parent)
    kept = _back_up(target, text, now or datetime.now().astimezone()) if backup and target.is_file() else None
    try:
        write_atomically(path, text.encode(), keep=_ITS_OWN)
    except BaseException:
        # Interrupted just after the exchange: then the backup is all that is left of the former text.
        if kept and target.read_bytes() != text.encode():
            kept.unlink()
        raise
    sweep(target)
    return kept


def _back_up(target: Path, text: str, now: datetime) -> Path | None:
    """Keep a file's text in a file that validation of the folder passes over."""
    former = read_regular(target, CONFIG_LIMIT)
    if former == text.encode():
        return None
    # No key gets into a backup, not even one from the config.
    kept = mask_words(former.decode(errors="surrogateescape")).encode(errors="surrogateescape")
    name, number = f"{target.name}.bak-{now:%Y%m%d-%H%M%S}", 1
    while True:
        path = target.with_name(name if number == 1 else f"{name}-{number}")
        try:
            create_exclusively(path, kept, like=target.stat())
        except FileExistsError:
            number += 1
        else:
            return path
