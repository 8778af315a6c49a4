"""Keeps the process from writing down what it knows. Called before anything else is imported."""

import os
import resource
import sys

# What helps a terminal is left alone. The rest of Textual's switches write every key and paste to
# a file, take pictures of the screen, press keys, or load a driver from elsewhere.
# Source: textual/constants.py, 8.2.8.
_HARMLESS = frozenset(
    {"TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DISABLE_KITTY_KEY", "TEXTUAL_FPS"}
)
# Python's ssl module writes the keys of every connection there.
_TELL_TALES = frozenset({"SSLKEYLOGFILE"})
_PR_SET_DUMPABLE = 4
_KEEP = -1

_former_umask = _KEEP


def harden_process() -> None:
    """Turn core dumps off, drop variables that record or drive the program, and write privately."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    global _former_umask  # noqa: PLW0603 - it belongs to the process
    _former_umask = os.umask(0o077)
    for name in list(os.environ):
        if name in _TELL_TALES or (name.startswith("TEXTUAL") and name not in _HARMLESS):
            del os.environ[name]


def callers_umask() -> int:
    """Return the umask that the program was started with, for the programs that it starts."""
    return _former_umask


def close_memory() -> None:
    """Keep the user's other programs from reading this one's memory and environment, on Linux.

    It also turns core dumps off where they go to a program, which RLIMIT_CORE does not (core(5)).
    Apart from ``harden_process``, because ctypes costs what ``--version`` may not spend; for every
    command that will contain a token.
    """
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 - see above

    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
