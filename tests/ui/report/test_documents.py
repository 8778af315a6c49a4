"""The reports that programs read: JSON, JUnit and Prometheus."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema

from tests.support.rows import every_row
from tests.ui.report.samples import BAD, EVERY, EVIL, GOOD, HOSTILE, OPEN, WARNED, checked, report, result
from wizard import __version__
from wizard.domain.legible import is_hidden
from wizard.findings import StepId, codes
from wizard.findings.codes import ALL_CODES
from wizard.ui import report as room

SCHEMA = json.loads(Path(room.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@every_row("step", [*StepId, None])
def test_the_schema_allows_every_step(step: StepId | None) -> None:
    jsonschema.validate(step, SCHEMA["$defs"]["finding"]["properties"]["step"])


@every_row("results", [(), (GOOD,), EVERY], ids=len)
@every_row("encoding", ["utf-8", "ascii", "latin-1"])
def test_the_json_report_follows_its_schema(results: tuple[object, ...], encoding: str) -> None:
    document = json.loads(report("json", [each for each in EVERY if each in results], encoding=encoding))
    VALIDATOR.validate(document)
    assert len(document["results"]) == len(results)
    assert list(document) == ["schema_version", "tool", "generated", "duration_s", "summary", "results"]


def test_the_json_report_matches_its_documentation() -> None:
    document = json.loads(report("json", [GOOD, BAD]))
    assert document["tool"] == {"name": "tripletex-wizard", "version": __version__}
    assert document["summary"] == {"valid": 1, "invalid": 1, "unknown": 0}
    good, bad = document["results"]
    assert good == {
        "path": "clients/demo.toml",
        "status": "valid",
        "setup": "single-company",
        "environment": "production",
        "company": {"name": "Demo AS", "org_number": "974760673"},
        "key": None,
        "checks": [],
        "findings": [],
    }
    assert list(bad) == ["path", "status", "setup", "environment", "company", "key", "checks", "findings"]
    assert bad["company"] is None
    assert list(bad["findings"][0]) == [
        "code",
        "severity",
        "message",
        "hint",
        "step",
        "line",
        "column",
        "request_id",
    ]
    assert bad["findings"][1] == {
        "code": "TW407",
        "severity": "error",
        "message": "The key has no access to the client 971 032 146.",
        "hint": "Give it Klienttilgang in Tripletex, and check again.",
        "step": "client_access",
        "line": None,
        "column": None,
        "request_id": "req-1",
    }
    assert (bad["findings"][0]["line"], bad["findings"][0]["column"]) == (5, 14)


def test_the_json_report_has_the_key_and_the_checks() -> None:
    checks = (checked("log_on"), checked("client", codes.CLIENT_ACCESS_MISSING.found(number="971032146")))
    document = json.loads(report("json", [WARNED, replace(GOOD, checks=checks)]))
    VALIDATOR.validate(document)
    assert document["results"][0]["key"] == {"id": 84204, "installed": "2025-07-14", "age_days": 500}
    assert document["results"][1]["checks"] == [
        {"check": "log_on", "status": "valid"},
        {"check": "client", "status": "invalid"},
    ]
    assert datetime.fromisoformat(document["generated"]).utcoffset() is not None


def test_every_value_reads_back_the_same_in_every_encoding() -> None:
    documents = [json.loads(report("json", EVERY, encoding=encoding)) for encoding in ("utf-8", "latin-1")]
    assert documents[0]["results"] == documents[1]["results"]
    name = documents[0]["results"][3]["company"]["name"]
    assert name == HOSTILE.replace("\udcff", "\\udcff").replace("\ud800", "\\ud800")


def test_the_json_report_keeps_letters_and_escapes_controls() -> None:
    written = report("json", EVERY)
    assert "café" in written
    assert all(line.isprintable() for line in written.split("\n"))
    assert report("json", [EVIL], encoding="ascii").isascii()


def test_messages_are_in_the_reader_s_language() -> None:
    texts = [json.loads(report("json", [BAD], language=language)) for language in ("nb", "en")]
    assert texts[1]["results"][0]["findings"][0]["message"].startswith("The check digit")
    assert texts[0]["results"][0]["findings"][0]["code"] == "TW202"


@every_row("code", ALL_CODES)
def test_the_schema_allows_every_code(code: str) -> None:
    jsonschema.validate(code, SCHEMA["$defs"]["finding"]["properties"]["code"])


LARGE = """
import sys
from dataclasses import replace
from tests.ui.report.samples import BAD, TEXT
from wizard.text import Texts
from wizard.ui.report.text import new_report

class Nowhere:
    encoding = "utf-8"
    size = 0
    def write(self, text): self.size += len(text)
    def writelines(self, lines):
        for line in lines: self.write(line)

out = Nowhere()
report = new_report(sys.argv[1], out, Texts("nb"))
for number in range(10_000):
    report.add(replace(BAD, path=f"clients/{number}.toml", text=TEXT + f"# {number}" * 1000))
