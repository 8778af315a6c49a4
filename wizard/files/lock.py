"""One run at a time for a file, by a lock that dies with its process."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Holder:
    """The run that has the lock; ``since`` is an ISO time with the machine's offset."""

    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"pid {self.pid}, {self.host}, {self.since}"


class Busy(Exception):  # noqa: N818 - a state of the world, not a fault
    """Another run has the lock on ``path``; ``holder`` is None when it could not be read."""

    def __init__(self, path: Path, holder: Holder | None) -> None:
        super().__init__(f"{path}: {holder}")
        self.path = path
        self.holder = holder


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Lock a file while the block runs; the file itself need not exist, its folder must.

    The lock is ``.NAME.lock`` next to the file that a link points to, so that all users and all links
    meet at the same one. The system gives it up when the process ends, however it ends; the file is
    removed with it, and one that a killed run left does not block others.

    Raises:
        Busy: another run has locked it.
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


def _acquire(lock: Path, path: Path) -> int:
    while True:
        with ExitStack() as undo:
            descriptor = _open(lock)
            undo.callback(os.close, descriptor)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(path, _read_holder(descriptor)) from None
            if _is_still_named(descriptor, lock):
                _sign(descriptor)
                undo.pop_all()
                return descriptor


def _open(lock: Path) -> int:
    flags = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(lock, os.O_RDWR | flags)
    except FileNotFoundError:
        return os.open(lock, os.O_RDWR | os.O_CREAT | flags, 0o644)
    except PermissionError:
        # Another user's: enough to see whether it is locked, and by whom.
        return os.open(lock, os.O_RDONLY | flags)


def _is_still_named(descriptor: int, lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), lock.lstat())
    except FileNotFoundError:
        return False


def _sign(descriptor: int) -> None:
    """Write down who has the lock; the lock works without it."""
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
