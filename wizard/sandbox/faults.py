"""Trouble to order: broken servers, lost connections and captive portals, as data."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from threading import Lock
from typing import Literal

Trouble = Literal[
    "status",  # another status and body instead of the answer
    "slow",  # the right answer, `delay` seconds late
    "drop-before",  # the connection is cut before the body is read: nothing was done
    "drop-after",  # the connection is cut after the call was carried out: the answer is lost
    "hang",  # read, and never answered
    "truncated",  # the answer's JSON ends in the middle, as a whole HTTP message
    "cut-short",  # the connection is cut in the middle of the answer's body
    "wrong-type",  # the right answer, labelled as something else
    "captive-portal",  # the HTML of somebody else's login page
    "redirect",
    "endless",  # a body that never ends
    "huge",  # a body of `size` bytes
]

PORTAL = "<!DOCTYPE html><html><head><title>Gjestenett</title></head><body>Logg inn her</body></html>"
_STATUS: dict[Trouble, int] = {"status": 503, "redirect": 302}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One kind of trouble, for some requests.

    Attributes:
        path: Pattern (as of file names) for the decoded path below ``/v2``, such as ``/company/*`` or
            ``/token/session/:create``; a session token in the path counts as ``{token}``.
        method: Only this verb; None for all.
        after: So many matching requests pass unharmed first.
        times: So many are troubled; None for all that follow.
        trouble: What happens.
        status: HTTP status instead of the one usual for that trouble (503, 302 or 200).
        body: Body of ``status`` and ``captive-portal`` instead of the usual one; ``""`` for none.
        content_type: Instead of the usual one.
        headers: More headers on what comes instead of the answer, such as ``("Retry-After", "3")``.
        delay: Seconds before anything happens.
        location: Where ``redirect`` points.
        size: Bytes in a ``huge`` body.
        pause: Seconds between the pieces of an ``endless`` body.
    """

    path: str = "*"
    method: str | None = None
    after: int = 0
    times: int | None = 1
    trouble: Trouble = "status"
    status: int | None = None
    body: str | None = None
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    location: str = "https://portal.invalid/login"
    size: int = 32 * 1024 * 1024
    pause: float = 0.0

    @property
    def http_status(self) -> int:
        """The status that the trouble is sent with."""
        return self.status or _STATUS.get(self.trouble, 200)

    def concerns(self, method: str, endpoint: str) -> bool:
        """Whether a request is of the kind to be troubled."""
        return self.method in {None, method} and fnmatchcase(endpoint, self.path)


@dataclass
class _Count:
    fault: Fault
    passed: int = 0
    hits: int = 0


class Faults:
    """The faults in force and how often each has struck; safe to change while the sandbox is serving."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = Lock()
        self._counts = [_Count(fault) for fault in faults]

    def append(self, fault: Fault) -> None:
        """Add a fault. The first that concerns a request and is not used up strikes."""
        with self._lock:
            self._counts.append(_Count(fault))

    def clear(self) -> None:
        """Heal everything."""
        with self._lock:
            self._counts.clear()

    def hits(self, fault: Fault) -> int:
        """How many requests the fault has struck."""
        with self._lock:
            return sum(count.hits for count in self._counts if count.fault == fault)

    def take(self, method: str, endpoint: str) -> Fault | None:
        """The fault that strikes this request, which is thereby counted."""
        with self._lock:
            for count in self._counts:
                fault = count.fault
                if not fault.concerns(method, endpoint) or count.hits == fault.times:
                    continue
                if count.passed < fault.after:
                    count.passed += 1
                    continue
                count.hits += 1
                return fault
            return None
