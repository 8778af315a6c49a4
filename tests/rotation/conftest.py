from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rotation.rig import Rig
from tests.support.sandbox import Sandbox


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    sandbox = Sandbox()
    with sandbox.serve() as base_url:
        yield Rig(tmp_path, sandbox, base_url)
