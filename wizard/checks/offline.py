"""Checks configs without contacting Tripletex: syntax, values, and the key files they refer to."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.checks.results import FileResult, KeyRecord, SeenCompany
from wizard.config.model import Config
from wizard.config.reading import Reading, read_config
from wizard.domain.reference import FileReference
from wizard.findings import Finding, Verdict, codes, verdict
from wizard.secrets.key_files import check_secret_file

if TYPE_CHECKING:
    from wizard.checks.outcomes import CheckOutcome

_ABOUT_COMPANY = ("company", "client")
"""The checks that show the company of a config, as text since ``CheckId`` is not imported here."""

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
    reading: Reading, options: ValidateOptions, today: date, checked: "tuple[CheckOutcome, ...]" = ()
) -> FileResult:
    """Combine the findings of reading a file with the outcomes of its checks."""
    # The checks may repeat a finding, which is shown once.
    others = list(_file_findings(reading, options, today))
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
        company=SeenCompany(company.name, company.org_number) if company else None,
        key=_key_of(reading.config, today),
        findings=tuple(found),
        text=reading.text if found else None,
        checks=checked,
    )


def _key_of(config: Config | None, today: date) -> KeyRecord | None:
    if config is None or (config.key_id is None and config.installed is None):
        return None
    age = (today - config.installed).days if config.installed is not None else None
    return KeyRecord(config.key_id, config.installed, age)


def _file_findings(reading: Reading, options: ValidateOptions, today: date) -> tuple[Finding, ...]:
    """Return findings about exposed key files, old keys and previous keys that are still stored."""
    config = reading.config
    if config is None:
        return ()
    findings = [
        check_secret_file(reference, reading.path)
        for reference in (config.employee_token, config.consumer_token)
        if isinstance(reference, FileReference)
    ]
    if config.installed is not None and options.max_age is not None:
        days = (today - config.installed).days
        if days > options.max_age:
            findings.append(codes.KEY_TOO_OLD.found(days=days, limit=options.max_age))
    if config.previous is not None:
        findings.append(codes.PREVIOUS_KEY_KEPT.found())
    return tuple(finding for finding in findings if finding is not None)
