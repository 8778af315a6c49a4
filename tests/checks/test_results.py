"""What checking configs comes to."""

import pytest

from wizard.checks.results import FileResult, Summary
from wizard.findings import Verdict


@pytest.mark.parametrize(
    ("statuses", "together"),
    [
        ((), Verdict.VALID),
        ((Verdict.VALID,), Verdict.VALID),
        ((Verdict.VALID, Verdict.UNKNOWN), Verdict.UNKNOWN),
        ((Verdict.UNKNOWN, Verdict.INVALID, Verdict.VALID), Verdict.INVALID),
    ],
)
def test_wrong_wins_over_unknown(statuses: tuple[Verdict, ...], together: Verdict) -> None:
    summary = Summary()
    for status in statuses:
        summary = summary.including(status)
    assert summary.verdict is together
    assert summary.total == len(statuses)
    assert summary.unknown == statuses.count(Verdict.UNKNOWN)


def test_a_result_does_not_show_the_text_of_its_file() -> None:
    result = FileResult(path="a.toml", status=Verdict.INVALID, text="employee_token = 'secret'")
    assert repr(result) == "FileResult('a.toml', invalid)"
