"""One run at a time, and none is held up by the dead."""

import errno
import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.rows import every_row
from tests.support.users import NOBODY, needs_root, open_folder, ordinary_user
from wizard.files.locks import Busy, LockFailed, file_lock, reentrant_file_lock, why_not_written
from wizard.text import Texts

_HOLD = """
import sys
from pathlib import Path
from wizard.files.locks import file_lock
with file_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_run(path: Path) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_holder_of_a_lock_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    with other_run(path) as process, pytest.raises(Busy) as caught, file_lock(path):
        pytest.fail("both hold the lock")
    assert caught.value.path == path
    holder = caught.value.holder
    assert holder is not None
    assert (holder.pid, holder.host) == (process.pid, socket.gethostname())
    assert datetime.fromisoformat(holder.since).tzinfo is not None
    assert str(process.pid) in str(holder)


def test_the_lock_of_a_killed_run_is_free(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    with other_run(path) as process:
        process.kill()
        process.wait()
        assert [left.name for left in tmp_path.iterdir()] == [".a.toml.lock"]
        with file_lock(path):
            pass
    assert not list(tmp_path.iterdir())


def test_the_lock_is_released_at_the_end_of_its_block(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    for _ in range(2):
        with file_lock(path):
            assert (tmp_path / ".a.toml.lock").exists()
        assert not list(tmp_path.iterdir())
    with pytest.raises(ZeroDivisionError), file_lock(path):
        raise ZeroDivisionError
    with file_lock(path):
        pass


def test_one_process_cannot_hold_a_file_twice_but_may_hold_two_files(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    with file_lock(path), file_lock(tmp_path / "b.toml"), pytest.raises(Busy) as caught, file_lock(path):
        pytest.fail("held twice")
    assert caught.value.holder is not None
    assert caught.value.holder.pid == os.getpid()


def test_a_link_leads_to_the_same_lock(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.toml"
    link.symlink_to("real/a.toml")
    with file_lock(link), pytest.raises(Busy), file_lock(tmp_path / "real" / "a.toml"):
        pytest.fail("two locks for one file")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@every_row(
    "written", [b"", b"no JSON", b'{"pid": "x"}', b"[" * 1024, b'{"pid":1,"host":"\\u001b[2J","since":""}']
)
def test_an_unreadable_holder_is_not_named(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "a.toml"
    with file_lock(path):
        (tmp_path / ".a.toml.lock").write_bytes(written)
        with pytest.raises(Busy) as caught, file_lock(path):
            pytest.fail("held twice")
    assert caught.value.holder is None


def test_a_lock_whose_file_was_removed_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    lock = tmp_path / ".a.toml.lock"
    with file_lock(path):
        lock.unlink()
        lock.write_text("another run's")
    assert lock.read_text() == "another run's"


def test_a_lock_that_is_released_meanwhile_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.toml"
    lock = tmp_path / ".a.toml.lock"
    flock = fcntl.flock

    def end_first(descriptor: int, operation: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        lock.unlink()  # as the former holder does
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", end_first)
    with file_lock(path):
        assert lock.exists()
        with pytest.raises(Busy), file_lock(path):
            pytest.fail("a lock without a name keeps nobody out")


@needs_root
def test_the_lock_of_another_user_is_respected_and_can_be_taken_later() -> None:
    with open_folder(NOBODY) as folder:
        path = folder / "a.toml"
        with file_lock(path), ordinary_user(), pytest.raises(Busy) as caught, file_lock(path):
            pytest.fail("both hold the lock")
        assert caught.value.holder is not None
        (folder / ".a.toml.lock").touch(0o644)  # left by a run of root's that was killed
        with ordinary_user(), file_lock(path), reentrant_file_lock(path):
            pass


@every_row("make", [os.symlink, os.link])
def test_a_link_in_place_of_the_lock_file_is_not_written_through(
    tmp_path: Path, make: Callable[[Path, Path], None]
) -> None:
    precious, lock = tmp_path / "precious", tmp_path / ".a.toml.lock"
    precious.write_text("kept")
    lock.unlink(missing_ok=True)
    make(precious, lock)
    with pytest.raises(OSError, match="not a regular file") as caught, file_lock(tmp_path / "a.toml"):
        pytest.fail("locked through a link")
    assert precious.read_text() == "kept"
    for texts, words in ((Texts("en"), "circle"), (Texts("nb"), "ring")):
        told = why_not_written(tmp_path / "a.toml", caught.value).message(texts)
        assert str(lock) in told
        assert words not in told


def test_a_file_system_without_locks_is_reported_and_left_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(LockFailed) as caught, file_lock(tmp_path / "a.toml"):
        pytest.fail("locked without a lock")
    assert list(tmp_path.iterdir()) == []
    finding = why_not_written(tmp_path / "a.toml", caught.value)
    assert "flock" in finding.hint(Texts("en"))


def test_a_folder_that_is_not_writable_gets_no_lock() -> None:
    with open_folder(NOBODY) as folder:
        folder.chmod(0o500)
        with ordinary_user(), pytest.raises(PermissionError), file_lock(folder / "a.toml"):
            pytest.fail("locked in a folder that is read-only")
