"""``clients``: which clients an office key has access to."""

import sys
from argparse import Namespace
from pathlib import Path

from wizard.actions.context import AppContext
from wizard.actions.defaults import SiteDefaults
from wizard.checks.clients import list_clients
from wizard.checks.results import ClientRow
from wizard.cli.commands.validate import wants_colour
from wizard.cli.given import numbers_from
from wizard.cli.running import run_in_order
from wizard.config import read_config
from wizard.domain.exits import UsageError, exit_for
from wizard.text import Texts
from wizard.ui.report import write_clients


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Carry the command out."""
    path = Path(options.config)
    if not path.exists():
        raise UsageError(t("{path} does not exist.", path=path))
    expected = numbers_from(options.expect, t) if options.expect else None
    reading = read_config(path)
    rows: tuple[ClientRow, ...] = ()
    findings = reading.findings
    if (config := reading.config) is not None:
        context = AppContext.of_this_machine(defaults)
        rows, found = run_in_order(list_clients(context, config, path, expected or config.clients))
        findings = (*findings, *found)
    write_clients(rows, findings, options.format, sys.stdout, t, colour=wants_colour(options))
    return exit_for(findings)
