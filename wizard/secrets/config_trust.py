"""Whether a config may name a command: only its owner and root may be able to change it."""

import os
import shlex
import stat
from pathlib import Path
from typing import Final

from wizard.findings import Finding, codes
from wizard.secrets.secret_file import user_name

_ROOT: Final = 0
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


def judge_trust(config_path: Path) -> Finding | None:
    """Judge the config and every folder on the way to it; one that is yet to be written, by its folder.

    Who can write to one of those folders can put another config in this one's place, and so run
    commands as the user who reads it. In a sticky folder such as /tmp only the owner can.
    """
    named = existing(config_path)
    try:
        real = named.resolve(strict=True)
        for path in (real, *real.parents, *named.parents):
            if finding := _judge(path):
                return finding
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return codes.FILE_UNREADABLE.found(path=str(config_path), reason=reason)
    return None


def existing(path: Path) -> Path:
    """Return a path made absolute, or the nearest folder on the way to it that is there."""
    named = Path(os.path.abspath(path))  # noqa: PTH100 - the way through the links counts as well
    return next((each for each in (named, *named.parents) if os.path.lexists(each)), named)


def _judge(path: Path) -> Finding | None:
    seen = path.stat()
    quoted = shlex.quote(str(path))
    if seen.st_uid not in {_ROOT, os.geteuid()}:
        return codes.COMMAND_REFUSED_OWNER.found(path=str(path), user=user_name(), quoted_path=quoted)
    is_sticky_folder = stat.S_ISDIR(seen.st_mode) and seen.st_mode & stat.S_ISVTX
    if seen.st_mode & _WRITABLE_BY_OTHERS and not is_sticky_folder:
        return codes.COMMAND_REFUSED.found(quoted_path=quoted)
    return None
