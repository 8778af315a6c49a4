"""Where the site's defaults are.

Apart from what reads them, because every command looks there, ``--help`` too, and most machines have none.
"""

import os
from collections.abc import Mapping

_FILE = "tripletex-wizard/defaults.toml"


def defaults_files(environ: Mapping[str, str]) -> list[str]:
    """Return the defaults files that exist, the most important first.

    Source of the places: XDG base directory specification.
    """
    home = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    shared = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    # The specification: a path that is not absolute is to be ignored.
    folders = [folder for folder in (home, *shared.split(":")) if folder.startswith("/")]
    paths = [f"{folder}/{_FILE}" for folder in folders]
    return [path for path in paths if os.path.exists(path)]  # noqa: PTH110 - pathlib costs as much as all of --version
