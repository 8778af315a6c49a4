"""The results of checking configs, from which all reports are made."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from wizard.domain.environment import Environment
from wizard.domain.setup import Setup
from wizard.findings import Finding, Severity, Verdict

if TYPE_CHECKING:
    from wizard.checks.outcomes import CheckOutcome


class SeenCompany(NamedTuple):
    """The company or client of a config according to Tripletex; either field may be missing."""

    name: str | None
    org_number: str | None


class KeyRecord(NamedTuple):
    """The fields of a config about its key; None if missing.

    Attributes:
        age_days: Days since the key was installed.
    """

    id: int | None
    installed: date | None
    age_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """The result of checking one config.

    Attributes:
        path: The path as given by the user, or as found.
        status: The verdict on all findings and checks.
        setup: The kind of set-up; None if missing or invalid.
        company: The company or client; None if unknown.
        key: The fields about the key; None if there are none.
        text: The content of the file, from which reports quote lines. It may contain a secret:
            ``wizard.ui.report.text`` decides which lines may be shown.
        checks: The outcomes of the checks against Tripletex, in order.
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
        """Yield the name and worst status of each check that was run, in order."""
        worst: dict[str, str] = {}
        for result in self.checks:
            name = result.check.value
            status = result.status.value
            worst[name] = max(worst.get(name, status), status, key=_BY_WEIGHT.index)
        yield from worst.items()


_BY_WEIGHT = ("valid", "warning", "unknown", "invalid")


@dataclass(frozen=True, slots=True)
class Summary:
    """The number of configs by verdict.

    Attributes:
        warned: The number of configs with a warning, whatever their verdict.
    """

    valid: int = 0
    invalid: int = 0
    unknown: int = 0
    warned: int = 0

    def including(self, status: Verdict, *, has_warning: bool = False) -> "Summary":
        """Return a summary with one more config."""
        counts = {status.value: getattr(self, status.value) + 1, "warned": self.warned + has_warning}
        return replace(self, **counts)

    @property
    def total(self) -> int:
        """The number of configs."""
        return self.valid + self.invalid + self.unknown

    @property
    def verdict(self) -> Verdict:
        """The verdict on all configs: invalid before unknown before valid."""
        if self.invalid:
            return Verdict.INVALID
        return Verdict.UNKNOWN if self.unknown else Verdict.VALID


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client that an office key has access to, or an expected one that is missing.

    Attributes:
        name: The name in Tripletex; None for a missing client.
        org_number: The organisation number; None if missing or invalid.
        is_reached: Whether the key has access to the client.
        figures: The outcomes for its figures; None if not requested, empty if not checked.
    """

    name: str | None
    org_number: str | None
    is_reached: bool
    figures: "tuple[CheckOutcome, ...] | None" = None

    @property
    def status(self) -> str:
        """The worst status of the client's figures, with the same values as in ``validate``."""
        statuses = {each.status.value for each in self.figures or ()}
        fallback = "valid" if self.is_reached and self.figures is None else "unknown"
        if not self.is_reached:
            return "invalid"
        return max(statuses, key=_BY_WEIGHT.index, default=fallback)

    def figure(self, check: str) -> str | None:
        """Return the status of a check, or None if it was not run."""
        return next((each.status.value for each in self.figures or () if each.check.value == check), None)


@dataclass(slots=True)
class ClientReport:
    """The clients of a key and the findings, which are filled in while they are read.

    Attributes:
        with_figures: Whether to check the figures of the clients.
    """

    with_figures: bool = False
    rows: tuple[ClientRow, ...] = ()
    findings: tuple[Finding, ...] = ()
