"""Reports for programs: JSON, JUnit XML, and Prometheus' text format.

These begin with the totals, so everything else is formatted at once and written at the end.
"""

import codecs
import json
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape  # xml.sax.saxutils does the same, and imports urllib for it
from typing import Final, TextIO

from wizard import __version__
from wizard.checks.results import FileResult
from wizard.domain.exits import Exit, exit_for, worst
from wizard.domain.legible import is_hidden, visible
from wizard.findings import Finding, Verdict
from wizard.text import Texts
from wizard.ui.report import finding_word

SCHEMA_VERSION: Final = 1
_TOOL: Final = "tripletex-wizard"

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class Report(ABC):
    """A report of ``validate``, to which results are added as they arrive.

    Attributes:
        counts: The number of configs by verdict.
        warned: The number of configs with a warning, whatever their verdict.
    """

    def __init__(self, out: TextIO, t: Texts) -> None:
        self.counts: Counter[Verdict] = Counter()
        self.warned = 0
        self.exit_code = Exit.DONE
        self._out = out
        self._t = t
        self._begun = time.monotonic()

    def add(self, result: FileResult) -> None:
        """Add a result."""
        self.counts[result.status] += 1
        self.warned += result.has_warning
        self.exit_code = worst((self.exit_code, exit_for(result.findings)))
        self._add(result)

    @property
    def duration(self) -> float:
        """Seconds since the report was created."""
        return round(time.monotonic() - self._begun, 3)

    @abstractmethod
    def finish(self) -> None:
        """Write the rest of the report, including the totals."""

    @abstractmethod
    def _add(self, result: FileResult) -> None:
        """Format a result."""


class JsonReport(Report):
    """A report as JSON, described by ``report.schema.json``."""

    def __init__(self, out: TextIO, t: Texts) -> None:
        super().__init__(out, t)
        self._lines: list[str] = []

    def _add(self, result: FileResult) -> None:
        self._lines.append(dump(_result(result, self._t), self._out.encoding))

    def finish(self) -> None:
        """Write the whole document."""
        values: dict[str, Json] = {
            "generated": datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
            "duration_s": self.duration,
            "summary": {verdict.value: self.counts[verdict] for verdict in Verdict},
        }
        write_document(self._out, values, {"results": self._lines})


def write_document(out: TextIO, values: Mapping[str, Json], lists: Mapping[str, Iterable[str]]) -> None:
    """Write a JSON document: the common head of all reports, then values, then lists of dumped items."""
    head: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": _TOOL, "version": __version__},
        **values,
    }
    out.write("{")
    out.writelines(f'\n  "{name}": {dump(value, out.encoding)},' for name, value in head.items())
    for index, (name, items) in enumerate(lists.items()):
        out.write(f'{"," if index else ""}\n  "{name}": [')
        number = 0
        for number, item in enumerate(items, start=1):
            out.write(f"{',' if number > 1 else ''}\n    {item}")
        out.write("\n  ]" if number else "]")
    out.write("\n}\n")


def dump(value: Json, encoding: str | None) -> str:
    """Return JSON on one line for an encoding, without invisible characters.

    Invisible characters are escaped, and so are characters outside ASCII unless the encoding is UTF-8.
    """
    is_utf_8 = encoding is None or codecs.lookup(encoding).name == "utf-8"
    text = json.dumps(_sound(value), ensure_ascii=not is_utf_8)
    if text.isprintable():
        return text
    return "".join(json.dumps(char)[1:-1] if is_hidden(char) else char for char in text)


def finding_document(finding: Finding, t: Texts) -> dict[str, Json]:
    """Return a finding in the form that all JSON reports use."""
    return {
        "code": finding.code.id,
        "severity": finding.severity.value,
        "message": finding.message(t),
        "hint": finding.hint(t),
        "step": finding.step.value if finding.step else None,
        "line": finding.position.line if finding.position else None,
        "column": finding.position.column if finding.position else None,
        "request_id": finding.request_id,
    }


def _result(result: FileResult, t: Texts) -> Json:
    company, key = result.company, result.key
    return {
        "path": result.path,
        "status": result.status.value,
        "setup": result.setup.value if result.setup else None,
        "environment": result.environment.value if result.environment else None,
        "company": {"name": company.name, "org_number": company.org_number} if company else None,
        "key": {
            "id": key.id,
            "installed": key.installed.isoformat() if key.installed else None,
            "age_days": key.age_days,
        }
        if key
        else None,
        "checks": [{"check": name, "status": status} for name, status in result.check_statuses()],
        "findings": [finding_document(finding, t) for finding in result.findings],
    }


