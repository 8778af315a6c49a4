"""Texts of configs for tests."""

from datetime import date

from wizard.config.reading import Config, Reading, parse_config
from wizard.domain.reference import EnvReference, KeyringReference
from wizard.domain.setup import Environment, Setup
from wizard.text import Texts

ENGLISH = Texts("en")
NORWEGIAN = Texts("nb")

GOOD = """\
schema_version = 1

[tripletex]
environment = "production"
application = "VismaFinale"

[finale]
setup = "bureau-client"
org_number = "974760673"

[credentials]
employee_token = { keyring = "production/2147628461" }
consumer_token = { env = "TRIPLETEX_CONSUMER_TOKEN" }

[key]
id = 2147628461
installed = 2026-11-22
"""

CLIENT = Config(
    environment=Environment.PRODUCTION,
    base_url=None,
    application="VismaFinale",
    setup=Setup.BUREAU_CLIENT,
    org_number="974760673",
    clients=(),
    employee_token=KeyringReference("production/2147628461"),
    consumer_token=EnvReference("TRIPLETEX_CONSUMER_TOKEN"),
    key_id=2147628461,
    installed=date(2026, 11, 22),
    previous=None,
)
"""What ``GOOD`` says."""

SHARED = GOOD.replace("bureau-client", "bureau-shared").replace("974760673", "%ORGNR%")
SINGLE = GOOD.replace("bureau-client", "single-company").replace("974760673", "")
SANDBOX = SINGLE.replace(
    'environment = "production"', 'environment = "sandbox"\nbase_url = "http://127.0.0.1:8765/v2"'
)


def ids(reading: Reading) -> list[str]:
    """Return the codes of all findings, in order."""
    return [finding.code.id for finding in reading.findings]


def messages(reading: Reading) -> list[str]:
    """Return all messages about a config, in English."""
    return [finding.message(ENGLISH) for finding in reading.findings]


def places(reading: Reading) -> list[tuple[int, int] | None]:
    """Return line and column of all findings."""
    return [
        (place.line, place.column) if (place := finding.position) else None for finding in reading.findings
    ]


def config_of(text: str) -> Config:
    """Return the config of a good text."""
    reading = parse_config(text)
    assert reading.config is not None, messages(reading)
    return reading.config
