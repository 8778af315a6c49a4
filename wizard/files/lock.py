"""One run at a time for a file, by a lock that dies with its process."""

import errno
import fcntl
import json
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from wizard.files.reading import reason_of
from wizard.findings import Finding, Phrase, codes
from wizard.text import N_


@dataclass(frozen=True, slots=True)
class Holder:
    """The run that has the lock; ``since`` is an ISO time with the machine's offset."""

    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"pid {self.pid}, {self.host}, {self.since}"


class LockFailed(OSError):
    """The file system gives no locks."""


class LockPlanted(OSError):
    """Something that no run made has the name of the lock file, such as a link; it is left alone."""


class Busy(Exception):
    """Another run has the lock on ``path``; ``holder`` is None when it could not be read."""

    def __init__(self, path: Path, holder: Holder | None) -> None:
        super().__init__(f"{path}: {holder}")
        self.path = path
        self.holder = holder


def why_not_written(path: Path, error: Busy | OSError) -> Finding:
    """Return the finding for a file that could not be locked, or not be written under its lock."""
    match error:
        case Busy(holder=holder):
            return codes.BUSY.found(path=str(path), holder=str(holder or "?"))
        case LockPlanted(filename=str(lock)):
            planted = Phrase(N_("remove {lock}, which is a link or no file of its own"), lock=lock)
            return codes.NOT_WRITTEN.found(path=str(path), reason=planted)
        case LockFailed():
            return codes.NOT_LOCKED.found(path=str(path), reason=reason_of(error))
        case _:
            return codes.NOT_WRITTEN.found(path=str(path), reason=reason_of(error))


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Lock a file while the block runs; the file itself need not exist, its folder must.

    The lock is ``.NAME.lock`` next to the file that a link points to, so that all users and all links
    meet at the same one. The system gives it up when the process ends, however it ends; the file is
    removed with it, and one that a killed run left does not block others.

    Raises:
        Busy: another run has locked it.
        LockFailed: the file system gives no locks.
        OSError: no lock can be made there; then no file can be written there either.
    """
    target = Path(os.path.realpath(path))
    lock = target.with_name(f".{target.name}.lock")
    descriptor = _acquire(lock, path)
    try:
        yield
    finally:
        # Removed while still locked: a run that opened it meanwhile sees that it has lost its name.
        with suppress(OSError):
            if _is_still_named(descriptor, lock):
                lock.unlink()
        os.close(descriptor)


@contextmanager
def hold_here(path: Path) -> Iterator[None]:
    """Lock a file while the block runs, unless this process has it locked already.

    Raises:
        Busy: another process has locked it.
        OSError: no lock can be made there.
    """
    with ExitStack() as held:
        try:
            held.enter_context(hold(path))
        except Busy as busy:
            holder, ours = busy.holder, (os.getpid(), socket.gethostname())
            if holder is None or (holder.pid, holder.host) != ours:
                raise
        yield


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
            if _is_still_named(descriptor, lock):
                _sign(descriptor)
                undo.pop_all()
                return descriptor


def _open(lock: Path) -> int:
    """Open the lock file, or make it; never through a symbolic or hard link that was planted there."""
    flags = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(lock, os.O_RDWR | flags)
    except FileNotFoundError:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | flags, 0o644)
    except PermissionError:
        # Another user's: enough to see whether it is locked, and by whom.
        descriptor = os.open(lock, os.O_RDONLY | flags)
    except OSError as error:
        if error.errno == errno.ELOOP:  # a symbolic link, whatever it leads to
            raise _planted(lock) from None
        raise
    seen = os.fstat(descriptor)
    # No name left: the run that had it locked has just removed it, which ``_acquire`` notices.
    if stat.S_ISREG(seen.st_mode) and seen.st_nlink <= 1:
        return descriptor
    os.close(descriptor)
    raise _planted(lock)


def _planted(lock: Path) -> LockPlanted:
    return LockPlanted(errno.EMLINK, f"{lock.name} is a link or no file of its own", os.fspath(lock))


def _is_still_named(descriptor: int, lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), lock.lstat())
    except FileNotFoundError:
        return False


def _sign(descriptor: int) -> None:
    """Write down who has the lock, unless the file is another user's; the lock works without it."""
    if os.fstat(descriptor).st_uid != os.geteuid():
        return
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    holder = Holder(os.getpid(), socket.gethostname(), since)
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(holder)).encode(), 0)
        os.fchmod(descriptor, 0o644)  # whatever the umask: other users may see whom they wait for


def _read_holder(descriptor: int) -> Holder | None:
    try:
        match json.loads(os.pread(descriptor, 1024, 0)):
            case {"pid": int(pid), "host": str(host), "since": str(since)} if (host + since).isprintable():
                return Holder(pid, host, since)
    except (OSError, ValueError, RecursionError):
        pass
    return None
