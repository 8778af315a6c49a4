"""Where the package keeps its own data and a site its defaults, and what a path on a command line means."""

import errno
import os
from collections.abc import Mapping

# Plain text work: pathlib and importlib.resources would be paid for by ``--version``.
PACKAGE_FOLDER = __file__.rpartition("/")[0]
LOCALE_FOLDER = f"{PACKAGE_FOLDER}/locale"
GUIDE_FOLDER = f"{PACKAGE_FOLDER}/guide"
FINDINGS_FOLDER = f"{PACKAGE_FOLDER}/findings"


class UserUnknown(OSError):
    """A path begins with ``~`` and leads to no home folder, nor to something that has that name."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.ENOENT, "no such user", path)


def expanded(path: str) -> str:
    """Return a path with ``~`` resolved; a file or folder whose name begins with ``~`` is taken as it is.

    Raises:
        UserUnknown: the user does not exist or has no home, and a folder of that name would be made.
    """
    found = os.path.expanduser(path)  # noqa: PTH111 - Path.expanduser raises instead
    if found.startswith("~") and not os.path.lexists(found.partition("/")[0]):
        raise UserUnknown(path)
    return found


_DEFAULTS = "tripletex-wizard/defaults.toml"


def defaults_files(environ: Mapping[str, str]) -> list[str]:
    """Return the defaults files that exist, the most important first.

    Source of the places: XDG base directory specification.
    """
    home = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    shared = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    # The specification: a path that is not absolute is to be ignored.
    folders = [folder for folder in (home, *shared.split(":")) if folder.startswith("/")]
    paths = [f"{folder}/{_DEFAULTS}" for folder in folders]
    return [path for path in paths if os.path.exists(path)]
