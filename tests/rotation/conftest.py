from pathlib import Path

import pytest

from tests.support.rotation import Rig
from tests.support.sandbox import Sandbox


@pytest.fixture
def rig(tmp_path: Path, sandbox: Sandbox, base_url: str) -> Rig:
    return Rig(tmp_path, sandbox, base_url)
