"""Files that are kept between runs: journals of walks, the choice of a store, and the configs that were used.

They never contain a secret, only the reference, number, length and a short hash of a key. Journals are
encoded and decoded by the types of the fields.
"""

import json
import os
import types
import typing
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, TypeVar

from wizard.domain.reference import (
    CommandReference,
    EnvReference,
    HeldKey,
    Reference,
    StoreKind,
    reference_in,
    reference_table,
)
from wizard.files.atomic import make_private_folder, write_atomically
from wizard.files.reading import KEY_LIMIT, LIST_LIMIT, read_regular
from wizard.findings import Finding, Severity, Verdict

if TYPE_CHECKING:
    from wizard.checks.results import FileResult

T = TypeVar("T")

VERSION = 2
_REFERENCES = typing.get_args(Reference)


def encode(value: object) -> object:
    """Convert a value to JSON data."""
    match value:
        case Enum():
            return value.value
        case Path() | date():
            return str(value)
    if isinstance(value, _REFERENCES):
        return reference_table(value)
    if names := _fields_of(type(value)):
        return {name: encode(getattr(value, name)) for name in names}
    return [encode(each) for each in value] if isinstance(value, tuple) else value


def _fields_of(kind: type) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass or a named tuple; none for other types."""
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    return getattr(kind, "_fields", ())


def decode(wanted: type[T], data: object) -> T:
    """Convert JSON data from ``encode`` back to a value of a type.

    Raises:
        ValueError, TypeError, KeyError: If it is not of that type.
    """
    return typing.cast("T", _decode(wanted, data))


def _decode(wanted: object, data: object) -> object:
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if set(arguments) >= set(_REFERENCES):
        return None if data is None and type(None) in arguments else reference_in(_as(dict, data))
    if origin in {typing.Union, types.UnionType}:
        if data is None and type(None) in arguments:
            return None
        (only,) = (each for each in arguments if each is not type(None))
        return _decode(only, data)
    if origin is typing.Literal:
        if data not in arguments:
            raise ValueError(data)
        return data
    if origin is tuple:
        return tuple(_decode(arguments[0], each) for each in _as(list, data))
    if not isinstance(wanted, type):
        raise TypeError(wanted)
    return _decode_instance(wanted, data)


def _decode_instance(wanted: type, data: object) -> object:
    if _fields_of(wanted):
        hints = typing.get_type_hints(wanted)
        noted = _as(dict, data)
        # Unknown fields are ignored; missing ones get their default.
        return wanted(**{name: _decode(hints[name], noted[name]) for name in hints if name in noted})
    if wanted is date:
        return date.fromisoformat(_as(str, data))
    if wanted is datetime:
        return datetime.fromisoformat(_as(str, data))
    if issubclass(wanted, Enum | Path):
        return wanted(_as(str, data))
    return _as(wanted, data)


def _as(wanted: type[T], data: object) -> T:
    """Return the data if it has the type. Unlike with ``isinstance``, True is not an int."""
    if type(data) is not wanted:
        raise TypeError(type(data))
    return data


def load_journal(path: Path, wanted: type[T], *, flat_version: int | None = None) -> T | None:
    """Return the contents of a journal, or None if it is missing or invalid.

    It does not raise, because an invalid journal must not prevent the program from starting.

    Args:
        path: The file.
        wanted: The type of the contents.
        flat_version: An older version that is still read, in which the version is next to the values.
    """
    try:
        noted = json.loads(read_regular(path, LIST_LIMIT))
        version = noted.pop("version")
        if version == VERSION:
            return decode(wanted, noted["page"])
        return decode(wanted, noted) if version == flat_version else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def newest_first(journals: Iterable[Path]) -> list[Path]:
    """Return the paths of journals, the newest first, without those that another run has deleted."""
    times = {}
    for path in journals:
        with suppress(OSError):
            times[path] = path.stat().st_mtime
    return sorted(times, key=times.__getitem__, reverse=True)


class JournalV1(NamedTuple):
    """The useful parts of a journal of version 1, whose set-ups cannot be resumed.

    Attributes:
        key: The key that was pasted.
        stored: The stored keys that no config refers to.
        written: The configs that were written.
    """

    key: HeldKey | None = None
    stored: tuple[Reference, ...] = ()
    written: tuple[Path, ...] = ()


def load_journal_v1(path: Path) -> JournalV1 | None:
    """Return the contents of a journal of version 1, or None if it is missing or invalid."""
    try:
        noted = json.loads(read_regular(path, LIST_LIMIT))
        if noted["version"] != 1:
            return None
        page = {name: noted[name] for name in ("stored", "written")} | {"key": noted["flow"]["key"]}
        return decode(JournalV1, page)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def save_journal(path: Path, page: object) -> None:
    """Write a journal.

    Raises:
        OSError: If the folder cannot be written to.
    """
    make_private_folder(path.parent)
    noted = {"version": VERSION, "page": encode(page)}
    write_atomically(path, json.dumps(noted, indent=1).encode(), mode=0o600)


def delete_journal(path: Path) -> None:
    """Delete a journal. If that fails, the walk can be resumed although it is finished."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


