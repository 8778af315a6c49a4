"""Where the package keeps its own data, and what a path on a command line means."""

import os

# Plain text work: pathlib and importlib.resources would be paid for by ``--version``.
PACKAGE_FOLDER = __file__.rpartition("/")[0]
LOCALE_FOLDER = f"{PACKAGE_FOLDER}/locale"
GUIDE_FOLDER = f"{PACKAGE_FOLDER}/guide"
FINDINGS_FOLDER = f"{PACKAGE_FOLDER}/findings"


def expanded(path: str) -> str:
    """Return a path with ``~`` resolved; without a home, or for an unknown user, it stays as it is."""
    return os.path.expanduser(path)  # noqa: PTH111 - Path.expanduser raises instead
