"""Chooses the interface that a terminal supports, and cleans the environment for Textual."""

import os
import re
import stat
from collections.abc import Mapping, MutableMapping
from enum import StrEnum
from typing import IO, Any, Final, NamedTuple

from wizard.text import Texts

SMALLEST: Final = os.terminal_size((60, 15))
"""The smallest columns and lines in which the full screen is readable."""

_SERIAL: Final = re.compile(r"vt[1-5]\d\d.*")
"""Terminals on serial lines, which do not support UTF-8 even if the locale does."""


class Face(StrEnum):
    """The user interface."""

    FULL_SCREEN = "full-screen"
    LINES = "lines"
    NONE = "none"
    """Standard input is not a terminal, and reading from a pipe was not requested."""


class FaceChoice(NamedTuple):
    """An interface, and the reason if it is not the full screen.

    Attributes:
        reason: A sentence in the user's language; None for the full screen, and if line by line was
            requested.
    """

    face: Face
    reason: str | None = None


def choose_face(
    t: Texts,
    environ: Mapping[str, str],
    stdin: IO[Any] | None,
    stderr: IO[Any] | None,
    *,
    size: os.terminal_size | None = None,
    wants_lines: bool = False,
    takes_pipe: bool = False,
) -> FaceChoice:
    """Choose the interface.

    Args:
        t: The language of the reason.
        environ: The environment variables.
        stdin: The input for answers.
        stderr: The output of the full screen.
        size: The size of the terminal; measured by default.
        wants_lines: Whether line by line is requested by a flag or the site's defaults.
        takes_pipe: Whether answers may come from a pipe or a file. This must be requested with a flag,
            because ``ssh host command`` and cron jobs have a pipe although nobody answers.
    """
    if not (_is_terminal(stdin) or (takes_pipe and can_answer(stdin))):
        return FaceChoice(
            Face.NONE,
            t(
                "The questions cannot be answered here: standard input is not a terminal. Give all answers "
                "with flags and --no-input, or with --plain from a pipe, one on each line. "
                "Over SSH, ssh -t gives a terminal."
            ),
        )
    if wants_lines or takes_pipe:
        return FaceChoice(Face.LINES)
    encoding = getattr(stderr, "encoding", None) or ""
    reason = why_not(t, environ, stdin, stderr, size=size or _measured(stderr), encoding=encoding)
    return FaceChoice(Face.LINES, reason) if reason else FaceChoice(Face.FULL_SCREEN)


def why_not(
    t: Texts,
    environ: Mapping[str, str],
    stdin: IO[Any] | None,
    stderr: IO[Any] | None,
    *,
    size: os.terminal_size,
    encoding: str,
) -> str | None:
    """Return why the full screen cannot be used, or None if it can.

    Textual reads standard input and draws on standard error. It does not use terminfo.
    """
    if not (_is_terminal(stdin) and _is_terminal(stderr)):
        return t("This is not a terminal, so the questions are asked line by line.")
    if environ.get("TERM", "") in {"", "dumb", "unknown"}:
        return t("The terminal cannot position text (TERM), so the questions are asked line by line.")
    is_utf8 = encoding.lower().replace("-", "").replace("_", "") == "utf8"
    if not is_utf8 or _SERIAL.fullmatch(environ["TERM"]):
        return t("The terminal is not set to UTF-8, so the questions are asked line by line.")
    # A serial line or a pty without a size reports 0x0, which means unknown.
    if size.columns and size.lines and (size.columns < SMALLEST.columns or size.lines < SMALLEST.lines):
        return t(
            "The window is smaller than {columns} x {lines} characters, so the questions are asked "
            "line by line.",
            columns=SMALLEST.columns,
            lines=SMALLEST.lines,
        )
    return None


def can_answer(stdin: IO[Any] | None) -> bool:
    """Return whether standard input is a terminal, a pipe or a file, not closed or the null device."""
    if stdin is None or stdin.closed:
        return False
    try:
        found = os.fstat(stdin.fileno())
    except (OSError, ValueError):
        return False
    return not (stat.S_ISCHR(found.st_mode) and found.st_rdev == os.stat(os.devnull).st_rdev)  # noqa: PTH116 - a device


def tidy_environment(environ: MutableMapping[str, str]) -> None:
    """Remove variables that have unwanted effects on Textual. Must be called before it is imported.

    ``TEXTUAL_LOG`` and ``TEXTUAL_DEBUG`` write every key and paste to a world-readable file. An empty
    ``NO_COLOR`` counts as not set (no-color.org), but not for Textual. ``COLUMNS`` and ``LINES`` would
    override the size of the window, even after it is resized.
    """
    unwanted = {"TEXTUAL", "COLUMNS", "LINES"}
    for name in [name for name in environ if name in unwanted or name.startswith("TEXTUAL_")]:
        del environ[name]
    if environ.get("NO_COLOR") == "":
        del environ["NO_COLOR"]


def _is_terminal(stream: IO[Any] | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def _measured(stderr: IO[Any] | None) -> os.terminal_size:
    try:
        return os.get_terminal_size(stderr.fileno() if stderr else -1)
    except (OSError, ValueError):
        return os.terminal_size((0, 0))
