"""Atomic writing: whole files or none, private at once, with the permissions of the former file."""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.users import NOBODY, needs_root, open_folder, ordinary_user
from wizard.files.atomic import create_exclusively, make_private_folder, sweep, sweep_folder, write_atomically


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o7777


@contextmanager
def umask(value: int) -> Iterator[None]:
    former = os.umask(value)
    try:
        yield
    finally:
        os.umask(former)


@contextmanager
def disk_full_after(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
def test_a_new_file_is_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    path = tmp_path / "a.toml"
    with umask(mask):
        assert write_atomically(path, b"one\n")
    assert path.read_bytes() == b"one\n"
    assert mode_of(path) == 0o600
    assert only(tmp_path) == path


def test_an_unchanged_file_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"one")
    before = path.stat()
    assert not write_atomically(path, b"one")
    assert path.stat() == before
    assert write_atomically(path, b"two")  # as long, and not the same
    assert path.read_bytes() == b"two"
    assert path.stat().st_ino != before.st_ino


@pytest.mark.parametrize(
    ("former", "mode", "keep", "wanted"),
    [
        (0o400, 0o600, None, 0o400),
        (0o644, 0o600, None, 0o600),
        (0o640, 0o600, 0o777, 0o640),
        (0o600, 0o600, 0o777, 0o600),
        (0o440, 0o644, None, 0o440),
        (0o4755, 0o600, 0o7777, 0o755),
    ],
)
def test_permissions_of_the_former_file_are_kept_as_far_as_allowed(
    tmp_path: Path, former: int, mode: int, keep: int | None, wanted: int
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    path.chmod(former)
    write_atomically(path, b"two", mode=mode, keep=keep)
    assert mode_of(path) == wanted


@needs_root
def test_owner_and_group_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    os.chown(path, NOBODY, 12345)
    write_atomically(path, b"two")
    assert (path.stat().st_uid, path.stat().st_gid) == (NOBODY, 12345)


@needs_root
def test_a_file_whose_owner_cannot_be_kept_is_replaced_anyway() -> None:
    """A config of root's in a group's folder, or a share that knows no owners: never a reason to fail."""
    with open_folder(NOBODY) as folder:
        path = folder / "a"
        path.write_bytes(b"root's")
        path.chmod(0o644)
        with ordinary_user():
            write_atomically(path, b"mine")
        assert path.read_bytes() == b"mine"
        assert mode_of(path) == 0o600
        assert only(folder) == path


def test_access_lists_and_attributes_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    try:
        os.setxattr(path, "user.origin", b"site")
    except OSError:
        pytest.skip("this file system has no attributes")
    write_atomically(path, b"two")
    assert os.getxattr(path, "user.origin") == b"site"


def test_a_link_stays_and_its_target_changes(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    target = real / "a.toml"
    target.write_bytes(b"one")
    links = tmp_path / "links"
    links.mkdir()
    link = links / "b.toml"
    link.symlink_to("../real/a.toml")
    write_atomically(link, b"two")
    assert link.is_symlink()
    assert target.read_bytes() == b"two"
    assert only(real) == target
    assert only(links) == link


def test_no_file_is_written_through_a_dangling_link_or_one_of_another_user(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to("target")
    with pytest.raises(FileNotFoundError):
        write_atomically(link, b"one")
    assert not target.exists()
    target.write_bytes(b"kept")
    write_atomically(link, b"one")
    assert (link.is_symlink(), target.read_bytes()) == (True, b"one")
    if os.geteuid() == 0:
        os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
        with pytest.raises(PermissionError):
            write_atomically(link, b"two")
        assert target.read_bytes() == b"one"


def test_a_hard_link_to_the_former_file_keeps_its_content(tmp_path: Path) -> None:
    """If somebody has made a hard link to a config, the config is replaced and not written through."""
    precious, config = tmp_path / "precious", tmp_path / "a.toml"
    precious.write_bytes(b"kept")
    os.link(precious, config)
    write_atomically(config, b"new")
    assert (precious.read_bytes(), config.read_bytes()) == (b"kept", b"new")


def test_what_cannot_be_replaced_is_an_error_with_the_path(tmp_path: Path) -> None:
    circle, fifo, folder = tmp_path / "circle", tmp_path / "fifo", tmp_path / "folder"
    circle.symlink_to("circle")
    os.mkfifo(fifo)
    folder.mkdir()
    for path, words in (
        (circle, "Too many levels"),
        (fifo, "not a regular file"),
        (folder, "not a regular file"),
        (tmp_path / "none" / "a", "No such file"),
    ):
        with pytest.raises(OSError, match=words) as caught:
            write_atomically(path, b"one")
        assert caught.value.filename == str(path)
    assert fifo.is_fifo()
    assert sorted(tmp_path.iterdir()) == [circle, fifo, folder]


def test_a_full_disk_leaves_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    with disk_full_after(1000), pytest.raises(OSError, match="too large") as caught:
        write_atomically(path, b"x" * 5000)
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"one"
    assert only(tmp_path) == path
    with disk_full_after(1000), pytest.raises(OSError, match="too large"):
        create_exclusively(tmp_path / "b", b"x" * 5000)
    assert only(tmp_path) == path


def test_a_folder_that_is_not_writable_is_an_error_with_the_file() -> None:
    with open_folder(NOBODY) as folder:
        path = folder / "a"
        with ordinary_user():
            path.write_bytes(b"one")
            folder.chmod(0o500)
            with pytest.raises(PermissionError) as caught:
                write_atomically(path, b"two")
        assert caught.value.filename == str(path)
        assert path.read_bytes() == b"one"
        assert only(folder) == path


@pytest.mark.parametrize("step", ["fsync", "fchmod", "replace"])
def test_an_interrupt_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, step, interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"two")
    assert path.read_bytes() == b"one"
    assert only(tmp_path) == path


def test_the_data_is_synced_before_the_rename_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")
        fsync(descriptor)

    def noted_replace(source: str, target: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        done.append("replace")
        replace(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    write_atomically(tmp_path / "a", b"one")
    assert done == ["file", "replace", "folder"]


_KILLED = """
import os, signal, sys
from pathlib import Path
from wizard.files.atomic import write_atomically
os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
write_atomically(Path(sys.argv[1]), b"two")
"""


OTHERS = (".b.toml.0123456789ab.tmp", ".a.toml.mine.tmp", ".draft.tmp", ".a.toml.bak", "a.toml.tmp")
"""The first is ours, but of another file; the others are whose they are."""


def test_a_killed_run_leaves_the_former_file_and_the_next_cleans_up(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"one")
    result = subprocess.run([sys.executable, "-c", _KILLED, str(path)], check=False)
    assert result.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"one"
    (left,) = tmp_path.glob(".a.toml.*.tmp")
    assert mode_of(left) == 0o600

    others = [tmp_path / name for name in OTHERS]
    for other in others:
        other.touch()
    assert sweep(path) == [left]
    assert sorted(tmp_path.iterdir()) == sorted([path, *others])
    assert sweep_folder(tmp_path) == [others[0]]


def test_the_temporary_file_of_a_running_program_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"one")
    once = "lambda d, seen=[]: seen or seen.append(os.kill(os.getpid(), signal.SIGSTOP))"
    program = _KILLED.replace("lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)", once)
    writing = subprocess.Popen([sys.executable, "-c", program, str(path)])
    os.waitpid(writing.pid, os.WUNTRACED)
    assert sweep(path) == []
    assert len(list(tmp_path.glob(".a.toml.*.tmp"))) == 1
    writing.send_signal(signal.SIGCONT)
    writing.wait()
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_creating_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "key"
    create_exclusively(path, b"one")
    assert path.read_bytes() == b"one"
    assert mode_of(path) == 0o600
    assert path.stat().st_nlink == 1
    with pytest.raises(FileExistsError) as caught:
        create_exclusively(path, b"two")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"one"
    assert only(tmp_path) == path


def test_creating_does_not_follow_a_dangling_link(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("elsewhere")
    with pytest.raises(FileExistsError):
        create_exclusively(link, b"one")
    assert only(tmp_path) == link


def test_creating_works_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "key"
    create_exclusively(path, b"one")
    with pytest.raises(FileExistsError):
        create_exclusively(path, b"two")
    assert path.read_bytes() == b"one"
    assert mode_of(path) == 0o600
    assert only(tmp_path) == path


def test_new_folders_are_private_and_existing_ones_unchanged(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with umask(0):
        make_private_folder(tmp_path / "a" / "b")
    assert [mode_of(path) for path in (tmp_path, tmp_path / "a", tmp_path / "a" / "b")] == [
        0o755,
        0o700,
        0o700,
    ]
    (tmp_path / "a").chmod(0o750)
    make_private_folder(tmp_path / "a")
    assert mode_of(tmp_path / "a") == 0o750


def test_a_file_in_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(FileExistsError):
        make_private_folder(tmp_path / "a")
    with pytest.raises(NotADirectoryError):
        make_private_folder(tmp_path / "a" / "b")
