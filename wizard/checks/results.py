"""Checks configs without contacting Tripletex, and the results from which all reports are made."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from wizard.checks.outcomes import CheckId, CheckOutcome, CheckStatus, worst
from wizard.config.reading import Config, Reading, read_config
from wizard.domain.reference import FileReference
from wizard.domain.setup import Environment, Setup
from wizard.findings import Finding, Severity, Verdict, codes, verdict
from wizard.secrets.key_files import check_secret_file
from wizard.tripletex.models import Client, Company


class KeyRecord(NamedTuple):
    """The fields of a config about its key; None if missing.

    Attributes:
        age_days: Days since the key was installed; None as well if that day has not come.
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
        company: The company or client according to Tripletex; None if unknown.
        key: The fields about the key; None if there are none.
        text: The content of the file, from which reports quote lines. It may contain a secret:
            ``wizard.domain.excerpt`` decides which lines may be shown.
        checks: The outcomes of the checks against Tripletex, in order.
    """

    path: str
    status: Verdict
    setup: Setup | None = None
    environment: Environment | None = None
    company: Company | Client | None = None
    key: KeyRecord | None = None
    findings: tuple[Finding, ...] = ()
    text: str | None = None
    checks: tuple[CheckOutcome, ...] = ()

    def __repr__(self) -> str:
        return f"FileResult({self.path!r}, {self.status.value})"

    @property
    def has_warning(self) -> bool:
        """Whether there is a warning among the findings."""
        return any(finding.severity is Severity.WARNING for finding in self.findings)

    def check_statuses(self) -> Iterator[tuple[CheckId, CheckStatus]]:
        """Yield each check that was run and its worst status, in order."""
        for check in dict.fromkeys(result.check for result in self.checks):
            yield check, worst(result.status for result in self.checks if result.check is check)


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
    figures: tuple[CheckOutcome, ...] | None = None

    @property
    def status(self) -> CheckStatus:
        """The worst status of the client's figures."""
        if not self.is_reached:
            return CheckStatus.INVALID
        if not self.figures:
            return CheckStatus.VALID if self.figures is None else CheckStatus.UNKNOWN
        return worst(each.status for each in self.figures)

    def figure(self, check: CheckId) -> CheckStatus | None:
        """Return the status of a check, or None if it was not run."""
        return next((each.status for each in self.figures or () if each.check is check), None)


@dataclass(slots=True)
class ClientReport:
    """The clients of a key and the findings, which are filled in while they are read.

    Attributes:
        with_figures: Whether to check the figures of the clients.
    """

    with_figures: bool = False
    rows: tuple[ClientRow, ...] = ()
    findings: tuple[Finding, ...] = ()


_ABOUT_COMPANY: Final = (CheckId.COMPANY, CheckId.CLIENT)
"""The checks that show the company of a config."""

DEFAULT_JOBS = 16
"""How many keys are checked at a time. Tripletex's rate limit is per key, not per caller."""


@dataclass(frozen=True, slots=True)
class ValidateOptions:
    """Options of ``validate``.

    Attributes:
        deep: Read the figures of every client as well.
        max_age: Age in days at which a key is reported as old; None to disable.
        jobs: How many keys to check at a time.
        deadline: ``time.monotonic()`` after which the remaining checks are unknown; None for no limit.
    """

    deep: bool = False
    max_age: int | None = None
    jobs: int = DEFAULT_JOBS
    deadline: float | None = None


def check_files(paths: Iterable[Path], options: ValidateOptions, today: date) -> Iterator[FileResult]:
    """Check each file: syntax, values, and whether other users can read its key file."""
    for reading in read_configs(paths, options):
        yield result_of(reading, options, today)


def read_configs(paths: Iterable[Path], options: ValidateOptions) -> Iterator[Reading]:
    """Read each file; those not read by the deadline are unknown."""
    for path in paths:
        is_late = options.deadline is not None and time.monotonic() >= options.deadline
        yield Reading(None, (codes.OUT_OF_TIME.found(),), path=path) if is_late else read_config(path)


def result_of(
    reading: Reading, options: ValidateOptions, today: date, checked: tuple[CheckOutcome, ...] = ()
) -> FileResult:
    """Combine the findings of reading a file with the outcomes of its checks."""
    # The checks may repeat a finding, which is shown once.
    key = _key_of(reading.config, today)
    others = list(_file_findings(reading, key, options))
    for finding in (each for result in checked for each in result.findings):
        if finding not in others:
            others.append(finding)
    found = [*reading.findings, *others]
    company = next((each.company for each in checked if each.check in _ABOUT_COMPANY and each.company), None)
    status = verdict(found)
    if status is Verdict.VALID and any(each.verdict is Verdict.UNKNOWN for each in checked):
        status = Verdict.UNKNOWN
    return FileResult(
        path=str(reading.path),
        status=status,
        setup=reading.setup,
        environment=reading.environment,
        company=company,
        key=key,
        findings=tuple(found),
        text=reading.text if found else None,
        checks=checked,
    )


def _key_of(config: Config | None, today: date) -> KeyRecord | None:
    if config is None or (config.key_id is None and config.installed is None):
        return None
    days = None if config.installed is None else (today - config.installed).days
    if days is not None and days < 0:
        # The config may have been written where it is already tomorrow.
        days = 0 if days == -1 else None
    return KeyRecord(config.key_id, config.installed, days)


def _file_findings(reading: Reading, key: KeyRecord | None, options: ValidateOptions) -> tuple[Finding, ...]:
    """Return findings about exposed key files, the age of the key and previous keys that are still stored."""
    config = reading.config
    if config is None:
        return ()
    findings = [
        check_secret_file(reference, reading.path)
        for reference in (config.employee_token, config.consumer_token)
        if isinstance(reference, FileReference)
    ]
    if key is not None and key.installed is not None:
        if key.age_days is None:
            findings.append(codes.KEY_FROM_FUTURE.found(day=key.installed.isoformat()))
        elif options.max_age is not None and key.age_days > options.max_age:
            findings.append(codes.KEY_TOO_OLD.found(days=key.age_days, limit=options.max_age))
    if config.previous is not None:
        findings.append(codes.PREVIOUS_KEY_KEPT.found())
    return tuple(finding for finding in findings if finding is not None)
