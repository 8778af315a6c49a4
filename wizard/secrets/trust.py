"""Checks that a file cannot be changed by users who are not trusted.

A config and the site's defaults decide which secrets are read, which programs run and where tokens are
sent. So they are checked before any of their references are resolved: the file itself, every folder above
it, and every symbolic link in its path. The user, root and the user's private group are trusted. A user who
can write to one of the folders could replace the file, except in a sticky folder such as /tmp.
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
"""File systems without owners and modes, on which chmod has no effect."""


class Trust:
    """Checks paths. Use one instance per run, because it caches the folders that it has checked."""

    def __init__(self, trusted_folders: Iterable[str | Path] = ()) -> None:
        """Set the folders below which owners and modes are not checked, from the site's defaults."""
        self._exempt = tuple(os.path.realpath(expanded(str(folder))) for folder in trusted_folders)
        self._trusted: set[str] = set()

    def refusal(self, path: str | Path) -> Finding | None:
        """Return a finding if a path is not trusted. If it does not exist yet, its folders are checked."""
        named = os.path.abspath(path)  # links count as well
        ways = [named]
        if ".." in os.fspath(path).split("/"):
            # For the system, ".." after a link is the parent of its target; for relative references it is
            # the parent of the link. So both are checked.
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
    """Yield every folder, link and file along a path, as far as it exists.

    Raises:
        OSError: If one of them cannot be read, or a link is broken.
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
    """Return whether a group is the user's primary group, has the user's name and no other members."""
    try:
        user, entry = pwd.getpwuid(os.geteuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return user.pw_gid == group and entry.gr_name == user.pw_name and not entry.gr_mem


def fix_for_owner(path: str, owner: int) -> str:
    """Return the command to fix the owner of a file.

    Root must not take over the files of a service, which could not read them any more.
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
    """Return whether a file is on a read-only mount, such as a secret in a container."""
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def keeps_no_permissions(path: str | Path) -> bool:
    """Return whether a file system has no real owners and modes, so that chmod has no effect."""
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
