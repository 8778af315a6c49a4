"""Fixtures for all tests, and the option that lets tests talk to Tripletex itself."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.certificates import Authority
from tests.support.forked import ForkedHome
from tests.support.guard import Guard
from tests.support.home import VARIABLE, home_in
from tests.support.sandbox import Sandbox
from tests.support.stage import serve, stage

__all__ = ["serve", "stage"]

# The same examples every time in continuous integration, new ones every time on the machine of a developer.
settings.register_profile("judged", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("judged")

# Under nohup and in the background of a script these signals are ignored, and so they would be
# by every program that a test starts.
for _number in (signal.SIGHUP, signal.SIGQUIT):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--draw", action="store_true", help="draw the screens of tests/ui/tui again")
    parser.addoption("--live", action="store_true", help="also run the tests that talk to Tripletex itself")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--live"):
        return
    skip = pytest.mark.skip(reason="talks to Tripletex itself: needs --live")
    for item in items:
        if item.get_closest_marker("live"):
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Fail every test in which a program let a token of its sandbox out; see ``tests/support/guard.py``."""
    Guard.at_work.clear()
    yield
    for guard in Guard.at_work:
        guard.check()


@pytest.fixture
def sandbox() -> Sandbox:
    """Return a Tripletex with the seeded companies and keys; ``base_url`` serves it."""
    return Sandbox()


@pytest.fixture
def base_url(sandbox: Sandbox) -> Iterator[str]:
    """Serve the sandbox until the test ends."""
    with sandbox.serve() as url:
        yield url


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> Iterator[ForkedHome]:
    """Return a home in whose environment is the consumer token."""
    with home_in(tmp_path, sandbox, ForkedHome) as home:
        home.variables[VARIABLE] = sandbox.world.consumer_token
        yield home


@pytest.fixture(autouse=True)
def plain_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's proxy and authorities out of the tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return a certificate authority that nothing trusts by itself."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def system_program() -> Callable[[str], str]:
    """Find a program of the system, such as ``strace``; without it the test is skipped.

    Where ``WIZARD_REQUIRE_SYSTEM`` is set, as it is in continuous integration, the test fails
    instead: a skipped test proves nothing.
    """

    def find(name: str) -> str:
        # Daemons lie where an ordinary user's PATH does not look.
        path = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
        if path is None:
            message = f"{name} is not installed"
            if os.environ.get("WIZARD_REQUIRE_SYSTEM"):
                pytest.fail(message)
            pytest.skip(message)
        return path

    return find
