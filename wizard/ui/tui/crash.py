"""Crash reports without local variables, which Textual's own reports include."""

import sys
import textwrap
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.console import RenderableType
from textual.app import App
from textual.worker import WorkerFailed

from wizard.domain.exits import Exit
from wizard.text import Texts


class CrashReporting(App[int], inherit_bindings=False):
    """An application that reports a crash with the type of the error and where it was raised.

    Attributes:
        t: Texts in the current language.
        failure: The error that ended the application if it was a resource limit, not a crash.
        is_limit: Returns True for an error caused by a resource limit.
    """

    t: Texts
    failure: Exception | None = None
    is_limit: Callable[[Exception], bool]

    def _handle_exception(self, error: Exception) -> None:
        self._return_code = Exit.CRASHED
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._crash(error.error if isinstance(error, WorkerFailed) else error)

    def _fatal_error(self) -> None:
        self._crash(sys.exc_info()[1])

    def panic(self, *renderables: RenderableType) -> None:
        """Exit with a crash report instead of Textual's output."""
        del renderables
        self._fatal_error()

    def _crash(self, error: BaseException | None) -> None:
        if isinstance(error, Exception) and self.is_limit(error):
            self.failure = self.failure or error
        self._exit_renderables.append(crash_report(error, self.t))
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        # The first error is the cause. The terminal has been restored by now.
        if self.failure is None and self._exit_renderables and sys.__stderr__ is not None:
            sys.__stderr__.write(f"{self._exit_renderables[0]}\n")
            sys.__stderr__.flush()
        self._exit_renderables.clear()


_FRAMES: Final = 4
_WIDTH: Final = 79


def crash_report(error: BaseException | None, t: Texts) -> str:
    """Return the types of an error and its causes, and the last frames of the traceback.

    Local variables and messages are left out, as either may contain a token.
    """
    lines = [
        t("The wizard crashed. This is a bug in the wizard."),
        *textwrap.wrap(
            t("The steps you have finished are saved. Run the same command again to continue."), _WIDTH
        ),
        "",
        t("If it happens again, send these lines to the person who gave you this program:"),
        f"  {_kinds_of(error)}",
    ]
    if error is not None:
        lines += [
            f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        ]
    return "\n".join(lines)


def _kinds_of(error: BaseException | None) -> str:
    kinds = []
    while error is not None and type(error) not in kinds:
        kinds.append(type(error))
        error = error.__cause__
    return " <- ".join(f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)