report.finish()
(peak,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(out.size, peak)
"""


@every_row("wanted", ["json", "junit", "prometheus", "text"])
def test_ten_thousand_configs_need_little_memory(wanted: str) -> None:
    # Not what getrusage calls the largest resident set: a process begins as a copy of its parent, and there
    # that counts.
    ran = subprocess.run(
        [sys.executable, "-c", LARGE, wanted],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    size, kibibytes = map(int, ran.stdout.split())
    assert size > (5_000_000 if wanted in {"json", "junit"} else 500)
    assert kibibytes < 60 * 1024


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text.encode())  # noqa: S314 - our own output


def test_each_config_is_a_case_of_one_suite() -> None:
    root = parsed(report("junit", EVERY))
    (suite,) = root
    for element in (root, suite):
        assert (element.get("tests"), element.get("failures"), element.get("errors")) == ("4", "2", "1")
    assert suite.get("skipped") == "0"
    assert [case.get("name") for case in suite][:3] == [GOOD.path, BAD.path, OPEN.path]
    assert {case.get("classname") for case in suite} == {"tripletex-wizard.validate"}
    assert suite[0].get("file") == GOOD.path
    assert [[child.tag for child in case] for case in suite] == [
        [],
        ["failure", "system-out"],
        ["error"],
        ["failure", "system-out"],
    ]


def test_a_failure_lists_every_finding_with_its_position() -> None:
    failure = parsed(report("junit", [BAD]))[0][0][0]
    assert failure.get("type") == "TW202"
    assert (failure.get("message") or "").startswith("The check digit of 974 760 674")
    message = failure.get("message")
    assert (failure.text or "").splitlines() == [
        f"clients/acme.toml:5:14: error TW202: {message}",
        "Advice: Compare it with brreg.no. Two digits are often swapped.",
        "error TW407: The key has no access to the client 971 032 146.",
        "Advice: Give it Klienttilgang in Tripletex, and check again.",
        "Tripletex's request id: req-1",
    ]


def test_an_error_is_the_message_of_a_failure() -> None:
    mixed = result(
        "a.toml", codes.SERVER_TROUBLE.found(status=503), codes.KEY_REJECTED.found(application="X")
    )
    assert parsed(report("junit", [mixed]))[0][0][0].get("type") == "TW402"


@every_row("encoding", ["ascii", "latin-1", "utf-8"])
def test_the_junit_report_is_well_formed_for_any_path(encoding: str) -> None:
    text = report("junit", [EVIL, OPEN], encoding=encoding)
    assert text.isascii()
    assert parsed(text)[0][1].get("name") == "clients/café.toml"
    assert "]]>&<" in (parsed(text)[0][0].get("name") or "")


LABELS = r'\{(?:[a-z]+="(?:[^"\\\n]|\\[\\n"])*"(?:,(?=[a-z])|(?=\})))*\}'
SAMPLE = re.compile(rf"(?P<name>tripletex_wizard_[a-z_]+)(?P<labels>{LABELS})? (?P<value>\d+(?:\.\d+)?)")


def samples(text: str) -> dict[str, list[str]]:
    """Return the samples of each metric; fail on what the text format does not allow."""
    found: dict[str, list[str]] = {}
    typed = []
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            continue
        if line.startswith("# TYPE "):
            typed.append(line.split()[2])
            assert line.endswith(" gauge")
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        assert match["name"] == typed[-1], "the samples of a metric belong together, below its type"
        found.setdefault(match["name"], []).append(f"{match['labels'] or ''} {match['value']}")
    assert len(typed) == len(set(typed))
    return found


def test_each_config_has_the_series_of_its_status_only() -> None:
    told = samples(report("prometheus", [GOOD, BAD]))
    assert told["tripletex_wizard_config_status"] == [
        '{path="clients/demo.toml",setup="single-company",environment="production",status="valid"} 1',
        '{path="clients/acme.toml",setup="bureau-client",environment="test",status="invalid"} 1',
    ]
    assert "tripletex_wizard_check_status" not in told
    assert len(told["tripletex_wizard_run_timestamp_seconds"]) == 1
    assert len(told["tripletex_wizard_run_duration_seconds"]) == 1


def test_the_metrics_have_checks_and_the_age_of_keys() -> None:
    checks = (
        checked("log_on"),
        checked("company", codes.KEY_TOO_OLD.found(days=1, limit=1)),
    )
    told = samples(report("prometheus", [WARNED, result("a.toml", checks=checks)]))
    assert told["tripletex_wizard_key_age_days"] == ['{path="clients/old.toml",key="84204"} 500']
    assert told["tripletex_wizard_check_status"] == [
        '{path="a.toml",check="log_on",status="valid"} 1',
        '{path="a.toml",check="company",status="warning"} 1',
    ]


def test_the_metrics_are_well_formed_for_any_path() -> None:
    for encoding in ("utf-8", "ascii", "latin-1"):
        text = report("prometheus", [*EVERY, result(f'a\\b"{HOSTILE}\n.toml')], encoding=encoding)
        samples(text)
        assert "café" in text
        assert r'path="a\\b\"' in text
        assert not any(is_hidden(char) for char in text if char != "\n")
