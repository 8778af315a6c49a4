"""Which face a terminal can bear, and the environment that the full-screen one may see."""

import os
import re
import stat
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any, Final

from wizard.text import Texts

SMALLEST: Final = os.terminal_size((60, 15))
"""Columns and lines under which a screen cannot be laid out so that it can be read."""

_SERIAL: Final = re.compile(r"vt[1-5]\d\d.*")
"""Terminals on serial lines, which are older than UTF-8 whatever the locale of the machine is."""


class Face(StrEnum):
    """How a person is asked."""

    FULL_SCREEN = "full-screen"
    LINES = "lines"
    NONE = "none"
    """Nobody can answer: standard input is no terminal, and no pipe was announced."""


@dataclass(frozen=True, slots=True)
class FaceChoice:
    """A face, and why it is not the full-screen one.

    Attributes:
        reason: A sentence in the reader's language; None for the full-screen face, and where the
            line face was asked for.
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
    """Decide the face.

    Args:
        t: The language of the reason.
        environ: The environment variables.
        stdin: Where answers come from.
        stderr: Where the full screen is drawn.
        size: The size of the terminal; measured when it is not given.
        wants_lines: Whether the line face is wanted, by a flag or by the site.
        takes_pipe: Whether a pipe or a file may answer. Only somebody who asked for the line face with
            a flag has thought of that: ``ssh host command`` and a cron job have a pipe by accident, and
            would be asked questions that nobody sees.
    """
    if not (_is_terminal(stdin) or (takes_pipe and can_answer(stdin))):
        return FaceChoice(
            Face.NONE,
            t(
                "Nobody can answer here: standard input is not a terminal. With --no-input everything comes "
                "from flags. With --plain the answers can come from a pipe, one on each line. "
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
    """Return why the full-screen face cannot be shown, or None when it can.

    Textual reads standard input and draws on standard error; it looks at no terminfo.
    """
    if not (_is_terminal(stdin) and _is_terminal(stderr)):
        return t("This is not a terminal, so the questions come line by line.")
    if environ.get("TERM", "") in {"", "dumb", "unknown"}:
        return t("The terminal cannot place text (TERM), so the questions come line by line.")
    is_utf8 = encoding.lower().replace("-", "").replace("_", "") == "utf8"
    if not is_utf8 or _SERIAL.fullmatch(environ["TERM"]):
        return t("The terminal is not set to UTF-8, so the questions come line by line.")
    # 0x0 is what a serial line or a pty without a size reports: not known, not small.
    if size.columns and size.lines and (size.columns < SMALLEST.columns or size.lines < SMALLEST.lines):
        return t(
            "The window is smaller than {columns} x {lines} characters, so the questions come line by line.",
            columns=SMALLEST.columns,
            lines=SMALLEST.lines,
        )
    return None


def can_answer(stdin: IO[Any] | None) -> bool:
    """Whether anybody or anything can answer on standard input: a terminal, a pipe or a file."""
    if stdin is None or stdin.closed:
        return False
    try:
        found = os.fstat(stdin.fileno())
    except (OSError, ValueError):
        return False
    return not (stat.S_ISCHR(found.st_mode) and found.st_rdev == os.stat(os.devnull).st_rdev)  # noqa: PTH116 - a device


def tidy_environment(environ: MutableMapping[str, str]) -> None:
    """Take out what would make Textual log keys, grey everything or miss a resize; before it is imported.

    ``TEXTUAL_LOG`` and ``TEXTUAL_DEBUG`` write every key and paste to a file that all may read, and
    an empty ``NO_COLOR`` must count as not set (no-color.org). ``COLUMNS`` and ``LINES`` would win over
    the size of the window for as long as the program runs.
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
