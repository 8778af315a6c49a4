"""What ``-v`` shows, and what is left of a crash: never a token."""

import logging
import sys
import threading
import traceback
from typing import TextIO

from wizard.domain.redaction import RedactingFormatter

_log = logging.getLogger(__name__)


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at the moment: the full screen puts its own in place."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(RedactingFormatter("%(levelname)s %(name)s: %(message)s"))

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # an attribute there, which is never set here
        return sys.stderr


def log_to_stderr() -> None:
    """Send log lines to standard error, with everything that looks like a token masked."""
    logging.basicConfig(level=logging.DEBUG, handlers=[_Stderr()])
    for noisy in ("httpx", "httpcore", "asyncio"):
        # They log addresses with everything in them.
        logging.getLogger(noisy).setLevel(logging.WARNING)


def mask_errors() -> None:
    """Mask what Python prints by itself: warnings in no log, and errors that nobody can catch."""
    last_resort = _Stderr()
    last_resort.setLevel(logging.WARNING)
    logging.lastResort = last_resort
    threading.excepthook = lambda args: _tell_uncaught(args.exc_value)
    sys.unraisablehook = lambda args: _tell_uncaught(args.exc_value)


def _tell_uncaught(error: BaseException | None) -> None:
    _log.error("an error that nobody caught", exc_info=error)


def describe_crash(error: BaseException) -> str:
    """Return the type and place of an error; its text may contain values and is left out."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    _log.debug("crashed", exc_info=error)
    return f"{type(error).__name__}{place}"
