"""What checking existing configs comes to: what every report is made from."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from wizard.domain.environment import Environment
from wizard.domain.setup import Setup
from wizard.findings import Finding, Severity, Verdict

if TYPE_CHECKING:
    from wizard.checks.outcomes import CheckOutcome


@dataclass(frozen=True, slots=True)
class SeenCompany:
    """The company that a config's key was seen to read; Tripletex may know only one of the two."""

    name: str | None
    org_number: str | None


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What a config says about its key; None for what it does not say.

    Attributes:
        age_days: Days since the key was installed.
    """

    id: int | None
    installed: date | None
    age_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """What was found about one config.

    Attributes:
        path: The file as it was named, or found.
        status: The findings summed up.
        setup: None when the file does not say, or not in a form that can be read.
        company: None when it was not seen.
        key: None when the config says nothing about its key.
        text: The content of the file, so that a report can show a line of it. It may contain a secret:
            ``wizard.ui.report.text`` decides which lines may be shown.
        checks: What Tripletex was asked, in order; empty when it was not.
    """

    path: str
    status: Verdict
    setup: Setup | None = None
    environment: Environment | None = None
    company: SeenCompany | None = None
    key: KeyRecord | None = None
    findings: tuple[Finding, ...] = ()
    text: str | None = None
    checks: tuple["CheckOutcome", ...] = ()

    def __repr__(self) -> str:
        return f"FileResult({self.path!r}, {self.status.value})"

    @property
    def has_warning(self) -> bool:
        """Whether there is a warning among the findings."""
        return any(finding.severity is Severity.WARNING for finding in self.findings)

    def check_statuses(self) -> Iterator[tuple[str, str]]:
        """Yield the name and status of each check that was made, in order; the worst of several alike."""
        worst: dict[str, str] = {}
        for result in self.checks:
            name = result.check.value
            status = result.status.value
            worst[name] = max(worst.get(name, status), status, key=_BY_WEIGHT.index)
        yield from worst.items()


_BY_WEIGHT = ("valid", "warning", "unknown", "invalid")


@dataclass(frozen=True, slots=True)
class Summary:
    """How many configs there are of each verdict.

    Attributes:
        warned: How many have a warning, whatever their verdict.
    """

    valid: int = 0
    invalid: int = 0
    unknown: int = 0
    warned: int = 0

    def including(self, status: Verdict, *, has_warning: bool = False) -> "Summary":
        """Return the summary with one more config."""
        counts = {status.value: getattr(self, status.value) + 1, "warned": self.warned + has_warning}
        return replace(self, **counts)

    @property
    def total(self) -> int:
        """How many configs there are."""
        return self.valid + self.invalid + self.unknown

    @property
    def verdict(self) -> Verdict:
        """The verdict on them together: wrong wins over unknown."""
        if self.invalid:
            return Verdict.INVALID
        return Verdict.UNKNOWN if self.unknown else Verdict.VALID


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client that an office key has access to, or an expected one that is missing.

    Attributes:
        name: As in Tripletex; None for one that is missing.
        org_number: None when Tripletex has none that can be read.
        figures: The checks of its figures; None when they were not asked for, empty when that was not
            come to.
    """

    name: str | None
    org_number: str | None
    is_reached: bool
    figures: "tuple[CheckOutcome, ...] | None" = None

    @property
    def status(self) -> str:
        """Whether Finale gets the client's figures, in the words of ``validate``; the worst counts."""
        statuses = {each.status.value for each in self.figures or ()}
        fallback = "valid" if self.is_reached and self.figures is None else "unknown"
        if not self.is_reached:
            return "invalid"
        return max(statuses, key=_BY_WEIGHT.index, default=fallback)

    def figure(self, check: str) -> str | None:
        """Return the status of one of the checks; None when it was not made."""
        return next((each.status.value for each in self.figures or () if each.check.value == check), None)


@dataclass(slots=True)
class ClientReport:
    """The clients of a key, as far as they are known.

    Attributes:
        with_figures: Whether their figures were asked for.
    """

    with_figures: bool = False
    rows: tuple[ClientRow, ...] = ()
    findings: tuple[Finding, ...] = ()
