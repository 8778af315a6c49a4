"""Finds the configs that a command line means."""

import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from wizard.config.model import NoConfigs, PathMissing
from wizard.files.reading import LIST_LIMIT, decode, read_regular
from wizard.files.toml import parse_toml

ANSWERS: Final = frozenset(
    {
        *("environment", "base_url", "application", "setup", "org_number", "clients"),
        *("store", "employee_token", "consumer_token"),
    }
)
"""The names in a file of answers (``setup --save-answers``), which has no tables but references."""


def is_answers_file(path: Path) -> bool:
    """Whether a file is an answers file; one that cannot be read is left to the reader of configs."""
    try:
        data = read_regular(path, LIST_LIMIT)
        if b"schema_version" in data:
            return False
        names = parse_toml(decode(data)).keys()
    except (OSError, ValueError, RecursionError):
        return False
    return bool(names) and names <= ANSWERS


def find_configs(paths: Iterable[Path]) -> list[Path]:
    """Return the files to read, in the order given; a folder means its ``*.toml``, recursively and sorted.

    Files of answers are passed over, and what begins with a dot, which belongs to other programs, unless
    they were given themselves. Links to folders are followed, each folder once. A folder that may not be
    read is in the list itself, so that reading says so. No path comes twice.

    Raises:
        PathMissing: a path does not exist.
        NoConfigs: a folder contains no config.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if _is_missing(path):
            raise PathMissing(path)
        files = list(_inside(path)) if _is_folder(path) else [path]
        if not files:
            raise NoConfigs(path)
        found |= dict.fromkeys(files)
    return list(found)


def _is_missing(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError as error:
        # Of any other it may be there; reading will say why it cannot be seen.
        return error.errno == errno.ENAMETOOLONG
    return False


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises in a folder that may only be listed


def _inside(folder: Path) -> Iterator[Path]:
    visited: set[tuple[int, int]] = set()
    # An explicit stack: folders can be nested deeper than Python's recursion limit.
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        if path.name.startswith(".") and path != folder:
            continue
        if not _is_folder(path):
            if path.name.endswith(".toml") and not is_answers_file(path):
                yield path
            continue
        try:
            seen, inside = path.stat(), sorted(path.iterdir(), reverse=True)
        except OSError:
            yield path
            continue
        # A link may lead back to a folder above it.
        if (seen.st_dev, seen.st_ino) not in visited:
            visited.add((seen.st_dev, seen.st_ino))
            waiting += inside
