"""Reads files and standard input, with limits, and parses TOML.

Only regular files are read, and only up to a limit, so that a FIFO, a device or a sparse file of six
gigabytes gives an error instead of blocking. Every error is an ``OSError``, for which ``reason_of`` returns
a reason that can be translated.
"""

import errno
import os
import re
import stat
import tomllib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from pathlib import Path
from typing import Any, Final

from wizard.domain.exits import Exit
from wizard.findings import Code, Finding, Phrase, Term, codes, shown
from wizard.paths import UserUnknown
from wizard.text import N_, Texts

KEY_LIMIT: Final = 64 * 1024
LIST_LIMIT: Final = 4 * 1024 * 1024
CONFIG_LIMIT: Final = 8 * 1024 * 1024
"""The maximum size in bytes of a key file, of a list or an answers file, and of a config."""

_REASONS: Final = {
    errno.EACCES: Term(N_("permission denied")),
    errno.EPERM: Term(N_("permission denied")),
    errno.ENOENT: Term(N_("there is no such file")),
    errno.ENOTDIR: Term(N_("there is no such file")),
    errno.ELOOP: Term(N_("there is a loop of symbolic links")),
    errno.EIO: Term(N_("the disk reports an error")),
    errno.ENAMETOOLONG: Term(N_("the name is too long")),
    errno.EAGAIN: Term(N_("no more processes or threads may be started (ulimit -u)")),
    errno.ENOSPC: Term(N_("no space left on device")),
    errno.EDQUOT: Term(N_("the disk quota is used up")),
    errno.EROFS: Term(N_("the file system is read-only")),
    errno.EEXIST: Term(N_("something with that name already exists")),
    errno.EISDIR: Term(N_("it is a folder")),
    errno.ETIMEDOUT: Term(N_("it took too long")),
    errno.ENOLCK: Term(N_("this file system does not support locks")),
    errno.EMFILE: Term(N_("too many files are open (ulimit -n)")),
    errno.ENFILE: Term(N_("too many files are open on this machine")),
    errno.EFBIG: Term(N_("no file may become that large (ulimit -f)")),
    errno.ENOMEM: Term(N_("there is not enough memory")),
    errno.ENOEXEC: Term(N_("it is not a program that this machine can run")),
    errno.EBUSY: Term(N_("something else is using it")),
    errno.ETXTBSY: Term(N_("something else is using it")),
    errno.ESTALE: Term(N_("the network drive does not answer")),
    errno.EHOSTDOWN: Term(N_("the network drive does not answer")),
    errno.ENOTCONN: Term(N_("the network drive does not answer")),
    errno.EOPNOTSUPP: Term(N_("this file system does not support it")),
    errno.ENOSYS: Term(N_("this file system does not support it")),
}
_RESOURCES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN})
_LIMITS: Final = _RESOURCES | {errno.ENOLCK, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
_WIDE: Final = (("utf-32-le", 4, 0), ("utf-32-be", 4, 3), ("utf-16-le", 2, 0), ("utf-16-be", 2, 1))
"""Encodings, the bytes of a unit, and which of them a Latin letter is in."""
_OPEN_DESCRIPTOR: Final = re.compile(r"-|/dev/stdin|/(?:dev|proc/self)/fd/(\d{1,9})")


class NotRegular(OSError):
    """The path exists but is not a regular file."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.EINVAL, "not a regular file", path)


class OtherUsersLink(PermissionError):
    """There is a symbolic link of another user at the path."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.EPERM, "a link of another user", path)


class TooLarge(OSError):
    """The content exceeds the limit, which is in bytes."""

    def __init__(self, path: str, limit: int) -> None:
        super().__init__(errno.EFBIG, "too large", path)
        self.limit = limit

    @property
    def shown_limit(self) -> str:
        """The limit for messages, such as ``4 MiB``."""
        mebibytes = self.limit // 1024**2
        return f"{mebibytes} MiB" if mebibytes else f"{self.limit // 1024} KiB"


def open_regular(path: str | Path) -> int:
    """Open a regular file and return its descriptor, without blocking and without opening a device.

    Raises:
        NotRegular: If it is not a regular file.
        OSError: If it cannot be opened.
    """
    # Opening a device can have effects, so its type is checked first. A folder is opened anyway, so that
    # missing permissions are reported first.
    mode = os.stat(path).st_mode  # noqa: PTH116 - ten thousand configs in a row: pathlib costs more
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise NotRegular(os.fspath(path))
    # O_NONBLOCK: it may have become a FIFO in the meantime, and opening one waits for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotRegular(os.fspath(path))
    return descriptor


def read_regular(path: str | Path, limit: int) -> bytes:
    """Return the content of a regular file.

    Raises:
        NotRegular: If it is not a regular file.
        TooLarge: If it has more than ``limit`` bytes.
        OSError: If it cannot be read.
    """
    return read_with_stat(path, limit)[0]


def read_with_stat(path: str | Path, limit: int) -> tuple[bytes, os.stat_result]:
    """Return the content and status of a regular file, using one descriptor for both.

    Raises:
        NotRegular: If it is not a regular file.
        TooLarge: If it has more than ``limit`` bytes.
        OSError: If it cannot be read.
    """
    try:
        descriptor = open_regular(path)
    except ValueError:  # a NUL in the path
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(path)) from None
    try:
        return read_descriptor(descriptor, limit, os.fspath(path)), os.fstat(descriptor)
    finally:
        os.close(descriptor)


