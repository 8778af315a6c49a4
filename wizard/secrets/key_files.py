"""Reads key files and checks that they are private."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from wizard.domain.key import Secret
from wizard.domain.reference import FileReference, describe
from wizard.files.reading import decode_leniently, why_not_read
from wizard.findings import Finding, codes
from wizard.secrets.trust import fix_for_owner, is_read_only, keeps_no_permissions

_CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
_PREFIX: Final = f"${{{_CREDENTIALS}}}/"
_LARGEST: Final = 64 * 1024
_ROOT: Final = 0


class _Location(NamedTuple):
    """The path of a key file.

    Attributes:
        is_credential: Whether systemd created the file, as a credential of a service.
    """

    path: str
    is_credential: bool = False


def check_secret_file(
    reference: FileReference, config_path: Path | None, *, environ: Mapping[str, str] = os.environ
) -> Finding | None:
    """Return a finding if a file's owner or mode is wrong, without opening it.

    A file that does not exist or cannot be seen is not reported, because the config may be meant for
    another machine or user.
    """
    location = _locate(reference, config_path, environ)
    if isinstance(location, Finding):
        return None if location.code.is_unknown else location
    try:
        seen = os.stat(location.path)  # noqa: PTH116 - ten thousand configs in a row: pathlib costs more
    except (OSError, ValueError):
        return None
    return _finding_for(seen, location)


def read_secret_file(
    reference: FileReference, config_path: Path | None, *, environ: Mapping[str, str] = os.environ
) -> Secret | Finding:
    """Return the first line of a private file.

    The check uses the descriptor that the file is read from, so the file cannot be replaced in between.
    """
    location = _locate(reference, config_path, environ)
    if isinstance(location, Finding):
        return location
    try:
        content = _read(location)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the path
        return codes.SECRET_FILE_MISSING.found(path=location.path)
    except OSError as error:
        return why_not_read(location.path, error)
    if isinstance(content, Finding):
        return content
    # A file that is not text is reported when the key is checked.
    first_line = decode_leniently(content).partition("\n")[0].strip()
    return Secret(first_line) if first_line else codes.SECRET_EMPTY.found(reference=describe(reference))


def _locate(
    reference: FileReference, config_path: Path | None, environ: Mapping[str, str]
) -> _Location | Finding:
    if not reference.path.startswith(_PREFIX):
        folder = config_path.parent if config_path else Path()
        return _Location(os.path.abspath(folder / reference.path))  # resolve() would follow links
    name = reference.path.removeprefix(_PREFIX)
    if ".." in name.split("/"):
        return codes.SECRET_FILE_OUTSIDE.found(path=reference.path)
    folder_of_service = environ.get(_CREDENTIALS)
    if not folder_of_service:
        return codes.CREDENTIALS_DIRECTORY_UNSET.found()
    return _Location(f"{folder_of_service}/{name}", is_credential=True)


def _read(location: _Location) -> bytes | Finding:
    # O_NONBLOCK: opening a FIFO without a writer would block forever.
    descriptor = os.open(location.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        return _finding_for(os.fstat(descriptor), location) or os.read(descriptor, _LARGEST)
    finally:
        os.close(descriptor)


def _finding_for(seen: os.stat_result, location: _Location) -> Finding | None:
    path = location.path
    if not stat.S_ISREG(seen.st_mode):
        return codes.SECRET_FILE_NOT_REGULAR.found(path=path)
    if seen.st_uid not in {_ROOT, os.geteuid()}:
        return codes.SECRET_FILE_OWNER.found(path=path, fix=fix_for_owner(path, seen.st_uid))
    if seen.st_mode & _forbidden_bits(seen, location) and not is_read_only(path):
        if keeps_no_permissions(path):
            return codes.KEY_NEEDS_PERMISSIONS.found(path=path)
        return codes.SECRET_FILE_EXPOSED.found(path=path)
    if seen.st_size > _LARGEST:
        return codes.SECRET_FILE_TOO_LARGE.found(path=path, limit=_LARGEST // 1024)
    return None


def _forbidden_bits(seen: os.stat_result, location: _Location) -> int:
    """Return the permission bits that must not be set.

    systemd creates credentials as root:root 0440, where the group bits are the mask of an access list for
    the service's user. Sources: systemd.exec(5), LoadCredential=, and /run/credentials of systemd 252.
    """
    is_access_list = location.is_credential and seen.st_uid == seen.st_gid == _ROOT
    return 0o037 if is_access_list else 0o077
