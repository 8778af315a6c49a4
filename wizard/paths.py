"""Where the package keeps its own data."""

# Plain text work: pathlib and importlib.resources would be paid for by ``--version``.
PACKAGE_FOLDER = __file__.rpartition("/")[0]
LOCALE_FOLDER = f"{PACKAGE_FOLDER}/locale"
GUIDE_FOLDER = f"{PACKAGE_FOLDER}/guide"
FINDINGS_FOLDER = f"{PACKAGE_FOLDER}/findings"
