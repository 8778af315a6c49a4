from pathlib import Path

import pytest

from tests.support.forked import ForkedHome
from tests.support.sandbox import Sandbox


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> ForkedHome:
    """Return a home that knows the consumer token of the sandbox."""
    return ForkedHome(tmp_path, {"TRIPLETEX_CONSUMER_TOKEN": sandbox.world.consumer_token}, sandbox)
