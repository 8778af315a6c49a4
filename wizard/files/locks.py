"""Locks files that two runs must not change at the same time."""

import errno
import fcntl
import json
import os
import resource
import socket
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from wizard.files.reading import reason_of
from wizard.findings import Finding, Phrase, codes
from wizard.text import N_

_SPARE: Final = 256
"""The number of open files to reserve for other purposes."""
_held: set[Path] = set()
"""The lock files that this process has locked."""


class Holder(NamedTuple):
    """The process that has the lock; ``since`` is an ISO time with the machine's offset."""

    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"pid {self.pid}, {self.host}, {self.since}"


class LockFailed(OSError):
    """The file system does not support locks."""


class LockPlanted(OSError):
    """The lock file is a link or not a regular file, so that it cannot be one of ours."""


class Busy(Exception):
    """Another run has the lock on ``path``; ``holder`` is None if it could not be read."""

    def __init__(self, path: Path, holder: Holder | None) -> None:
        super().__init__(f"{path}: {holder}")
        self.path = path
        self.holder = holder


def why_not_written(path: Path, error: Busy | OSError) -> Finding:
    """Return the finding for a file that could not be locked or written."""
    match error:
        case Busy(holder=holder):
            return codes.BUSY.found(path=str(path), holder=str(holder or "?"))
        case LockPlanted(filename=str(lock)):
            planted = Phrase(N_("remove {lock}, which is a link or not a regular file"), lock=lock)
            return codes.NOT_WRITTEN.found(path=str(path), reason=planted)
        case LockFailed():
            return codes.NOT_LOCKED.found(path=str(path), reason=reason_of(error))
        case _:
            return codes.NOT_WRITTEN.found(path=str(path), reason=reason_of(error))


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Lock a file, which need not exist, while the block runs. Its folder must exist.

    The lock file is ``.NAME.lock`` next to the target of all links, so that it is the same for every user
    and link. The system releases the lock when the process ends, so a lock file left by a killed run does
    not block others.

    Raises:
        Busy: If another run has locked the file.
        LockFailed: If the file system does not support locks.
        OSError: If the lock file cannot be created, in which case the file cannot be written either.
    """
    lock = _lock_file(path)
    descriptor = _acquire(lock, path)
    _held.add(lock)
    try:
        yield
    finally:
        _held.remove(lock)
        # Deleted while still locked: a run that has opened it notices that it has been deleted.
        with suppress(OSError):
            if _exists_as(descriptor, lock):
                lock.unlink()
        os.close(descriptor)


@contextmanager
def reentrant_file_lock(path: Path) -> Iterator[None]:
    """Lock a file while the block runs, unless this process has already locked it.

    Raises:
        Busy: If another process has locked the file.
        OSError: If the lock file cannot be created.
    """
    with nullcontext() if _lock_file(path) in _held else file_lock(path):
        yield


@contextmanager
def lock_all(
    paths: Iterable[Path], refusal: Callable[[Path], Finding | None], *, dry_run: bool = False
) -> Iterator[Mapping[Path, Finding]]:
    """Lock files while the block runs, except in a dry run.

    Every lock is an open file. If the system allows too few, the remaining files are only locked while they
    are written.

    Args:
        paths: The files.
        refusal: Returns why a file must not be used, if so.
        dry_run: Whether nothing will be written.

    Yields:
        Findings about the files that must not be used or cannot be locked.
    """
    named = sorted(paths)
    refused = {path: finding for path in named if (finding := refusal(path))}
    wanted = [] if dry_run else [path for path in named if path not in refused]
    most = _allow_open_files(len(wanted) + _SPARE) - _SPARE
    with ExitStack() as held:
        for number, path in enumerate(wanted):
            try:
                if number < most:
                    held.enter_context(file_lock(path))
                else:
                    with file_lock(path):
                        pass
            except (Busy, OSError) as error:
                refused[path] = why_not_written(path, error)
        yield refused


def _allow_open_files(wanted: int) -> int:
    """Raise the limit of open files, usually 1,024, and return the new limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    enough = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
        return enough
    return soft


def _lock_file(path: Path) -> Path:
    target = Path(os.path.realpath(path))
    return target.with_name(f".{target.name}.lock")


def _acquire(lock: Path, path: Path) -> int:
    while True:
        with ExitStack() as undo:
            descriptor = _open(lock)
            undo.callback(os.close, descriptor)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(path, _read_holder(descriptor)) from None
            except OSError as error:
                with suppress(OSError):
                    lock.unlink()
                raise LockFailed(error.errno, error.strerror, os.fspath(path)) from None
            if _exists_as(descriptor, lock):
                _write_holder(descriptor)
                undo.pop_all()
                return descriptor


def _open(lock: Path) -> int:
    """Open or create the lock file, but not through a symbolic or hard link."""
    flags = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(lock, os.O_RDWR | flags)
    except FileNotFoundError:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | flags, 0o644)
    except PermissionError:
        # Another user's lock file: reading is enough to see whether it is locked, and by whom.
        descriptor = os.open(lock, os.O_RDONLY | flags)
    except OSError as error:
        if error.errno == errno.ELOOP:  # a symbolic link
            raise _planted(lock) from None
        raise
    seen = os.fstat(descriptor)
    # Without any link, the run that had locked it has just deleted it, which ``_acquire`` notices.
    if stat.S_ISREG(seen.st_mode) and seen.st_nlink <= 1:
        return descriptor
    os.close(descriptor)
    raise _planted(lock)


def _planted(lock: Path) -> LockPlanted:
    return LockPlanted(errno.EMLINK, f"{lock.name} is a link or not a regular file", os.fspath(lock))


def _exists_as(descriptor: int, lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), lock.lstat())
    except FileNotFoundError:
        return False


def _write_holder(descriptor: int) -> None:
    """Write the holder to the lock file, unless it belongs to another user. It is only for information."""
    if os.fstat(descriptor).st_uid != os.geteuid():
        return
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    holder = Holder(os.getpid(), socket.gethostname(), since)
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder._asdict()).encode(), 0)
        os.fchmod(descriptor, 0o644)  # whatever the umask, so that other users can see the holder


def _read_holder(descriptor: int) -> Holder | None:
    try:
        match json.loads(os.pread(descriptor, 1024, 0)):
            case {"pid": int(pid), "host": str(host), "since": str(since)} if (host + since).isprintable():
                return Holder(pid, host, since)
    except (OSError, ValueError, RecursionError):
        pass
    return None
