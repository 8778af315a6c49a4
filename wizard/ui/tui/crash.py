"""What a person sees when the wizard itself fails."""

import textwrap
import traceback
from pathlib import Path
from typing import Final

from wizard.text import Texts

_FRAMES: Final = 4
_WIDTH: Final = 79


def crash_report(error: BaseException | None, t: Texts) -> str:
    """Return the report: kind of error and places in the code.

    Local variables are left out, as one may be a key, and so are the messages of errors: who knows
    what a library puts into them.
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
