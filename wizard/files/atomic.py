"""Writes a whole file or nothing.

The new text goes to a private temporary file in the same folder, reaches the disk, and takes the
place of the old one in one stroke. Errors are the system's own OSError with the path of the file
that was asked for; the old file is then untouched.

A temporary file is locked while it is written. The lock dies with its process, so what an
interrupted run left can be distinguished from what another run is writing, and ``sweep`` removes it.
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

PRIVATE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_ANY_MODE: Final = 0o777
_OPEN_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_HARD_LINKS_UNKNOWN: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS})
_METADATA_REFUSED: Final = frozenset(
    {errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
)
"""What chown and chmod say of a file system, or of a user, that has no say in owners and modes."""
_HOUR: Final = 3600.0
_RANDOM: Final = 6
"""Bytes in the name of a temporary file, which make it ours and nobody else's."""
_OURS: Final = re.compile(rf"\.(?P<target>.+)\.[0-9a-f]{{{2 * _RANDOM}}}\.tmp", re.DOTALL)


def write_atomically(path: Path, data: bytes, *, mode: int = PRIVATE, keep: int | None = None) -> bool:
    """Put data into a file; a link of the user's own stays a link, its target is replaced.

    Args:
        path: The file; its folder must exist.
        data: The complete content of the file.
        mode: The permissions of a new file.
        keep: The most that an existing file may keep of its own permissions; ``mode`` if not given.
            A stricter file stays stricter. Owner, group and access lists are kept as well.

    Returns:
        False if the file had exactly this content already; it is then not touched.

    Raises:
        OSError: the file could not be written, is not a regular file, or is a link that leads nowhere
            or that another user made.
    """
    with _naming(path):
        target = _target_of(path)
        former = _look_at(target)
        if former and former.st_size == len(data) and target.read_bytes() == data:
            return False
        if former:
            mode = stat.S_IMODE(former.st_mode) & (mode if keep is None else keep) & _ANY_MODE
        with _temporary(target, data, mode, former) as (temporary, folder):
            os.replace(temporary, target.name, src_dir_fd=folder, dst_dir_fd=folder)
            # It is done and cannot be undone: an error now would say that the old file is still there.
            with suppress(OSError):
                _bring_to_disk(folder)
    return True


