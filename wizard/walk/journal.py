"""The journal of a walk: where it is after every step, so that a dropped line loses nothing.

Never a secret: of a key it contains the reference, the number, the length and a short hash. One codec
writes and reads every journal; it goes by the types of the dataclass that is noted.
"""

import json
import types
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from wizard.domain.reference import HeldKey, Reference, reference_in, reference_value
from wizard.files.atomic import make_private_folder, write_atomically
from wizard.files.reading import LIST_LIMIT, read_regular

T = TypeVar("T")

VERSION = 2
_REFERENCES = get_args(Reference)


def encode(value: object) -> Any:  # noqa: ANN401 - whatever JSON can contain
    """Return a value as data that JSON can contain."""
    match value:
        case Enum():
            return value.value
        case Path() | date():
            return str(value)
        case tuple():
            return [encode(each) for each in value]
    if isinstance(value, _REFERENCES):
        kind, place = reference_value(value)
        return {kind: place}
    if is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    return value


def decode(wanted: type[T], data: Any) -> T:  # noqa: ANN401 - whatever JSON contained
    """Return the value that ``encode`` made the data from.

    Raises:
        ValueError, TypeError, KeyError: it is not of that type.
    """
    return _decode(wanted, data)  # type: ignore[no-any-return]


def _decode(wanted: Any, data: Any) -> Any:  # noqa: ANN401 - as above
    origin, arguments = get_origin(wanted), get_args(wanted)
    if set(arguments) >= set(_REFERENCES):
        return None if data is None and type(None) in arguments else reference_in(data)
    if origin in {Union, types.UnionType}:
        if data is None and type(None) in arguments:
            return None
        (only,) = (each for each in arguments if each is not type(None))
        return _decode(only, data)
    if origin is Literal:
        return _checked(data, data in arguments)
    if origin is tuple:
        return tuple(_decode(arguments[0], each) for each in _checked(data, isinstance(data, list)))
    if is_dataclass(wanted):
        hints = get_type_hints(wanted)
        # What this version does not know keeps the page from being read; what is missing has a default.
        return wanted(**{name: _decode(hints[name], each) for name, each in dict(data).items()})  # type: ignore[operator]
    if wanted is date:
        return date.fromisoformat(data)
    if wanted is datetime:
        return datetime.fromisoformat(data)
    if isinstance(wanted, type) and issubclass(wanted, Enum | Path):
        return wanted(data)
    return _checked(data, type(data) is wanted)


def _checked(data: Any, is_right: bool) -> Any:  # noqa: ANN401, FBT001
    if not is_right:
        raise TypeError(type(data))
    return data


def read_page(path: Path, wanted: type[T]) -> T | None:
    """Return what is noted in a file; None when there is nothing, or nothing that can be read.

    It must never keep anybody from starting.
    """
    try:
        noted = json.loads(read_regular(path, LIST_LIMIT))
        return decode(wanted, noted["page"]) if noted["version"] == VERSION else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class EarlierPage:
    """What is of use in a page by version one, whose set-ups cannot be continued.

    Attributes:
        key: The key that had been pasted.
        stored: The keys that it had put into a store and that no config refers to.
        written: The configs that it had written.
    """

    key: HeldKey | None = None
    stored: tuple[Reference, ...] = ()
    written: tuple[Path, ...] = ()


def read_earlier(path: Path) -> EarlierPage | None:
    """Return what version one noted in a file; None when there is nothing, or nothing that can be read."""
    try:
        noted = json.loads(read_regular(path, LIST_LIMIT))
        if noted["version"] != 1:
            return None
        page = {name: noted[name] for name in ("stored", "written")} | {"key": noted["flow"]["key"]}
        return decode(EarlierPage, page)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def write_page(path: Path, page: object) -> None:
    """Note a page, in place of the former one.

    Raises:
        OSError: the folder cannot be written to.
    """
    make_private_folder(path.parent)
    noted = {"version": VERSION, "page": encode(page)}
    write_atomically(path, json.dumps(noted, indent=1).encode(), mode=0o600)


def erase_page(path: Path) -> None:
    """Delete a page; one that cannot be deleted offers to continue with what is finished."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
