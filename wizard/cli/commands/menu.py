"""The start menu, which is shown without a command, and the command that is chosen in it."""

import sys
from argparse import Namespace
from collections.abc import Callable
from importlib import import_module

from wizard.cli.commands.setup import print_interactive_summary
from wizard.cli.dispatch import show_walk
from wizard.cli.flags import answers_from
from wizard.cli.parser import is_bare, parse
from wizard.context import AppContext
from wizard.domain.exits import UsageError, exit_for
from wizard.menu.walk import MenuWalk
from wizard.setup.answers import Answers
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.walk.words import RESUME


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Run the command and return the exit code."""
    context = AppContext.of_this_machine(defaults)
    menu = MenuWalk(context, t, _answers(t, defaults))
    code = show_walk(menu, options, t, defaults)
    if menu.set_up is not None:
        return print_interactive_summary(menu.set_up, code)
    if not menu.is_finished or not menu.state.command:
        return code
    return _run_choice(menu, options, defaults, again=lambda: run(options, menu.state.t, defaults))


def pick(task: str, options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Let the user choose a config for a command in the menu, and run the command.

    Raises:
        UsageError: If there is no terminal, or there are flags, which the menu would ignore.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty() and is_bare(options, t)):
        raise UsageError(t("Enter a config file or a folder."))
    menu = MenuWalk(AppContext.of_this_machine(defaults), t, _answers(t, defaults), task=task)
    code = show_walk(menu, options, t, defaults)
    state = menu.state
    if state.command:
        return _run_choice(menu, options, defaults, again=lambda: pick(task, options, state.t, defaults))
    return (
        exit_for(finding for result in state.results for finding in result.findings)
        if state.results
        else code
    )


def _run_choice(menu: MenuWalk, options: Namespace, defaults: SiteDefaults, again: Callable[[], int]) -> int:
    """Run the chosen command; ``again`` shows the menu again if the user goes back."""
    state = menu.state
    chosen = parse(list(state.command), state.t)
    if isinstance(chosen, int):
        return chosen
    for name in ("plain", "no_color", "verbose"):
        setattr(chosen, name, getattr(options, name))
    came_back = []
    chosen.go_back = lambda: came_back.append(True)
    chosen.resumes = state.task == RESUME
    command = import_module(f"wizard.cli.commands.{state.command[0]}")
    code = int(command.run(chosen, state.t, defaults))
    return again() if came_back else code


def _answers(t: Texts, defaults: SiteDefaults) -> Answers:
    options = parse(["setup"], t)
    return answers_from(options, t, defaults) if isinstance(options, Namespace) else Answers()
