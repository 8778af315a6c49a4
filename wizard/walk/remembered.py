"""Where this user has agreed to keep keys, so that nobody is asked the same twice. Never a secret."""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.domain.reference import CommandReference, EnvReference, StoreKind
from wizard.files.atomic import make_private_folder, write_atomically
from wizard.files.reading import KEY_LIMIT, LIST_LIMIT, read_regular
from wizard.findings import Severity, Verdict

if TYPE_CHECKING:
    from wizard.checks.results import FileResult

_CHOICE: Final = "store"

Place = StoreKind | CommandReference | EnvReference
"""A store of the wizard's, or what a place of the user's own was read by the last time."""


def remembered_place(folder: Path) -> Place | None:
    """Return the choice of an earlier run, as noted in the folder for such things."""
    try:
        said = read_regular(folder / _CHOICE, KEY_LIMIT).decode().strip()
        if said in {"keyring", "file"}:
            return "keyring" if said == "keyring" else "file"
        noted = json.loads(said)
    except (OSError, ValueError, RecursionError):
        return None
    match noted:
        case {"env": str(name)}:
            return EnvReference(name)
        case {"command": [*words]} if words and all(isinstance(word, str) for word in words):
            return CommandReference(tuple(words))
        case _:
            return None


def remember_place(folder: Path, place: Place) -> None:
    """Note a choice."""
    match place:
        case CommandReference(words):
            text = json.dumps({"command": words})
        case EnvReference(name):
            text = json.dumps({"env": name})
        case _:
            text = place
    # Only a convenience: a folder that cannot be written to must not stop a set-up.
    with suppress(OSError):
        make_private_folder(folder)
        write_atomically(folder / _CHOICE, text.encode())


_CONFIGS: Final = "configs"
_MOST_CONFIGS: Final = 10_000


@dataclass(frozen=True, slots=True)
class RememberedConfig:
    """A config that this user has set up, changed or checked.

    Attributes:
        about: Whose it is, as it was seen last; empty when that is not known.
        said: What the last check said, and when: a verdict, or ``warning``.
    """

    path: str
    about: str = ""
    said: str = ""
    at: str = ""


def remembered_configs(folder: Path) -> tuple[RememberedConfig, ...]:
    """Return the configs of earlier runs that are still there, the latest first."""
    try:
        noted = json.loads(read_regular(folder / _CONFIGS, LIST_LIMIT))
        found: list[Any] = [RememberedConfig(**each) for each in noted]
    except (OSError, ValueError, TypeError, RecursionError):
        return ()
    return tuple(each for each in found if os.path.isfile(str(each.path)))


def remember_configs(folder: Path, configs: Iterable[RememberedConfig]) -> None:
    """Note configs, before those that were noted earlier, in one write.

    Whose a config is, is not forgotten because it was not seen this time.
    """
    kept = {each.path: each for each in remembered_configs(folder)}
    latest = {
        each.path: replace(each, about=each.about or (kept[each.path].about if each.path in kept else ""))
        for each in configs
    }
    every = [*latest.values(), *(each for path, each in kept.items() if path not in latest)]
    del every[_MOST_CONFIGS:]
    while len(text := json.dumps([asdict(each) for each in every], indent=1)) > LIST_LIMIT:
        del every[-len(every) // 4 :]  # what is too large to be read would be forgotten as a whole
    with suppress(OSError):
        make_private_folder(folder)
        write_atomically(folder / _CONFIGS, text.encode())


def _said(result: "FileResult") -> str:
    warned = any(finding.severity is Severity.WARNING for finding in result.findings)
    return "warning" if warned and result.status is Verdict.VALID else result.status.value


def remember_results(folder: Path, results: "Iterable[FileResult]", at: datetime) -> None:
    """Note configs that were checked against Tripletex."""
    when = at.isoformat(timespec="seconds")
    remember_configs(
        folder,
        (
            RememberedConfig(
                str(Path(each.path).absolute()),
                (each.company.name if each.company else None) or "",
                _said(each),
                when,
            )
            for each in results
        ),
    )
