from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.tripletex.stage import Stage
from wizard.sandbox import Sandbox

Serve = Callable[..., Stage]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return what serves a sandbox until the test ends."""
    with ExitStack() as stack:

        def begin(**ways: Any) -> Stage:  # noqa: ANN401 - whatever a sandbox takes
            sandbox = Sandbox(**ways)
            return Stage(sandbox, stack.enter_context(sandbox.serve()))

        yield begin


@pytest.fixture
def stage(serve: Serve) -> Stage:
    """Return the seeded sandbox with its usual ways."""
    return serve()
