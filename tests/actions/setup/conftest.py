from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.actions.setup.walker import T, Walker
from wizard.actions.defaults import SiteDefaults
from wizard.actions.setup import SetupRun
from wizard.actions.surroundings import Surroundings
from wizard.domain.environment import Environment
from wizard.flow.answers import Answers
from wizard.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def base_url(sandbox: Sandbox) -> Iterator[str]:
    with sandbox.serve() as url:
        yield url


@pytest.fixture
def around(tmp_path: Path, sandbox: Sandbox) -> Surroundings:
    inside = Surroundings.inside(tmp_path, SiteDefaults())
    return replace(inside, environ={"TRIPLETEX_CONSUMER_TOKEN": sandbox.world.consumer_token})


@pytest.fixture
def answers(base_url: str) -> Answers:
    return Answers(environment=Environment.SANDBOX, base_url=base_url, store="file")


@pytest.fixture
def walker(around: Surroundings, answers: Answers) -> Walker:
    return Walker(SetupRun(around, answers, T))
