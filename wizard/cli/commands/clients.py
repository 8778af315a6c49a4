"""``clients``: lists the clients that an office key has access to."""

import sys
from argparse import Namespace
from pathlib import Path

from wizard.checks.clients import list_clients
from wizard.checks.outcomes import wait_line
from wizard.checks.results import ClientReport
from wizard.cli.dispatch import run_async
from wizard.cli.flags import numbers_from, read_existing
from wizard.cli.streams import wants_colour
from wizard.context import AppContext
from wizard.domain.exits import Terminated, exit_for
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.ui.progress import Progress
from wizard.ui.report.clients import write_clients
from wizard.ui.report.text import FEW, ReportWriter


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Run the command and return the exit code."""
    reading = read_existing(options.config, t)
    expected = numbers_from(options.expect, t) if options.expect else ()
    report = ClientReport(with_figures=options.deep, findings=reading.findings)
    try:
        if (config := reading.config) is not None:
            context = AppContext.of_this_machine(defaults)
            with Progress(sys.stderr, 0, t) as progress:
                work = list_clients(
                    context,
                    config,
                    Path(options.config),
                    report,
                    expected or config.clients,
                    on_wait=lambda seconds: progress.tell(lambda t: wait_line(seconds, t)),
                    on_client=progress.count_clients,
                )
                run_async(work)
    except (KeyboardInterrupt, Terminated):
        _write(report, options, t)
        raise
    _write(report, options, t)
    return exit_for(report.findings)


def _write(report: ClientReport, options: Namespace, t: Texts) -> None:
    write_clients(report, options.format, sys.stdout, t, colour=wants_colour(options))
    if options.format == "csv":  # a table has no place for them
        ReportWriter(sys.stderr).findings(report.findings, t, most=FEW)
