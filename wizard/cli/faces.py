"""Runs a walk in the interface that suits the terminal."""

import os
import sys
from argparse import Namespace

from wizard.cli.streams import discard_output, print_message
from wizard.domain.exits import Exit, UsageError
from wizard.files.reading import explain_failure
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.ui.face import Face, choose_face
from wizard.walk.pages import Shown


def show_walk(walk: Shown, options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Run a walk in full screen or line by line, and return the exit code.

    Raises:
        UsageError: If there is no terminal.
    """
    wants_plain = options.plain or bool(defaults.plain)
    choice = choose_face(
        t, os.environ, sys.stdin, sys.stderr, wants_lines=wants_plain, takes_pipe=options.plain
    )
    if choice.face is Face.NONE:
        raise UsageError(choice.reason)
    if choice.reason:
        print_message(choice.reason)
    if choice.face is Face.LINES:
        from wizard.ui.plain import run_plain  # one of two faces

        code = run_plain(walk, t.language)
    else:
        from wizard.ui.tui import show_full_screen  # the other

        theme = defaults.theme or "dark"
        wants_colours = not options.no_color
        code = show_full_screen(
            walk, t.language, wants_colours=wants_colours, theme=theme, is_limit=_is_limit
        )
    _discard_unwritten_output()
    return code


def _is_limit(error: Exception) -> bool:
    """Return whether an error means that a resource of the machine is exhausted."""
    known = explain_failure(error)
    return known is not None and known[0] is Exit.MACHINE


def _discard_unwritten_output() -> None:
    """Discard output for a terminal that no longer exists. Otherwise Python would exit with 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            discard_output(stream.fileno())
