"""The journal of a set-up: where it is after every step, so that a dropped line loses nothing.

Never a secret: of a key it holds the reference, the number, the length and a one-way sign.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.domain.reference import Reference, reference_in
from wizard.files.atomic import make_private_folder, write_atomically
from wizard.files.reading import LIST_LIMIT, read_regular
from wizard.flow.flow import Flow
from wizard.flow.journal import decode_flow, encode_flow, encode_reference

_VERSION = 1
_FOLDER = "unfinished"


@dataclass(frozen=True, slots=True)
class Page:
    """What is noted: the flow, the keys that the run has stored, and the configs once they are written."""

    flow: Flow
    stored: tuple[Reference, ...] = ()
    written: tuple[Path, ...] = ()


class Journal:
    """The one page of an unfinished run; one journal per target config.

    Without a folder nothing is noted: a run without questions starts over from what it was given.
    """

    def __init__(self, folder: Path | None, target: Path | None) -> None:
        name = "new" if target is None else hashlib.sha256(str(target.absolute()).encode()).hexdigest()[:16]
        self._path = folder / _FOLDER / f"{name}.json" if folder else None

    def read(self) -> Page | None:
        """Return the page of an earlier run that did not come to its end, if there is one.

        A page that cannot be read is none: it must never keep anybody from starting.
        """
        try:
            return _decoded(json.loads(read_regular(self._path, LIST_LIMIT))) if self._path else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def write(self, page: Page) -> None:
        """Note a page, in place of the former one.

        Raises:
            OSError: the folder cannot be written to.
        """
        if self._path is None:
            return
        noted = {
            "version": _VERSION,
            "flow": encode_flow(page.flow),
            "stored": [encode_reference(reference) for reference in page.stored],
            "written": [str(path.absolute()) for path in page.written],
        }
        make_private_folder(self._path.parent)
        write_atomically(self._path, json.dumps(noted, indent=1).encode(), mode=0o600)

    def erase(self) -> None:
        """Take the page away; one that stays against all odds offers to go on with what is finished."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)


def _decoded(noted: Any) -> Page | None:  # noqa: ANN401 - whatever JSON holds
    if noted["version"] != _VERSION:
        return None
    return Page(
        decode_flow(noted["flow"]),
        tuple(reference_in(reference) for reference in noted["stored"]),
        tuple(Path(path) for path in noted["written"]),
    )
