"""Hardens the process against leaking tokens. Called before anything else is imported."""

import os
import resource
import sys

# These only adapt Textual to a terminal. The other variables can make it log every key and paste to a
# file, take screenshots, press keys or load another driver. Source: textual/constants.py, 8.2.8.
_HARMLESS = frozenset(
    {"TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DISABLE_KITTY_KEY", "TEXTUAL_FPS"}
)
# Python's ssl module writes the keys of every connection to this file.
_LEAKING = frozenset({"SSLKEYLOGFILE"})
_PR_SET_DUMPABLE = 4
_KEEP = -1

_former_umask = _KEEP


def harden_process() -> None:
    """Turn off core dumps, remove variables that log or control the program, and set a private umask."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    global _former_umask  # noqa: PLW0603 - it belongs to the process
    _former_umask = os.umask(0o077)
    for name in list(os.environ):
        if name in _LEAKING or (name.startswith("TEXTUAL") and name not in _HARMLESS):
            del os.environ[name]


def callers_umask() -> int:
    """Return the umask that the program was started with, which its child processes get."""
    return _former_umask


def close_memory() -> None:
    """Keep the user's other processes from reading this one's memory and environment, on Linux.

    This also turns off core dumps that are piped to a program, which RLIMIT_CORE does not (core(5)). It is
    called by commands that handle tokens, and is separate from ``harden_process`` because importing ctypes
    is too slow for ``--version``.
    """
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 - see above

    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
