"""The report for monitoring, read as a scraper would."""

import re

from tests.ui.report.samples import BAD, EVERY, GOOD, HOSTILE, WARNED, checked, report, result
from wizard.findings import codes

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


def test_checks_and_the_age_of_keys_are_told() -> None:
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


def test_it_is_well_formed_utf_8_whatever_a_file_is_called() -> None:
    for encoding in ("utf-8", "ascii", "latin-1"):
        text = report("prometheus", [*EVERY, result(f'a\\b"{HOSTILE}\n.toml')], encoding=encoding)
        samples(text)
        assert "café" in text
        assert r'path="a\\b\"' in text
