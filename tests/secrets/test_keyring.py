"""The keyring: which backend is used, a real one in every state, and calls that block."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import PasswordSetError

from tests.secrets.conftest import KEY, SessionBus, code_of, proof_of_death, resolve
from tests.support.keyrings import (
    HangingKeyring,
    LockedKeyring,
    LosingKeyring,
    MemoryKeyring,
    QuotingKeyring,
)
from tests.support.rows import every_row
from wizard import threads
from wizard.domain.reference import KeyringReference
from wizard.findings import Code, Finding, codes
from wizard.secrets.keyring_store import KeyringStore
from wizard.text import Texts
from wizard.threads import DaemonCalls

REFERENCE = KeyringReference("production/2147628461")
leaves_connections = pytest.mark.filterwarnings(
    "ignore:unclosed <socket:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(autouse=True)
def no_session_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove the session bus and the keyring settings of the user who runs the tests."""
    for name in ("DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


async def test_an_entry_is_kept_under_the_wizards_service() -> None:
    ring = MemoryKeyring()
    store = KeyringStore(ring)
    assert code_of(await store.get(REFERENCE)) is codes.NOT_IN_KEYRING
    assert await store.put(REFERENCE.entry, KEY) == REFERENCE
    assert await store.probe() is None
    assert ring.entries == {("tripletex-wizard", REFERENCE.entry): KEY.reveal()}


async def test_an_entry_made_by_hand_can_have_spaces_around_the_key() -> None:
    ring = MemoryKeyring()
    for text, expected in (f" {KEY.reveal()}\n", KEY), (" \n", codes.SECRET_EMPTY):
        ring.set_password("tripletex-wizard", REFERENCE.entry, text)
        answer = await KeyringStore(ring).get(REFERENCE)
        assert (code_of(answer) if isinstance(answer, Finding) else answer) == expected


@pytest.mark.system
async def test_a_config_can_refer_to_a_real_keyring(unlocked_keyring: SessionBus) -> None:
    store = KeyringStore()
    assert await store.put(REFERENCE.entry, KEY) == REFERENCE
    assert await resolve(REFERENCE, environ={}) == KEY
    assert await store.delete(REFERENCE, proof_of_death(KEY)) is None


class TestKeyringThatFails:
    @every_row(
        ("ring", "code"),
        [
            (LosingKeyring(), codes.STORE_LOSES),
            (null.Keyring(), codes.STORE_LOSES),  # type: ignore[no-untyped-call]
            (fail.Keyring(), codes.NO_KEYRING),  # type: ignore[no-untyped-call]
            (LockedKeyring(), codes.STORE_LOCKED),
            (QuotingKeyring(TimeoutError), codes.STORE_SILENT),
        ],
    )
    async def test_is_noticed_before_a_key_is_asked_for(self, ring: KeyringBackend, code: Code) -> None:
        assert code_of(await KeyringStore(ring).probe()) is code
        assert code_of(await KeyringStore(ring).put("production/1", KEY)) is code

    async def test_that_is_locked_leaves_a_config_unknown(self) -> None:
        store = KeyringStore(LockedKeyring())
        assert code_of(await store.get(REFERENCE)) is codes.STORE_LOCKED
        assert code_of(await store.delete(REFERENCE, proof_of_death(KEY))) is codes.STORE_LOCKED

    async def test_its_message_for_people_is_quoted_without_the_key_and_no_other_error(self) -> None:
        for error in ValueError, RuntimeError, PasswordSetError:
            answer = await KeyringStore(QuotingKeyring(error)).put("production/1", KEY)
            assert code_of(answer) is codes.STORE_BROKEN
            assert isinstance(answer, Finding)
            assert ("cannot keep ***" in answer.message(Texts("en"))) == (error is PasswordSetError)


class TestKeyringThatHangs:
    @pytest.fixture
    def ring(self) -> Iterator[HangingKeyring]:
        ring = HangingKeyring()
        yield ring
        ring.prompt_closed.set()

    async def test_does_not_block_the_screen(self, ring: HangingKeyring) -> None:
        beats = 0

        async def beat() -> None:
            nonlocal beats
            while True:
                beats += 1
                await asyncio.sleep(0.005)

        heart = asyncio.create_task(beat())
        answer = await KeyringStore(ring, deadline=0.1).get(REFERENCE)
        heart.cancel()
        assert code_of(answer) is codes.STORE_SILENT
        assert beats > 5

    async def test_is_not_waited_for_again_until_it_has_come_back(self, ring: HangingKeyring) -> None:
        store = KeyringStore(ring, deadline=0.5)
        await store.get(REFERENCE)
        asked = time.monotonic()
        assert code_of(await store.get(REFERENCE)) is codes.STORE_SILENT
        assert time.monotonic() - asked < 0.4
        assert await store.probe() is None
        assert await store.put(REFERENCE.entry, KEY) == REFERENCE

    async def test_stores_nothing_after_it_was_given_up(self, ring: HangingKeyring) -> None:
        store = KeyringStore(ring, deadline=0.05)
        before = threading.enumerate()
        assert code_of(await store.put(REFERENCE.entry, KEY)) is codes.STORE_SILENT
        (thread,) = (thread for thread in threading.enumerate() if thread not in before)
        ring.prompt_closed.set()
        thread.join()
        assert ring.entries == {}

    async def test_can_be_cancelled(self, ring: HangingKeyring) -> None:
        task = asyncio.create_task(KeyringStore(ring, deadline=600).get(REFERENCE))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


_ASK = """
import asyncio
from wizard.domain.reference import KeyringReference
from wizard.secrets.keyring_store import KeyringStore

async def ask() -> None:
    store = KeyringStore(deadline=0.5)
    answer = await store.get(KeyringReference("production/1"))
    print(answer.code.id, await store.probe() is None)

asyncio.run(ask())
"""


def _ask(environ: dict[str, str]) -> str:
    """Ask a keyring in a separate process, which must end by itself, and return its output."""
    result = subprocess.run(
        [sys.executable, "-c", _ASK], env=environ, capture_output=True, text=True, timeout=20, check=True
    )
    assert result.stderr == ""
    return result.stdout


@pytest.mark.system
class TestRealKeyringThatFails:
    @leaves_connections
    async def test_locked(self, locked_keyring: SessionBus) -> None:
        store = KeyringStore()
        assert code_of(await store.probe()) is codes.STORE_LOCKED
        assert code_of(await store.put("production/1", KEY)) is codes.STORE_LOCKED
        assert code_of(await store.get(REFERENCE)) is codes.STORE_LOCKED

    @leaves_connections
    async def test_unused(self, unused_keyring: SessionBus) -> None:
        assert code_of(await KeyringStore().probe()) is codes.STORE_LOCKED
        assert code_of(await KeyringStore().get(REFERENCE)) is codes.STORE_LOCKED

    def test_silent(self, silent_keyring: SessionBus) -> None:
        assert _ask(silent_keyring.environ) == f"{codes.STORE_SILENT.id} False\n"

    async def test_absent(self, on_bus: SessionBus) -> None:
        assert code_of(await KeyringStore().probe()) is codes.NO_KEYRING
        assert code_of(await KeyringStore().get(REFERENCE)) is codes.KEYRING_NOT_HERE


@every_row(
    "name",
    [
        "keyring.backends.null.Keyring",
        "keyring.backends.chainer.ChainerBackend",
        "keyrings.alt.file.PlaintextKeyring",
        "keyrings.cryptfile.cryptfile.CryptFileKeyring",
        "nonsense",
    ],
)
async def test_an_unknown_backend_is_refused(name: str) -> None:
    answer = await KeyringStore(environ={"PYTHON_KEYRING_BACKEND": name}).probe()
    assert code_of(answer) is codes.STORE_REFUSED
    assert isinstance(answer, Finding)
    assert name in answer.message(Texts("en"))
    assert "PYTHON_KEYRING_BACKEND" in answer.hint(Texts("en"))


async def test_a_refused_backend_is_not_imported() -> None:
    name = "tests.secrets.never_imported.Keyring"
    await KeyringStore(environ={"PYTHON_KEYRING_BACKEND": name}).probe()
    assert "tests.secrets.never_imported" not in sys.modules


@pytest.mark.skipif(sys.platform != "linux", reason="these backends are for other systems")
def test_choosing_a_backend_runs_no_other_program(tmp_path: Path) -> None:
    """The backend for macOS looks for its libraries with a compiler, which would inherit the tokens."""
    gcc = tmp_path / "gcc"
    gcc.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    gcc.chmod(0o700)
    for name in ("ld", "ldconfig"):
        (tmp_path / name).symlink_to(gcc)
    choose = "from wizard.secrets.keyring_backends import choose_backend; choose_backend({})"
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", choose], env=environ, check=True)
    assert not (tmp_path / "ran").exists()


async def test_the_settings_that_choose_a_backend_are_named(tmp_path: Path) -> None:
    settings = tmp_path / "python_keyring" / "keyringrc.cfg"
    settings.parent.mkdir()
    settings.write_text("[backend]\ndefault-keyring=keyring.backends.null.Keyring\n")
    answer = await KeyringStore(environ={}).probe()
    assert code_of(answer) is codes.STORE_REFUSED
    assert isinstance(answer, Finding)
    assert str(settings) in answer.hint(Texts("en"))


@every_row("text", ["", "[backend]\n", "no ini file", "[backend]\ndefault-keyring=\n"])
async def test_settings_that_choose_no_backend_are_ignored(tmp_path: Path, text: str) -> None:
    settings = tmp_path / "python_keyring" / "keyringrc.cfg"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(text)
    assert code_of(await KeyringStore(environ={}).probe()) is codes.NO_KEYRING


@every_row("backend", ["fail", "SecretService"])
async def test_a_backend_that_is_switched_off_or_missing_is_reported(backend: str) -> None:
    environ = {"PYTHON_KEYRING_BACKEND": f"keyring.backends.{backend}.Keyring"}
    assert code_of(await KeyringStore(environ=environ).probe()) is codes.NO_KEYRING


@pytest.mark.parametrize("address", ["autolaunch:", "unix:path=/nonexistent/bus", "tcp:host=localhost"])
async def test_a_session_bus_that_is_gone_is_reported(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    store = KeyringStore(environ={})
    assert code_of(await store.probe()) is codes.NO_KEYRING
    assert code_of(await store.get(KeyringReference("x"))) is codes.KEYRING_NOT_HERE


async def test_a_bus_that_does_not_answer_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "bus"))
        listener.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
        # The library gives up after a second and takes that for a keyring that is not there.
        assert code_of(await KeyringStore(environ={}, deadline=60).probe()) is codes.STORE_SILENT


