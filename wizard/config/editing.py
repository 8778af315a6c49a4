"""Writes the text of a new config, changes an existing one without losing manual edits, and saves both."""

import os
from collections.abc import Mapping
from copy import deepcopy
from datetime import date, datetime, time
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.config import fields
from wizard.config.reading import Config, parse_config, value_at
from wizard.config.syntax import BOM, Document, EditRefused, load
from wizard.domain.redaction import mask_personal_numbers, mask_words
from wizard.domain.reference import reference_table
from wizard.domain.setup import Setup
from wizard.files.atomic import create_exclusively, make_private_folder, sweep, write_atomically
from wizard.files.reading import CONFIG_LIMIT, read_regular
from wizard.findings import Finding
from wizard.text import N_, Texts

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import Table

_ORG_NUMBER_COMMENTS: Final = {
    Setup.SINGLE_COMPANY: N_("OrgNr is left empty in Finale."),
    Setup.BUREAU_CLIENT: N_("OrgNr in Finale: the organisation number of the client."),
    Setup.BUREAU_SHARED: N_("OrgNr in Finale, which replaces it with the client's number at log-on."),
}
_MOST_ON_ONE_LINE: Final = 4


def render(config: Config, t: Texts, *, is_proven: bool = True) -> str:
    """Return the text of a new config file.

    Args:
        config: The settings.
        t: The language of the comments.
        is_proven: Whether the key has been tested against Tripletex. If not, a comment says so.
    """
    import tomlkit  # noqa: PLC0415 - not needed to read a config

    document = tomlkit.document()
    document.add(
        tomlkit.comment(t("The connection between Tripletex and Visma Finale, written by tripletex-wizard."))
    )
    document.add(tomlkit.comment(t("The key is not in this file, only where to find it.")))
    if not is_proven:
        document.add(
            tomlkit.comment(t("The key had not been tested against Tripletex when this was written."))
        )
    holder: TOMLDocument | Table = document
    table: fields.Names = ()
    for names, value in settings_of(config).items():
        if value is None:
            continue
        if names[:-1] != table:
            table = names[:-1]
            holder.add(tomlkit.nl())
            holder = tomlkit.table()
            document.add(".".join(table), holder)
        if names == fields.ORG_NUMBER:
            holder.add(tomlkit.comment(t(_ORG_NUMBER_COMMENTS[config.setup])))
        is_long = isinstance(value, list) and len(value) > _MOST_ON_ONE_LINE
        holder.add(names[-1], tomlkit.value(fields.encode(value, is_long=is_long)))
    return tomlkit.dumps(document)


def settings_of(config: Config) -> dict[fields.Names, fields.Value | None]:
    """Return all settings in the order of the file, with None for those that are absent."""
    consumer = config.consumer_token
    return {
        ("schema_version",): fields.SCHEMA_VERSION,
        fields.ENVIRONMENT: str(config.environment),
        fields.BASE_URL: config.base_url,
        ("tripletex", "application"): config.application,
        fields.SETUP: str(config.setup),
        fields.ORG_NUMBER: config.org_number,
        fields.CLIENTS: list(config.clients) or None,
        ("credentials", "employee_token"): reference_table(config.employee_token),
        ("credentials", "consumer_token"): reference_table(consumer) if consumer else None,
        ("key", "id"): config.key_id,
        ("key", "installed"): config.installed,
        ("key", "company_id"): config.company_id,
        ("key", "previous"): reference_table(config.previous) if config.previous else None,
    }


_DEFAULTS: Final[Mapping[fields.Names, str]] = {
    (table.name, setting.name): setting.default
    for table in fields.CONFIG.fields
    for setting in table.fields
    if setting.default is not None
}


def update(text: str, config: Config) -> str:
    """Return the text of a config, valid or not, changed to have the settings of ``config``.

    Comments, order, unknown settings, line endings and formatting are kept. The result is parsed again to
    verify that nothing else has changed.

    Raises:
        EditRefused: If that is not possible.
    """
    former = load(text.removeprefix(BOM))
    if isinstance(former, Finding):
        raise EditRefused
    try:
        changed, wanted = _change(text, former, config)
        result = load(changed.removeprefix(BOM))
        is_right = _comparable(result) == _comparable(wanted) and parse_config(changed).config == config
    except RecursionError:
        is_right = False
    if not is_right:
        raise EditRefused
    return changed


