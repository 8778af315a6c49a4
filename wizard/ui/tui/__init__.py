"""The full-screen face. Importing this imports nothing heavy; showing it does."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from wizard.domain.exits import Exit, ending_on_signals
from wizard.domain.legible import visible
from wizard.text import Language
from wizard.ui.face import tidy_environment

if TYPE_CHECKING:
    from wizard.walk.page import Shown


def show_full_screen(
    walk: "Shown",
    language: Language,
    *,
    wants_colours: bool = True,
    theme: str = "dark",
    is_limit: Callable[[Exception], bool] = lambda _: False,
) -> int:
    """Show a walk, and those that follow it, until one ends; return the exit code for it.

    0 finished; 130 left by the user (Ctrl+Q, Ctrl+C); 143 and 129 ended by SIGTERM and SIGHUP; 70 the
    wizard itself failed, and has said so on standard error. The terminal must be one that ``choose_face``
    found fit.

    Raises:
        Exception: What a limit of the machine ended it with, such as too many open files.

    Args:
        walk: What to show; it saves its own state after every step.
        language: The language to begin with.
        wants_colours: False for ``--no-color``; ``NO_COLOR`` (not empty) is heeded by itself.
        theme: ``dark`` or ``light``, as the site's defaults say.
        is_limit: Says of an error that the machine has no more to give, which is no crash.
    """
    tidy_environment(os.environ)
    has_colours = wants_colours and "NO_COLOR" not in os.environ
    import asyncio  # noqa: PLC0415 - see above

    from wizard.ui.tui.app import WizardApp  # noqa: PLC0415 - reads the environment when it is imported

    app = WizardApp(walk, language, has_colours=has_colours, theme=theme, is_limit=is_limit)
    # Textual puts streams of its own in their place, and may leave them there when it ends while it
    # has stepped aside: what is said afterwards would go nowhere.
    streams = sys.stdout, sys.stderr
    try:
        with ending_on_signals(app.end), asyncio.Runner() as runner:
            runner.get_loop()  # there may be no room for one; then nothing has been begun
            code = runner.run(app.run_async(mouse=False))
    finally:
        sys.stdout, sys.stderr = streams
    if app.failure is not None:
        raise app.failure
    if code is not None and (summary := app.summary()):
        first, _, rest = visible(summary, keep="\n").partition("\n")
        head = f"\x1b[1m{first}\x1b[0m" if has_colours else first
        sys.stderr.write(f"\n{head}\n{rest}\n\n")
    return Exit.CRASHED if code is None else code