@pytest.fixture
def came_back() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


async def test_the_end_does_not_wait_for_calls_that_have_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="new thread"):
            await DaemonCalls(60).run(lambda: 42, finishes=True)
    threads._finish_writing()


async def test_calls_are_made_one_at_a_time() -> None:
    calls, running, most = DaemonCalls(60), 0, 0

    def call() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.001)
        running -= 1

    await asyncio.gather(*(calls.run(call) for _ in range(20)))
    assert most == 1


async def test_a_cancelled_call_is_not_made(came_back: Event) -> None:
    calls, made = DaemonCalls(60), []
    first = asyncio.create_task(calls.run(came_back.wait))
    second = asyncio.create_task(calls.run(lambda: made.append("second")))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    came_back.set()
    await first
    await calls.run(lambda: made.append("third"))
    assert made == ["third"]


async def test_a_write_that_timed_out_before_its_turn_is_not_made(came_back: Event) -> None:
    calls, made = DaemonCalls(0.05), []
    write = calls.run(lambda: made.append("key"), finishes=True)
    ended = await asyncio.gather(calls.run(came_back.wait), write, return_exceptions=True)
    assert [type(each) for each in ended] == [TimeoutError, TimeoutError]
    came_back.set()
    for thread in calls._hanging:
        thread.join()
    assert made == []


def test_a_result_after_the_end_is_ignored(came_back: Event) -> None:
    before = threading.enumerate()
    with pytest.raises(TimeoutError):
        asyncio.run(DaemonCalls(0.01).run(came_back.wait))
    (thread,) = (thread for thread in threading.enumerate() if thread not in before)
    came_back.set()
    thread.join()  # an error in it is a warning, which fails the test
