"""Shows a walk in the face that fits the terminal."""

import os
import sys
from argparse import Namespace

from wizard.cli.streams import say
from wizard.domain.exits import Exit, UsageError
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.ui.face import Face, choose_face
from wizard.walk.page import Shown


def show_walk(walk: Shown, options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Show a walk in the face that fits, and return the exit code of the face.

    Raises:
        UsageError: there is no terminal to show it on.
    """
    wants_plain = options.plain or bool(defaults.plain)
    choice = choose_face(
        t, os.environ, sys.stdin, sys.stderr, wants_lines=wants_plain, takes_pipe=options.plain
    )
    if choice.face is Face.NONE:
        raise UsageError(choice.reason)
    if choice.reason:
        say(choice.reason)
    if choice.face is Face.LINES:
        from wizard.ui.plain import run_plain  # one of two faces

        code = run_plain(walk, t.language)
    else:
        from wizard.ui.tui import show_full_screen  # the other

        theme = defaults.theme or "dark"
        code = show_full_screen(walk, t.language, wants_colours=not options.no_color, theme=theme)
    _let_go_of_a_lost_terminal()
    return code


def _let_go_of_a_lost_terminal() -> None:
    """Send to nowhere what a terminal that has gone did not take; else Python ends with 120 for it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def has_left(code: int) -> bool:
    """Whether a face's exit code says that the user left before the end.

    After a signal nobody waits for a word, and the terminal may be gone.
    """
    return code in {Exit.INTERRUPTED, Exit.USAGE}


def tell_kept(t: Texts) -> None:
    """Print to a user who has left that the run can be resumed."""
    say(t("The steps you have finished are saved. Run the same command again to continue."))