_CHOICE: Final = "store"

StoreChoice = StoreKind | CommandReference | EnvReference
"""One of the wizard's stores, or the reference to a key that the user stores."""


def remembered_store(folder: Path) -> StoreChoice | None:
    """Return the store that was chosen in an earlier run, from the state folder."""
    try:
        said = read_regular(folder / _CHOICE, KEY_LIMIT).decode().strip()
        if said in {"keyring", "file"}:
            return "keyring" if said == "keyring" else "file"
        choice = reference_in(json.loads(said))
    except (OSError, ValueError, RecursionError):
        return None
    return choice if isinstance(choice, CommandReference | EnvReference) else None


def remember_store(folder: Path, choice: StoreChoice) -> None:
    """Save the choice of a store. Errors are ignored."""
    text = choice if isinstance(choice, str) else json.dumps(reference_table(choice))
    # This is only a convenience, so a folder that cannot be written to must not stop a set-up.
    with suppress(OSError):
        make_private_folder(folder)
        write_atomically(folder / _CHOICE, text.encode())


_CONFIGS: Final = "configs"
_MOST_CONFIGS: Final = 10_000


LEFT_TO_FIX: Final = "left to fix"
"""The result of a set-up that the user saved although something was wrong."""


class RememberedConfig(NamedTuple):
    """A config that the user has set up, changed or checked.

    Attributes:
        about: The company or client, if known.
        said: The result of the last check: a verdict, ``warning``, or ``LEFT_TO_FIX``.
        at: The time of the last check.
    """

    path: str
    about: str = ""
    said: str = ""
    at: str = ""

    @classmethod
    def of(
        cls,
        path: Path,
        about: str | None,
        said: Verdict | None,
        findings: Iterable[Finding],
        at: datetime | None,
    ) -> Self:
        """Return a config with the result of checking it; both are None if it was not checked."""
        warned = said is Verdict.VALID and any(each.severity is Severity.WARNING for each in findings)
        word = "warning" if warned else said.value if said else ""
        when = at.isoformat(timespec="seconds") if said and at else ""
        return cls(str(path.absolute()), about or "", word, when)


def remembered_configs(folder: Path) -> tuple[RememberedConfig, ...]:
    """Return the configs of earlier runs that still exist, the latest first."""
    try:
        noted = json.loads(read_regular(folder / _CONFIGS, LIST_LIMIT))
        found: list[Any] = [RememberedConfig(**each) for each in noted]
    except (OSError, ValueError, TypeError, RecursionError):
        return ()
    return tuple(each for each in found if os.path.isfile(str(each.path)))


def remember_configs(folder: Path, configs: Iterable[RememberedConfig]) -> None:
    """Add configs before those of earlier runs. Errors are ignored.

    A company or client that is unknown this time is kept from earlier runs.
    """
    kept = {each.path: each for each in remembered_configs(folder)}
    latest = {
        each.path: each._replace(about=each.about or (kept[each.path].about if each.path in kept else ""))
        for each in configs
    }
    every = [*latest.values(), *(each for path, each in kept.items() if path not in latest)]
    del every[_MOST_CONFIGS:]
    while len(text := json.dumps([each._asdict() for each in every], indent=1)) > LIST_LIMIT:
        del every[-len(every) // 4 :]  # a file that is too large could not be read at all
    with suppress(OSError):
        make_private_folder(folder)
        write_atomically(folder / _CONFIGS, text.encode())


def remember_results(folder: Path, results: "Iterable[FileResult]", at: datetime) -> None:
    """Add configs that were checked against Tripletex."""
    checked = (
        RememberedConfig.of(
            Path(each.path), each.company.name if each.company else None, each.status, each.findings, at
        )
        for each in results
    )
    remember_configs(folder, checked)
