"""The journals of unfinished set-ups, one for each target."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wizard.domain.reference import Reference
from wizard.findings import StepId, Verdict
from wizard.setup.answers import Answers
from wizard.walk.journal import JournalV1, load_journal, load_journal_v1

_FOLDER = "unfinished"


@dataclass(frozen=True, slots=True)
class SavedSetup:
    """The journal of an unfinished set-up.

    Attributes:
        current: The current step.
        answers: The answers so far.
        written: The configs that have been written.
        stored: The keys that have been stored.
        said: The verdict of the last checks.
        at: When it was written.
    """

    current: StepId
    answers: Answers
    written: tuple[Path, ...] = ()
    stored: tuple[Reference, ...] = ()
    said: Verdict | None = None
    at: datetime | None = None


def journal_of(folder: Path, target: Path | None) -> Path:
    """Return the path of the journal of a set-up for a target."""
    if target is None:
        return folder / _FOLDER / "new.json"
    from hashlib import sha256  # noqa: PLC0415 - loads OpenSSL, which the first screen does without

    return folder / _FOLDER / f"{sha256(str(target.absolute()).encode()).hexdigest()[:16]}.json"


def read_journals(folder: Path, target: Path | None) -> tuple[SavedSetup | None, JournalV1 | None]:
    """Return the journal of an unfinished set-up, by this version or by version 1, if there is one."""
    if not any((folder / _FOLDER).glob("*.json")):
        return None, None
    path = journal_of(folder, target)
    return load_journal(path, SavedSetup), load_journal_v1(path)
