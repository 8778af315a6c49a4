"""No command: the start menu, then what was chosen there."""

from argparse import Namespace
from importlib import import_module

from wizard.actions.context import AppContext
from wizard.actions.defaults import SiteDefaults
from wizard.actions.menu import SETUP, Menu
from wizard.cli.faces import show
from wizard.cli.parser import parse
from wizard.setup.state import read_journal
from wizard.text import Texts


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Carry the command out."""
    context = AppContext.of_this_machine(defaults)
    is_resumable = read_journal(context.state_folder, None) is not None
    menu = Menu(t, context.config_folder, is_resumable=is_resumable)
    code = show(menu, options, t, defaults)
    if not menu.is_finished or menu.task is None:
        return code
    words = [menu.task] if menu.task == SETUP else [menu.task, str(menu.path)]
    chosen = parse(words, menu.t)
    if isinstance(chosen, int):
        return chosen
    for name in ("plain", "no_color", "verbose"):
        setattr(chosen, name, getattr(options, name))
    command = import_module(f"wizard.cli.commands.{menu.task}")
    return int(command.run(chosen, menu.t, defaults))
