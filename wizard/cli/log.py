"""What ``-v`` shows, and what is left of a crash: never a token."""

import logging
import sys
import traceback

from wizard.secrets.redaction import RedactingFormatter


def log_to_stderr() -> None:
    """Send log lines to standard error, with everything that looks like a token masked."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.DEBUG, handlers=[handler])
    for noisy in ("httpx", "httpcore"):
        # They log addresses with everything in them.
        logging.getLogger(noisy).setLevel(logging.WARNING)


def describe_crash(error: BaseException) -> str:
    """Return type and place of an error; its text may hold values and is left out."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    logging.getLogger(__name__).debug("crashed", exc_info=error)
    return f"{type(error).__name__}{place}"
