from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.actions.setup.walker import T, Walker
from tests.support.sandbox import Sandbox
from wizard.actions.context import AppContext
from wizard.actions.defaults import SiteDefaults
from wizard.actions.setup import SetupRun
from wizard.domain.environment import Environment
from wizard.flow.answers import Answers


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def base_url(sandbox: Sandbox) -> Iterator[str]:
    with sandbox.serve() as url:
        yield url


@pytest.fixture
def context(tmp_path: Path, sandbox: Sandbox) -> AppContext:
    inside = AppContext.inside(tmp_path, SiteDefaults())
    return replace(inside, environ={"TRIPLETEX_CONSUMER_TOKEN": sandbox.world.consumer_token})


@pytest.fixture
def answers(base_url: str) -> Answers:
    return Answers(environment=Environment.SANDBOX, base_url=base_url, store="file")


@pytest.fixture
def walker(context: AppContext, answers: Answers) -> Walker:
    return Walker(SetupRun(context, answers, T))
