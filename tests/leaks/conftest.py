from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.house import House, stage_in

Serve = Callable[..., House]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Return a function that serves a sandbox, with the behaviour that it is given, until the test ends."""
    with ExitStack() as stack:

        def begin(**ways: Any) -> House:  # noqa: ANN401 - whatever a sandbox takes
            return stack.enter_context(stage_in(tmp_path, **ways))

        yield begin


@pytest.fixture
def stage(serve: Serve) -> House:
    """Return a house with the usual sandbox."""
    return serve()
