"""The full-screen interface. Textual is imported when it is shown, not when this package is."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from wizard.domain.exits import Exit, ending_on_signals, wake_on_signals
from wizard.domain.legible import visible
from wizard.text import Language
from wizard.ui.face import tidy_environment

if TYPE_CHECKING:
    from wizard.walk.pages import AnyWalk


def show_full_screen(
    walk: "AnyWalk",
    language: Language,
    *,
    wants_colours: bool = True,
    theme: str = "dark",
    is_limit: Callable[[Exception], bool] = lambda _: False,
) -> int:
    """Run the full-screen interface until the walk, or a successor of it, ends; return the exit code.

    The exit code is 0 if the walk was finished, 130 if the user quit (Ctrl+Q, Ctrl+C), 143 or 129 after
    SIGTERM or SIGHUP, and 70 if the wizard crashed; a crash is reported on standard error. Call this only
    if ``choose_face`` has found the terminal suitable.

    Args:
        walk: The walk to show. It saves its own state after every step.
        language: The initial language.
        wants_colours: False for ``--no-color``. ``NO_COLOR`` is read from the environment.
        theme: ``dark`` or ``light``, from the site's defaults.
        is_limit: Returns True for an error caused by a resource limit, such as too many open files.

    Raises:
        Exception: The error for which ``is_limit`` returned True.
    """
    tidy_environment(os.environ)
    has_colours = wants_colours and "NO_COLOR" not in os.environ
    import asyncio  # noqa: PLC0415 - slow to import

    from wizard.ui.tui.app import WizardApp  # noqa: PLC0415 - reads the environment when it is imported

    app = WizardApp(walk, language, has_colours=has_colours, theme=theme, is_limit=is_limit)
    # Textual replaces both streams and does not restore them if it exits while suspended. Anything printed
    # afterwards would be lost.
    streams = sys.stdout, sys.stderr
    try:
        with ending_on_signals(app.end), asyncio.Runner() as runner:
            # Getting the loop fails here, before anything has started, if a limit is reached.
            wake_on_signals(runner.get_loop())
            code = runner.run(app.run_async(mouse=False))
    finally:
        sys.stdout, sys.stderr = streams
    if app.failure is not None:
        raise app.failure
    if code is not None and (summary := app.walk.summary(app.t)):
        first, _, rest = visible(summary, keep="\n").partition("\n")
        head = f"\x1b[1m{first}\x1b[0m" if has_colours else first
        sys.stderr.write(f"\n{head}\n{rest}\n\n")
    return Exit.CRASHED if code is None else code
