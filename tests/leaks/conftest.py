from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.forked import ForkedHome
from tests.support.home import Home, home_in
from tests.support.sandbox import Sandbox


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> Iterator[Home]:
    """Return a home for which an administrator has provided the consumer token and nothing else."""
    with home_in(tmp_path, sandbox, ForkedHome) as home:
        home.furnish("")
        yield home