def read_descriptor(descriptor: int, limit: int, name: str) -> bytes:
    """Read an open descriptor to the end; ``name`` is used in errors.

    Raises:
        TooLarge: If there are more than ``limit`` bytes.
        OSError: If it cannot be read.
    """
    pieces = []
    left = limit + 1
    while left > 0 and (piece := os.read(descriptor, min(left, 1024 * 1024))):
        pieces.append(piece)
        left -= len(piece)
    if left <= 0:
        raise TooLarge(name, limit)
    return b"".join(pieces)


def read_named(name: str | Path, limit: int) -> bytes:
    """Return the content of a file given on the command line; ``-`` is standard input.

    Pipes that are already open, such as ``<(pass show finale)``, can be read as well.

    Raises:
        NotRegular: If it is something else, such as a FIFO.
        TooLarge: If it has more than ``limit`` bytes.
        OSError: If it cannot be read.
    """
    given = os.fspath(name)
    if opened := _OPEN_DESCRIPTOR.fullmatch(given):
        return read_descriptor(int(opened[1] or 0), limit, given)
    return read_regular(given, limit)


def decode(data: bytes) -> str:
    """Decode UTF-8 and drop the BOM that Windows editors add.

    Raises:
        UnicodeDecodeError: If it is not UTF-8.
    """
    return data.removeprefix(BOM_UTF8).decode()


def decode_leniently(data: bytes) -> str:
    """Decode the text of a key or a list in UTF-8, UTF-16, UTF-32 or Windows-1252. Never fails.

    PowerShell and Excel's “Unicode text” use UTF-16. Anything else that is not UTF-8 or UTF-32 is decoded as
    Windows-1252.
    """
    if data.startswith((BOM_UTF32_LE, BOM_UTF32_BE)):  # the former begins like UTF-16
        return data.decode("utf-32", "replace")
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if encoding := _encoding_without_bom(data):
        return data.decode(encoding, "replace")
    try:
        return decode(data)
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _encoding_without_bom(data: bytes) -> str | None:
    """Return the UTF-32 or UTF-16 encoding of mostly Latin text, in which one byte of a unit is not zero."""
    for encoding, size, place in _WIDE:
        zeros = [data[at::size].count(0) for at in range(size)]
        letters = zeros.pop(place)
        if not letters and min(zeros) > len(data) // size // 2:
            return encoding
    return None


def reason_of(error: OSError) -> Term | Phrase:
    """Return the reason for an error, for a finding. The system's own messages are in English."""
    match error:
        case NotRegular():
            return Term(N_("it is not a regular file"))
        case OtherUsersLink():
            return Term(N_("it is a link of another user"))
        case TooLarge():
            return Phrase(N_("it is larger than {limit}"), limit=error.shown_limit)
        case UserUnknown():
            return Term(N_("there is no user with that name, or no home folder"))
        case TimeoutError():  # asyncio raises it without a number
            return _REASONS[errno.ETIMEDOUT]
        case OSError(errno=number) if number in _REASONS:
            return _REASONS[number]
        case _:
            name = errno.errorcode.get(error.errno or 0, type(error).__name__)
            return Phrase(N_("system error {name}"), name=name)


def reason_in(error: OSError, t: Texts) -> str:
    """Return the reason for an error in the user's language."""
    return str(shown(reason_of(error), t))


