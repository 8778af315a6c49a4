"""Names of entries, private files, and what counts as proof that a stored key may be deleted."""

import asyncio
import os
import re
import stat
from pathlib import Path
from threading import Event

import pytest

import wizard
from tests.keys import make_key
from tests.secrets.contracts import KEY, StoreContract, code_of, proof_of_death
from tests.secrets.users import NOBODY, as_user, needs_root, open_folder
from tests.support.rows import every_row
from wizard.domain.reference import FileReference
from wizard.domain.setup import Environment
from wizard.findings import codes
from wizard.secrets.file_store import FileStore
from wizard.secrets.keyring_store import KeyringStore
from wizard.secrets.store import ForcedByNumber, LogOn, ProofOfDeath, entry_name, is_key_name, number_in_name

URL = "http://127.0.0.1:1/v2"


def test_an_entry_is_named_by_the_number_of_its_key() -> None:
    name = entry_name(Environment.PRODUCTION, 2147628461, make_key())
    assert name == "production/2147628461"


def test_an_entry_without_a_number_is_named_by_a_fingerprint() -> None:
    key = make_key()
    assert entry_name(Environment.TEST, None, key) == f"test/{key.fingerprint}"


def test_names_of_entries_are_recognised() -> None:
    numbers = {name: number_in_name(name) for name in ("test/7", "sandbox/7-3f2a-c1", "production/3f2a-c1")}
    assert numbers == {"test/7": 7, "sandbox/7-3f2a-c1": 7, "production/3f2a-c1": None}
    assert all(is_key_name(name) for name in numbers)
    for name in "production/consumer/VismaFinale", "probe/0011aabb", "production/7/8", "other/7", "7":
        assert not is_key_name(name), name


def test_every_store_says_its_kind() -> None:
    assert (FileStore.kind, KeyringStore.kind) == ("file", "keyring")


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


def test_evidence_cannot_be_constructed_by_hand() -> None:
    with pytest.raises(TypeError):
        ProofOfDeath(make_key(), object())


def test_only_one_function_deletes_stored_keys() -> None:
    """``Store.delete`` asks for evidence, so nothing else may reach what removes an entry."""
    removes = re.compile(r"\._remove\(|delete_password\(|forget\(|rmtree|\.unlink\(|os\.(?:unlink|remove)\(")
    found: dict[str, int] = {}
    for path in sorted(Path(wizard.__file__).parent.joinpath("secrets").rglob("*.py")):
        if count := len(removes.findall(path.read_text())):
            found[path.name] = count
    # The dummy of a probe and the entry itself, in each store; and the two calls in Store.delete.
    assert found == {"file_store.py": 3, "keyring_store.py": 3, "store.py": 2}


class TestFileStore(StoreContract):
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "share" / "keys"

    @pytest.fixture
    def store(self, folder: Path) -> FileStore:
        return FileStore(folder)

    def test_leaves_nothing_of_the_probe(self, store: FileStore, folder: Path) -> None:
        asyncio.run(store.probe())
        assert list(folder.iterdir()) == []

    async def test_is_private_whatever_the_umask(self, store: FileStore, folder: Path) -> None:
        former = os.umask(0)
        try:
            await store.put("production/1", KEY)
        finally:
            os.umask(former)
        assert stat.S_IMODE((folder / "production" / "1").stat().st_mode) == 0o600
        for path in folder.parent, folder, folder / "production":
            assert stat.S_IMODE(path.stat().st_mode) == 0o700

    async def test_is_absolute_in_configs_elsewhere(self, store: FileStore, folder: Path) -> None:
        assert await store.put("production/1", KEY) == FileReference(str(folder / "production" / "1"))

    async def test_is_relative_to_the_config_above_it(self, tmp_path: Path) -> None:
        store = FileStore(tmp_path / "etc" / "keys", config_folder=tmp_path / "etc")
        reference = await store.put("production/1", KEY)
        assert reference == FileReference("keys/production/1")
        (tmp_path / "etc").rename(tmp_path / "moved")
        moved = FileStore(tmp_path / "moved" / "keys", config_folder=tmp_path / "moved")
        assert await moved.get(reference) == KEY
        assert await moved.delete(reference, proof_of_death(KEY)) is None
        assert list((tmp_path / "moved" / "keys" / "production").iterdir()) == []

    async def test_is_absolute_if_the_config_is_next_to_it(self, tmp_path: Path) -> None:
        store = FileStore(tmp_path / "keys", config_folder=tmp_path / "keys2")
        assert await store.put("x", KEY) == FileReference(str(tmp_path / "keys" / "x"))

    @every_row("name", ["../key", "/etc/key", ".", "production/../../key"])
    async def test_keeps_names_inside(self, store: FileStore, name: str) -> None:
        with pytest.raises(ValueError, match=re.escape(name)):
            await store.put(name, KEY)

    async def test_leaves_other_files_alone(self, store: FileStore, tmp_path: Path) -> None:
        (tmp_path / "test").mkdir()
        (tmp_path / "test" / "7").touch()
        for path in tmp_path / "test" / "7", tmp_path / "share" / "keys" / ".." / ".." / "test" / "7":
            answer = await store.delete(FileReference(str(path)), ForcedByNumber("7"))
            assert code_of(answer) is codes.NOT_OURS
        assert (tmp_path / "test" / "7").exists()

    async def test_says_that_a_key_is_missing(self, store: FileStore, folder: Path) -> None:
        answer = await store.get(FileReference(str(folder / "x")))
        assert code_of(answer) is codes.SECRET_FILE_MISSING

    async def test_a_disk_that_does_not_answer_is_reported(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        came_back = Event()
        monkeypatch.setattr("wizard.secrets.file_store.read_secret_file", lambda *_: came_back.wait())
        store = FileStore(folder, deadline=0.1)
        assert code_of(await store.get(FileReference("x"))) is codes.FILE_UNREADABLE
        assert code_of(await store.put("x", KEY)) is codes.NOT_WRITABLE
        came_back.set()

    async def test_says_that_a_stored_key_was_exposed(self, store: FileStore, folder: Path) -> None:
        await store.put("x", KEY)
        (folder / "x").chmod(0o644)
        assert code_of(await store.put("x", KEY)) is codes.SECRET_FILE_EXPOSED

    def test_says_that_it_cannot_write(self, store: FileStore, folder: Path) -> None:
        folder.parent.mkdir()
        folder.write_text("in the way")
        assert code_of(asyncio.run(store.probe())) is codes.NOT_WRITABLE
        assert code_of(asyncio.run(store.put("production/1", KEY))) is codes.NOT_WRITABLE


@needs_root
def test_an_ordinary_user_is_told_which_folder_is_not_writable() -> None:
    with open_folder() as folder:
        code = as_user(NOBODY, lambda: code_of(asyncio.run(FileStore(folder / "keys").probe())).id)
        assert code == codes.NOT_WRITABLE.id
        os.chown(folder, NOBODY, NOBODY)
        assert as_user(NOBODY, lambda: asyncio.run(FileStore(folder / "keys").probe())) is None