def diff(old: str, new: str, path: Path) -> str:
    """Return a unified diff between two versions of a file, empty if they are equal.

    Anything that looks like a key or a national identity number is masked.
    """
    before, after = _lines(old), _lines(new)
    return "".join(f"{line}\n" for line in unified_diff(before, after, str(path), str(path), lineterm=""))


def _change(text: str, former: Document, config: Config) -> tuple[str, Document]:
    """Return the changed text, and the document that it should contain."""
    changes = {
        names: value
        for names, value in settings_of(config).items()
        if _meaning(names, value_at(former, names)) != _meaning(names, value)
    }
    if not changes:
        return text, former
    from wizard.config.draft import Draft  # noqa: PLC0415 - tomlkit is not needed to read a config

    draft, wanted = Draft(text), deepcopy(former)
    for names, value in changes.items():
        if value is None:
            draft.drop(names)
        else:
            draft.put(names, value)
        _set(wanted, names, value)
    return draft.text, wanted


def _meaning(names: fields.Names, value: object) -> object:
    """Normalise a value, so that equivalent values are equal."""
    match value:
        case None | []:
            return _DEFAULTS.get(names)
        case dict():
            return {kind: value[kind] for kind in fields.KIND_NAMES if kind in value}
        case date():
            return value.isoformat()
        case _:
            return value


def _set(document: Document, names: fields.Names, value: fields.Value | None) -> None:
    table: Any = document
    for name in names[:-1]:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise EditRefused
    former = table.pop(names[-1], None)
    if isinstance(value, dict) and isinstance(former, dict):
        value = {name: kept for name, kept in former.items() if name not in fields.KIND_NAMES} | value
    if value is not None:
        table[names[-1]] = value


def _comparable(value: object) -> object:
    """Normalise a value for comparison: without empty tables, and dates as strings."""
    match value:
        case dict():
            inner = {name: _comparable(part) for name, part in value.items()}
            return {name: part for name, part in inner.items() if part != {}}
        case list():
            return [_comparable(part) for part in value]
        case date() | time():
            return value.isoformat()
        case float():
            return repr(value)  # nan is not equal to itself
        case _:
            return value


def _lines(text: str) -> list[str]:
    lines = [
        mask_personal_numbers(mask_words(line.rstrip("\r"))) for line in text.removeprefix(BOM).split("\n")
    ]
    last = lines.pop()
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines


_KEEP_MODE: Final = 0o777
"""A config holds no secret, so an existing file keeps its permissions, such as for a service's group."""


def save(path: Path, text: str, *, backup: bool = False, now: datetime | None = None) -> Path | None:
    """Write a config atomically. A missing folder is created with mode 0700.

    Args:
        path: The config. If it is a link, its target is replaced.
        text: The complete content of the file.
        backup: Whether to save the old text as ``NAME.toml.bak-YYYYMMDD-HHMMSS``.
        now: The time for the name of the backup; by default the current time.

    Returns:
        The backup, if one was written: not if the file did not exist or had the same text.

    Raises:
        EditRefused: If the text is not a valid config.
        OSError: If it could not be written, in which case nothing has changed.
    """
    if parse_config(text).config is None:
        raise EditRefused
    target = Path(os.path.realpath(path))
    make_private_folder(target.parent)
    kept = (
        _back_up(target, text, now or datetime.now().astimezone())
        if backup and os.path.isfile(target)
        else None
    )
    try:
        write_atomically(path, text.encode(), keep=_KEEP_MODE)
    except BaseException:
        # If interrupted just after the file was replaced, only the backup has the old text.
        if kept and target.read_bytes() != text.encode():
            kept.unlink()
        raise
    sweep(target)
    return kept


def _back_up(target: Path, text: str, now: datetime) -> Path | None:
    """Write a backup, whose name is not found when the folder is validated."""
    former = read_regular(target, CONFIG_LIMIT)
    if former == text.encode():
        return None
    # A backup must not contain a key, even if the config does.
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
