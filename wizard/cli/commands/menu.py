"""No command: the start menu, then what was chosen there."""

from argparse import Namespace
from collections.abc import Callable
from importlib import import_module

from wizard.actions.context import AppContext
from wizard.actions.defaults import SiteDefaults
from wizard.cli.faces import show_walk
from wizard.cli.flags import answers_from
from wizard.cli.parser import parse
from wizard.cli.summary import conclude_conversation
from wizard.menu import Menu
from wizard.setup.state import read_journal
from wizard.setup.walk import SetupWalk
from wizard.text import Texts
from wizard.walk.page import Shown


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Carry the command out."""
    context = AppContext.of_this_machine(defaults)
    started: list[SetupWalk] = []
    shown: list[Menu] = []

    def set_up(takes_up: bool | None, parent: Callable[[], Shown]) -> Shown:  # noqa: FBT001 - as in Menu
        flags = parse(["setup"], t)
        if isinstance(flags, int):
            raise SystemExit(flags)

        def back() -> Shown:
            started.clear()
            menu = parent()
            if isinstance(menu, Menu):
                shown.append(menu)
            return menu

        answers = answers_from(flags, t, defaults)
        started.append(SetupWalk(context, answers, t, parent=back, takes_up=takes_up))
        return started[-1]

    unfinished = read_journal(context.state_folder, None)
    shown.append(Menu(context, t, unfinished=unfinished, set_up=set_up))
    code = show_walk(shown[0], options, t, defaults)
    menu = shown[-1]
    if started:
        return conclude_conversation(started[-1], code)
    if not menu.is_finished or menu.task is None:
        return code
    chosen = parse([menu.task, *([str(menu.path)] if menu.path else [])], menu.t)
    if isinstance(chosen, int):
        return chosen
    for name in ("plain", "no_color", "verbose"):
        setattr(chosen, name, getattr(options, name))
    command = import_module(f"wizard.cli.commands.{menu.task}")
    return int(command.run(chosen, menu.t, defaults))
