"""Results for the tests of the reports: one of each verdict, and one that holds everything hostile."""

import io
from collections.abc import Iterable
from datetime import date

from wizard.checks.outcomes import CheckId, CheckOutcome
from wizard.checks.results import FileResult, KeyRecord
from wizard.domain.setup import Environment, Setup
from wizard.findings import Finding, Position, Verdict, codes, verdict
from wizard.text import Language, Texts
from wizard.tripletex.models import Company
from wizard.ui.report.text import ReportFormat, new_report

TEXT = 'schema_version = 1\n\n[finale]\nsetup = "bureau-client"\norg_number = "974760674"\n'
HOSTILE = "\x00\x1b[31m]]>&<\"'\u202e\ufffe\udcff\ud800\U000e0001\r\n- æ"


def result(path: str, *findings: Finding, text: str | None = None, **about: object) -> FileResult:
    return FileResult(path=path, status=verdict(findings), findings=findings, text=text, **about)  # type: ignore[arg-type]  # passed on


def checked(check: str, *findings: Finding) -> CheckOutcome:
    return CheckOutcome(CheckId(check), findings)


GOOD = result(
    "clients/demo.toml",
    setup=Setup.SINGLE_COMPANY,
    environment=Environment.PRODUCTION,
    company=Company(1, "Demo AS", "974760673"),
)
BAD = result(
    "clients/acme.toml",
    codes.ORG_NUMBER_CHECK_DIGIT.found(number="974760674", position=Position(5, 14)),
    codes.CLIENT_ACCESS_MISSING.found(number="971032146", request_id="req-1"),
    codes.PREVIOUS_KEY_KEPT.found(),
    text=TEXT,
    setup=Setup.BUREAU_CLIENT,
    environment=Environment.TEST,
)
OPEN = result("clients/café.toml", codes.SERVER_TROUBLE.found(status=503))
WARNED = result(
    "clients/old.toml",
    codes.KEY_TOO_OLD.found(days=500, limit=400),
    setup=Setup.BUREAU_SHARED,
    key=KeyRecord(84204, date(2025, 7, 14), 500),
)
EVIL = result(
    f"clients/{HOSTILE}.toml",
    codes.OTHER_COMPANY.found(company=HOSTILE, number=HOSTILE, wanted=HOSTILE, request_id=HOSTILE),
    codes.CLIENT_TWICE.found(number=HOSTILE),
    text=HOSTILE,
    company=Company(1, HOSTILE, HOSTILE),
)
EVERY = (GOOD, BAD, OPEN, EVIL)

assert [each.status for each in EVERY] == [Verdict.VALID, Verdict.INVALID, Verdict.UNKNOWN, Verdict.INVALID]


def report(
    wanted: ReportFormat,
    results: Iterable[FileResult],
    *,
    language: Language = "en",
    encoding: str = "utf-8",
    colour: bool = False,
    is_quiet: bool = False,
    is_verbose: bool = False,
) -> str:
    """Return a whole report, as it arrives where it is written to."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    written = new_report(
        wanted, out, Texts(language), colour=colour, is_quiet=is_quiet, is_verbose=is_verbose
    )
    for each in results:
        written.add(each)
    written.finish()
    out.flush()
    return raw.getvalue().decode(out.encoding)