def _sound(value: Json) -> Json:
    """Escape lone surrogates, which file names may contain but strict JSON parsers reject."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case list():
            return [_sound(item) for item in value]
        case dict():
            return {name: _sound(item) for name, item in value.items()}
        case _:
            return value


class JunitReport(Report):
    """A report as JUnit XML, with a test case for each config.

    A config that is wrong is a ``failure``, and one that could not be checked is an ``error``. The latter is
    not ``skipped``, because the run would then pass. Warnings and notes are written to ``system-out``.
    """

    def __init__(self, out: TextIO, t: Texts) -> None:
        super().__init__(out, t)
        self._cases: list[str] = []

    def _add(self, result: FileResult) -> None:
        self._cases.append(_case(result, self._t))

    def finish(self) -> None:
        """Write the whole document in ASCII, so that it is valid in any encoding."""
        out, invalid, unknown = self._out, self.counts[Verdict.INVALID], self.counts[Verdict.UNKNOWN]
        counts = f'tests="{self.counts.total()}" failures="{invalid}" errors="{unknown}"'
        out.write('<?xml version="1.0" encoding="utf-8"?>\n')
        out.write(f'<testsuites name="{_TOOL}" {counts}>\n')
        out.write(f'  <testsuite name="{_TOOL} validate" {counts} skipped="0" time="{self.duration}">\n')
        out.writelines(self._cases)
        out.write("  </testsuite>\n</testsuites>\n")


def _case(result: FileResult, t: Texts) -> str:
    errors = [finding for finding in result.findings if finding.is_error]
    notes = [finding for finding in result.findings if not finding.is_error]
    about = _attributes(classname=f"{_TOOL}.validate", name=result.path, file=result.path)
    lines = [f"    <testcase{about}>"]
    if result.status is not Verdict.VALID:
        tag = "failure" if result.status is Verdict.INVALID else "error"
        # The message of the case is that of the first certain error, if there is one.
        first = min(errors, key=lambda finding: finding.code.is_unknown, default=None)
        about = _attributes(type=first.code.id, message=first.message(t)) if first else ""
        lines.append(f"      <{tag}{about}>{_as_text(errors, result.path, t)}</{tag}>")
    if notes:
        lines.append(f"      <system-out>{_as_text(notes, result.path, t)}</system-out>")
    lines.append("    </testcase>")
    return "\n".join(lines).encode("ascii", "xmlcharrefreplace").decode() + "\n"


def _as_text(findings: Iterable[Finding], path: str, t: Texts) -> str:
    lines: list[str] = []
    for finding in findings:
        place = f"{path}:{finding.position.line}:{finding.position.column}: " if finding.position else ""
        lines.append(f"{place}{finding_word(finding, t)} {finding.code.id}: {finding.message(t)}")
        lines.append(t("Advice: {hint}", hint=finding.hint(t)))
        if finding.request_id:
            lines.append(t("Tripletex's request id: {request}", request=finding.request_id))
    return escape("\n".join(map(visible, lines)), quote=False)


def _attributes(**values: str | None) -> str:
    return "".join(
        f' {name}="{escape(visible(value))}"' for name, value in values.items() if value is not None
    )


_METRIC: Final = "tripletex_wizard_"
_METRICS: Final = {
    "config_status": "1 for the status of a config in the last run: valid, invalid or unknown.",
    "check_status": "1 for the status of a check of a config: valid, warning, invalid or unknown.",
    "key_age_days": "Days since the key of a config was installed.",
    "run_timestamp_seconds": "When the last run ended, in seconds since 1970.",
    "run_duration_seconds": "How long the last run took.",
}


class PrometheusReport(Report):
    """A report in Prometheus' text format, for the textfile collector of its node exporter.

    Only the series of the current status is written, so that those of former statuses end.
    """

    def __init__(self, out: TextIO, t: Texts) -> None:
        super().__init__(out, t)
        self._samples: dict[str, list[str]] = {name: [] for name in _METRICS}

    def _add(self, result: FileResult) -> None:
        path = result.path
        self._sample(
            "config_status",
            1,
            path=path,
            setup=result.setup.value if result.setup else "",
            environment=result.environment.value if result.environment else "",
            status=result.status.value,
        )
        for name, status in result.check_statuses():
            self._sample("check_status", 1, path=path, check=name, status=status)
        if (key := result.key) is not None and key.age_days is not None:
            self._sample("key_age_days", key.age_days, path=path, key=str(key.id or ""))

    def _sample(self, name: str, value: float, **labels: str) -> None:
        pairs = ",".join(f'{label}="{_label(text)}"' for label, text in labels.items())
        self._samples[name].append(f"{_METRIC}{name}{{{pairs}}} {value}\n")

    def finish(self) -> None:
        """Write every metric with its samples, in UTF-8 as the format requires."""
        reconfigure = getattr(self._out, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8")
        self._samples["run_timestamp_seconds"] = [f"{_METRIC}run_timestamp_seconds {time.time():.0f}\n"]
        self._samples["run_duration_seconds"] = [f"{_METRIC}run_duration_seconds {self.duration}\n"]
        for name, samples in self._samples.items():
            if samples:
                self._out.write(f"# HELP {_METRIC}{name} {_METRICS[name]}\n# TYPE {_METRIC}{name} gauge\n")
                self._out.writelines(samples)


def _label(text: str) -> str:
    """Escape the value of a label, including control characters and bytes that are not UTF-8."""
    readable = visible(text, keep="\n")
    return readable.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
