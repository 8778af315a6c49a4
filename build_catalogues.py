"""Build hook: compiles the message catalogues, so that no binary file is in the repository."""

import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface):
    """Compiles every ``wizard.po`` to the ``wizard.mo`` that gettext reads."""

    _folder: str | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogues: next to their sources for an editable install, else outside the clone.

        Who installs from a clone need not be allowed to write to it.
        """
        root = Path(self.root)
        if version != "editable":
            self._folder = mkdtemp(prefix="tripletex-wizard-catalogues-")
        for source in (root / "wizard" / "locale").glob("*/LC_MESSAGES/*.po"):
            with source.open("rb") as text:
                catalogue = read_po(text, abort_invalid=True)
            path = source.with_suffix(".mo")
            if self._folder:
                target = str(path.relative_to(root))
                path = Path(self._folder, target.replace("/", "-"))
                build_data["force_include"][str(path)] = target
            with path.open("wb") as compiled:
                write_mo(compiled, catalogue)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's
        """Remove what is in the wheel by now."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
