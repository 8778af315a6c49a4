from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from tests.tripletex.certificates import Certificates
from tests.tripletex.stage import Stage

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


@pytest.fixture(autouse=True)
def plain_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's own proxy and authorities out of the tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))
