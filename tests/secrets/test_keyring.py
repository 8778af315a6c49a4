"""The keyring: which backend is used, a real one in every state, and calls that block."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from tests.secrets.backends import (
    HangingKeyring,
    LockedKeyring,
    LosingKeyring,
    MemoryKeyring,
    QuotingKeyring,
)
from tests.secrets.conftest import SessionBus
from tests.secrets.contracts import KEY, StoreContract, code_of, proof_of_death
from tests.support.rows import every_row
from wizard.domain.reference import KeyringReference
from wizard.domain.setup import Environment
from wizard.findings import Code, Finding, codes
from wizard.secrets import store
from wizard.secrets.keyring_store import KeyringStore
from wizard.secrets.resolver import Resolver
from wizard.secrets.store import DaemonCalls, ForcedByNumber
from wizard.text import Texts

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


class TestAnyGoodKeyring(StoreContract):
    @pytest.fixture
    def ring(self) -> MemoryKeyring:
        return MemoryKeyring()

    @pytest.fixture
    def store(self, ring: MemoryKeyring) -> KeyringStore:
        return KeyringStore(ring)

    async def test_leaves_nothing_of_the_probe(self, store: KeyringStore, ring: MemoryKeyring) -> None:
        await store.probe()
        assert ring.entries == {}

    async def test_keeps_keys_under_its_own_service(self, store: KeyringStore, ring: MemoryKeyring) -> None:
        assert await store.put("production/2147628461", KEY) == REFERENCE
        assert ring.entries == {("tripletex-wizard", "production/2147628461"): KEY.reveal()}

    async def test_says_that_an_entry_is_missing(self, store: KeyringStore) -> None:
        assert code_of(await store.get(REFERENCE)) is codes.NOT_IN_KEYRING

    async def test_says_that_an_entry_is_empty(self, store: KeyringStore, ring: MemoryKeyring) -> None:
        ring.set_password("tripletex-wizard", REFERENCE.entry, " \n")
        assert code_of(await store.get(REFERENCE)) is codes.SECRET_EMPTY

    async def test_strips_spaces_around_a_key_entered_by_hand(
        self, store: KeyringStore, ring: MemoryKeyring
    ) -> None:
        ring.set_password("tripletex-wizard", REFERENCE.entry, f"{KEY.reveal()}\n")
        assert await store.get(REFERENCE) == KEY


@pytest.mark.system
class TestRealKeyring(StoreContract):
    @pytest.fixture
    def store(self, unlocked_keyring: SessionBus) -> Iterator[KeyringStore]:
        store = KeyringStore()
        yield store
        for entry in "production/1", "production/2", "test/3f2a-c1":
            asyncio.run(store.delete(KeyringReference(entry), ForcedByNumber(entry.partition("/")[2])))

    async def test_is_read_by_a_resolver(self, store: KeyringStore) -> None:
        reference = await store.put("production/1", KEY)
        assert not isinstance(reference, Finding)
        assert (
            await Resolver(environ={}).resolve(
                reference, config_path=None, environment=Environment.PRODUCTION
            )
            == KEY
        )


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

    @every_row("error", [ValueError, RuntimeError])
    async def test_its_error_is_not_quoted(self, error: type[Exception]) -> None:
        assert (
            code_of(await KeyringStore(QuotingKeyring(error)).put("production/1", KEY)) is codes.STORE_BROKEN
        )

    async def test_its_message_for_people_is_quoted_without_the_key(self) -> None:
        answer = await KeyringStore(QuotingKeyring()).put("production/1", KEY)
        assert code_of(answer) is codes.STORE_BROKEN
        assert isinstance(answer, Finding)
        assert "cannot keep ***" in answer.message(Texts("en"))


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

    async def test_is_not_waited_for_a_second_time(self, ring: HangingKeyring) -> None:
        store = KeyringStore(ring, deadline=0.05)
        await store.get(REFERENCE)
        store._calls.deadline = 600
        assert code_of(await store.get(REFERENCE)) is codes.STORE_SILENT

    async def test_is_asked_again_when_it_has_come_back(self, ring: HangingKeyring) -> None:
        store = KeyringStore(ring, deadline=0.05)
        await store.get(REFERENCE)
        assert await store.probe() is None
        assert await store.put(REFERENCE.entry, KEY) == REFERENCE

    async def test_stores_nothing_after_it_was_given_up(self, ring: HangingKeyring) -> None:
        store = KeyringStore(ring, deadline=0.05)
        assert code_of(await store.put(REFERENCE.entry, KEY)) is codes.STORE_SILENT
        (thread,) = store._calls._hanging
        ring.prompt_closed.set()
        await asyncio.to_thread(thread.join)
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
        assert code_of(await KeyringStore().probe()) is codes.STORE_BROKEN
        assert code_of(await KeyringStore().get(REFERENCE)) is codes.STORE_BROKEN

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


async def test_a_keyring_that_is_switched_off_is_reported() -> None:
    environ = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    assert code_of(await KeyringStore(environ=environ).probe()) is codes.NO_KEYRING


async def test_a_chosen_backend_that_is_missing_is_reported() -> None:
    environ = {"PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring"}
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


async def test_a_call_returns_its_result() -> None:
    assert await DaemonCalls(60).run(lambda: 42) == 42


async def test_a_call_raises_its_error() -> None:
    with pytest.raises(ZeroDivisionError):
        await DaemonCalls(60).run(lambda: 1 // 0)


async def test_the_end_does_not_wait_for_calls_that_have_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="new thread"):
            await DaemonCalls(60).run(lambda: 42, finishes=True)
    store._finish_writing()


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


async def test_a_call_fails_at_once_while_an_earlier_one_hangs(came_back: Event) -> None:
    calls = DaemonCalls(0.05)
    with pytest.raises(TimeoutError):
        await calls.run(came_back.wait)
    calls.deadline = 600
    with pytest.raises(TimeoutError):
        await calls.run(lambda: 42)
    came_back.set()
    await asyncio.to_thread(calls._hanging[0].join)
    assert await calls.run(lambda: 42) == 42


async def test_a_hanging_call_can_be_forgotten(came_back: Event) -> None:
    calls = DaemonCalls(0.05)
    with pytest.raises(TimeoutError):
        await calls.run(came_back.wait)
    calls.forget_hanging()
    calls.deadline = 60
    assert await calls.run(lambda: 42) == 42


def test_a_result_after_the_end_is_ignored(came_back: Event) -> None:
    calls = DaemonCalls(0.01)
    with pytest.raises(TimeoutError):
        asyncio.run(calls.run(came_back.wait))
    came_back.set()
    calls._hanging[0].join()
