"""A new machine for every test, and a Tripletex behind TLS that refuses every key."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.certificates import Authority
from tests.support.servers import Stranger, serving
from wizard.context import AppContext
from wizard.doctor.observation import Machine, Terminal
from wizard.site import SiteDefaults

NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


class NewMachine(Protocol):
    """Makes a machine with an empty home, no keyring and no addresses unless they are given."""

    def __call__(
        self, *base_urls: str, environ: Mapping[str, str] | None = None, defaults: SiteDefaults | None = None
    ) -> Machine: ...


@pytest.fixture(autouse=True)
def private_umask() -> Iterator[None]:
    """Let new files be private, as the program does first of all."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.fixture
def stranger(certificates: Authority, monkeypatch: pytest.MonkeyPatch) -> Stranger:
    """Return a Tripletex that this process trusts; ``base_url`` serves it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.path))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    return Stranger()


@pytest.fixture
def base_url(stranger: Stranger, certificates: Authority) -> Iterator[str]:
    """Serve that Tripletex until the test ends."""
    with serving(stranger.respond, certificates.context("127.0.0.1")) as server:
        yield server.base_url.replace("http:", "https:")


@pytest.fixture
def new_machine(tmp_path: Path) -> NewMachine:
    """Return what makes a machine."""

    def make(
        *base_urls: str, environ: Mapping[str, str] | None = None, defaults: SiteDefaults | None = None
    ) -> Machine:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        context = replace(
            AppContext.inside(home / "wizard", defaults or SiteDefaults()),
            environ={"HOME": str(home), "XDG_CONFIG_DIRS": str(home), **NO_KEYRING, **(environ or {})},
        )
        terminal = Terminal(
            is_stdin=True,
            is_stderr=True,
            columns=80,
            lines=24,
            encoding="utf-8",
            face="in full screen",
            reason=None,
        )
        return Machine(context, terminal, base_urls=base_urls)

    return make


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the home of every new machine."""
    folder = tmp_path / "home"
    folder.mkdir(exist_ok=True)
    return folder
