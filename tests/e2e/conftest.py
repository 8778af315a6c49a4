from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.house import House, house_in


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Lay out a home and a sandbox; at the end no session may be open."""
    with house_in(tmp_path) as house:
        yield house
