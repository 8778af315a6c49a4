"""Writes files atomically.

The new content is written to a private temporary file in the same folder, flushed to the disk and renamed.
If that fails, an OSError with the path of the requested file is raised, and the old file is unchanged.

A temporary file is locked while it is written, and the lock ends with the process. So ``sweep`` can remove
the files that interrupted runs have left, but not those that another run is writing.
"""

import errno
import fcntl
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from wizard.files.reading import NotRegular, OtherUsersLink

PRIVATE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_ANY_MODE: Final = 0o777
_OPEN_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_HARD_LINKS_UNSUPPORTED: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS})
_METADATA_UNSUPPORTED: Final = frozenset(
    {errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
)
"""Errors of chown and chmod that mean that the file system or the user cannot change owners and modes."""
_HOUR: Final = 3600.0
_RANDOM: Final = 6
"""Random bytes in the name of a temporary file."""
_TEMPORARY_NAME: Final = re.compile(rf"\.(?P<target>.+)\.[0-9a-f]{{{2 * _RANDOM}}}\.tmp", re.DOTALL)


def write_atomically(path: Path, data: bytes, *, mode: int = PRIVATE, keep: int | None = None) -> bool:
    """Write data to a file. If it is a symbolic link of the user, its target is replaced.

    Args:
        path: The file; its folder must exist.
        data: The complete content of the file.
        mode: The permissions of a new file.
        keep: The permission bits that an existing file may keep; ``mode`` by default. A stricter file stays
            stricter. Owner, group and access lists are kept as well.

    Returns:
        False if the file already had this content and was left alone.

    Raises:
        OSError: If the file could not be written, is not a regular file, or is a link that is broken or
            belongs to another user.
    """
    with _with_path(path):
        target = _target_of(path)
        former = _existing_file(target)
        if former and former.st_size == len(data) and target.read_bytes() == data:
            return False
        if former:
            mode = stat.S_IMODE(former.st_mode) & (mode if keep is None else keep) & _ANY_MODE
        with _temporary(target, data, mode, former) as (temporary, folder):
            os.replace(temporary, target.name, src_dir_fd=folder, dst_dir_fd=folder)
            # The file has been replaced: an error now would wrongly mean that the old one is still there.
            with suppress(OSError):
                _flush_folder(folder)
    return True


def create_exclusively(path: Path, data: bytes, *, like: os.stat_result | None = None) -> None:
    """Create a new private file. An existing file is never overwritten.

    Args:
        path: The file; its folder must exist.
        data: The complete content of the file.
        like: The file whose owner and group the new one gets; by default the user's own.

    Raises:
        FileExistsError: If the path exists, even as a broken link.
        OSError: If the file could not be written.
    """
    with _with_path(path), _temporary(path, data, PRIVATE, like) as (temporary, folder):
        try:
            os.link(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _HARD_LINKS_UNSUPPORTED:
                raise
            # CIFS and FAT have no hard links: reserve the name, then replace the empty file.
            os.close(os.open(path.name, _OPEN_NEW, PRIVATE, dir_fd=folder))
            os.replace(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        try:
            _flush_folder(folder)
        except OSError:
            os.unlink(path.name, dir_fd=folder)
            raise


def _target_of(path: Path) -> Path:
    """Resolve the symbolic links of a path, except for another user's link."""
    target = Path(os.path.realpath(path))
    if not path.is_symlink():
        return target
    if path.lstat().st_uid not in {0, os.geteuid()}:
        raise OtherUsersLink(os.fspath(path))
    path.stat()  # raises if the link is broken
    return target


def make_private_folder(path: Path) -> None:
    """Create a private folder and its parents; existing ones are left alone.

    Raises:
        FileExistsError: If the path exists and is not a folder.
        OSError: If it could not be created.
    """
    try:
        path.mkdir(_PRIVATE_FOLDER)
    except FileNotFoundError:
        # ``mkdir(parents=True)`` would create the parents with the permissions of the umask.
        make_private_folder(path.parent)
        path.mkdir(_PRIVATE_FOLDER, exist_ok=True)  # fails again in /proc
    except FileExistsError:
        if not os.path.isdir(path):
            raise


def sweep(path: Path) -> list[Path]:
    """Remove temporary files that interrupted runs have left for this file, and return their paths."""
    target = Path(os.path.realpath(path))
    return _sweep(target.parent, target.name)


def sweep_folder(folder: Path) -> list[Path]:
    """Remove temporary files that interrupted runs have left below a folder, and return their paths."""
    return [left for path, _, _ in os.walk(folder) for left in _sweep(Path(path))]


def _sweep(folder: Path, name: str | None = None) -> list[Path]:
    removed = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            ours = _TEMPORARY_NAME.fullmatch(entry.name)
            if ours and name in {None, ours["target"]} and _is_abandoned(entry):
                with suppress(OSError):
                    Path(entry).unlink()
                    removed.append(Path(entry))
    return removed


def _is_abandoned(entry: os.DirEntry[str]) -> bool:
    """Return whether no run is still writing a temporary file."""
    try:
        descriptor = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        seen = os.fstat(descriptor)
        if not stat.S_ISREG(seen.st_mode) or seen.st_uid != os.geteuid():
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # no locks on this file system: no write takes an hour
        return time.time() - seen.st_mtime > _HOUR
    finally:
        os.close(descriptor)
    return True


@contextmanager
def _temporary(
    target: Path, data: bytes, mode: int, like: os.stat_result | None
) -> Iterator[tuple[str, int]]:
    """Yield the name of a complete temporary file and a descriptor of its folder, and delete the file."""
    # Opened first, since a folder that cannot be opened cannot be flushed afterwards.
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    name = f".{target.name}.{os.urandom(_RANDOM).hex()}.tmp"
    try:
        descriptor = _open_locked(name, folder)
        try:
            with open(descriptor, "wb") as file:  # a descriptor has no path
                file.write(data)
                file.flush()
                if like:
                    _copy_metadata(descriptor, target, like)
                _set_mode(descriptor, mode, is_essential=like is None)
                os.fsync(descriptor)
                yield name, folder
        finally:
            # Also on KeyboardInterrupt. After a rename there is nothing to delete. If deleting fails, the
            # file is swept up later and does not affect what was written.
            with suppress(OSError):
                os.unlink(name, dir_fd=folder)
    finally:
        os.close(folder)


def _copy_metadata(descriptor: int, target: Path, like: os.stat_result) -> None:
    """Give a new file the owner, group and access lists of the one it replaces."""
    own = os.fstat(descriptor)
    if (own.st_uid, own.st_gid) != (like.st_uid, like.st_gid):
        try:
            os.fchown(descriptor, like.st_uid, like.st_gid)
        except OSError as error:
            if error.errno not in _METADATA_UNSUPPORTED:
                raise
            # Another user's file in a shared folder, or a file system without owners. Setting the group may
            # still work, but is not required.
            with suppress(OSError):
                os.fchown(descriptor, -1, like.st_gid)
    if not hasattr(os, "listxattr"):
        return
    with suppress(OSError):
        for name in os.listxattr(target):
            with suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(target, name))


def _open_locked(name: str, folder: int) -> int:
    """Create a temporary file that is locked until it is closed."""
    while True:
        descriptor = os.open(name, _OPEN_NEW, PRIVATE, dir_fd=folder)
        with suppress(OSError):  # without locks, sweeping waits for an hour
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)  # swept up before it was locked


def _set_mode(descriptor: int, mode: int, *, is_essential: bool) -> None:
    """Set the permissions. If they are not essential, a file system that refuses is not an error."""
    try:
        os.fchmod(descriptor, mode)
    except OSError as error:
        if is_essential or error.errno not in _METADATA_UNSUPPORTED:
            raise


def _flush_folder(folder: int) -> None:
    try:
        os.fsync(folder)
    except OSError as error:
        # Some network and FUSE file systems do not support fsync on a folder.
        if error.errno != errno.EINVAL:
            raise


def _existing_file(target: Path) -> os.stat_result | None:
    try:
        seen = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(seen.st_mode):
        raise NotRegular(os.fspath(target))
    return seen


@contextmanager
def _with_path(path: Path) -> Iterator[None]:
    """Make every OSError name the requested file, not the temporary one."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = os.fspath(path), None
        raise
