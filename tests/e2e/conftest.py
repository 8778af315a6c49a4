from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.forked import ForkedHome
from tests.support.home import Home, home_in
from tests.support.sandbox import Sandbox


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> Iterator[Home]:
    """Return the home of a Norwegian user, whose site says where configs and keys go."""
    with home_in(tmp_path, sandbox, ForkedHome) as home:
        home.variables["TRIPLETEX_WIZARD_LANG"] = "nb"
        home.furnish()
        yield home
