"""What became of each config of a run that asks nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from wizard.actions.rotate.members import Member
from wizard.config import Reading
from wizard.findings import Finding
from wizard.flow.rotation.answers import ConfigFate, Fate


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
        """Everything that is to be told."""
        return (*findings_of(self.fates), *self.notices)
