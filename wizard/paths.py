"""The files with the site's defaults, and ``~`` at the beginning of a path."""

import errno
import os
from collections.abc import Mapping


class UserUnknown(OSError):
    """A path begins with ``~``, but there is no such user, and no file or folder of that name."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.ENOENT, "no such user", path)


def expanded(path: str) -> str:
    """Return a path with ``~`` expanded, unless there is a file or folder whose name begins with ``~``.

    Raises:
        UserUnknown: If the user does not exist or has no home folder.
    """
    found = os.path.expanduser(path)  # noqa: PTH111 - Path.expanduser raises instead
    if found.startswith("~") and not os.path.lexists(found.partition("/")[0]):
        raise UserUnknown(path)
    return found


_DEFAULTS = "tripletex-wizard/defaults.toml"


def defaults_files(environ: Mapping[str, str]) -> list[str]:
    """Return the defaults files that exist, the most important first (XDG base directory specification)."""
    home = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    shared = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    # According to the specification, relative paths are ignored.
    folders = [folder for folder in (home, *shared.split(":")) if folder.startswith("/")]
    paths = [f"{folder}/{_DEFAULTS}" for folder in folders]
    return [path for path in paths if os.path.exists(path)]
