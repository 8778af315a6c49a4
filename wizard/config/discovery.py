"""Finds the configs for paths on the command line."""

import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from wizard.files.reading import LIST_LIMIT, decode, parse_toml, read_regular
from wizard.text import N_, Texts

ANSWERS: Final = frozenset(
    {
        *("environment", "base_url", "application", "setup", "org_number", "clients"),
        *("store", "employee_token", "consumer_token"),
    }
)
"""The settings of an answers file (``setup --save-answers``), all of which are at the top level."""


class NothingFound(Exception):
    """There is nothing at a path, or no config in a folder, which must not be reported as valid."""

    def __init__(self, problem: str, path: Path) -> None:
        super().__init__(problem, path)
        self._problem = problem
        self._path = path

    def message(self, t: Texts) -> str:
        """Return the message in the user's language."""
        return t(self._problem, path=self._path)


def is_answers_file(path: Path) -> bool:
    """Return whether a file is an answers file. An unreadable file is not, and is reported as a config."""
    try:
        data = read_regular(path, LIST_LIMIT)
        if b"schema_version" in data:
            return False
        names = parse_toml(decode(data)).keys()
    except (OSError, ValueError, RecursionError):
        return False
    return bool(names) and names <= ANSWERS


def find_configs(paths: Iterable[Path]) -> list[Path]:
    """Return the config files for paths, in the given order and without duplicates.

    A folder is searched recursively for ``*.toml``, in sorted order. Answers files and names that start with
    a dot are skipped, unless they were given explicitly. Links to folders are followed, each folder once. A
    folder that cannot be read is included itself, so that reading it reports the error.

    Raises:
        NothingFound: If a path does not exist, or a folder contains no config.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if is_missing(path):
            raise NothingFound(N_("{path} does not exist."), path)
        files = list(_inside(path)) if os.path.isdir(path) else [path]
        if not files:
            raise NothingFound(N_("There are no config files (*.toml) in {path}."), path)
        found |= dict.fromkeys(files)
    return list(found)


def is_missing(path: Path) -> bool:
    """Whether there is certainly nothing at a path."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError as error:
        # With any other error it may exist; reading it reports the reason.
        return error.errno == errno.ENAMETOOLONG
    return False


def _inside(folder: Path) -> Iterator[Path]:
    visited: set[tuple[int, int]] = set()
    # An explicit stack: folders can be nested deeper than Python's recursion limit.
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        if path.name.startswith(".") and path != folder:
            continue
        if not os.path.isdir(path):
            if path.name.endswith(".toml") and not is_answers_file(path):
                yield path
            continue
        try:
            seen, inside = path.stat(), sorted(path.iterdir(), reverse=True)
        except OSError:
            yield path
            continue
        # A link may point to one of its parents.
        if (seen.st_dev, seen.st_ino) not in visited:
            visited.add((seen.st_dev, seen.st_ino))
            waiting += inside
