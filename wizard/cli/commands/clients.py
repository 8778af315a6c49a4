"""``clients``: what an office key reaches."""

import asyncio
import sys
from argparse import Namespace
from pathlib import Path

from wizard.actions.clients import list_clients
from wizard.actions.defaults import SiteDefaults
from wizard.actions.number_list import NumberList, read_numbers
from wizard.actions.surroundings import Surroundings
from wizard.cli.commands.validate import wants_colour
from wizard.cli.exits import UsageError, exit_for
from wizard.config import read_config
from wizard.domain.finding import verdict
from wizard.text import Texts
from wizard.ui.report import write_clients


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Carry the command out."""
    path = Path(options.config)
    if not path.exists():
        raise UsageError(t("{path} does not exist.", path=path))
    expected = _expected(options.expect, t) if options.expect else NumberList((), ())
    reading = read_config(path)
    rows, findings = (), reading.findings
    if reading.config is not None:
        numbers = expected.numbers if options.expect else reading.config.clients
        surroundings = Surroundings.of_this_machine(defaults)
        rows, found = asyncio.run(list_clients(surroundings, reading.config, path, numbers))
        findings = (*findings, *found)
    findings = (*findings, *expected.findings)
    write_clients(rows, findings, options.format, sys.stdout, t, colour=wants_colour(options))
    return exit_for(verdict(findings))


def _expected(name: str, t: Texts) -> NumberList:
    try:
        expected = read_numbers(Path(name))
    except OSError as error:
        raise UsageError(t("{path} cannot be read: {reason}", path=name, reason=error.strerror)) from None
    if not expected.numbers and not expected.findings:
        raise UsageError(t("{path} holds no organisation numbers.", path=name))
    return expected