def is_limit(error: OSError) -> bool:
    """Return whether an error means that a resource of the machine is exhausted, whatever the file."""
    return error.errno in _RESOURCES


_FIND_IT: Final = Term(N_("Check the path. The file may have been moved or deleted."))


def why_not_read(path: str | Path, error: OSError) -> Finding:
    """Return the finding for a file that could not be read."""
    found = file_failure(codes.FILE_UNREADABLE, path, error)
    return found.with_values(advice=_FIND_IT) if error.errno in {errno.ENOENT, errno.ENOTDIR} else found


def file_failure(code: Code, path: str | Path, error: OSError) -> Finding:
    """Return a finding with the path and reason of an error, or another one if a resource is exhausted."""
    if is_limit(error):
        code = codes.LIMIT_REACHED
    return code.found(path=str(path), reason=reason_of(error))


def explain_failure(error: Exception) -> tuple[Exit, Term | Phrase] | None:
    """Return the exit code and reason of an unhandled error, or None if it is a bug.

    An unusable path is a usage error. Running out of memory, space or threads is a problem of the machine.
    """
    found: tuple[Exit, Term | Phrase] | None = None
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    match error:
        case MemoryError():
            found = Exit.MACHINE, Term(N_("there is not enough memory"))
        case RuntimeError() if "start new thread" in str(error):
            found = Exit.MACHINE, _REASONS[errno.EAGAIN]
        case FileNotFoundError(filename=None) if "temporary directory" in str(error):
            found = Exit.MACHINE, Term(N_("there is no folder for temporary files; set TMPDIR"))
        case FileNotFoundError(filename=None):
            found = Exit.USAGE, Term(N_("the working folder no longer exists; use absolute paths"))
        case OSError(errno=number) if number in _LIMITS:
            found = Exit.MACHINE, reason_of(error)
        case OSError(filename=str() | bytes() | Path()):
            found = Exit.USAGE, reason_of(error)
    return found


def unreadable(name: str | Path, error: OSError, t: Texts) -> str:
    """Return the message for a file that cannot be read, with the reason."""
    if isinstance(error, TooLarge):
        return t("{path} is larger than {limit}, so it was not read.", path=name, limit=error.shown_limit)
    return t("{path} cannot be read: {reason}", path=name, reason=reason_in(error, t))


# A dotted key with a hundred parts or more: tomllib takes quadratic time and memory for it.
_ENDLESS_NAME: Final = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\\\n]{0,99}+"|'[^'\n]{0,99}+')[ \t]*+\.[ \t]*+){100}"""
)


def endless_name(text: str) -> int | None:
    """Return the offset of a dotted key with far too many parts, or None."""
    found = _ENDLESS_NAME.search(text)
    return found.start() if found else None


def parse_toml(text: str) -> dict[str, Any]:
    """Parse a TOML document without BOM.

    Raises:
        ValueError: If it is not TOML.
        RecursionError: If tables, lists or names are nested too deeply.
    """
    if endless_name(text) is not None:
        raise RecursionError
    return tomllib.loads(text)


_NAMED_TWICE: Final = N_("a name is used twice")
_NOT_CLOSED: Final = N_("a quotation mark is missing")
_NOT_QUOTED: Final = N_("a value is missing, or a text is not in quotation marks")
_TOML_PROBLEMS: Final = (
    (r"Cannot |Duplicate ", Term(_NAMED_TWICE)),
    (r"Unclosed array|Expected '\]", Term(N_("a closing square bracket is missing"))),
    (r"Unclosed inline table", Term(N_("a closing curly bracket is missing"))),
    (
        r"Unterminated |Expected [\"'][\"']|Illegal character '\\[nr]'|Found invalid character '\\n'",
        Term(_NOT_CLOSED),
    ),
    (r"Expected '='", Term(N_("“=” is missing"))),
    (r"Expected newline", Term(N_("there is more on the line than one setting"))),
    (r"Invalid (?:value|date)", Term(_NOT_QUOTED)),
    (r"Unescaped |Invalid hex |Escaped ", Term(N_("a backslash in a text must be written twice"))),
    (r"Illegal |Found invalid ", Term(N_("there is a character that is not allowed"))),
    (r"", Term(N_("a line does not begin like a setting or a table"))),
)


def toml_problem(message: str) -> Term:
    """Return what is wrong with a text that is not TOML, from the message of ``tomllib``."""
    return next(problem for pattern, problem in _TOML_PROBLEMS if re.match(pattern, message))
