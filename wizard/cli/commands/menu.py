"""No command: the start menu, then what was chosen there."""

import sys
from argparse import Namespace
from collections.abc import Callable
from importlib import import_module

from wizard.cli.commands.setup import conclude_conversation
from wizard.cli.faces import show_walk
from wizard.cli.flags import answers_from
from wizard.cli.parser import parse
from wizard.context import AppContext
from wizard.domain.exits import UsageError, exit_for
from wizard.menu.walk import MenuWalk
from wizard.setup.answers import Answers
from wizard.site import SiteDefaults
from wizard.text import Texts


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Carry the command out."""
    context = AppContext.of_this_machine(defaults)
    menu = MenuWalk(context, t, _answers(t, defaults))
    code = show_walk(menu, options, t, defaults)
    last = menu.last
    if last.set_up is not None:
        return conclude_conversation(last.set_up, code)
    if not last.is_finished or not last.state.errand:
        return code
    return carry_out(last, options, defaults, again=lambda: run(options, last.state.t, defaults))


def pick(task: str, options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Ask which config a command is about, as the menu does, and carry the command out.

    Raises:
        UsageError: nobody is there to be asked.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(t("Name a config file, or a folder."))
    menu = MenuWalk(AppContext.of_this_machine(defaults), t, _answers(t, defaults), task=task)
    code = show_walk(menu, options, t, defaults)
    state = menu.state
    if state.errand:
        return carry_out(menu, options, defaults, again=lambda: pick(task, options, state.t, defaults))
    return (
        exit_for(finding for result in state.results for finding in result.findings)
        if state.results
        else code
    )


def carry_out(menu: MenuWalk, options: Namespace, defaults: SiteDefaults, again: Callable[[], int]) -> int:
    """Carry out what was chosen, as the command line would; ``again`` is for those who come back from it."""
    state = menu.state
    chosen = parse(list(state.errand), state.t)
    if isinstance(chosen, int):
        return chosen
    for name in ("plain", "no_color", "verbose"):
        setattr(chosen, name, getattr(options, name))
    came_back = []
    chosen.go_back = lambda: came_back.append(True)
    command = import_module(f"wizard.cli.commands.{state.errand[0]}")
    code = int(command.run(chosen, state.t, defaults))
    return again() if came_back else code


def _answers(t: Texts, defaults: SiteDefaults) -> Answers:
    options = parse(["setup"], t)
    return answers_from(options, t, defaults) if isinstance(options, Namespace) else Answers()
