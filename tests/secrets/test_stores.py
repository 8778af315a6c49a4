"""What every store does, private files, and what counts as proof that a stored key may be deleted."""

import asyncio
import os
import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event

import pytest

import wizard
from tests.keys import make_key
from tests.secrets.conftest import KEY, OTHER, code_of, proof_of_death
from tests.support.keyrings import MemoryKeyring
from tests.support.rows import every_row
from tests.support.users import NOBODY, needs_root, open_folder, ordinary_user
from wizard.domain.key import Secret
from wizard.domain.reference import EnvReference, FileReference, Reference
from wizard.domain.setup import Environment
from wizard.findings import Finding, codes
from wizard.secrets.file_store import FileStore
from wizard.secrets.keyring_store import KeyringStore
from wizard.secrets.store import (
    ForcedByNumber,
    LogOn,
    ProofOfDeath,
    Store,
    entry_name,
    is_key_name,
    number_in_name,
)
from wizard.text import Texts

URL = "http://127.0.0.1:1/v2"
NAMES = ("production/1", "production/2", "test/3f2a-c1")


@pytest.fixture(params=["file", "keyring", pytest.param("desktop", marks=pytest.mark.system)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store of each kind whose entries can be deleted."""
    if request.param == "file":
        yield FileStore(tmp_path / "share" / "keys")
    elif request.param == "keyring":
        yield KeyringStore(MemoryKeyring())
    else:
        request.getfixturevalue("unlocked_keyring")
        keyring = KeyringStore()
        yield keyring
        for name in NAMES:
            await keyring.delete(keyring.reference(name), ForcedByNumber(name.partition("/")[2]))


async def stored(store: Store, name: str, key: Secret) -> Reference:
    reference = await store.put(name, key)
    assert not isinstance(reference, Finding), reference
    return reference


async def test_a_store_keeps_any_key_and_never_overwrites_one(store: Store) -> None:
    assert await store.probe() is None
    odd = Secret("+/=~%&\"'\\ æøå " + "x" * 600 + "\N{SNOWMAN}")
    kept = dict(zip(NAMES, (KEY, OTHER, odd), strict=True))
    for name, key in kept.items():
        foreseen = store.reference(name)
        assert isinstance(await store.get(foreseen), Finding)
        for _ in range(2):
            assert await store.put(name, key) == foreseen
    assert await store.probe() is None
    assert code_of(await store.put(NAMES[0], OTHER)) is codes.ENTRY_TAKEN
    assert {name: await store.get(store.reference(name)) for name in NAMES} == kept


async def test_a_store_deletes_only_the_key_that_is_dead_or_named(store: Store) -> None:
    reference = await stored(store, "production/1", KEY)
    assert code_of(await store.delete(reference, proof_of_death(OTHER))) is codes.CHANGED_MEANWHILE
    with pytest.raises(ValueError, match="production/1"):
        await store.delete(reference, ForcedByNumber("2"))
    assert await store.get(reference) == KEY
    for _ in range(2):  # the second time there is nothing to delete
        assert await store.delete(reference, proof_of_death(KEY)) is None
        assert isinstance(await store.get(reference), Finding)
    assert await store.put("production/1", OTHER) == reference
    assert await store.delete(reference, ForcedByNumber("1")) is None
    assert isinstance(await store.get(reference), Finding)


async def test_a_damaged_copy_does_not_take_the_name_of_the_key(store: Store) -> None:
    first = await store.name_for(Environment.PRODUCTION, 1, KEY)
    await stored(store, first, KEY)
    second = await store.name_for(Environment.PRODUCTION, 1, OTHER)
    assert (first, second) == ("production/1", f"production/1-{OTHER.fingerprint}")
    assert await store.name_for(Environment.PRODUCTION, 1, KEY) == first
    reference = await stored(store, second, OTHER)
    assert await store.delete(reference, ForcedByNumber("1")) is None


async def test_a_store_refuses_references_of_other_kinds(store: Store) -> None:
    with pytest.raises(TypeError):
        await store.get(EnvReference("KEY"))
    with pytest.raises(TypeError):
        await store.delete(EnvReference("KEY"), proof_of_death(KEY))


def test_entries_are_named_by_number_or_fingerprint() -> None:
    assert entry_name(Environment.PRODUCTION, 2147628461, KEY) == "production/2147628461"
    assert entry_name(Environment.TEST, None, KEY) == f"test/{KEY.fingerprint}"
    numbers = {name: number_in_name(name) for name in ("test/7", "sandbox/7-3f2a-c1", "production/3f2a-c1")}
    assert numbers == {"test/7": 7, "sandbox/7-3f2a-c1": 7, "production/3f2a-c1": None}
    assert all(is_key_name(name) for name in numbers)
    for name in "production/consumer/VismaFinale", "probe/0011aabb", "production/7/8", "other/7", "7":
        assert not is_key_name(name), name


def test_a_key_is_proven_dead_only_by_a_refusal_next_to_a_log_on() -> None:
    old, new, consumer, other = (make_key(number) for number in range(1, 5))
    refused = codes.KEY_REJECTED.found()
    good = LogOn(new, consumer, URL, None)

    proof = ProofOfDeath.from_log_ons(LogOn(old, consumer, URL, refused), good)
    assert proof is not None
    assert proof.key == old

    alive = {
        "it logs on": (LogOn(old, consumer, URL, None), good),
        "the key in use is refused as well": (
            LogOn(old, consumer, URL, refused),
            LogOn(new, consumer, URL, refused),
        ),
        "another consumer token": (LogOn(old, other, URL, refused), good),
        "another address": (LogOn(old, consumer, f"{URL}/", refused), good),
        "the same key": (LogOn(new, consumer, URL, refused), good),
    }
    for finding in (
        codes.CONSUMER_TOKEN_REJECTED,
        codes.LOG_ON_REFUSED,
        codes.NO_RIGHTS,
        codes.RATE_LIMITED,
        codes.UNEXPECTED_ANSWER,
    ):
        alive[finding.id] = (LogOn(old, consumer, URL, finding.found()), good)
    wrong = [name for name, (tried, in_use) in alive.items() if ProofOfDeath.from_log_ons(tried, in_use)]
    assert wrong == []
    with pytest.raises(TypeError):
        ProofOfDeath(make_key(), object())


def test_only_one_function_deletes_stored_keys() -> None:
    """``Store.delete`` asks for evidence, so nothing else may reach what removes an entry."""
    anywhere = r"\._remove\(|delete_password\("
    in_stores = rf"{anywhere}|forget\(|rmtree|\.unlink\(|os\.(?:unlink|remove)\("
    found: dict[str, int] = {}
    for path in sorted(Path(wizard.__file__).parent.rglob("*.py")):
        removes = in_stores if path.parent.name == "secrets" else anywhere
        if count := len(re.findall(removes, path.read_text())):
            found[path.name] = count
    # The dummy of a probe and the entry itself, in each store; and the two calls in Store.delete.
    assert found == {"file_store.py": 3, "keyring_store.py": 3, "store.py": 2}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "share" / "keys"


@pytest.fixture
def files(folder: Path) -> FileStore:
    return FileStore(folder)


async def test_files_are_private_whatever_the_umask(files: FileStore, folder: Path) -> None:
    former = os.umask(0)
    try:
        await files.put("production/1", KEY)
    finally:
        os.umask(former)
    assert stat.S_IMODE((folder / "production" / "1").stat().st_mode) == 0o600
    for path in folder.parent, folder, folder / "production":
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    await files.probe()
    assert list(folder.iterdir()) == [folder / "production"]


@every_row("name", ["../key", "/etc/key", ".", "production/../../key"])
async def test_names_stay_inside_the_folder(files: FileStore, name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(name)):
        await files.put(name, KEY)


async def test_other_files_are_left_alone(files: FileStore, tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "7").touch()
    for path in tmp_path / "test" / "7", tmp_path / "share" / "keys" / ".." / ".." / "test" / "7":
        answer = await files.delete(FileReference(str(path)), ForcedByNumber("7"))
        assert code_of(answer) is codes.NOT_OURS
    assert (tmp_path / "test" / "7").exists()


async def test_what_is_wrong_with_a_file_or_folder_is_said(files: FileStore, folder: Path) -> None:
    assert code_of(await files.get(FileReference(str(folder / "x")))) is codes.SECRET_FILE_MISSING
    await files.put("x", KEY)
    (folder / "x").chmod(0o644)
    assert code_of(await files.put("x", KEY)) is codes.SECRET_FILE_EXPOSED
    folder.chmod(0o777)
    for told in await FileStore(folder).probe(), await FileStore(folder).put("y", KEY):
        assert code_of(told) is codes.UNTRUSTED_WRITERS
    assert [path.name for path in folder.iterdir()] == ["x"]
    folder.chmod(0o700)
    blocked = FileStore(folder / "x" / "keys")
    assert code_of(await blocked.probe()) is codes.NOT_WRITABLE
    assert code_of(await blocked.put("production/1", KEY)) is codes.NOT_WRITABLE


async def test_a_disk_that_does_not_answer_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    came_back = Event()
    monkeypatch.setattr("wizard.secrets.file_store.read_secret_file", lambda *_: came_back.wait())
    store = FileStore(folder, deadline=0.1)
    assert code_of(await store.get(FileReference("x"))) is codes.FILE_UNREADABLE
    assert code_of(await store.put("x", KEY)) is codes.NOT_WRITABLE
    came_back.set()


@needs_root
def test_an_ordinary_user_is_told_which_folder_is_not_writable() -> None:
    with open_folder() as folder:
        with ordinary_user():
            assert code_of(asyncio.run(FileStore(folder / "keys").probe())) is codes.NOT_WRITABLE
        os.chown(folder, NOBODY, NOBODY)
        with ordinary_user():
            assert asyncio.run(FileStore(folder / "keys").probe()) is None


@needs_root
async def test_root_leaves_no_key_in_the_folder_of_an_account_without_a_name() -> None:
    """A shell reads # as the beginning of a comment, so the number is in quotation marks."""
    with open_folder(12345) as folder:
        told = await FileStore(folder).put("x", KEY)
        assert code_of(told) is codes.RUN_AS_OWNER
        assert isinstance(told, Finding)
        assert "sudo -u '#12345' tripletex-wizard" in told.hint(Texts("en"))
