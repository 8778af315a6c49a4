"""Against Tripletex's own test environment, for people who have an account there.

TRIPLETEX_LIVE_CONSUMER_TOKEN_FILE=… TRIPLETEX_LIVE_EMPLOYEE_TOKEN_FILE=… pytest --live -m live
"""

import os
from pathlib import Path

import pytest

from wizard.checks.outcomes import KeyFacts, Wanted
from wizard.checks.probe import KeyProbe
from wizard.checks.setup import check_setup
from wizard.domain.key import Secret
from wizard.domain.setup import DEFAULT_APPLICATION, Environment, KeyKind, Setup
from wizard.findings import Verdict
from wizard.tripletex.client import Tripletex

pytestmark = pytest.mark.live


def token(variable: str) -> Secret:
    path = os.environ.get(variable)
    if not path:
        pytest.fail(f"--live needs {variable}")
    return Secret(Path(path).read_text().strip())


async def test_a_key_of_the_test_environment_proves_itself() -> None:
    consumer = token("TRIPLETEX_LIVE_CONSUMER_TOKEN_FILE")
    employee = token("TRIPLETEX_LIVE_EMPLOYEE_TOKEN_FILE")
    async with (
        Tripletex.for_environment(Environment.TEST, None) as tripletex,
        KeyProbe(tripletex, consumer, employee, application=DEFAULT_APPLICATION) as examination,
    ):
        facts = await examination.facts()
        assert isinstance(facts, KeyFacts)
        assert facts.kind is not None
        setup = Setup.BUREAU_SHARED if facts.kind is KeyKind.OFFICE else Setup.SINGLE_COMPANY
        results = [result async for result in check_setup(examination, Wanted(setup))]
    assert results
    assert all(result.verdict is Verdict.VALID for result in results)
