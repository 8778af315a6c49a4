"""Which keyring is taken, and which are refused by name."""

import socket
import sys
from pathlib import Path

import pytest

from tests.secrets.contracts import code_of
from tests.support.rows import every_row
from wizard.domain.reference import KeyringReference
from wizard.findings import Finding, codes
from wizard.secrets.keyring_store import KeyringStore
from wizard.text import Texts


@pytest.fixture(autouse=True)
def nothing_but_the_choice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave neither a session bus nor settings of the machine."""
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


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
async def test_refuses_what_is_not_known_to_be_safe(name: str) -> None:
    answer = await KeyringStore(environ={"PYTHON_KEYRING_BACKEND": name}).probe()
    assert code_of(answer) is codes.STORE_REFUSED
    assert isinstance(answer, Finding)
    assert name in answer.message(Texts("en"))
    assert "PYTHON_KEYRING_BACKEND" in answer.hint(Texts("en"))


async def test_does_not_even_import_what_it_refuses() -> None:
    name = "tests.secrets.never_imported.Keyring"
    await KeyringStore(environ={"PYTHON_KEYRING_BACKEND": name}).probe()
    assert "tests.secrets.never_imported" not in sys.modules


async def test_names_the_settings_that_choose(tmp_path: Path) -> None:
    settings = tmp_path / "python_keyring" / "keyringrc.cfg"
    settings.parent.mkdir()
    settings.write_text("[backend]\ndefault-keyring=keyring.backends.null.Keyring\n")
    answer = await KeyringStore(environ={}).probe()
    assert code_of(answer) is codes.STORE_REFUSED
    assert isinstance(answer, Finding)
    assert str(settings) in answer.hint(Texts("en"))


@every_row("text", ["", "[backend]\n", "no ini file", "[backend]\ndefault-keyring=\n"])
async def test_goes_on_where_settings_choose_nothing(tmp_path: Path, text: str) -> None:
    settings = tmp_path / "python_keyring" / "keyringrc.cfg"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(text)
    assert code_of(await KeyringStore(environ={}).probe()) is codes.NO_KEYRING


async def test_says_that_there_is_none_where_none_is_wanted() -> None:
    environ = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    assert code_of(await KeyringStore(environ=environ).probe()) is codes.NO_KEYRING


async def test_says_that_there_is_none_where_the_chosen_one_is_not() -> None:
    environ = {"PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring"}
    assert code_of(await KeyringStore(environ=environ).probe()) is codes.NO_KEYRING


@pytest.mark.parametrize("address", ["autolaunch:", "unix:path=/nonexistent/bus", "tcp:host=localhost"])
async def test_survives_a_session_that_is_gone(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    store = KeyringStore(environ={})
    assert code_of(await store.probe()) is codes.NO_KEYRING
    assert code_of(await store.get(KeyringReference("x"))) is codes.KEYRING_NOT_HERE


async def test_calls_a_bus_without_answers_silent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "bus"))
        listener.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
        # The library gives up after a second and takes that for a keyring that is not there.
        assert code_of(await KeyringStore(environ={}, deadline=60).probe()) is codes.STORE_SILENT
