"""A sandbox, and a home that knows its consumer token."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.forked import ForkedHome
from tests.support.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def base_url(sandbox: Sandbox) -> Iterator[str]:
    with sandbox.serve() as url:
        yield url


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> ForkedHome:
    return ForkedHome(tmp_path, {"TRIPLETEX_CONSUMER_TOKEN": sandbox.world.consumer_token})
