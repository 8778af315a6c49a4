"""What tests of references and stores share, and a private D-Bus with a real gnome-keyring on it."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, new_method_call  # type: ignore[import-untyped]
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

from tests.keys import make_key
from tests.support.waiting import wait_for
from wizard.domain.key import Secret
from wizard.domain.reference import Reference
from wizard.domain.setup import Environment
from wizard.findings import Code, Finding, codes
from wizard.secrets.resolver import Resolver
from wizard.secrets.store import LogOn, ProofOfDeath
from wizard.text import Texts

KEY, OTHER = make_key(), make_key(1)


async def resolve(
    reference: Reference,
    config_path: Path | None = None,
    environment: Environment = Environment.PRODUCTION,
    **ways: Any,  # noqa: ANN401 - whatever Resolver takes
) -> Secret | Finding:
    """What a new resolver makes of a reference."""
    resolver = Resolver(**({"environ": {"PATH": os.environ["PATH"]}} | ways))
    return await resolver.resolve(reference, config_path=config_path, environment=environment)


def code_of(answer: object) -> Code:
    """What kind of finding an answer is; its texts are checked for the key."""
    assert isinstance(answer, Finding), f"no finding: {answer!r}"
    for language in Texts("en"), Texts("nb"):
        # A placeholder that was given no value would raise here.
        assert KEY.reveal() not in answer.message(language) + answer.hint(language)
    assert KEY.reveal() not in repr(answer)
    return answer.code


def proof_of_death(key: Secret) -> ProofOfDeath:
    """The proof that a run gives after Tripletex has refused a key and accepted another one."""
    consumer, url = make_key(90), "http://127.0.0.1:1/v2"
    tried = LogOn(key, consumer, url, codes.KEY_REJECTED.found())
    proof = ProofOfDeath.from_log_ons(tried, LogOn(make_key(91), consumer, url, None))
    assert proof is not None
    return proof


# No service folders: nothing is started on this bus but what a test starts, no prompter either.
_BUS_CONFIG = """
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="false"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
_PATIENCE = 10.0


@dataclass(frozen=True)
class SessionBus:
    """A private bus with its own home."""

    address: str
    home: Path

    @property
    def environ(self) -> dict[str, str]:
        """The variables of a session on this bus."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "DBUS_SESSION_BUS_ADDRESS": self.address,
        }

    def wait_for(self, name: str) -> None:
        """Wait until a name on the bus is owned."""
        bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        with open_dbus_connection(self.address) as connection:
            question = new_method_call(bus, "NameHasOwner", "s", (name,))
            wait_for(lambda: connection.send_and_get_reply(question, timeout=_PATIENCE).body[0], name)

    @contextmanager
    def program(self, *command: str, text: str = "") -> Iterator[None]:
        """Run a program on the bus for a while."""
        with subprocess.Popen(
            command,
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdin
            process.stdin.write(text.encode())
            process.stdin.close()
            try:
                yield
            finally:
                process.kill()


@pytest.fixture(scope="module")
def session_bus(
    system_program: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SessionBus]:
    """Run a bus of our own, on which nothing is started but what a test starts."""
    daemon = system_program("dbus-daemon")
    home = tmp_path_factory.mktemp("session")
    socket = home / "bus"
    config = home / "bus.conf"
    config.write_text(_BUS_CONFIG.format(socket=socket))
    command = [daemon, "--nofork", "--nopidfile", f"--config-file={config}", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout
        address = process.stdout.readline().decode().strip()
        assert address
        try:
            yield SessionBus(address, home)
        finally:
            process.kill()


@pytest.fixture
def on_bus(session_bus: SessionBus, monkeypatch: pytest.MonkeyPatch) -> SessionBus:
    """Let this process live in the session of the private bus."""
    for name, value in session_bus.environ.items():
        monkeypatch.setenv(name, value)
    return session_bus


@pytest.fixture
def unlocked_keyring(on_bus: SessionBus, system_program: Callable[[str], str]) -> Iterator[SessionBus]:
    """Run a keyring that is ready, as on a desktop."""
    daemon = system_program("gnome-keyring-daemon")
    with on_bus.program(daemon, "--foreground", "--components=secrets", "--unlock", text="password"):
        on_bus.wait_for("org.freedesktop.secrets")
        yield on_bus


@pytest.fixture
def locked_keyring(on_bus: SessionBus, system_program: Callable[[str], str]) -> Iterator[SessionBus]:
    """Run a keyring that nobody can unlock, as over SSH."""
    daemon = system_program("gnome-keyring-daemon")
    with on_bus.program(daemon, "--foreground", "--components=secrets", "--unlock", text="password"):
        on_bus.wait_for("org.freedesktop.secrets")
    with on_bus.program(daemon, "--foreground", "--components=secrets"):
        on_bus.wait_for("org.freedesktop.secrets")
        yield on_bus
        # keyring does not close its connection when the keyring is locked: let that not fall on
        # the test that comes next.
        gc.collect()


@pytest.fixture
def unused_keyring(
    on_bus: SessionBus, system_program: Callable[[str], str], tmp_path: Path
) -> Iterator[SessionBus]:
    """Run the keyring of a user who never had one, as on a server without a desktop."""
    fresh = replace(on_bus, home=tmp_path)
    with fresh.program(system_program("gnome-keyring-daemon"), "--foreground", "--components=secrets"):
        fresh.wait_for("org.freedesktop.secrets")
        yield fresh
        gc.collect()


@pytest.fixture
def silent_keyring(on_bus: SessionBus) -> Iterator[SessionBus]:
    """Let a program that never answers own the name of the keyring."""
    script = (
        "import time;"
        "from jeepney.bus_messages import message_bus;"
        "from jeepney.io.blocking import Proxy, open_dbus_connection;"
        "connection = open_dbus_connection();"
        "Proxy(message_bus, connection).RequestName('org.freedesktop.secrets');"
        "time.sleep(600)"
    )
    with on_bus.program(sys.executable, "-c", script):
        on_bus.wait_for("org.freedesktop.secrets")
        yield on_bus
