"""What became of each config of a run that asks nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from wizard.config.reading import Reading
from wizard.findings import Finding
from wizard.rotation.members import Member
from wizard.text import N_, Texts


class Fate(StrEnum):
    """What became of a config."""

    WAITING = "waiting"
    MOVED = "moved"
    ALREADY_MOVED = "already moved"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class ConfigFate:
    """One config in the table.

    Attributes:
        findings: Why it was not changed, or the result of the check after it was.
    """

    path: str
    fate: Fate = Fate.WAITING
    findings: tuple[Finding, ...] = ()

    @property
    def is_on_new_key(self) -> bool:
        """Whether the config refers to the new key."""
        return self.fate in {Fate.MOVED, Fate.ALREADY_MOVED}


FATES: Final = {
    Fate.WAITING: N_("not moved yet"),
    Fate.MOVED: N_("moved"),
    Fate.ALREADY_MOVED: N_("already moved"),
    Fate.FAILED: N_("failed"),
    Fate.NOT_CHECKED: N_("not checked"),
}


def unread(readings: Iterable[Reading]) -> tuple[ConfigFate, ...]:
    """Return the rows for configs that are not good, and so may use the key all the same."""
    return tuple(
        ConfigFate(str(reading.path), Fate.FAILED, tuple(f for f in reading.findings if f.is_error))
        for reading in readings
    )


def findings_of(fates: Iterable[ConfigFate]) -> tuple[Finding, ...]:
    """Return everything that was found about configs."""
    return tuple(finding for fate in fates for finding in fate.findings)


@dataclass
class Tally:
    """The table of a rollback or of finishing a rotation.

    Attributes:
        moved: The configs that were changed.
        notices: What was found besides.
        document: What changed or would change, as unified diffs.
    """

    fates: list[ConfigFate] = field(default_factory=list)
    moved: list[Path] = field(default_factory=list)
    notices: list[Finding] = field(default_factory=list)
    document: str = ""

    def add(self, member: Member, fate: Fate, findings: Iterable[Finding] = ()) -> None:
        """Note what became of a config."""
        self.fates.append(ConfigFate(str(member.path), fate, tuple(findings)))
        if fate is Fate.MOVED:
            self.moved.append(member.path)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is to be reported."""
        return (*findings_of(self.fates), *self.notices)


def others_line(count: int, t: Texts) -> str:
    """Return how many configs a run passes over."""
    return t.plural(
        "{n} config in the folder uses another key and stays as it is.",
        "{n} configs in the folder use other keys and stay as they are.",
        count,
    )


def delete_line(number: int | None, new_name: str, t: Texts) -> str:
    """Return which key to delete in Tripletex, so that nobody deletes the wrong one."""
    if number is None:
        return t("To delete in Tripletex: the key before «{name}», which is the new one.", name=new_name)
    return t(
        "To delete in Tripletex: key no. {number}, probably named «Visma Finale». «{name}» is the new one.",
        number=number,
        name=new_name,
    )
