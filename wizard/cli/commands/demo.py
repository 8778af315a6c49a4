"""``demo``: runs the wizard against the built-in sandbox, in a separate folder."""

import errno
import os
import resource
import sys
import tempfile
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Final

from wizard.checks.results import ValidateOptions
from wizard.checks.validation import validate
from wizard.cli.commands.setup import set_up_no_input
from wizard.cli.dispatch import ended_early, run_async, show_walk
from wizard.cli.streams import print_message, write_output
from wizard.context import VARIABLE, AppContext
from wizard.domain.exits import worst
from wizard.domain.key import Secret
from wizard.domain.setup import Environment
from wizard.sandbox import DemoWorld, Sandbox
from wizard.sandbox.world import NO_FIGURES
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.ui.report.text import new_report

COMPANY_WORDS = ("selskap", "company")
OFFICE_WORDS = ("byrå", "byraa", "office")
REFUSED_WORDS = ("avvist", "refused")
_FEWEST_FILES: Final = 32
"""Open files that a server and its client in one process need; asyncio logs each one that it cannot open."""


def run(options: Namespace, t: Texts, _defaults: SiteDefaults) -> int:
    """Run the command.

    Raises:
        OSError: If the limit of open files is too low for the demo.
    """
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < _FEWEST_FILES:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    if options.folder:
        return _run_in(Path(options.folder).absolute(), options, t)
    with tempfile.TemporaryDirectory(prefix="tripletex-wizard-demo-") as folder:
        return _run_in(Path(folder), options, t)


def _run_in(folder: Path, options: Namespace, t: Texts) -> int:
    sandbox = Sandbox()
    with sandbox.serve() as base_url:
        context = _context(folder, sandbox)
        answers = Answers(environment=Environment.SANDBOX, base_url=base_url, store="file")
        if sys.stdin.isatty() and sys.stderr.isatty():
            return _run_interactive(context, sandbox.world, answers, options, t)
        return _run_unattended(context, sandbox.world, answers, t)


def _context(folder: Path, sandbox: Sandbox) -> AppContext:
    context = AppContext.inside(folder, SiteDefaults())
    return replace(context, environ={**context.environ, VARIABLE: sandbox.world.consumer_token})


def _run_interactive(
    context: AppContext, world: DemoWorld, answers: Answers, options: Namespace, t: Texts
) -> int:
    keys = dict.fromkeys(COMPANY_WORDS, Secret(world.single_company.employee_token))
    keys |= dict.fromkeys(OFFICE_WORDS, Secret(world.office.employee_token))
    keys |= dict.fromkeys(REFUSED_WORDS, Secret(world.deleted.employee_token))
    # One client has figures that cannot be read, to show that logging on is not enough.
    world.grant_client_access(world.office, world.client_with_spaces, NO_FIGURES)
    # It cannot be resumed, because the next demo has a new sandbox.
    set_up = SetupWalk(context, answers, t, words=keys)
    code = show_walk(set_up, options, t, context.defaults)
    if set_up.is_finished or ended_early(code):
        _print_farewell(set_up, options.folder)
    return code


def _print_farewell(set_up: SetupWalk, folder: str | None) -> None:
    t = set_up.state.t
    if folder is None:
        print_message(t("The demo is over. Everything was made up, and nothing is left on the machine."))
        print_message(t("Start for real with: {command}", command="tripletex-wizard"))
    else:
        print_message(
            t(
                "This was a demo with a simulated Tripletex. Its files are in {folder}",
                folder=folder,
            )
        )


def _run_unattended(context: AppContext, world: DemoWorld, answers: Answers, t: Texts) -> int:
    """Run each kind of set-up without questions, and print the configs and the results of ``validate``."""
    client = world.client.organization_number or ""
    set_ups = (
        ("single-company", world.single_company, replace(answers, is_bureau=False)),
        (
            "bureau-client",
            world.office,
            replace(answers, is_bureau=True, is_shared=False, org_number=client),
        ),
        ("bureau-shared", world.office, replace(answers, is_bureau=True, is_shared=True)),
    )
    codes = []
    for name, key, given in set_ups:
        target = context.config_folder / f"{name}.toml"
        print_message(f"== {name}")
        walk = SetupWalk(context, given, t, target=target, no_input=True)
        code = set_up_no_input(walk, Secret(key.employee_token))
        codes.append(code)
        if os.path.exists(target):
            write_output(f"# {target.name}\n{target.read_text(encoding='utf-8')}\n")
            run_async(_validate(target, context, t))
            write_output("\n")
            sys.stdout.flush()
    return worst(codes)


async def _validate(target: Path, context: AppContext, t: Texts) -> None:
    report = new_report("text", sys.stdout, t)
    async for result in validate([target], ValidateOptions(), context):
        report.add(result)
    report.finish()
