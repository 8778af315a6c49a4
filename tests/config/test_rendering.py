"""The text of a new config: calm, the same every time, and it says what it is to say."""

import tomllib
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.config.texts import ENGLISH, NORWEGIAN, config_of, ids
from tests.support.rows import every_row
from wizard.config.editing import render
from wizard.config.model import Config
from wizard.config.reading import parse_config
from wizard.domain.org_number import has_valid_check_digit
from wizard.domain.reference import CommandReference, EnvReference, FileReference, KeyringReference
from wizard.domain.setup import Environment, Setup

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


def test_a_new_config_has_the_documented_layout() -> None:
    assert (
        render(CLIENT, NORWEGIAN)
        == """\
# Koblingen mellom Tripletex og Visma Finale, skrevet av tripletex-wizard.
# Nøkkelen er ikke i denne filen, bare hvor den hentes.
schema_version = 1

[tripletex]
environment = "production"
application = "VismaFinale"

[finale]
setup = "bureau-client"
# OrgNr i Finale: organisasjonsnummeret til klienten.
org_number = "974760673"

[credentials]
employee_token = { keyring = "production/2147628461" }
consumer_token = { env = "TRIPLETEX_CONSUMER_TOKEN" }

[key]
id = 2147628461
installed = 2026-11-22
"""
    )


def test_a_new_config_says_that_its_key_was_not_tested() -> None:
    untried = render(CLIENT, ENGLISH, is_proven=False)
    assert "# The key had not been tested against Tripletex when this was written.\n" in untried
    assert config_of(untried) == CLIENT
    assert "tried" not in render(CLIENT, ENGLISH)


def test_unknown_facts_about_a_key_are_left_out() -> None:
    config = Config(
        environment=Environment.SANDBOX,
        base_url="http://127.0.0.1:8765/v2",
        application="A",
        setup=Setup.SINGLE_COMPANY,
        org_number="",
        clients=(),
        employee_token=FileReference("key"),
        consumer_token=None,
        key_id=None,
        installed=None,
        previous=None,
    )
    text = render(config, ENGLISH)
    assert "[key]" not in text
    assert "consumer" not in text
    assert 'org_number = ""\n' in text
    assert config_of(text) == config


words = st.text(min_size=1, max_size=12)
references = st.one_of(
    words.map(KeyringReference),
    words.map(FileReference),
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True).map(EnvReference),
    st.lists(words, min_size=1, max_size=3).map(lambda command: CommandReference(tuple(command))),
)
numbers = st.integers(80_000_000, 99_999_999).map(
    lambda first: next(
        (f"{first}{last}" for last in range(10) if has_valid_check_digit(f"{first}{last}")), ""
    )
)
configs = st.builds(
    Config,
    environment=st.sampled_from([Environment.PRODUCTION, Environment.TEST]),
    base_url=st.none(),
    application=words,
    setup=st.just(Setup.BUREAU_SHARED),
    org_number=st.just("%ORGNR%"),
    clients=st.lists(numbers.filter(bool), max_size=6, unique=True).map(tuple),
    employee_token=references,
    consumer_token=st.none() | references,
    key_id=st.none() | st.integers(1, 2**63 - 1),
    installed=st.none() | st.dates(),
    previous=st.none() | references,
)


@given(configs)
def test_every_rendered_config_is_toml_and_reads_back_the_same(config: Config) -> None:
    text = render(config, ENGLISH)
    assert text.endswith("\n")
    assert tomllib.loads(text)["tripletex"]["application"] == config.application
    reading = parse_config(text)
    if reading.config is not None:
        assert reading.config == config
    else:
        assert set(ids(reading)) <= {"TW112", "TW320"}


@every_row("count", [1, 4, 5, 3000])
def test_every_client_has_its_own_line(count: int) -> None:
    clients = tuple(f"{800_000_000 + number}" for number in range(count))
    text = render(replace(CLIENT, clients=clients), ENGLISH)
    assert tomllib.loads(text)["finale"]["clients"] == list(clients)
    assert ("clients = [\n" in text) == (count > 4)