def create_exclusively(path: Path, data: bytes, *, like: os.stat_result | None = None) -> None:
    """Make a new private file; one that is there already is never overwritten.

    Args:
        path: The file; its folder must exist.
        data: The complete content of the file.
        like: The file whose owner and group the new one gets; the user's own if not given.

    Raises:
        FileExistsError: there is something at the path already, be it a dangling link.
        OSError: the file could not be written.
    """
    with _naming(path), _temporary(path, data, PRIVATE, like) as (temporary, folder):
        try:
            os.link(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _HARD_LINKS_UNKNOWN:
                raise
            # CIFS and FAT have no hard links: reserve the name, then put the file there whole.
            os.close(os.open(path.name, _OPEN_NEW, PRIVATE, dir_fd=folder))
            os.replace(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        try:
            _bring_to_disk(folder)
        except OSError:
            os.unlink(path.name, dir_fd=folder)
            raise


def _target_of(path: Path) -> Path:
    """Return the file that a path leads to; never through another user's link."""
    target = Path(os.path.realpath(path))
    if not path.is_symlink():
        return target
    if path.lstat().st_uid not in {0, os.geteuid()}:
        raise PermissionError(errno.EPERM, "a link of another user's")
    path.stat()  # a link that leads nowhere is an error
    return target


def make_private_folder(path: Path) -> None:
    """Create a private folder and those above it; existing ones are left alone.

    Raises:
        FileExistsError: something that is no folder is in the way.
        OSError: it could not be made.
    """
    try:
        path.mkdir(_PRIVATE_FOLDER)
    except FileNotFoundError:
        # ``mkdir(parents=True)`` would give the upper ones the permissions of the umask.
        make_private_folder(path.parent)
        path.mkdir(_PRIVATE_FOLDER, exist_ok=True)  # in /proc it is missing even so
    except FileExistsError:
        if not path.is_dir():
            raise


def sweep(path: Path) -> list[Path]:
    """Remove what interrupted runs left of writing this file, and return it."""
    target = Path(os.path.realpath(path))
    return _sweep(target.parent, target.name)


def sweep_folder(folder: Path) -> list[Path]:
    """Remove what interrupted runs left of writing files below a folder of ours, and return it."""
    return [left for path, _, _ in os.walk(folder) for left in _sweep(Path(path))]


def _sweep(folder: Path, name: str | None = None) -> list[Path]:
    removed = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            ours = _OURS.fullmatch(entry.name)
            if ours and name in {None, ours["target"]} and _is_abandoned(entry):
                with suppress(OSError):
                    os.unlink(entry.path)  # noqa: PTH108 - an entry is no Path
                    removed.append(Path(entry.path))
    return removed


def _is_abandoned(entry: os.DirEntry[str]) -> bool:
    """Whether no run is writing a temporary file any more."""
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
    except OSError:  # no locks here: an hour is longer than any write takes
        return time.time() - seen.st_mtime > _HOUR
    finally:
        os.close(descriptor)
    return True


@contextmanager
def _temporary(
    target: Path, data: bytes, mode: int, like: os.stat_result | None
) -> Iterator[tuple[str, int]]:
    """Yield the name of a finished temporary file and a descriptor of its folder; then remove the name."""
    # Opened first: a folder that cannot be opened cannot be brought to the disk afterwards.
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    name = f".{target.name}.{os.urandom(_RANDOM).hex()}.tmp"
    try:
        descriptor = _open_locked(name, folder)
        try:
            with open(descriptor, "wb") as file:  # a descriptor has no path
                file.write(data)
                file.flush()
                if like:
                    _take_over(descriptor, target, like)
                _set_mode(descriptor, mode, is_essential=like is None)
                os.fsync(descriptor)
                yield name, folder
        finally:
            # Also on KeyboardInterrupt. After a rename there is nothing left to remove; what cannot be
            # removed is swept up later, and changes nothing about what was written.
            with suppress(OSError):
                os.unlink(name, dir_fd=folder)
    finally:
        os.close(folder)


def _take_over(descriptor: int, target: Path, like: os.stat_result) -> None:
    """Give a new file the owner, group and access lists of the one it replaces."""
    own = os.fstat(descriptor)
    if (own.st_uid, own.st_gid) != (like.st_uid, like.st_gid):
        try:
            os.fchown(descriptor, like.st_uid, like.st_gid)
        except OSError as error:
            if error.errno not in _METADATA_REFUSED:
                raise
            # Another user's file in a shared folder, or a file system that keeps no owners. The group
            # may be given all the same, and the config is as good without.
            with suppress(OSError):
                os.fchown(descriptor, -1, like.st_gid)
    if not hasattr(os, "listxattr"):
        return
    with suppress(OSError):
        for name in os.listxattr(target):
            with suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(target, name))


def _open_locked(name: str, folder: int) -> int:
    """Make a temporary file, and keep it locked until it is closed."""
    while True:
        descriptor = os.open(name, _OPEN_NEW, PRIVATE, dir_fd=folder)
        with suppress(OSError):  # where there are no locks, sweeping waits for an hour
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)  # swept up before it was locked


def _set_mode(descriptor: int, mode: int, *, is_essential: bool) -> None:
    """Set the permissions; for an existing file that is replaced, a refusal is no reason to fail."""
    try:
        os.fchmod(descriptor, mode)
    except OSError as error:
        if is_essential or error.errno not in _METADATA_REFUSED:
            raise


def _bring_to_disk(folder: int) -> None:
    try:
        os.fsync(folder)
    except OSError as error:
        # Some network and FUSE file systems know no fsync of a folder.
        if error.errno != errno.EINVAL:
            raise


def _look_at(target: Path) -> os.stat_result | None:
    try:
        seen = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(seen.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    return seen


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let every OSError name the file that was asked for, not the temporary one."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = os.fspath(path), None
        raise
