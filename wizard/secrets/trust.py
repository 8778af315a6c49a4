"""Whether a file that the wizard acts on can be changed by users who are not trusted.

A config and the site's defaults decide which secrets are read, which programs run and where tokens are
sent. So they are checked before any reference in them is resolved: the file itself, every folder on the
way to it, and every link that the way leads through. Trusted writers are the user, root, and the user's
private group. A user who can write to a folder on the way could replace this file with another;
in a sticky folder, such as /tmp, only the owner of the file can.
"""

import errno
import grp
import os
import pwd
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from wizard.domain.legible import command_line
from wizard.files.reading import why_not_read
from wizard.findings import Finding, codes
from wizard.paths import expanded

_ROOT: Final = 0
_MOST_LINKS: Final = 40
_OTHERS_MAY_WRITE: Final = stat.S_IWOTH
_GROUP_MAY_WRITE: Final = stat.S_IWGRP
_WITHOUT_PERMISSIONS: Final = frozenset(
    {"9p", "cifs", "drvfs", "exfat", "fuseblk", "msdos", "ntfs", "ntfs3", "smb3", "smbfs", "vfat"}
)
"""File systems that show made-up owners and modes: chmod changes nothing there."""


class Trust:
    """Checks paths; one for each run, because it remembers the folders it has seen."""

    def __init__(self, trusted_folders: Iterable[str | Path] = ()) -> None:
        """Take the folders below which neither owner nor mode counts, as trusted defaults name them."""
        self._exempt = tuple(os.path.realpath(expanded(str(folder))) for folder in trusted_folders)
        self._trusted: set[str] = set()

    def refusal(self, path: str | Path) -> Finding | None:
        """Return why a path is not trusted; None if it is.

        A file that does not exist yet is checked by the folders on the way to it.
        """
        named = os.path.abspath(path)  # links count as well
        ways = [named]
        if ".." in os.fspath(path).split("/"):
            # The system goes up from where a link leads, not from where it is; relative references begin at
            # the latter. So both count.
            ways.append(os.path.join(os.path.abspath(""), path))  # noqa: PTH118 - as it is named
        try:
            for entry, seen in (step for way in ways for step in _way(way)):
                if entry in self._trusted or self._is_exempt(entry):
                    continue
                if finding := _finding_for(entry, seen):
                    return finding
                if stat.S_ISDIR(seen.st_mode):
                    self._trusted.add(entry)
        except OSError as error:
            return why_not_read(named, error)
        except ValueError as error:  # a NUL in the path
            return codes.FILE_UNREADABLE.found(path=named, reason=str(error))
        return None

    def _is_exempt(self, entry: str) -> bool:
        return any(entry == folder or entry.startswith(f"{folder}/") for folder in self._exempt)


def _way(path: str) -> Iterator[tuple[str, os.stat_result]]:
    """Give every folder, link and file on the way to a path, as far as it exists.

    Raises:
        OSError: something cannot be looked at, or a link leads nowhere.
    """
    here, links = "/", 0
    yield here, os.lstat(here)
    left = [part for part in path.split("/") if part]
    is_named = True
    while left:
        name = left.pop(0)
        if name in {".", ".."}:
            here = os.path.dirname(here) if name == ".." else here  # noqa: PTH120
            continue
        entry = f"{here.rstrip('/')}/{name}"
        try:
            seen = os.lstat(entry)
        except (FileNotFoundError, NotADirectoryError):
            if is_named:
                return
            raise
        yield entry, seen
        if not stat.S_ISLNK(seen.st_mode):
            here = entry
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        target = os.readlink(entry)  # noqa: PTH115 - as above
        here = "/" if target.startswith("/") else here
        left = [part for part in target.split("/") if part] + left
        is_named = False


def _finding_for(path: str, seen: os.stat_result) -> Finding | None:
    if seen.st_uid not in {_ROOT, os.geteuid()}:
        return codes.UNTRUSTED_OWNER.found(path=path, fix=fix_for_owner(path, seen.st_uid))
    if stat.S_ISLNK(seen.st_mode) or (stat.S_ISDIR(seen.st_mode) and seen.st_mode & stat.S_ISVTX):
        return None
    by_others = seen.st_mode & _OTHERS_MAY_WRITE
    by_group = seen.st_mode & _GROUP_MAY_WRITE and not _is_private_group(seen.st_gid)
    if not (by_others or by_group) or is_read_only(path):
        return None
    if keeps_no_permissions(path):
        return codes.NO_PERMISSIONS_THERE.found(path=path)
    who = "o" if not by_group else "g" if not by_others else "go"
    return codes.UNTRUSTED_WRITERS.found(
        path=path, fix=command_line(*_sudo(seen.st_uid), "chmod", f"{who}-w", path)
    )


def _is_private_group(group: int) -> bool:
    """Whether a group is the user's alone: of the user's name, primary, and without other members."""
    try:
        user, entry = pwd.getpwuid(os.geteuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return user.pw_gid == group and entry.gr_name == user.pw_name and not entry.gr_mem


def fix_for_owner(path: str, owner: int) -> str:
    """Return the command that gives a user access to another user's file.

    Root must not take a service's files over: the service could not read them any more.
    """
    if os.geteuid() == _ROOT:
        return command_line("sudo", "-u", _name_of(owner), "tripletex-wizard") + " …"
    return command_line("sudo", "chown", _name_of(os.geteuid()), path)


def _sudo(owner: int) -> tuple[str, ...]:
    return ("sudo",) if owner == _ROOT != os.geteuid() else ()


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"


def is_read_only(path: str | Path) -> bool:
    """Whether a file is on a mount that nothing can be written through, such as a container's secret."""
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def keeps_no_permissions(path: str | Path) -> bool:
    """Whether a file system shows made-up owners and modes, so that chmod does not help."""
    real = os.path.realpath(path)
    found, kind = "", ""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as mounts:
            for line in mounts:
                fields = line.split()
                mounted = fields[4].replace("\\040", " ")
                is_above = real == mounted or real.startswith(f"{mounted.rstrip('/')}/")
                if is_above and len(mounted) >= len(found):
                    found, kind = mounted, fields[fields.index("-") + 1]
    except (OSError, ValueError, IndexError):
        return False
    return kind in _WITHOUT_PERMISSIONS
